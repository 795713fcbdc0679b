"""The process of the seal service, and what it is configured with.

It alone holds the seal's keys: no process that answers requests does.
"""
