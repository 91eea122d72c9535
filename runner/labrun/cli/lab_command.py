"""``labrun lab``."""

import click

from labrun.cli.lazy import LazyGroup

# Each command's module is imported only when it runs; a test holds these lines to the docstrings.
LAB_COMMANDS = {
    "new": "Make a lab that holds from the first minute, and ask what it is to be.",
    "validate": "Check that each lab holds: files, hashes, and the result of every control.",
    "preview": "Show exactly what a learner sees and gets.",
    "attack": "Grade hostile submissions made from a lab's solution, and see that none gets far.",
    "audit": "Look for leaks and other faults in data and lab.",
    "calibrate": "Measure a lab's controls over several seeds, and judge its marks.",
    "seal": "Encrypt what only graders may see, so that the lab can be published.",
    "open": "Give a sealed lab the form its author wrote.",
}


@click.group("lab", cls=LazyGroup, commands_of="labrun.cli.lab", short_helps=LAB_COMMANDS)
def command() -> None:
    """Make and prove labs (for authors)."""
