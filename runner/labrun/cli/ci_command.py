"""``labrun ci``."""

import click

from labrun.cli.lazy import LazyGroup

# Each command's module is imported only when it runs; a test holds these lines to the docstrings.
CI_COMMANDS = {
    "init": "Write the workflows and the settings of a course into its repository.",
    "changed": "Say which labs and learners a pull request touches.",
    "check": "Run the public checks on what a pull request hands in.",
    "grade": "Grade what a pull request hands in, by the rules of a trusted commit.",
    "post": "Tell the forge of a report: one comment, kept current, and a status.",
}


@click.group("ci", cls=LazyGroup, commands_of="labrun.cli.ci", short_helps=CI_COMMANDS)
def command() -> None:
    """Grade pull requests (for continuous integration)."""
