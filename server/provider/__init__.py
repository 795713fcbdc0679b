"""Identity providers of the demonstration: FranceConnect v2's and ProConnect's rules to the letter, and people who do not exist.

`rules` is what the two ask for, `protocol` their endpoints, `people` whom one may be, `pages` the choice. They prove nothing:
production refuses them.
"""
