"""A variant: one more run of a submission's phases, on tables or with a seed that were changed.

Behaviour shows in the difference. Tables are altered in the trusted process, before they are sent.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

NEW_ROW = -1  # in an order: a row that the table does not have


@dataclass(frozen=True)
class Table:
    """A table about to be sent: ``frame`` is a DataFrame; ``aligned`` if answers follow its rows.

    ``rng`` draws the same for every table of a variant, so that tables of equal length agree.
    """

    name: str
    frame: Any
    aligned: bool
    rng: np.random.Generator


@dataclass(frozen=True)
class Altered:
    """What is sent in a table's place; ``order[i]`` is the table's row that stands at row ``i``."""

    frame: Any
    order: tuple[int, ...] | None = None


Alter = Callable[[Table], Altered | None]


def as_before(_: Table) -> None:
    """Leave every table as it was in the submission's own run."""


@dataclass(frozen=True)
class VariantPlan:
    """What to run once more: ``phase`` and those it rests on, or every phase where it is None.

    Without ``refit`` the models of the submission's own run are used. ``seed`` numbers the
    grader's seed for phases that take one; 0 is that of the submission's own run.
    """

    name: str
    phase: str | None
    refit: bool
    alter: Alter = as_before
    seed: int = 0
