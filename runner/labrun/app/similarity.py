"""Compare the submissions of a lab with each other, for the trainer's eyes alone."""

import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, TypeVar

from labrun.app.grade_folder import submissions_in
from labrun.app.progress import Progress
from labrun.app.recover import open_ledger
from labrun.app.settings import Settings
from labrun.domain.lab import Lab
from labrun.domain.similarity import Comparison, Member, Pair
from labrun.errors import StoreError, SubmissionError, UserError
from labrun.similarity.compare import Document, Scores, compare
from labrun.similarity.fingerprints import Fingerprints, every_gram, fingerprints
from labrun.similarity.regions import regions
from labrun.store.bundles import collect
from labrun.store.evidence import EvidenceStore
from labrun.store.labs import find_lab, plain_files, read_lab
from labrun.store.ledger_records import Entry, State

HANDED_OUT = ("starter", "public")
MOST_MEMBERS = 2000
MOST_PAIRS = 500  # told
MOST_SHOWN = 50  # with their shared code
LEAST_PAIRS = 10  # told, however low they score: what is normal is worth seeing
BINS = 20
SOURCE_FILES = ("*.py", "*.ipynb")
EVERY = 50  # submissions between two lines of progress
T = TypeVar("T")


class HandedIn(NamedTuple):
    """What one learner handed in."""

    learner: str
    submission: str | None
    files: dict[str, bytes]


class Read(NamedTuple):
    """One submission after reading: what is compared of it, and not its files."""

    learner: str
    submission: str | None
    prints: Fingerprints


class Told(NamedTuple):
    """What a comparison says beside its numbers."""

    at: datetime
    left_out: tuple[str, ...]


class Question(NamedTuple):
    """What to compare: folders if any are given, else what the ledger has.

    ``every`` takes all submissions of a learner, not only the one that counts; ``threshold`` is
    the score from which a pair is shown with its code.
    """

    lab: str
    folders: tuple[Path, ...] = ()
    every: bool = False
    threshold: float = 0.5


def similarity(
    question: Question, settings: Settings, progress: Progress, *, now: datetime
) -> Comparison:
    """Return how alike the submissions of a lab are; learner code is read, never run."""
    folder = find_lab(settings.labs, question.lab)
    lab = read_lab(folder)
    left_out: list[str] = []
    if question.folders:
        folders = _few_enough(submissions_in(question.folders))
        total, handed_in = len(folders), _from_folders(lab, folders, left_out)
    else:
        with open_ledger(settings) as ledger:
            entries = ledger.handed_in(lab.slug)
        chosen = _few_enough(entries if question.every else _one_each(entries))
        total, handed_in = len(chosen), _from_ledger(chosen, settings, left_out)
    read = []
    for number, each in enumerate(handed_in, 1):  # one at a time: all files together are large
        prints = fingerprints(each.files)
        read.append(Read(learner=each.learner, submission=each.submission, prints=prints))
        if number % EVERY == 0:
            progress.say(f"read {number} of {total} submissions")
    scores = compare(
        [Document(learner=each.learner, hashes=each.prints.hashes) for each in read],
        known=every_gram(_handed_out(folder)),
    )
    told = Told(at=now, left_out=tuple(left_out))
    return _comparison(lab, question.threshold, read, scores, told=told)


def write_page(comparison: Comparison, path: Path) -> None:
    """Write the HTML report, for this user alone: it names learners and shows their code."""
    from labrun.report.similarity import similarity_html  # noqa: PLC0415  (imports Jinja)

    body = similarity_html(comparison).encode()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            if path.is_file():  # it may have been there, open to others
                os.fchmod(descriptor, 0o600)
            file.write(body)
    except OSError as error:
        msg = f"cannot write the report {path}: {error.strerror}"
        raise StoreError(msg, help="give another file with --html") from error


def _few_enough(found: Sequence[T]) -> Sequence[T]:
    if len(found) > MOST_MEMBERS:
        msg = f"{len(found):,} submissions are more than the {MOST_MEMBERS:,} that are compared"
        raise UserError(msg, help="leave --all out, or give folders of fewer submissions")
    return found


def _from_folders(lab: Lab, folders: Sequence[Path], left_out: list[str]) -> Iterator[HandedIn]:
    rules = lab.submission.model_copy(
        update={"require": (), "allow": (*lab.submission.allow, *SOURCE_FILES)}
    )
    asked = lab.model_copy(update={"submission": rules})
    for folder in folders:
        name = folder.resolve().name
        try:
            files = collect(asked, folder).submission.files
        except SubmissionError as error:
            left_out.append(f"{name}: {error}")
            continue
        yield HandedIn(learner=name, submission=None, files=files)


def _from_ledger(
    entries: Sequence[Entry], settings: Settings, left_out: list[str]
) -> Iterator[HandedIn]:
    store = EvidenceStore(settings.evidence)
    for entry in entries:
        if entry.files is None:
            left_out.append(f"{entry.learner} {entry.short}: its files were not kept")
            continue
        try:
            files = store.load_submission(entry.files).files
        except StoreError as error:
            left_out.append(f"{entry.learner} {entry.short}: {error}")
            continue
        yield HandedIn(learner=entry.learner, submission=entry.short, files=files)


def _one_each(entries: Iterable[Entry]) -> list[Entry]:
    """Return of each learner the best graded submission, ties to the first, else the newest.

    Not the newest of all: a copy that passed could be covered by handing in something else.
    """
    chosen: dict[str, Entry] = {}
    for entry in entries:  # newest first
        held = chosen.get(entry.learner)
        if held is None or (entry.state is State.GRADED and _height(entry) >= _height(held)):
            chosen[entry.learner] = entry
    return list(chosen.values())


def _height(entry: Entry) -> float:
    if entry.state is not State.GRADED:
        return -2
    return -1 if entry.score is None else entry.score


def _handed_out(folder: Path) -> dict[str, bytes]:
    """Return what every learner was given: the starter and the public files."""
    return {
        f"{name}/{path}": file.read_bytes()
        for name in HANDED_OUT
        for path, file in plain_files(folder / name)
        if path.endswith((".py", ".ipynb"))
    }


def _comparison(
    lab: Lab, threshold: float, read: Sequence[Read], scores: Scores, *, told: Told
) -> Comparison:
    counts, median, high = scores.spread(BINS)
    return Comparison(
        lab=lab.slug,
        title=lab.title,
        made=told.at,
        left_out=told.left_out,
        threshold=threshold,
        members=tuple(
            Member(
                name=each.learner,
                submission=each.submission,
                own=len(own),
                skipped=each.prints.skipped,
            )
            for each, own in zip(read, scores.own, strict=True)
        ),
        pairs=_pairs(scores, [each.prints for each in read], threshold),
        compared=len(scores.score),
        above=int((scores.score >= threshold).sum()),
        histogram=counts,
        median=median,
        high=high,
        common=len(scores.common),
    )


def _pairs(scores: Scores, prints: Sequence[Fingerprints], threshold: float) -> tuple[Pair, ...]:
    found = []
    for place, at in enumerate(scores.ranked(threshold, least=LEAST_PAIRS)[:MOST_PAIRS]):
        left, right = int(scores.left[at]), int(scores.right[at])
        shown = place < MOST_SHOWN and scores.score[at] >= threshold
        found.append(
            Pair(
                left=left,
                right=right,
                score=round(float(scores.score[at]), 4),
                jaccard=round(float(scores.jaccard[at]), 4),
                shared=int(scores.shared[at]),
                regions=regions(prints[left], prints[right], scores.common_to(at)) if shown else (),
            )
        )
    return tuple(found)
