"""What a lab may write under a check, read strictly."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from labrun.domain.lab import Lab
from labrun.domain.record import Record
from labrun.domain.variant import VariantPlan
from labrun.errors import LabError, UserError


class OptionError(UserError):
    """One option of a check does not fit; ``field`` is its name, dotted where it is nested."""

    def __init__(self, message: str, *, field: str, help: str | None = None) -> None:
        super().__init__(message, help=help)
        self.field = field


class Options(Record):
    """What a lab may say about a check of one type."""

    def fit(self, lab: Lab) -> None:
        """Raise `OptionError` where the options do not fit the rest of the lab."""

    def phases(self, lab: Lab) -> tuple[str, ...]:
        """Return the phases that must have ended well before this check can judge."""
        del lab
        return ()

    def tables(self) -> tuple[str, ...]:
        """Return the truth tables the check reads."""
        return ()

    def variants(self, lab: Lab) -> tuple[VariantPlan, ...]:
        """Return the further runs of the submission that the check judges by."""
        del lab
        return ()

    def needs_reference(self) -> bool:
        """Return whether the lab's own solution must run in the same session, to be measured."""
        return False

    def timed(self) -> str | None:
        """Return the phase that must be timed in turns with the lab's own solution, if any."""
        return None

    def is_public(self) -> bool:
        """Return whether a learner may run the check on public data."""
        return True


Opts = TypeVar("Opts", bound=Options)


def read_options(kind: type[Opts], given: Mapping[str, Any], where: str) -> Opts:
    """Return options of one type; raise `LabError` saying which field is wrong and how."""
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join((where, *map(str, first["loc"])))
        if first["type"] == "extra_forbidden":
            hint = did_you_mean(str(first["loc"][-1]), _known(kind, first["loc"][:-1]))
            msg = f"{field}: there is no such key"
            raise LabError(msg, help=hint) from None
        said = first["msg"].removeprefix("Value error, ")
        found = "" if first["type"] == "missing" else f", found {first['input']!r:.80}"
        msg = f"{field}: {said}{found}"
        raise LabError(msg) from None


def _known(kind: type[BaseModel], path: Sequence[int | str]) -> list[str]:
    """Return the keys that the options have at ``path``, a nested record or the options."""
    for name in path:
        field = kind.model_fields.get(str(name))
        inner = field.annotation if field else None
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return []
        kind = inner
    return list(kind.model_fields)


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """Return the name that was probably meant, or all there are."""
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known: {', '.join(known) or 'none'}"


def values_phase(lab: Lab, name: str | None) -> str:
    """Return the phase a check means: the last that returns values unless it names one."""
    names = [phase.name for phase in lab.phases if lab.returns_of(phase) == "values"]
    if name is not None:
        known_phase(lab, name)
        if name not in names:
            msg = f"phase {name!r} returns a model, which is never opened here"
            raise OptionError(msg, field="phase", help=f"phases with values: {', '.join(names)}")
        return name
    if not names:
        msg = "the lab has no phase that returns values"
        raise OptionError(msg, field="phase", help="add such a phase to the lab")
    return names[-1]


def known_phase(lab: Lab, name: str) -> None:
    """Raise `OptionError` if the lab has no phase of that name."""
    names = [phase.name for phase in lab.phases]
    if name not in names:
        msg = f"there is no phase called {name!r}"
        raise OptionError(msg, field="phase", help=did_you_mean(name, names))
