"""Which hidden rows are shown while a lab is open, and which are kept for the end.

A row belongs to a part by a hash of what it holds, so the order of the rows does not matter. The
salt is made from the lab's name and all of its hidden rows, answers included: who does not have
the answers cannot work out the part of a row that is seen.
"""

import hashlib
from collections.abc import Iterable, Mapping

import numpy as np

from labrun.errors import LabError
from labrun.grading.predictions import Array

LEAST_DISTINCT = 0.5  # rows that cannot be told apart end up together, so most must differ
Columns = Mapping[str, Array]


def feedback_rows(
    lab: str, tables: Mapping[str, Columns], *, share: float, groups: Array | None = None
) -> Array:
    """Return a mask (n,) of the rows for feedback; the others are the final ones.

    ``tables`` are tables of n rows each that describe the same rows, in the same order. About
    ``share`` of them is chosen: of the clusters that ``groups`` (n,) names, where it is given, and
    those stay whole; else of the rows, and rows alike in every column stay together. Raises
    `LabError` where there is nothing to tell rows apart by.
    """
    contents = _digests(tables)
    salt = hashlib.sha256(lab.encode() + b"\0" + b"".join(sorted(contents))).digest()
    units = contents if groups is None else [str(each).encode() for each in groups.tolist()]
    hashes = {unit: hashlib.sha256(salt + unit).digest() for unit in set(units)}
    if groups is None and len(hashes) < LEAST_DISTINCT * len(units):
        msg = f"only {len(hashes):,} of {len(units):,} hidden rows of lab {lab!r} differ: "
        msg += "they cannot be split for feedback"
        hint = "name a column that tells them apart as `groups` of the check"
        raise LabError(msg, help=hint)
    if len(hashes) < 2:  # noqa: PLR2004  (two parts)
        msg = f"the hidden rows of lab {lab!r} are of one group: they cannot be split for feedback"
        raise LabError(msg, help="take grading.feedback out, or add hidden groups")
    count = min(max(round(share * len(hashes)), 1), len(hashes) - 1)
    last = sorted(hashes.values())[count - 1]
    return np.array([hashes[unit] <= last for unit in units])


def _digests(tables: Mapping[str, Columns]) -> list[bytes]:
    """Return a digest of each row: its values, with the names of table and column."""
    named = [
        (f"{table}.{column}", values.tolist())
        for table, columns in sorted(tables.items())
        for column, values in sorted(columns.items())
    ]
    names = repr([name for name, _ in named]).encode()
    rows: Iterable[tuple[object, ...]] = zip(*(values for _, values in named), strict=True)
    return [hashlib.sha256(names + repr(row).encode()).digest() for row in rows]
