"""What clients may watch."""

import asyncio
from collections.abc import AsyncGenerator

import strawberry

from db.statements import statement
from graph.viewer import ViewerChange, ViewerChangeKind
from resolvers import app_tokens, viewer
from resolvers.viewer_query import Info
from resolvers.web_sessions import IDLE

STILL_OPEN = statement("web_sessions.still_open")
LOOK_SECONDS = 60.0
"""How often a silent subscription looks whether its session is still open."""


@strawberry.type(description="What can be watched.")
class Subscription:
    @strawberry.subscription(
        description="Tells the holder who is signed in that one of his diplomas or requests has changed. Ends with his session."
    )
    async def viewer_changed(self, info: Info) -> AsyncGenerator[ViewerChange]:
        context, holder = info.context, info.context.holder()
        async with context.notices.of(holder.id) as changes:
            while holder.session is None or await STILL_OPEN.value(
                context.register.primary, session=holder.session, idle=IDLE, app_idle=app_tokens.IDLE
            ):
                try:
                    kind = await asyncio.wait_for(changes.get(), LOOK_SECONDS)
                except TimeoutError:
                    continue
                await context.acted()  # what he reads when he hears so is what has changed
                yield ViewerChange(kind=ViewerChangeKind[kind], viewer=viewer.viewer(holder))
