import errno
import json
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labrun.domain.evidence import (
    Ending,
    Evidence,
    LearnerError,
    PhaseResult,
    Timing,
    UnitEnding,
    UnitResult,
    UnitRun,
    Variant,
)
from labrun.domain.submission import Submission
from labrun.errors import StoreError
from labrun.store.blobs import UNFINISHED, Blobs
from labrun.store.evidence import EvidenceStore

NOBODY = 65534
LATER = datetime.now(UTC) + timedelta(hours=1)
EVIDENCE = Evidence(
    lab="c02",
    submission="s" * 64,
    split="hidden",
    seed=7,
    phases=(
        PhaseResult(
            phase="fit",
            ending=Ending.DONE,
            exit_code=0,
            seconds=1.25,
            log="épochs: 3\n",
            output=b"\x00model\xff",
        ),
        PhaseResult(
            phase="predict",
            ending=Ending.CRASHED,
            log="Traceback",
            error=LearnerError(type="ValueError", message="n", where=("a.py:3",)),
            order=(2, 0, 1),
        ),
    ),
    units=(
        UnitRun(
            check="functions",
            complete=True,
            results=(UnitResult(test="t", ending=UnitEnding.PASSED, points=2, hint="try 0"),),
            log="1 passed",
        ),
    ),
    variants=(
        Variant(
            check="rows",
            name="single-1",
            phases=(
                PhaseResult(
                    phase="predict", ending=Ending.DONE, output=b"\xed\x00", log="1", order=(7,)
                ),
            ),
        ),
    ),
    reference=(PhaseResult(phase="fit", ending=Ending.DONE, cpu_seconds=1.5),),
    timings=(Timing(phase="predict", own=(0.1, 0.2), reference=(0.1, 0.1), idle_share=0.01),),
)
SUBMISSION = Submission(lab="c02", files={"a.py": b"x = 1\n", "lib/b.py": b""})


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path)


def blobs(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file())


@contextmanager
def without_rights(folder: Path) -> Iterator[None]:
    """Take the right to write away; root would have it whatever the mode says."""
    folder.chmod(0o555)
    if os.geteuid() == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if os.getuid() == 0:
            os.seteuid(0)
        folder.chmod(0o755)


@contextmanager
def public_folder() -> Iterator[Path]:
    """Give a folder that another user can reach, as pytest's own cannot be."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_evidence_comes_back_as_it_was(store: EvidenceStore) -> None:
    digest = store.keep(EVIDENCE, {"report.html": b"<p>"})
    assert store.load(digest) == EVIDENCE
    assert store.load_files(digest) == {"report.html": b"<p>"}


phase_results = st.builds(
    PhaseResult,
    phase=st.just("fit"),
    ending=st.sampled_from(Ending),
    log=st.text(st.characters(exclude_categories=["Cs"])),
    output=st.none() | st.binary(),
    seconds=st.floats(allow_nan=False),
    cpu_seconds=st.none() | st.floats(allow_nan=False),
    order=st.none() | st.lists(st.integers(0, 9)).map(tuple),
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(phases=st.lists(phase_results, max_size=3).map(tuple), seed=st.integers(0, 2**70))
def test_any_evidence_comes_back(
    store: EvidenceStore, phases: tuple[PhaseResult, ...], seed: int
) -> None:
    evidence = EVIDENCE.model_copy(update={"phases": phases, "seed": seed})
    assert store.load(store.keep(evidence, {})) == evidence


def test_the_same_evidence_is_kept_once(store: EvidenceStore, tmp_path: Path) -> None:
    first = store.keep(EVIDENCE, {})
    there = blobs(tmp_path)
    assert store.keep(EVIDENCE, {}) == first
    assert blobs(tmp_path) == there


def test_a_manifest_is_json_and_names_what_is_large(store: EvidenceStore, tmp_path: Path) -> None:
    digest = store.keep(EVIDENCE, {})
    manifest = json.loads((tmp_path / "blobs" / digest[:2] / digest).read_bytes())
    assert manifest["schema"] == "labrun/evidence/v1"
    assert set(manifest["body"]["phases"][0]["output"]) == {"sha256"}
    assert "model" not in json.dumps(manifest)


def test_a_submission_comes_back_as_it_was(store: EvidenceStore) -> None:
    digest = store.keep_submission(SUBMISSION)
    assert store.load_submission(digest) == SUBMISSION
    assert store.load_submission(digest).digest == SUBMISSION.digest
    other = SUBMISSION.model_copy(update={"lab": "c01"})
    assert store.keep_submission(other) != digest


def test_what_is_kept_is_private(store: EvidenceStore, tmp_path: Path) -> None:
    store.keep(EVIDENCE, {})
    modes = {stat.S_IMODE(path.stat().st_mode) for path in blobs(tmp_path)}
    folders = {stat.S_IMODE(path.parent.stat().st_mode) for path in blobs(tmp_path)}
    assert (modes, folders) == ({0o600}, {0o700})


def test_evidence_is_not_a_submission(store: EvidenceStore) -> None:
    digest = store.keep(EVIDENCE, {})
    with pytest.raises(StoreError, match="is not of labrun/submission/v1: its schema is 'labrun/e"):
        store.load_submission(digest)


@pytest.mark.parametrize("body", [b"[]", b"{", b"\xff", b'{"schema": "labrun/evidence/v9"}'])
def test_a_manifest_of_another_kind_is_refused(
    store: EvidenceStore, tmp_path: Path, body: bytes
) -> None:
    digest = Blobs(tmp_path / "blobs").put(body)
    with pytest.raises(StoreError, match=f"{digest} is not of labrun/evidence/v1"):
        store.load(digest)


def test_a_field_of_another_version_is_named(store: EvidenceStore, tmp_path: Path) -> None:
    digest = store.keep(EVIDENCE, {})
    kept = tmp_path / "blobs" / digest[:2] / digest
    odd = kept.read_bytes().replace(b'"seed": 7', b'"mood": 7')
    with pytest.raises(StoreError, match="cannot be read: seed: Field required"):
        store.load(Blobs(tmp_path / "blobs").put(odd))


@pytest.mark.parametrize("harm", ["missing", "cut", "altered", "a folder"])
def test_every_harmed_part_is_named(store: EvidenceStore, tmp_path: Path, harm: str) -> None:
    digest = store.keep(EVIDENCE, {"report.html": b"<p>"})
    assert len(blobs(tmp_path)) == 8  # a model, a value, four logs, a report and the manifest
    for part in blobs(tmp_path):
        body = part.read_bytes()
        part.unlink()
        if harm == "a folder":
            part.mkdir()
        elif harm != "missing":
            part.write_bytes(body[:-1] if harm == "cut" else body[:-1] + b"!")
        with pytest.raises(StoreError, match=part.name) as said:
            (store.load(digest), store.load_files(digest))
        assert said.value.help
        if harm == "a folder":
            part.rmdir()
        part.write_bytes(body)
    assert store.load(digest) == EVIDENCE


def test_keeping_again_heals_a_harmed_part(store: EvidenceStore, tmp_path: Path) -> None:
    digest = store.keep(EVIDENCE, {})
    for part in blobs(tmp_path):
        part.write_bytes(b"")
    assert store.keep(EVIDENCE, {}) == digest
    assert store.load(digest) == EVIDENCE


@pytest.mark.parametrize("place", ["write", "fsync", "replace"])
def test_a_full_disk_leaves_nothing_half_written(
    store: EvidenceStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    kept = store.keep_submission(SUBMISSION)
    there = blobs(tmp_path)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    where = {"write": "os.open", "fsync": "os.fsync", "replace": "pathlib.Path.replace"}[place]
    with monkeypatch.context() as patched:
        patched.setattr(where, full)
        with pytest.raises(StoreError, match="the disk is full") as said:
            store.keep(EVIDENCE, {})
    assert "free some space" in (said.value.help or "")
    assert blobs(tmp_path) == there
    assert store.load_submission(kept) == SUBMISSION
    assert store.load(store.keep(EVIDENCE, {})) == EVIDENCE


SMALL_DISK = """
import pathlib, subprocess, sys
from labrun.domain.evidence import Ending, Evidence, PhaseResult
from labrun.errors import StoreError
from labrun.store.evidence import EvidenceStore
root = pathlib.Path(sys.argv[1])
store = EvidenceStore(root)
def evidence(size):
    phase = PhaseResult(phase="fit", ending=Ending.DONE, output=bytes(size))
    return Evidence(lab="c02", submission="s", split="hidden", seed=0, phases=(phase,))
digest = store.keep(evidence(1000), {})
there = sorted(root.rglob("*"))
try:
    store.keep(evidence(3_000_000), {})
except StoreError as error:
    assert "the disk is full" in str(error), error
else:
    raise SystemExit("3 MB fitted into 1 MB")
files = [path for path in root.rglob("*") if path.is_file()]
assert files == [path for path in files if path in there], files
assert store.load(digest) == evidence(1000)
"""


def test_a_disk_that_really_is_full_is_told(tmp_path: Path) -> None:
    mount = 'mount -t tmpfs -o size=1m tmpfs "$1" && echo mounted && exec "$2" -c "$3" "$1"'
    words = ["unshare", "--mount", "sh", "-c", mount, "sh", str(tmp_path)]
    done = subprocess.run(
        [*words, sys.executable, SMALL_DISK], capture_output=True, text=True, check=False
    )
    if "mounted" not in done.stdout:
        pytest.skip("this machine does not let a test mount a small disk")
    assert done.returncode == 0, done.stderr


def test_a_folder_that_cannot_be_written_is_named() -> None:
    with public_folder() as folder, without_rights(folder):
        with pytest.raises(StoreError, match=f"cannot write {folder}.*Permission denied") as said:
            EvidenceStore(folder).keep(EVIDENCE, {})
        assert "check its owner, mode and mount" in (said.value.help or "")


def test_a_file_where_a_folder_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("")
    with pytest.raises(StoreError, match=f"cannot use {tmp_path / 'blobs'}"):
        EvidenceStore(tmp_path).keep(EVIDENCE, {})


def test_many_at_once_keep_the_same_bytes(store: EvidenceStore, tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        digests = set(pool.map(lambda _: store.keep(EVIDENCE, {}), range(32)))
    assert len(digests) == 1
    assert store.load(digests.pop()) == EVIDENCE
    assert not [path for path in blobs(tmp_path) if path.name.endswith(UNFINISHED)]


def test_pruning_removes_what_nothing_refers_to(store: EvidenceStore, tmp_path: Path) -> None:
    evidence = store.keep(EVIDENCE, {"report.html": b"<p>"})
    submission = store.keep_submission(SUBMISSION)
    there = blobs(tmp_path)
    waste = store.keep(EVIDENCE.model_copy(update={"seed": 8}), {"note": b"12345"})
    left_over = there[0].with_name(f"{there[0].name}-0{UNFINISHED}")
    left_over.write_bytes(b"half")
    pruned = store.prune({evidence, submission}, before=LATER)
    assert blobs(tmp_path) == there
    assert pruned.files == 3
    assert pruned.bytes > len(b"12345half")
    assert store.load(evidence) == EVIDENCE
    assert store.load_submission(submission) == SUBMISSION
    with pytest.raises(StoreError, match="is missing"):
        store.load(waste)


def test_pruning_leaves_what_is_young(store: EvidenceStore, tmp_path: Path) -> None:
    digest = store.keep(EVIDENCE, {})
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    for path in blobs(tmp_path):
        os.utime(path, (long_ago.timestamp(), long_ago.timestamp()))
    soon = long_ago + timedelta(days=1)
    store.keep(EVIDENCE, {})  # in use again, so young again
    assert store.prune(set(), before=soon).files == 0
    assert store.load(digest) == EVIDENCE


def test_pruning_stops_at_a_manifest_it_cannot_read(store: EvidenceStore, tmp_path: Path) -> None:
    digest = store.keep(EVIDENCE, {})
    (tmp_path / "blobs" / digest[:2] / digest).unlink()
    there = blobs(tmp_path)
    with pytest.raises(StoreError, match=f"{digest} is missing"):
        store.prune({digest}, before=LATER)
    assert blobs(tmp_path) == there


def test_what_cannot_be_removed_is_named() -> None:
    with public_folder() as folder:
        store = EvidenceStore(folder)
        store.keep_submission(SUBMISSION)
        for path in folder.rglob("*"):
            path.chmod(0o555)
        with without_rights(folder), pytest.raises(StoreError, match="ermission denied"):
            store.prune(set(), before=LATER)
        assert len(blobs(folder)) == 3


def test_pruning_touches_nothing_else(store: EvidenceStore, tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_text("")
    (tmp_path / "blobs" / "ab").mkdir(parents=True)
    (tmp_path / "blobs" / "ab" / "README").write_text("")
    assert store.prune(set(), before=LATER).files == 0
    assert len(blobs(tmp_path)) == 2


def test_an_empty_store_can_be_pruned(store: EvidenceStore) -> None:
    assert store.prune(set(), before=LATER).files == 0
