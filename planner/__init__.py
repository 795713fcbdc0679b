"""How a query is read: a GraphQL document becomes one plan, made once: one statement whose bytes are the answer.

No rights, no rules, no HTTP. Imports graph and db; only server imports it.
"""
