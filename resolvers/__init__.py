"""What happens: one module per use case, shared by GraphQL and the command line, and the root fields.

The only room that sees graph, plugins, db and seal together. The server imports it.
"""
