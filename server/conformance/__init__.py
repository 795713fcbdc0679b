"""The conformance kit: what a family must do besides being declared soundly, each of it tried on the whole house.

Each check answers sentences about the family, none when it conforms. Authors meet them as the tests of `plugins.conformance`, and
`parchemin check-family` runs the same. Nothing here is loaded by a deployment that serves.
"""
