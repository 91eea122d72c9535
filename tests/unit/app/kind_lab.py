"""A small lab of any kind, on the process sandbox: the same code that talks to containers."""

from pathlib import Path
from typing import Any

import yaml

from labrun.app.bench import Bench, set_up
from labrun.app.gather import gather
from labrun.app.progress import Silence
from labrun.app.settings import Settings
from labrun.domain.evidence import Evidence
from labrun.domain.submission import Submission

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
CARD = {
    "name": "line",
    "title": "A line",
    "source": "made",
    "licence": "CC0-1.0",
    "redistribute": True,
    "files": [{"name": "raw.txt", "sha256": EMPTY}],
}
LAB = {
    "schema": "labrun/v1",
    "slug": "x01-kind",
    "version": "1.0.0",
    "title": "A lab of one kind",
    "track": "core",
    "minutes": 5,
    "dataset": "line",
}


def bench_of(at: Path, lab: dict[str, Any], build: str) -> Bench:
    """Return the lab on its hidden split, its data made by ``build``."""
    folder, data = at / "labs" / "x01-kind", at / "datasets" / "line"
    for each in (folder, data):
        each.mkdir(parents=True, exist_ok=True)
    (folder / "lab.yaml").write_text(yaml.safe_dump(LAB | lab))
    (data / "build.py").write_text(build)
    (data / "raw.txt").write_text("")
    (data / "dataset.yaml").write_text(yaml.safe_dump(CARD))
    settings = Settings(
        home=at / "home",
        labs=at / "labs",
        datasets=at / "datasets",
        containers=at,
        learner="ada",
        sandbox="process",
    )
    return set_up(folder, split="hidden", settings=settings, progress=Silence())


def submission_of(**files: bytes) -> Submission:
    """Return a submission; ``predictions_csv`` is the file predictions.csv."""
    named = {name[::-1].replace("_", ".", 1)[::-1]: body for name, body in files.items()}
    return Submission(lab="x01-kind", files=named)


def seen(bench: Bench, submission: Submission) -> Evidence:
    """Return what was seen of the submission."""
    return gather(
        bench, submission, labels={}, progress=Silence(), enter=lambda _name: None, seed=3
    )
