"""What a learner sees in an exam is the same, to the byte, whatever the hidden rows hold."""

import base64
import json
import os
import re
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.e2e import leaky_lab
from tests.e2e.conftest import command

from labrun import wire
from labrun.cli.main import labrun
from labrun.grading.predictions import as_array
from labrun.store.evidence import EvidenceStore

pytestmark = pytest.mark.docker

# Alike in nothing that the submissions count with: rests by 3, 4, 5, 7, 8, 50, 97 and 250.
SECRETS = (731946285, 274918358)
FORMATS = ("text", "json", "html", "markdown", "junit")
# What differs between two runs of anything: ids, times, and digests of what is hidden.
NAMES = re.compile(
    r"\b[0-9a-f]{64}\b|\b[0-9a-f]{32}\b|\b[0-9a-f]{16}\b|\b01[0-9a-z]{24}\b|\b[0-9]{13}\b"
)
TIMES = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?( UTC)?")


class Learner:
    """Somebody who hands in hostile work, and keeps everything there is to see."""

    def __init__(self, root: Path, secret: int) -> None:
        self.root = root
        self.secret = secret
        self.seen: dict[str, str] = {}
        self.ids: list[str] = []
        leaky_lab.write(root, secret)
        self.environment = {
            "PATH": os.environ["PATH"],  # noqa: TID251  (a test starts the real command)
            "HOME": str(root),
            "LABRUN_HOME": str(root / "home"),
            "LABRUN_LABS": str(root / "labs"),
            "LABRUN_LEARNER": "mallory",
            "LABRUN_RELEASE_SECONDS": "0",
            "LABRUN_POOL": "0",
            "NO_COLOR": "1",
            **{name: value for name, value in os.environ.items() if name.startswith("COV")},  # noqa: TID251  (likewise)
        }

    def run(self, name: str, *argv: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            command(*argv), cwd=self.root, env=self.environment, capture_output=True,
            text=True, timeout=300, check=False,
        )  # fmt: skip
        self.seen[name] = f"{done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def look(self, name: str, *argv: str) -> str:
        """Run a command that only shows something, in this process: it is the same command."""
        done = CliRunner().invoke(labrun, argv, env=self.environment)
        self.seen[name] = f"{done.exit_code}\n{done.output}"
        return done.stdout

    def hand_in(self, channel: str) -> None:
        folder = self.root / "work" / channel
        self.look(f"{channel} start", "start", leaky_lab.LAB, str(folder))
        leaky_lab.lay(folder, leaky_lab.CHANNELS[channel])
        done = self.run(f"{channel} submit", "submit", "--exam", str(folder))
        assert done.returncode in (0, 1), done.stderr
        entry = json.loads(self.look(f"{channel} history", "history", "--json"))[0]
        self.ids.append(entry["id"])
        for each in FORMATS:
            self.look(f"{channel} {each}", "result", entry["id"], "--format", each)
        self.look(f"{channel} status", "status", entry["id"])
        self.look(f"{channel} status json", "status", entry["id"], "--json")

    def look_round(self) -> None:
        self.look("unfinished", "status", "--json")
        self.look("history", "history")
        self.look("list", "list", "--json")
        self.look("board", "leaderboard", leaky_lab.LAB, "--json")
        self.look("board text", "leaderboard", leaky_lab.LAB)
        for path in sorted((self.root / "work").rglob("*")):
            if path.is_file():
                name = self.normal(str(path.relative_to(self.root)))
                self.seen[name] = path.read_text(encoding="utf-8", errors="replace")
        self._mlflow()

    def _mlflow(self) -> None:
        """Keep what is recorded in MLflow: a trainer may well show it."""
        home = self.root / "home"
        tables = ("metrics", "latest_metrics", "params", "tags", "experiment_tags", "runs")
        with sqlite3.connect(home / "mlflow.db") as database:
            for table in tables:
                rows = database.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608  (names of ours)
                self.seen[f"mlflow {table}"] = "\n".join(
                    sorted(self.normal(str(row)) for row in rows)
                )
        database.close()
        bodies = [path.read_text(errors="replace") for path in _files(home / "mlartifacts")]
        self.seen["mlflow artifacts"] = "\n".join(sorted(map(self.normal, bodies)))

    def normal(self, text: str) -> str:
        """Return what was seen without ids, times and the folder of this learner."""
        text = text.replace(str(self.root), "ROOT")
        for number in self.ids:
            text = text.replace(number, "ID").replace(number[-6:], "ID")
        text = re.sub(r"\bexperiments/\d+", "experiments/N", text)
        return TIMES.sub("TIME", NAMES.sub("NAME", text))


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def spellings(secret: int) -> dict[str, str]:
    plain = str(secret)
    encoded = base64.b64encode(plain.encode()).decode().rstrip("=")
    return {
        "plain": plain,
        "with commas": f"{secret:,}",
        "doubled": str(2 * secret),
        "reversed": plain[::-1],
        "hex": f"{secret:x}",
        "hex of the text": plain.encode().hex(),
        "base64": encoded[:-1],
        "three digits": f"{secret:.3g}",
        "a float": repr(float(secret)),
    }


@pytest.fixture(scope="module")
def learners(tmp_path_factory: pytest.TempPathFactory) -> list[Learner]:
    found: list[Learner] = []
    for secret in SECRETS:
        # As long as each other, so that no line breaks elsewhere.
        learner = Learner(tmp_path_factory.mktemp(f"exam{len(found)}"), secret)
        for channel in leaky_lab.CHANNELS:
            learner.hand_in(channel)
        learner.look_round()
        found.append(learner)
    return found


def test_every_channel_was_really_tried(learners: list[Learner]) -> None:
    """The trainer's copy holds the secret: what is not seen below was there to be seen."""
    for learner in learners:
        assert len(learner.ids) == len(leaky_lab.CHANNELS)
        store = EvidenceStore(learner.root / "home/evidence")
        with sqlite3.connect(learner.root / "home/ledger.db") as database:
            query = "SELECT evidence FROM grades ORDER BY at"
            digests = [row[0] for row in database.execute(query)]
        database.close()
        kept = dict(zip(leaky_lab.CHANNELS, map(store.load, digests), strict=True))
        code = str(learner.secret)
        assert code in kept["noise"].phases[1].log
        assert code in kept["raises"].units[0].model_dump_json()
        assert kept["exits"].phases[1].model_dump_json().count(code)
        assert code in kept["dies"].phases[1].log
        output = kept["error"].phases[1].output
        assert output
        assert set(as_array(wire.from_bytes(output)).ravel().tolist()) == {float(code)}
        assert kept["noise"].phases[1].seconds > learner.secret % 3
        assert len({phase.order for phase in kept["rows"].phases}) == 2


@pytest.mark.parametrize("channel", leaky_lab.CHANNELS)
def test_a_channel_ends_as_it_was_meant_to(learners: list[Learner], channel: str) -> None:
    ended = {"exits": "crashed", "dies": "crashed"}.get(channel, "ok")
    for learner in learners:
        assert re.search(rf"predict\s+{ended}", learner.seen[f"{channel} submit"]), learner.seen[
            f"{channel} submit"
        ]


def test_nothing_that_is_seen_holds_the_secret(learners: list[Learner]) -> None:
    for learner in learners:
        for name, text in learner.seen.items():
            for how, spelled in spellings(learner.secret).items():
                assert spelled.lower() not in text.lower(), f"{how}, in {name}"


def test_what_is_seen_is_the_same_whatever_is_hidden(learners: list[Learner]) -> None:
    one, other = learners
    assert one.seen.keys() == other.seen.keys()
    for name in one.seen:
        mine, yours = one.normal(one.seen[name]), other.normal(other.seen[name])
        assert mine == yours, name


def test_the_trainer_s_copy_tells_what_was_withheld(learners: list[Learner]) -> None:
    learner = learners[0]
    number = learner.ids[0]
    done = CliRunner().invoke(
        labrun, ["result", number, "--trainer", "--json"], env=learner.environment
    )
    whole = json.loads(done.stdout)
    assert whole["mode"] == "exam"
    assert all(phase["seconds"] is not None for phase in whole["phases"])
    assert any(check["help"] or check["estimate"] for check in whole["checks"])
