"""What agents see of holders' requests that could not be granted automatically: both sides, field by field."""

from datetime import datetime
from enum import Enum

import strawberry
from strawberry import relay

from graph.diploma import Diploma
from graph.problems import Problem
from graph.reference import Academy
from graph.stored import column, computed, each, for_caller, identity, many, member, within


@strawberry.enum(description="Where a request to add a diploma stands.")
class ReviewState(Enum):
    REVIEW = strawberry.enum_value("REVIEW", description="Records resemble the person: an agent decides")
    FROZEN = strawberry.enum_value("FROZEN", description="Two accounts claim one diploma: nobody holds it until two agents decide")
    NOT_FOUND = strawberry.enum_value("NOT_FOUND", description="No record of that session resembles the person")
    ADDED = strawberry.enum_value("ADDED", description="The holder has the diploma")
    REFUSED = strawberry.enum_value("REFUSED", description="Agents refused it, or took the diploma back")


@strawberry.enum(description="What agents decide of a request.")
class ReviewDecisionKind(Enum):
    ATTACH = strawberry.enum_value("ATTACH", description="The record is the person's")
    REFUSE = strawberry.enum_value("REFUSE", description="No record is the person's")
    DETACH = strawberry.enum_value("DETACH", description="A diploma that was added is not the person's")


@strawberry.type(
    description="A decision on a request. One that needs two agents changes nothing before the second has approved it."
)
class ReviewDecision:
    kind: ReviewDecisionKind = column("kind", "What it is", member(ReviewDecisionKind))
    reason: str = column("reason", "Why")
    two_agents: bool = column("two_agents", "Whether it needs a second agent")
    prepared_by: str = column("prepared_by", "The agent who took it")
    prepared_at: datetime = column("prepared_at", "When")
    approved_by: str | None = column("approved_by", "The agent who approved it; the same one where one is enough")
    approved_at: datetime | None = column("approved_at", "When it took effect")
    cancelled_at: datetime | None = column("cancelled_at", "When it was taken back")


def proven(identity: str) -> bool:
    """Whether an identity provider vouches for a person."""
    return identity != "DECLARED"


@strawberry.type(description="The person who asks: as an identity provider gives him, or as he declares himself.")
class ReviewedPerson:
    family_name: str = column("family_name", "Nom de naissance")
    given_names: list[str] = column("given_names", "Prénoms, in order")
    used_name: str | None = column("used_name", "Nom d'usage")
    birth_date: str = column("birth_date", "ISO 8601, as the civil registry's directory completes it")
    declared_birth_date: str | None = column("declared_birth_date", "As the provider gave it, with 00 for what is unknown")
    sex: str = column("sex", "M or F")
    birth_commune: str | None = column("birth_commune", "Code of the commune of birth; none abroad")
    birth_country: str = column("birth_country", "Code of the country of birth; 99100 is France")
    proven: bool = computed(("identity",), proven, "Whether an identity provider vouches for it")
    ine: str | None = column("ine", "INE that he gave with his request")
    candidate_number: str | None = column("candidate_number", "Candidate number that he gave")
    establishment: str | None = column("establishment", "Establishment that he gave")


@strawberry.type(description="The person of a record, as the exam has him.")
class RecordPerson:
    birth_name: str = column("birth_name", "Nom de naissance")
    given_names: list[str] = column("given_names", "Prénoms")
    used_name: str | None = column("used_name", "Nom d'usage")
    birth_date: str | None = column("birth_date", "ISO 8601, with 00 for what is unknown")
    sex: str | None = column("sex", "M or F")
    birth_commune: str | None = column("birth_commune", "Code of the commune of birth")
    birth_place: str | None = column("birth_place", "Place of birth")
    birth_country: str | None = column("birth_country", "Code of the country of birth")
    ine: str | None = column("ine", "INE")
    candidate_number: str = column("candidate_number", "Candidate number")
    establishment: str | None = column("establishment", "Establishment (UAI)")


@strawberry.type(description="What one test of the matching said (docs/matching.md).")
class FieldComparison:
    field: str = column("field", "What was compared: FAMILY, GIVEN, DATE, PLACE or SEX")
    outcome: str = column("outcome", "The outcome, for example EQ, USAGE or CONFLICT")
    explanation: str = for_caller(("field", "outcome"), "comparison", "The outcome in a sentence")


@strawberry.type(description="A record that a request found.")
class ReviewCandidate:
    diploma: Diploma = within("Its diploma")
    person: RecordPerson = within("Its person")
    comparisons: list[FieldComparison] = each("comparisons", "The five tests", most=5)
    held_by_another: bool = column("held_by_another", "Whether another account has, or also claims, this diploma")
    two_agents: bool = column("two_agents", "Whether attaching it needs two agents")


@strawberry.type(description="A holder's request, for the agents of the academy that it names.")
class DiplomaReview(relay.Node):
    uuid: relay.NodeID[str] = identity("id")
    reference: str = column("reference", "What the holder quotes")
    family_code: str = column("family", "Code of the family")
    session: int = column("year", "Year of the exam session")
    academy: Academy = within("The academy named")
    state: ReviewState = column("state", "Where it stands", member(ReviewState))
    created_at: datetime = column("created_at", "When it was made")
    person: ReviewedPerson | None = within("Who asks; nobody once the account is closed", document="asker")
    candidates: list[ReviewCandidate] = many("review_candidates", "The records found, fifty at most", most=50)
    decisions: list[ReviewDecision] = many("review_decisions", "What was decided, the latest first, ten at most", most=10)


@strawberry.type(description="The request is not in a state that allows this, or another decision on it is pending.")
class ReviewUnchanged(Problem):
    pass
