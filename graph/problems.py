"""Expected refusals: values that a client reads, all of them a `Problem`."""

from typing import Any, ClassVar

import strawberry

from graph.enums import SessionState
from graph.text import Text


class Refused(Exception):
    """Raised by a use case; `problem` is what the client may read, `text` the sentence in both languages."""

    problem: type["Problem"]

    def __init__(self, text: Text, **values: Any) -> None:
        super().__init__(text.en)
        self.text = text
        self.values = values


@strawberry.interface(
    description="Why a request was refused, in a sentence for a person (French, or English by `Accept-Language`)."
)
class Problem:
    message: str = strawberry.field(description="What is wrong and what to do")

    refusal: ClassVar[type[Refused]]

    def __init_subclass__(cls) -> None:
        # one exception class for each problem: Strawberry asks only the first handler that matches
        cls.refusal = type(f"{cls.__name__}Refused", (Refused,), {"problem": cls})

    @classmethod
    def refuse(cls, text: Text, **values: Any) -> Refused:
        """The exception to raise: the sentence, and the values of the problem's other fields."""
        return cls.refusal(text, **values)


@strawberry.type(description="What was named does not exist, or belongs to another academy.")
class NotFound(Problem):
    pass


@strawberry.type(description="This family, academy and year cannot have a session.")
class SessionNotHeld(Problem):
    pass


@strawberry.type(description="The session is open already.")
class SessionExists(Problem):
    pass


@strawberry.type(description="The session has gone past, or has not reached, the state that the act needs.")
class WrongState(Problem):
    state: SessionState = strawberry.field(description="The state of the session now")


@strawberry.type(description="The jury group is closed already, or open already.")
class GroupUnchanged(Problem):
    pass


@strawberry.type(description="The session cannot be prepared yet.")
class NotComplete(Problem):
    missing: list[str] = strawberry.field(description="What is missing, a sentence each")


@strawberry.type(description="The act needs an agent other than the one who began it.")
class SecondAgentNeeded(Problem):
    pass


@strawberry.type(description="The delay for the act is over, or its time is in the past.")
class OutOfTime(Problem):
    pass


@strawberry.type(description="Somebody did it already.")
class AlreadyDone(Problem):
    pass


@strawberry.type(description="Another file of the session is being read.")
class ImportInProgress(Problem):
    pass


@strawberry.type(description="Results changed since this was compared with them: import the file again.")
class ImportOutdated(Problem):
    pass


@strawberry.type(description="The import would change final decisions of jury groups that are closed.")
class ClosedGroupChanged(Problem):
    decisions: int = strawberry.field(description="How many decisions it would add, change or remove")


@strawberry.type(description="The file as a whole cannot be read.")
class FileRefused(Problem):
    pass


@strawberry.type(description="What would be published is not what was prepared: prepare it again.")
class ContentChanged(Problem):
    pass
