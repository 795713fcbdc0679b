"""The servers in Python that reads are measured against. README.md of `bench/read` says what each does and does not do."""
