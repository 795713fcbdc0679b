"""Sentences about behaviour, on a real PostgreSQL, without a network, warnings as errors. Needs nothing outside the repository."""
