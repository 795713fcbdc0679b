"""The authorization server of our own installed apps: OAuth 2.1, as far as native apps need it (RFC 6749, 7636, 8252, 9700).

`authorization` is what happens in the browser, `pages` what a person sees there, `endpoints` what an app calls.
"""
