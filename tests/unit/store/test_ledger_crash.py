"""Many processes on one ledger, and processes that die at the worst moment."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from labrun.domain.lab import Attempts
from labrun.store.ledger import Ledger
from labrun.store.ledger_records import State, Worker

Make = Any  # tests/unit/store/conftest.py
Clock = Any
START = """
import os, pathlib, signal, sys
from datetime import UTC, datetime
from labrun.domain.lab import Attempts
from labrun.store.ledger import Ledger
from labrun.store.ledger_ids import new_id
from labrun.store.ledger_records import NewSubmission, Worker
clock = lambda: datetime.now(UTC)
ledger = Ledger.open(pathlib.Path(sys.argv[1]), clock=clock)
worker = Worker(name="w", host="here", pid=os.getpid(), started="then")
def submit(learner):
    new = NewSubmission(id=new_id(clock()), learner=learner, lab="c02", lab_version="1.0.0",
                        lab_digest="d", sha256="a" * 64, official=True, split="hidden")
    return ledger.submit(new, Attempts())
"""


def process(code: str, path: Path, *words: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", START + code, str(path), *words]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def is_alive(worker: Worker) -> bool:
    try:
        os.kill(worker.pid, 0)
    except ProcessLookupError:
        return False
    return True


def sound(path: Path) -> bool:
    connection = sqlite3.connect(path)
    (found,) = connection.execute("PRAGMA integrity_check").fetchone()
    connection.close()
    return bool(found == "ok")


def test_two_processes_never_claim_the_same_submission(
    ledger: Ledger, ledger_path: Path, make: Make
) -> None:
    ids = [ledger.submit(make.new(learner=f"l{n}"), Attempts()).id for n in range(40)]
    code = """
print("ready", flush=True)
sys.stdin.readline()
for entry in reversed(ledger.unfinished()):
    if ledger.claim(entry.id, worker):
        print(entry.id)
"""
    racers = [process(code, ledger_path) for _ in range(2)]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("\n")
        racer.stdin.flush()
    won = [racer.communicate()[0].split() for racer in racers]
    assert sorted(won[0] + won[1]) == sorted(ids)
    assert {row.epoch for row in ledger.unfinished()} == {1}


def test_of_many_finishes_one_counts(ledger: Ledger, ledger_path: Path, make: Make) -> None:
    row = ledger.submit(make.new(), Attempts())
    claim = ledger.claim(row.id, make.worker())
    start = threading.Barrier(6)

    def finish(score: int) -> bool:
        assert claim is not None
        with Ledger.open(ledger_path, clock=make.clock) as own:
            start.wait()
            return own.finish(claim, make.result(row, score=score))

    with ThreadPoolExecutor(6) as pool:
        kept = dict(zip(range(6), pool.map(finish, range(6)), strict=True))
    assert Counter(kept.values()) == {True: 1, False: 5}
    (winner,) = [score for score, won in kept.items() if won]
    assert ledger.result(row.id).score == winner
    assert len(ledger.pending()) == 1


@pytest.mark.parametrize("same", [True, False])
def test_of_many_submissions_at_once_one_is_open(ledger: Ledger, make: Make, *, same: bool) -> None:
    start = threading.Barrier(4)

    def submit(number: int) -> str:
        start.wait()
        return str(ledger.submit(make.new(content="a" if same else str(number)), Attempts()).id)

    with ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(submit, range(4)))
    assert [row.state for row in ledger.history("ada")].count(State.QUEUED) == 1
    assert len(set(ids)) == (1 if same else 4)


@pytest.mark.parametrize("rows", [1, 3000])
def test_a_process_killed_in_a_write_leaves_nothing_of_it(
    ledger: Ledger, ledger_path: Path, make: Make, rows: int
) -> None:
    kept = ledger.submit(make.new(learner="ada"), Attempts())
    code = """
with ledger._database.write() as tx:
    tx.connection.exec_driver_sql("PRAGMA cache_size=10")  # so that many rows reach the disk early
    for _ in range(int(sys.argv[2])):
        tx.note(sys.argv[3], "x", text="d" * 500)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    killed = process(code, ledger_path, str(rows), kept.id)
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    assert [event.kind for event in ledger.events(kept.id)] == ["queued"]
    assert ledger.submit(make.new(learner="bob"), Attempts()).state is State.QUEUED
    assert sound(ledger_path)


def test_a_process_killed_at_any_time_leaves_whole_transactions(
    ledger_path: Path, make: Make, clock: Clock
) -> None:
    code = """
from labrun.domain.result import Result
result = Result.model_validate_json(sys.argv[2])
n = 0
while True:
    entry = submit(f"{os.getpid()}-{n}")
    claim = ledger.claim(entry.id, worker)
    ledger.enter_phase(claim, "fit")
    ledger.give_back(claim, "fault") if n % 3 else ledger.finish(claim, result)
    n += 1
    print(n, flush=True)
"""
    with Ledger.open(ledger_path, clock=clock) as ledger:
        row = ledger.submit(make.new(learner="ada"), Attempts())
        result = make.result(row).model_dump_json()
        for lines in (1, 4, 9):
            killed = process(code, ledger_path, result)
            assert killed.stdout is not None
            for _ in range(lines):
                killed.stdout.readline()
            killed.kill()
            killed.communicate()
            assert sound(ledger_path)
        assert whole(ledger, ledger_path)
        ledger.recover("here", is_alive)
        assert {each.state for each in ledger.unfinished()} == {State.QUEUED}


def whole(ledger: Ledger, path: Path) -> bool:
    """Return whether every submission has all that its last transaction wrote."""
    connection = sqlite3.connect(path)
    ids = [row[0] for row in connection.execute("SELECT id FROM submissions")]
    connection.close()
    graded = {each.submission_id for each in ledger.pending()}
    for each in map(ledger.find, ids):
        last = ledger.events(each.id)[-1].kind
        assert last == each.state or (last, each.state) == ("phase", State.RUNNING)
        assert (each.id in graded) == (each.state is State.GRADED) == (each.verdict is not None)
    return bool(graded)


def test_a_killed_runner_is_told_of_and_costs_no_attempt(
    ledger: Ledger, ledger_path: Path, make: Make
) -> None:
    code = """
entry = submit("ada")
claim = ledger.claim(entry.id, worker)
ledger.enter_phase(claim, "predict")
print(entry.id, flush=True)
signal.pause()
"""
    runner = process(code, ledger_path)
    assert runner.stdout is not None
    submission = runner.stdout.readline().strip()
    assert ledger.recover("here", is_alive) == ()
    runner.kill()
    runner.communicate()
    (told,) = ledger.recover("here", is_alive)
    assert told.entry.id == submission
    assert told.why == f"its process (pid {runner.pid}) was killed or died during 'predict'"
    assert ledger.chances("ada", "c02", rules=Attempts(max=1)).left == 1
    claim = ledger.claim(submission, make.worker())
    assert claim is not None
    assert ledger.finish(claim, make.result(told.entry))
    assert ledger.chances("ada", "c02", rules=Attempts(max=1)).left == 0
