"""The learner hands in the baseline."""

import shutil
from pathlib import Path


def make(target):
    lab = Path(__file__).parents[1] / "lab" / "labs" / "attack-call"
    shutil.copy(lab / "baseline" / "solution.py", target / "solution.py")
