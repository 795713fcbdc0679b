"""A fictitious nation: import files of any size whose figures follow the published ones and whose people are invented.

Reads the families' columns and rules in `plugins`; never opens the database. The server (command line) and bench import it.
"""
