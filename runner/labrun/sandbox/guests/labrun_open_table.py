"""Runs inside the sandbox: read a handed-in table of a format that the host does not open."""

from typing import Any


class UnreadableTableError(Exception):
    """The file is not a table, or not of the format its name says."""


def ready() -> bool:
    """Import what opens the files."""
    import pandas as pd
    import pyarrow.parquet

    return bool(pd and pyarrow)


def table(path: str) -> Any:
    """Return the table as a data frame of numbers and text."""
    import pandas as pd

    try:
        frame = pd.read_parquet(path)
    except Exception as error:
        msg = f"{path} cannot be read: {type(error).__name__}: {error}"
        raise UnreadableTableError(msg) from None
    return frame.reset_index(drop=True)
