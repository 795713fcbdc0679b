"""Families that are wrong in one thing each: a module is named after its defect, and its docstring is what loading says of it."""
