"""What a phase returned, as an array; learners may return lists, columns or one-column tables."""

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
KINDS = "biufOU"  # numbers and text; what is neither has no meaning as a prediction


class Malformed(ValueError):  # noqa: N818  (a fact about the learner's values, not a fault)
    """What was returned is not an array of plain values; the message quotes none of them."""


def as_array(value: Any) -> Array:
    """Return values as an array of numbers or text; raise `Malformed` for anything else."""
    array = _unpacked(value)
    if not isinstance(array, np.ndarray):
        msg = f"expected an array, got a {type(value).__name__}"
        raise Malformed(msg)
    if array.ndim == 0:
        msg = "expected an array, got a single value"
        raise Malformed(msg)
    if array.dtype.kind not in KINDS:
        msg = f"expected numbers or text, got dtype {array.dtype}"
        raise Malformed(msg)
    if array.dtype.kind == "O" and not all(isinstance(item, str) for item in array.flat):
        msg = "some values are missing or not of one kind"
        raise Malformed(msg)
    return array


def _unpacked(value: Any) -> Any:
    if type(value).__name__ == "DataFrame":
        return (value.iloc[:, 0] if len(value.columns) == 1 else value).to_numpy()
    if isinstance(value, dict) and len(value) == 1:
        return _unpacked(next(iter(value.values())))
    if isinstance(value, list | tuple):
        return _of_list(list(value))
    return value


def _of_list(items: list[Any]) -> Array:
    kinds = {type(item).__name__ for item in items}
    if kinds == {"str"}:
        return np.array(items, dtype=object)
    try:
        array = np.array(items)
    except (ValueError, TypeError, OverflowError):
        msg = "a list whose items are not of one shape and kind"
        raise Malformed(msg) from None
    if array.dtype.kind not in "biuf":
        msg = f"expected one kind of value, got a list of {', '.join(sorted(kinds)[:5])}"
        raise Malformed(msg)
    return array
