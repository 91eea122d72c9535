"""What is wrong with the quality of a lab or its data."""

import enum

from labrun.domain.record import Record, Slug


class Severity(enum.StrEnum):
    """How bad it is: an error spoils grades, a warning may, a note is to be known."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class FlawName(enum.StrEnum):
    """Every kind of flaw the audit looks for; a lab may allow one, with a reason."""

    MAJORITY_CLASS = "majority-class"
    CONSTANT_EARNS = "constant-earns"
    TARGET_COPY = "target-copy"
    SINGLE_FEATURE = "single-feature"
    ID_LEAK = "id-leak"
    ROW_ORDER = "row-order"
    DUPLICATES = "duplicates"
    NEAR_DUPLICATES = "near-duplicates"
    CONFLICTING_LABELS = "conflicting-labels"
    GROUPS = "groups"
    HIDDEN_SIZE = "hidden-size"
    MISSING = "missing"
    DRIFT = "drift"
    LABEL_BYTES = "label-bytes"


class Flaw(Record):
    """One finding of the audit; ``number`` is what ``says`` rests on.

    ``allowed`` is the reason the lab gives for it; such a flaw does not count.
    """

    lab: Slug
    name: FlawName
    severity: Severity
    where: str
    says: str
    number: float
    help: str
    allowed: str | None = None
