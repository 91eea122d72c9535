"""The learner hands in what `labrun start` gave out."""

import shutil
from pathlib import Path


def make(target):
    lab = Path(__file__).parents[1] / "lab" / "labs" / "attack-call"
    shutil.copy(lab / "starter" / "solution.py", target / "solution.py")
