"""Measurements, as ratios in one run, with the machine and the versions beside them. Never part of the tests.

`./dev bench NAME`; what was measured stands in `docs/performance.md`. Imports every room; nobody imports it.
"""
