"""A small course whose one lab is sealed: what tests of sealed labs start from."""

import shutil
from pathlib import Path

from labrun.app.settings import Settings

ATTACKS = Path(__file__).parents[2] / "attacks" / "lab"
LAB, DATA = "attack-call", "planes"
LEAVE = shutil.ignore_patterns("__pycache__", "*.pyc")


def make_course(root: Path) -> Path:
    """Fill ``root`` with one lab and its data set, and return it."""
    shutil.copytree(ATTACKS / "labs" / LAB, root / "labs" / LAB, ignore=LEAVE)
    shutil.copytree(ATTACKS / "datasets" / DATA, root / "datasets" / DATA, ignore=LEAVE)
    cheat = root / "labs" / LAB / "cheats" / "constant"
    cheat.mkdir(parents=True)
    text = (root / "labs" / LAB / "lab.yaml").read_text()
    (root / "labs" / LAB / "lab.yaml").write_text(
        text.replace("baseline: failed}", "baseline: failed, cheats: {constant: quality}}")
    )
    (cheat / "solution.py").write_text(
        "def fit(train):\n    return float(train['y'].mean())\n\n\n"
        "def predict(model, rows):\n    return [model] * len(rows)\n"
    )
    (root / "labs" / LAB / "calibration.json").write_text('{"solution": 0.99}\n')
    return root


def settings_of(root: Path, home: Path, key: Path | None = None) -> Settings:
    """Return the settings of a course without Docker."""
    return Settings(
        home=home,
        labs=root / "labs",
        datasets=root / "datasets",
        containers=root / "containers",
        learner="ada",
        sandbox="process",
        lab_key_file=key,
    )


def tree(root: Path) -> dict[str, bytes]:
    """Return every file below ``root`` by its path."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }
