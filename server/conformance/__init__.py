"""What tries a family as the whole house would use it: its rules, a register that publishes its samples, its pages, both executors.

Each function answers the faults that it found, a sentence each, and none for a family that conforms. `plugins.conformance` is how an author
runs them; nothing of the house imports this but the command `check-family`.
"""
