"""The tables of a prepared data set, by split."""

import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from labrun.domain.record import Digest, Record, Slug
from labrun.errors import LabError, MissingExtraError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

Split = Literal["hidden", "public"]

_FOLDERS: dict[Split, tuple[str, ...]] = {"hidden": ("private", "public"), "public": ("public",)}


class Prepared(Record):
    """The tables of a data set, ready to use.

    ``digest`` changes with any raw file or the build; ``tables`` holds the SHA-256 of each table
    by ``public/<name>.csv`` or ``private/<name>.csv``. ``sealed`` names private tables that there
    are, but not here: those of a sealed lab without its key.
    """

    name: Slug
    digest: Digest
    root: Path
    tables: dict[str, Digest]
    sealed: tuple[str, ...] = ()

    @property
    def twins(self) -> frozenset[str]:
        """Return the names of the tables that are private, or have a private twin."""
        here = (Path(key).stem for key in self.tables if key.startswith("private/"))
        return frozenset([*here, *self.sealed])

    @property
    def public(self) -> Path:
        """Return the folder of the tables learners may see."""
        return self.root / "public"

    @property
    def private(self) -> Path:
        """Return the folder of the tables that stay with the grader."""
        return self.root / "private"

    def table_names(self, split: Split) -> tuple[str, ...]:
        """Return the names of the tables of ``split``."""
        return tuple(sorted({path.stem for path in map(Path, self._keys(split))}))

    def table_path(self, name: str, split: Split) -> Path:
        """Return the CSV file of a table: when hidden, the private one where there are two."""
        return self.root / self._key(name, split)

    def sha256(self, name: str, split: Split) -> str:
        """Return the SHA-256 of the CSV file of a table."""
        return self.tables[self._key(name, split)]

    def input_path(self, name: str, split: Split) -> Path:
        """Return the CSV file of a table that learner code may be given."""
        _refuse_truth(name)
        return self.table_path(name, split)

    def input_frame(self, name: str, split: Split) -> "pd.DataFrame":
        """Return a table that learner code may be given; one of answers is a `LabError`."""
        _refuse_truth(name)
        return self.frame(name, split)

    def frame(self, name: str, split: Split) -> "pd.DataFrame":
        """Return a table as pandas reads it by default."""
        path = self.table_path(name, split)
        try:
            import pandas as pd  # noqa: PLC0415  (slow to import, and not in the light install)

            return pd.read_csv(path)
        except ModuleNotFoundError:
            msg = "tables are read with pandas, which is not installed"
            raise MissingExtraError(msg, help="pip install 'labrun[grade]'") from None
        except ValueError as error:
            msg = f"table {name!r} of data set {self.name!r} is not CSV: {error}"
            raise LabError(msg, help="correct the build.py of the data set") from None

    def columns(self, name: str, split: Split) -> "dict[str, np.ndarray[Any, Any]]":
        """Return the columns of a table; text as objects: str, or None where it is missing."""
        return {str(key): _plain(column) for key, column in self.frame(name, split).items()}

    def _keys(self, split: Split) -> list[str]:
        return [f"{at}/{p}" for at in _FOLDERS[split] for p in self._names_in(at)]

    def _names_in(self, folder: str) -> list[str]:
        return sorted(Path(key).name for key in self.tables if Path(key).parent.name == folder)

    def _key(self, name: str, split: Split) -> str:
        for folder in _FOLDERS[split]:
            if (key := f"{folder}/{name}.csv") in self.tables:
                return key
        known = self.table_names(split)
        close = difflib.get_close_matches(name, known, n=1)
        msg = f"data set {self.name!r} has no {split} table {name!r}"
        hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(known)}"
        raise LabError(msg, help=hint)


def _refuse_truth(name: str) -> None:
    if name.casefold().startswith("truth"):
        msg = f"the table {name!r} holds answers and is never the input of a phase"
        raise LabError(msg, help="give the phase a table without the answers")


def _plain(column: "pd.Series[Any]") -> "np.ndarray[Any, Any]":
    import numpy as np  # noqa: PLC0415  (slow to import; pandas has loaded it by now)

    if column.dtype.kind in "biuf":
        return np.asarray(column)
    return np.array(column.astype(object).where(column.notna(), None), dtype=object)
