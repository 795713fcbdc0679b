"""What auditors and operators see: what agents did, and what waits. No person of the register is in either."""

from datetime import datetime

import strawberry
from strawberry import relay

from graph.stored import column, each, identity

MOST_FACTS = 20
MOST_REASONS = 50


@strawberry.type(description="A fact of an act: an id, a count or a code, never a name.")
class JournalFact:
    name: str = column("name", "What it is")
    value: str | None = column("value", "Its value, as text")


@strawberry.type(description="What an agent did, as the journal has it for good.")
class JournalEntry(relay.Node):
    place: relay.NodeID[str] = identity("id")
    at: datetime = column("at", "When")
    act: str = column("act", "What, for example `RELEASE` or `SIGN_IN`")
    agent: str = column("agent", "Name of the agent")
    role: str = column("role", "Code of the role that he has now")
    academy_code: str | None = column("academy_code", "Code of the academy that it concerns, if it concerns one")
    family_code: str | None = column("family", "Code of the family of the exam session, if it is of one")
    session: int | None = column("year", "Year of the exam session, if it is of one")
    reference: str | None = column("reference", "Reference of the request, if it is of one")
    facts: list[JournalFact] = each("facts", "What else is known of it", most=MOST_FACTS)


@strawberry.type(description="Why requests were answered without a compiled plan, in the process that answers this one.")
class PlannerRefusal:
    reason: str = strawberry.field(description="The reason")
    count: int = strawberry.field(description="How often, since the process began")


@strawberry.type(description="What waits in this deployment. A queue is counted as far as ten thousand.")
class Operations:
    imports_waiting: int = column("imports", "Imports that wait for a worker or are being read")
    imports_waiting_since: datetime | None = column("imports_since", "Since when the first one waits")
    attestations_waiting: int = column("documents", "Attestations to seal")
    attestations_urgent_since: datetime | None = column("urgent_since", "When the first one that a holder asked for was due")
    letters_waiting: int = column("letters", "Letters to send")
    letters_due_at: datetime | None = column("letters_due", "When the first one is due: ahead, when an attempt failed")
    publications_pending: int = column("publications", "Publications that were prepared and are not released")
    next_release_at: datetime | None = column("next_release", "When the next approved one is to be released")
    planner_refusals: list[PlannerRefusal] = strawberry.field(
        description="Requests that the planner left to the other executor, by reason", metadata={"most": MOST_REASONS}
    )
