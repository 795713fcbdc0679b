"""What clients may watch."""

import asyncio
from collections.abc import AsyncGenerator

import strawberry

from db.statements import statement
from graph.desk import DeskChange, DeskRequest
from graph.stored import from_row
from graph.viewer import ViewerChange, ViewerChangeKind
from resolvers import app_tokens, viewer
from resolvers.roles import Act
from resolvers.viewer_query import Info
from resolvers.web_sessions import IDLE

STILL_OPEN = statement("web_sessions.still_open")
STILL_AT_DESK = statement("desk.watching")
REQUESTS = statement("desk.by_id")
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

    @strawberry.subscription(
        description="Tells the agent who is signed in that a request of his academies has changed. Ends with his session, his token or his "
        "right. Whoever is slow hears of the latest ones alone: read the queue when the subscription begins."
    )
    async def desk_changed(self, info: Info) -> AsyncGenerator[DeskChange]:
        context, caller = info.context, info.context.agent(Act.REQUESTS)
        async with context.notices.at_desk(caller.id, caller.academies) as changes:
            while (
                academies := await STILL_AT_DESK.value(
                    context.register.primary, agent=caller.id, session=context.session(), idle=IDLE, app_idle=app_tokens.IDLE
                )
            ) is not None:
                try:
                    request = await asyncio.wait_for(changes.get(), LOOK_SECONDS)
                except TimeoutError:
                    continue
                await context.acted()  # what he reads when he hears so is what has changed
                row = await REQUESTS.row(context.register.primary, requests=[request], academies=academies)
                if row is not None:
                    yield DeskChange(request=from_row(DeskRequest, row, context))
