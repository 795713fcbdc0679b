"""Signing in and out through identity providers: OpenID Connect, by the rules of FranceConnect v2 and ProConnect.

`providers` reads the configuration, `claims` what a provider says of a person, `relying_party` speaks the protocol, `journey` and
`backchannel` are the routes, `pages` what a person sees, `refusals` why a sign-in fails.
"""
