"""The recorder's process: ``python -P -m labrun.app.recording_main``, spoken to line by line."""

import json
import os
import sys

from labrun.app.recording import record_pending, tracker_for
from labrun.app.settings import Settings

NICENESS = 10


def main() -> None:
    """Warm the tracker up, then record each time a line asks for it."""
    os.nice(NICENESS)  # the verdict comes first; this process has the time that it leaves
    settings = Settings.model_validate_json(sys.stdin.readline())
    tracker_for(settings).warm_up()
    answers, sys.stdout = sys.stdout, sys.stderr  # only answers go to standard output
    for _line in sys.stdin:
        done = [each.model_dump(mode="json") for each in record_pending(settings)]
        answers.write(json.dumps(done) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
