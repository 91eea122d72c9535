"""Attack a lab: grade hostile submissions made from its solution; none may get far."""

import re
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from labrun.app.bench import Bench, set_up
from labrun.app.check import trial
from labrun.app.hostile import CONTROL, Piece, control, graft, narrowed, pieces
from labrun.app.progress import Progress
from labrun.app.results import Receipt, judgement, result_of
from labrun.app.settings import Settings
from labrun.app.submit import guard
from labrun.domain.record import Record
from labrun.domain.result import AttemptInfo, Result, Status
from labrun.domain.submission import Submission
from labrun.errors import PlatformError, RefusedError, UserError
from labrun.report import FORMATS
from labrun.sandbox import owner
from labrun.store.bundles import collect

SONG = "the canary sings\n"
LEAST_CELL = 7  # characters: shorter values of a table may stand anywhere by chance
LEAST_LINE = 12
MOST_WORDS = 20_000

_WORD = re.compile(r"[\w.+:-]+")
_ACTS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_RUNS = re.compile(r"<(?:script|img|svg|iframe)\b[^>]*(?:alert|onerror)", re.IGNORECASE)


class Attacked(Record):
    """What became of one attack; ``detail`` says what stopped it, or why it did not hold.

    ``tried`` is false where the lab has no place for it: no model, or no hidden tests.
    """

    lab: str
    name: str
    why: str
    tried: bool
    held: bool
    detail: str
    seconds: float


@dataclass(frozen=True)
class _Hidden:
    """What only graders know of a lab: values and whole lines of its hidden tables."""

    cells: frozenset[str]
    lines: frozenset[str]

    def told_by(self, text: str) -> str | None:
        """Return one of them that is in the text."""
        if cells := self.cells & set(_WORD.findall(text)):
            return min(cells)
        return next((line for line in self.lines if line in text), None)


def chosen(only: Sequence[str]) -> list[Piece]:
    """Return the attacks of the corpus, or those whose class or name is in ``only``."""
    corpus = pieces()
    if unknown := sorted(set(only) - {each.name for each in corpus} - {p.kind for p in corpus}):
        kinds = sorted({each.kind for each in corpus})
        msg = f"there is no attack or class of attacks called {unknown[0]!r}"
        raise UserError(msg, help=f"classes: {', '.join(kinds)}")
    return [each for each in corpus if not only or {each.name, each.kind} & set(only)]


def attack(
    folder: Path, corpus: Sequence[Piece], *, settings: Settings, progress: Progress
) -> Iterator[Attacked]:
    """Yield what became of the lab's solution, untouched, and then of each attack.

    If the first did not hold, the others show nothing, and are not tried. Raises `RefusedError`
    for the sandbox that isolates nothing: hostile code would run on the machine of the author.
    """
    if settings.sandbox != "docker":
        msg = f"the sandbox {settings.sandbox!r} isolates nothing, and this code is hostile"
        raise RefusedError(msg, help="leave --sandbox out, and LABRUN_SANDBOX unset")
    bench = set_up(folder, split="hidden", settings=settings, progress=progress)
    solution = collect(bench.lab, bench.folder / "solution").submission
    with guard(settings), tempfile.TemporaryDirectory(prefix="labrun-attack-") as scratch:
        siege = _Siege(
            bench, solution, settings, progress, _hidden(bench), Path(scratch) / "canary"
        )
        first = siege.attacked(control())
        yield first
        if first.held:
            yield from map(siege.attacked, corpus)


@dataclass(frozen=True)
class _Siege:
    bench: Bench
    solution: Submission
    settings: Settings
    progress: Progress
    hidden: _Hidden
    canary: Path

    def attacked(self, piece: Piece) -> Attacked:
        started = time.monotonic()
        lab = self.bench.lab
        submission = graft(piece, lab, self.solution.files, str(self.canary))
        if submission:
            faults, ended = self._tried(piece, submission)
            held, detail = not faults, "; ".join(faults) or ended
        else:
            held, detail = piece.name != CONTROL, "this lab has no place for it"
        return Attacked(
            lab=lab.slug,
            name=piece.name,
            why=piece.why,
            tried=submission is not None,
            held=held,
            detail=detail,
            seconds=round(time.monotonic() - started, 1),
        )

    def _tried(self, piece: Piece, submission: Submission) -> tuple[list[str], str]:
        self.canary.write_text(SONG, encoding="utf-8")
        lab = narrowed(piece, self.bench.lab)
        bench = _shortened(replace(self.bench, lab=lab), piece)
        try:
            result = _graded(bench, submission, self.progress)
        except PlatformError as error:
            return [f"labrun itself failed: {error}", *self._left()], ""
        return [*self._left(), *self._told(result), *_passed(result, piece)], _stopped_by(result)

    def _left(self) -> Iterator[str]:
        from labrun.sandbox.reaper import remove_owned  # noqa: PLC0415  (the Docker SDK is slow)

        if found := remove_owned(self.settings.engine, owner.current().label()):
            yield f"{len(found)} containers were left"
        if self.canary.read_text(encoding="utf-8") != SONG:
            yield "it wrote to a file of the host"

    def _told(self, result: Result) -> Iterator[str]:
        shown = {name: FORMATS[name](result) for name in ("text", "json", "html")}
        for name, text in shown.items():
            if found := self.hidden.told_by(text):
                yield f"the result as {name} tells of a hidden table: {found[:40]!r}"
        if _ACTS.search(shown["text"]):
            yield "the result as text holds control characters"
        if _RUNS.search(shown["html"]):
            yield "the result as HTML holds what a browser would run"


def _graded(bench: Bench, submission: Submission, progress: Progress) -> Result:
    found = judgement(*trial(bench, submission, progress))
    who = Receipt(id="attack", learner="attacker", received=datetime.now(UTC))
    why = "an attack"
    free = AttemptInfo(number=None, max=None, left=None, counted=False, why=why)
    return result_of(bench, submission, who, found, attempt=free, seconds=0)


def _passed(result: Result, piece: Piece) -> Iterator[str]:
    """Say in what the verdict is not what it must be."""
    if result.status is not Status.GRADED:
        yield f"it was not graded, and the learner is not to blame: {result.reason}"
    elif piece.name == CONTROL:
        if result.verdict != "passed":
            yield f"the solution fails: {_stopped_by(result)}"
    elif result.verdict == "passed":
        yield f"it passes with {result.score:g} points"


def _stopped_by(result: Result) -> str:
    ends = [f"{phase.name} {phase.ending}" for phase in result.phases if phase.ending != "done"]
    failed = [check.id for check in result.checks if check.outcome == "failed"]
    parts = (*ends, *((f"fails {', '.join(failed)}",) if failed else ()))
    return f"score {result.score:g}: {'; '.join(parts) or 'nothing failed'}"


def _shortened(bench: Bench, piece: Piece) -> Bench:
    """Keep one check of hidden tests where an attack would use up the time of every test."""
    tests = [check.id for check in bench.lab.checks if check.type == "hidden-tests"]
    if piece.wall is None or bench.lab.phases or len(tests) < 2:  # noqa: PLR2004
        return bench
    return bench.narrowed({check.id for check in bench.lab.checks} - {*tests[1:]})


def _hidden(bench: Bench) -> _Hidden:
    if bench.data is None:
        return _Hidden(frozenset(), frozenset())
    public = [path.read_text("utf-8") for path in bench.data.public.glob("*.csv")]
    known = {word for text in public for word in _WORD.findall(text)}
    known_lines = {line for text in public for line in text.splitlines()}
    cells, lines = set[str](), set[str]()
    for path in sorted(bench.data.private.glob("*.csv")):
        rows = path.read_text("utf-8").splitlines()[1:]
        lines |= {row for row in rows if len(row) >= LEAST_LINE}
        cells |= {word for row in rows for word in _WORD.findall(row) if len(word) >= LEAST_CELL}
    return _Hidden(_some(cells - known), _some(lines - known_lines))


def _some(words: set[str]) -> frozenset[str]:
    return frozenset(sorted(words)[:MOST_WORDS])
