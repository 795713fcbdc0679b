"""Commands on agents: their rights, their tokens, and the identities with which they sign in."""

import argparse
import sys
from datetime import timedelta

from resolvers import agent_links, callers
from server.acts import acting, console
from server.database import connections
from server.settings import Settings


async def add_agent(settings: Settings, given: argparse.Namespace) -> None:
    """Adds an agent, or changes his role and academies."""
    async with connections(settings) as (connection, _):
        agent = await callers.add(connection, given.name, given.role, given.academies.split(","))
        console.print(f"{agent.name} : {agent.role}, académies {', '.join(agent.academies)}")


async def new_token(settings: Settings, given: argparse.Namespace) -> None:
    """Prints a bearer token of an agent."""
    async with connections(settings) as (connection, _):
        agent = await acting(connection, given.name)
        print(await callers.new_token(connection, agent, timedelta(days=given.days)))


async def retire_agent(settings: Settings, given: argparse.Namespace) -> None:
    """Ends an agent's rights and tokens."""
    async with connections(settings) as (connection, _):
        await callers.retire(connection, await acting(connection, given.name))
        console.print(f"{given.name} n'est plus agent ; ses jetons ne valent plus rien.")


async def revoke_tokens(settings: Settings, given: argparse.Namespace) -> None:
    """Revokes every token of an agent."""
    async with connections(settings) as (connection, _):
        revoked = await callers.revoke_tokens(connection, await acting(connection, given.name))
        console.print(f"{revoked} jetons révoqués.")


async def link_agent(settings: Settings, given: argparse.Namespace) -> int:
    """Shows who asked under a reference, and gives that identity to an agent when told to."""
    async with connections(settings) as (connection, _):
        agent = await acting(connection, given.name)
        asked = await agent_links.asked(connection, given.reference)
        declared = ", ".join(f"{name} {value}" for name, value in asked.declared.items())
        console.print(f"Demandée par {asked.provider} pour : {declared or 'aucune précision'}")
        if not given.yes and not (
            sys.stdin.isatty() and console.input(f"Relier à {agent.name} ? [o/N] ").strip().lower() in ("o", "oui")
        ):
            console.print("Rien n'est relié. Relier sans question : --yes")
            return 1
        await agent_links.link(connection, agent, given.reference)
        console.print(f"{agent.name} se connecte désormais par {asked.provider}.")
    return 0


async def unlink_agent(settings: Settings, given: argparse.Namespace) -> None:
    """Takes every identity of an agent away."""
    async with connections(settings) as (connection, _):
        unlinked = await agent_links.unlink(connection, await acting(connection, given.name))
        console.print(f"{unlinked} identités retirées ; ses sessions sont fermées.")
