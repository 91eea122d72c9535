import os
import subprocess
from pathlib import Path

import pytest

# What waits for the next command would count as left over; a test of warm containers says so.
os.environ["LABRUN_POOL"] = "0"  # noqa: TID251  (read by the commands that tests start)

ROOT = Path(__file__).parent.parent
LABS = sorted(path.parent for path in (ROOT / "labs").glob("*/lab.yaml"))


def engine_answers() -> bool:
    asked = subprocess.run(
        ["docker", "version", "--format", "{{.Server.Version}}"], capture_output=True, check=False
    )
    return asked.returncode == 0


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT
