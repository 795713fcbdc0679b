"""The pages of local accounts: forms that work without script.

`opening`, `entering`, `recovery` and `security` are the routes; `posting` is what every form goes through; `fields` and `pages` make
HTML, `declared` reads who somebody says he is, `browser` keeps what a browser must remember.
"""
