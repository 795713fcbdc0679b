"""What is stored: migrations, named statements (`queries/*.sql`), reference tables, the pool, the embedded server.

No rule and no GraphQL here. Imports nothing of ours; resolvers, the planner and the server may import it.
"""
