"""The edge: the Starlette application, limits, uploads and downloads, settings, the worker, the command line.

Translates the outside into use cases of `resolvers` and decides nothing itself. Nobody imports it.
"""
