"""The trusted child by itself, as `run_units` starts it, but left to end in its own time.

`run_units` kills it as soon as the news end; here it ends by itself, so that what it runs can be
measured.
"""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from labrun import wire
from labrun.domain.lab import Limits

SECONDS = 120
CODE = """
import time

def add(a, b): return a + b
def refuse(): raise KeyError("k")
def decode(): return b"\\xff".decode("utf-8")
class OwnError(Exception): pass
def own(): raise OwnError("mine")
def sleep(): time.sleep(60)
def leave():
    import os
    os._exit(3)
def twice(f, x): return f(f(x))
def double(f): return f
class Counter:
    def __init__(self, start): self.count = start
    def up(self, by=1):
        self.count += by
        return self.count
def same(thing): return thing.count
def of(x): return {"x": x, "inner": Counter(x)}
"""


class Ran:
    """How a job ended, and every line of news."""

    def __init__(self, code: int, facts: list[dict[str, Any]], log: str) -> None:
        self.code = code
        self.facts = facts
        self.log = log

    @property
    def endings(self) -> dict[str, str]:
        found = [fact["result"] for fact in self.facts if "result" in fact]
        return {each["test"]: each["ending"] for each in found}

    def message(self, test: str) -> str:
        (found,) = (f["result"] for f in self.facts if f.get("result", {}).get("test") == test)
        return str(found["message"])


def run(tmp_path: Path, tests: str, **changes: Any) -> Ran:
    path = tmp_path / "test_it.py"
    path.write_text(f"import pytest\n{tests}")
    table = tmp_path / "train.csv"
    table.write_text("a\n1\n2\n")
    job = {
        "sandbox": "process",
        "recipe": {},
        "limits": Limits(wall_seconds=20, memory_mb=256).model_dump(mode="json"),
        "labels": {},
        "files": {"solution.py": CODE.encode()},
        "preload": ["time"],
        "model": None,
        "tables": {"train": str(table)},
        "seed": 5,
        "tests": str(path),
    }
    return child(job | changes)


@contextlib.contextmanager
def started(job: Mapping[str, Any]) -> Iterator[tuple[subprocess.Popen[bytes], IO[str]]]:
    """Start the child on a job; its input stays open, as it ends with its runner."""
    reader, writer = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "labrun.sandbox.unit_main", str(writer)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=[writer],
    )
    os.close(writer)
    assert process.stdin is not None
    process.stdin.write(wire.to_bytes(dict(job)))
    process.stdin.flush()
    with process, os.fdopen(reader) as news:
        yield process, news


def until_the_end(news: IO[str]) -> list[dict[str, Any]]:
    """Return the news of one job."""
    facts: list[dict[str, Any]] = []
    while not facts or not facts[-1].keys() & {"exit", "fault"}:
        facts.append(json.loads(news.readline()))
    return facts


def child(job: Mapping[str, Any]) -> Ran:
    with started(job) as (process, news):
        facts = until_the_end(news)
        assert process.stdin is not None
        process.stdin.close()  # no more jobs
        assert news.read() == ""
        assert process.stdout is not None
        log = process.stdout.read().decode()
        return Ran(process.wait(SECONDS), facts, log)


def test_a_job_tells_what_is_collected_every_result_and_how_pytest_ended(tmp_path: Path) -> None:
    ran = run(
        tmp_path,
        """
@pytest.mark.points(3, hint="add")
@pytest.mark.limits(timeout=7)
def test_add(solution): assert solution.add(1, 2) == 3
def test_wrong(solution): assert solution.add(1, 2) == 4
""",
    )
    assert ran.code == 1
    assert ran.facts[0]["seconds"] == 12
    assert [name.rpartition("::")[2] for name in ran.facts[0]["collected"]] == [
        "test_add", "test_wrong"
    ]  # fmt: skip
    assert ran.endings == {"test_add": "passed", "test_wrong": "wrong"}
    assert (ran.facts[1]["result"]["points"], ran.facts[1]["result"]["hint"]) == (3, "add")
    assert ran.facts[-1] == {"exit": 1}


def test_what_learner_code_raises_is_the_builtin_it_came_from(tmp_path: Path) -> None:
    ran = run(
        tmp_path,
        """
def test_caught(solution):
    with pytest.raises(KeyError, match="k"):
        solution.refuse()
def test_awkward(solution):
    with pytest.raises(ValueError, match="UnicodeDecodeError"):
        solution.decode()
def test_raised(solution): solution.own()
""",
    )
    assert ran.endings == {
        "test_caught": "passed",
        "test_awkward": "passed",
        "test_raised": "raised",
    }
    assert "OwnError: mine" in ran.message("test_raised")


def test_objects_stay_remote_and_are_neither_compared_nor_counted(tmp_path: Path) -> None:
    ran = run(
        tmp_path,
        """
def test_state(solution):
    counter = solution.Counter(5)
    assert counter.up(by=2) == 7
    assert counter.count == 7
    assert repr(counter) == "<remote Counter>"
    assert solution.same(counter) == 7
    assert solution.of(3)["inner"].count == 3
    with pytest.raises(TypeError):
        hash(counter)
    with pytest.raises(AttributeError):
        counter._private
    with pytest.raises(AttributeError, match="may not set 'count'"):
        counter.count = 1
@pytest.mark.parametrize("look", [lambda c: c == 5, bool, len, list, float, lambda c: c[0]])
def test_refused(solution, look):
    look(solution.Counter(5))
""",
    )
    assert ran.endings.pop("test_state") == "passed", ran.log
    refused = {name: ending for name, ending in ran.endings.items() if name != "test_state"}
    assert len(refused) == 6
    assert set(refused.values()) == {"wrong"}
    assert "expected a plain value, got a Counter object" in ran.message("test_refused[bool]")


def test_callbacks_run_with_the_test_and_may_not_call_back_in(tmp_path: Path) -> None:
    ran = run(
        tmp_path,
        """
def test_called(solution): assert solution.twice(lambda x: x + 1, 1) == 3
def test_again(solution): solution.twice(lambda x: solution.add(x, 1), 1)
def test_unsendable(solution): solution.add(object(), 1)
def test_private(module):
    with pytest.raises(AttributeError):
        module("solution").__path__
""",
    )
    assert ran.endings["test_called"] == "passed"
    assert ran.endings["test_again"] != "passed"
    assert ran.endings["test_unsendable"] == "lab-error"
    assert "a test tried to send a object" in ran.message("test_unsendable")
    assert ran.endings["test_private"] == "passed"


def test_code_that_hangs_or_leaves_ends_one_test_and_the_next_gets_a_fresh_box(
    tmp_path: Path,
) -> None:
    ran = run(
        tmp_path,
        """
@pytest.mark.limits(timeout=1)
def test_hangs(solution): solution.sleep()
def test_leaves(solution): solution.leave()
def test_after(solution): assert solution.add(1, 1) == 2
""",
    )
    assert ran.endings == {"test_hangs": "timed-out", "test_leaves": "died", "test_after": "passed"}


def test_fixtures_give_tables_and_draws_of_the_seed(tmp_path: Path) -> None:
    tests = """
def test_draw(solution, rng):
    drawn = solution.add(rng.random(), 0)
    assert drawn is None
def test_table(table, solution): assert solution.add(int(table("train").a.sum()), 0) == 3
def test_unknown(table): table("secret")
"""
    one, again, other = (run(tmp_path, tests, seed=seed) for seed in (1, 1, 2))
    assert one.message("test_draw") == again.message("test_draw") != other.message("test_draw")
    assert one.endings["test_table"] == "passed"
    assert one.endings["test_unknown"] == "lab-error"
    assert "there is no table called 'secret'; known: train" in one.message("test_unknown")


def test_a_fixture_that_fails_is_the_labs_mistake(tmp_path: Path) -> None:
    ran = run(
        tmp_path,
        """
@pytest.fixture
def broken(): raise RuntimeError("author")
def test_it(broken): pass
""",
    )
    assert ran.endings == {"test_it": "lab-error"}


def test_a_file_that_is_no_python_collects_nothing(tmp_path: Path) -> None:
    ran = run(tmp_path, "def test_(:")
    assert ran.endings == {}
    assert ran.code != 0


def test_a_fault_of_the_sandbox_is_the_platforms_and_told_with_its_help(tmp_path: Path) -> None:
    ran = run(
        tmp_path,
        "def test_it(solution): pass\n",
        sandbox="docker",
        recipe={
            "image": "labrun/none:0",
            "engine": "unix:///nowhere/docker.sock",
            "transport": "attach",
            "runtime": None,
        },
    )
    assert ran.code == 70, ran.log
    assert "fault" in ran.facts[-1]


def test_a_job_that_is_cut_off_is_not_run(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    done = subprocess.run(
        [sys.executable, "-P", "-m", "labrun.sandbox.unit_main", str(writer)],
        input=wire.to_bytes({"tests": str(tmp_path)})[:-3],
        pass_fds=[writer],
        capture_output=True,
        check=False,
        timeout=SECONDS,
    )
    os.close(writer)
    with os.fdopen(reader) as news:
        assert news.read() == ""
    assert done.returncode == 0


def test_the_jobs_of_one_submission_share_a_box_and_those_of_another_do_not(
    tmp_path: Path,
) -> None:
    path = tmp_path / "test_it.py"
    path.write_text("def test_it(solution): raise AssertionError(f'box {solution.box()}')\n")
    job: dict[str, Any] = {
        "sandbox": "process", "recipe": {}, "limits": Limits().model_dump(mode="json"),
        "labels": {}, "preload": [], "model": None, "tables": {}, "seed": 1, "tests": str(path),
        "files": {"solution.py": b"import os\ndef box(): return os.getppid()\n"},
    }  # fmt: skip
    other = job["files"] | {"other.py": b""}
    said = []
    with started(job) as (process, news):
        assert process.stdin is not None
        for following in (job, job | {"files": other}, None):
            facts = until_the_end(news)
            said += [fact["result"]["message"] for fact in facts if "result" in fact]
            if following:
                process.stdin.write(wire.to_bytes(following))
                process.stdin.flush()
        process.stdin.close()
        assert process.wait(SECONDS) == 1
    first, again, another = said
    assert "box " in first
    assert again == first
    assert another != first


def test_the_child_leaves_when_its_runner_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "test_it.py"
    path.write_text(
        "import time\ndef test_it():\n    print('here', flush=True)\n    time.sleep(60)\n"
    )
    job: dict[str, Any] = {
        "sandbox": "process", "recipe": {}, "limits": Limits().model_dump(mode="json"),
        "labels": {}, "files": {}, "preload": [], "model": None, "tables": {}, "seed": 1,
        "tests": str(path),
    }  # fmt: skip
    with started(job) as (process, news):
        assert "collected" in json.loads(news.readline())
        assert process.stdin is not None
        process.stdin.close()
        assert news.read() == ""
        assert process.wait(SECONDS) == 1
