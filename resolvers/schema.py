"""The executable schema: root fields, the families' types, limits, and how refusals become answers."""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any
from uuid import uuid4

import asyncpg
import strawberry
import structlog
from graphql import ExecutionResult as GraphQLResult
from graphql import GraphQLError, GraphQLSchema
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext
from strawberry.types.execution import ExecutionResult, StreamExecutionResult

from db.pool import DatabaseBusy
from graph.diploma import Diploma, OtherDiploma
from graph.input import BadInput
from graph.problems import Problem, Refused
from plugins.loading import OURS, families
from resolvers.accounts import NotSignedIn
from resolvers.admission import Admission, Judged
from resolvers.callers import Forbidden
from resolvers.mutation import Mutation
from resolvers.notices import MOST_WATCHING, TooManyWatching
from resolvers.query import Query
from resolvers.subscription import Subscription

log = structlog.get_logger()


class Answering(SchemaExtension):
    """Lets admitted documents run alone; codes expected errors, and masks the others under an identifier that the log has."""

    execution_context: ExecutionContext
    _streamed = False
    _judged = Judged(None)

    def on_operation(self) -> Iterator[None]:
        yield
        if not self._streamed:
            self._answer(self.execution_context.result)

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        self._judged = self._admission.judged(context.query or "")
        context.graphql_document = self._judged.document
        if self._judged.document is None:
            # Strawberry parses it again, and stops at the first token: what it raises gives way to what was found before
            context.parse_options["max_tokens"] = 0
        yield

    def on_validate(self) -> Iterator[None]:
        context, judged = self.execution_context, self._judged
        dear = None if judged.errors else self._admission.refusal(judged, context.operation_name, context.variables)
        context.pre_execution_errors = [dear] if dear else list(judged.errors)
        yield

    def on_stream_result(self, result: StreamExecutionResult) -> Iterator[None]:
        """Answers each result of a subscription as it goes, and not the last one again at its end."""
        self._streamed = True
        self._answer(result)
        yield

    @property
    def _admission(self) -> Admission:
        schema = self.execution_context.schema
        assert isinstance(schema, Schema)
        return schema.admission

    def _answer(self, result: object) -> None:
        if isinstance(result, ExecutionResult | GraphQLResult) and result.errors:
            result.errors = [answered(error) for error in self._judged.errors or result.errors]


def answered(error: GraphQLError) -> GraphQLError:
    """The error as the client reads it."""
    cause = error.original_error
    if cause is None:
        return error
    if isinstance(cause, Forbidden):
        code = "FORBIDDEN" if cause.signed_in else "UNAUTHENTICATED"
        message = "Your role does not allow this." if cause.signed_in else "Sign in first."
    elif isinstance(cause, NotSignedIn):
        code, message = "UNAUTHENTICATED", "Sign in first."
    elif isinstance(cause, BadInput):
        code, message = "BAD_USER_INPUT", str(cause)
    elif isinstance(cause, TooManyWatching):
        code, message = "TOO_MANY_SUBSCRIPTIONS", f"At most {MOST_WATCHING} subscriptions of one account or agent: end some first."
    elif isinstance(cause, asyncpg.DataError):
        code, message = (
            "BAD_USER_INPUT",
            "a value is not one that the register can hold: a number too large, or a character that is no text",
        )
    elif isinstance(cause, DatabaseBusy):
        code, message = "BUSY", "The register is busy: ask again in a moment."
    elif isinstance(cause, asyncpg.QueryCanceledError | TimeoutError):
        log.warning("statement_cancelled", path=error.path)
        code, message = "TIMEOUT", "This took too long and was stopped: ask for less at a time, or again in a minute."
    elif isinstance(cause, GraphQLError):
        return error
    else:
        identifier = uuid4().hex[:12]
        # the message of an unforeseen exception may hold a name or a key: its class and place are enough to find it
        log.error("internal_error", identifier=identifier, kind=type(cause).__name__, at=_place(cause), path=error.path)
        code, message = "INTERNAL_ERROR", f"Erreur interne / internal error ({identifier})"
    return GraphQLError(message, nodes=error.nodes, path=error.path, extensions={"code": code})


def _place(cause: BaseException) -> str:
    trace = cause.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else "?"


class AsProblem:
    """Answers a refusal as the member of the field's union that it names."""

    def __init__(self, problem: type[Problem]) -> None:
        self.exception_type = problem.refusal
        self.error_type = problem

    def handle(self, exception: Refused, *, field: object, info: strawberry.Info[Any, Any]) -> Problem:  # noqa: ARG002
        """The problem, in the caller's language."""
        say = info.context.say
        values = {
            name: [say(text) for text in value] if isinstance(value, list) else value for name, value in exception.values.items()
        }
        return self.error_type(message=say(exception.text), **values)


class Schema(strawberry.Schema):
    """A schema that admits documents. Where it is not open to `introspection`, its errors suggest no names either."""

    def __init__(self, *given: Any, introspection: bool, **named: Any) -> None:
        super().__init__(*given, **named)
        self._introspection = introspection
        self.admission = Admission(self._schema, introspection=introspection)

    @property
    def core(self) -> GraphQLSchema:
        """The schema of graphql-core underneath, to validate documents with."""
        return self._schema

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:  # noqa: ARG002
        """Logs nothing of a request that is merely wrong: `Answering` has logged what is ours."""
        for error in errors:
            if not self._introspection and isinstance(error.original_error, GraphQLError | None):
                error.message = error.message.partition(" Did you mean ")[0]


def schema_of(types: Iterable[type[Diploma]], *, in_order: bool = False, introspection: bool = True) -> Schema:
    """The schema with these types of diplomas, and that of a family that is gone.

    One `in_order` is for printing: sorting copies the types, and loses how they execute.
    """
    return Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[*types, OtherDiploma],
        extensions=[Answering],
        config=StrawberryConfig(sort_schema=in_order),
        exception_handlers=[AsProblem(problem) for problem in Problem.__subclasses__()],
        introspection=introspection,
    )


@cache
def deployed(*, introspection: bool = True) -> Schema:
    """The schema that this deployment serves: every family that is installed. Made once a process."""
    return schema_of((family.type for family in families().values()), introspection=introspection)


@cache
def published() -> str:
    """The schema that this deployment serves, as text in a stable order."""
    return schema_of((family.type for family in families().values()), in_order=True).as_str() + "\n"


def exported() -> str:
    """The committed contract: our own families alone, in a stable order."""
    ours = (families()[code].type for code in OURS)
    return schema_of(ours, in_order=True).as_str() + "\n"
