"""Whether both executors say the same: documents generated from our own schema, asked of the planner and of Strawberry.

`./dev bench sameness` runs it long; the tests run a few hundred documents of it.
"""
