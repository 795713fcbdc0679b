"""Reads against the servers that somebody would pick instead, over the same tables: `./dev bench read`. README.md says what each does."""
