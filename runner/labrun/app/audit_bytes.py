"""Find hidden answers and hidden tests in what learners are given."""

import csv
import hashlib
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from labrun.app.reach import LEAST_BYTES
from labrun.domain.audit import Flaw, FlawName, Severity
from labrun.domain.lab import Lab
from labrun.grading.predictions import Array
from labrun.store.datasets import Prepared
from labrun.store.labs import plain_files
from labrun.store.workspace import shipped

BITS = 80.0  # of information in a run of answers that chance does not repeat
SHORTEST, LONGEST = 6, 400
WINDOW = 160  # characters of a hidden test, white space left out
COPIED, COPIED_WHOLE = 0.1, 0.5
TOKEN = re.compile(r"[^\s,;|\[\](){}\"'`]+")
COPIES = ("hidden", "solution", "cheats")


def label_bytes(folder: Path, lab: Lab, data: Prepared | None) -> Iterator[Flaw]:
    """Find runs of hidden answers, hidden tests and the solution in the files learners get."""
    files = dict(shipped(folder, data))
    yield from _whole_files(folder, lab, files)
    yield from _sources(folder, lab, files)
    if data:
        yield from _answers(lab, data, files)


def _flaw(lab: Lab, where: str, says: str, *, severity: Severity, number: float) -> Flaw:
    return Flaw(
        lab=lab.slug,
        name=FlawName.LABEL_BYTES,
        severity=severity,
        where=where,
        says=says,
        number=float(f"{number:.4g}"),
        help="take it out of what learners get",
    )


def _whole_files(folder: Path, lab: Lab, files: dict[str, Path]) -> Iterator[Flaw]:
    """Compare by digest, as the search of a container does."""
    secrets = {
        _digest(path): f"{name}/{at}"
        for name in COPIES
        for at, path in plain_files(folder / name)
        if path.stat().st_size >= LEAST_BYTES
    }
    for name, path in files.items():
        if found := secrets.get(_digest(path)):
            says = f"learners get {name}, which is {found} byte by byte"
            yield _flaw(lab, name, says, severity=Severity.ERROR, number=1)


def _sources(folder: Path, lab: Lab, files: dict[str, Path]) -> Iterator[Flaw]:
    """Look for long pieces of hidden tests, however they are laid out."""
    texts = {name: _squeezed(path) for name, path in files.items() if not name.endswith(".csv")}
    seen = {name: set(_windows(text)) for name, text in texts.items()}
    for test, path in plain_files(folder / "hidden"):
        windows = _windows(_squeezed(path))
        for name, there in seen.items():
            part = sum(window in there for window in windows) / max(len(windows), 1)
            if part > COPIED:
                says = f"{100 * part:.0f} % of hidden/{test} stand in {name}, which learners get"
                severity = Severity.ERROR if part > COPIED_WHOLE else Severity.WARNING
                yield _flaw(lab, name, says, severity=severity, number=part)


def _answers(lab: Lab, data: Prepared, files: dict[str, Path]) -> Iterator[Flaw]:
    """Look for runs of hidden answers, in their order, that chance cannot explain."""
    given = [(name, tokens) for name, path in files.items() for tokens in _sequences(path)]
    for key in sorted(data.tables):
        if not key.startswith("private/truth"):
            continue
        for hidden in _sequences(data.root / key):
            search = _Search(hidden)
            for name, tokens in given:
                if found := search.found_in(tokens):
                    says = f"{found:,} answers of {key} stand in {name}, one after the other"
                    yield _flaw(lab, name, says, severity=Severity.ERROR, number=found)


class _Search:
    """Runs of answers long enough that the same run elsewhere is a copy."""

    def __init__(self, hidden: Sequence[str]) -> None:
        counts = Counter(hidden)
        self._codes = {token: code for code, token in enumerate(counts)}
        shares = [count / len(hidden) for count in counts.values()]
        entropy = -sum(share * math.log2(share) for share in shares)  # bits an answer
        self._length = max(SHORTEST, math.ceil(BITS / entropy)) if entropy > 0 else LONGEST + 1
        # Where a file is sorted, a run says little: count the changes that chance would make.
        self._changes = self._length * (1 - sum(share**2 for share in shares)) / 3
        self._known = np.unique(self._hashes(hidden)[0])

    def found_in(self, tokens: Sequence[str]) -> int:
        """Return how many answers of the longest such run there are, 0 for none."""
        hashes, places = self._hashes(tokens)
        hits = places[np.isin(hashes, self._known)]
        if not len(hits):
            return 0
        ends = np.flatnonzero(np.diff(hits) > 1)
        firsts = np.concatenate([[0], ends + 1])
        lasts = np.concatenate([ends, [len(hits) - 1]])
        return int((hits[lasts] - hits[firsts]).max()) + self._length

    def _hashes(self, tokens: Sequence[str]) -> tuple[Array, Array]:
        """Return a hash of each run that says enough, and where it begins."""
        if len(tokens) < self._length or self._length > LONGEST:
            return np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.int64)
        codes = np.array([self._codes.get(token, -1) for token in tokens], dtype=np.int64)
        runs = np.lib.stride_tricks.sliding_window_view(codes, self._length)
        changes = (runs[:, 1:] != runs[:, :-1]).sum(axis=1)
        places = np.flatnonzero((runs.min(axis=1) >= 0) & (changes >= self._changes))
        factors = np.random.default_rng(0).integers(1, 1 << 63, self._length, dtype=np.uint64)
        return (runs[places].astype(np.uint64) * factors).sum(axis=1, dtype=np.uint64), places


def _sequences(path: Path) -> Iterator[list[str]]:
    """Yield the columns of a CSV file, or the words of any other, numbers in one spelling."""
    text = path.read_bytes().decode("utf-8", "replace")
    if path.suffix != ".csv":
        yield [_plain(token) for token in TOKEN.findall(text)]
        return
    rows = list(csv.reader(text.splitlines()))[1:]
    width = min((len(row) for row in rows), default=0)
    for column in range(width):
        yield [_plain(row[column]) for row in rows]


def _plain(token: str) -> str:
    try:
        return repr(float(token))
    except ValueError:
        return token.strip()


def _squeezed(path: Path) -> str:
    return "".join(path.read_bytes().decode("utf-8", "replace").split())


def _windows(text: str) -> list[str]:
    return [text[at : at + WINDOW] for at in range(max(0, len(text) - WINDOW + 1))]


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
