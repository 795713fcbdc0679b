"""Verification: requests a second and latency through the whole server, at registers of growing size."""

import argparse


async def measure(given: argparse.Namespace) -> None: ...
