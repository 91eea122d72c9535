"""The ``labrun`` command, and the one place where errors become exit codes."""

import sys

import click

from labrun import __version__
from labrun.cli.lazy import LazyGroup
from labrun.errors import LabrunError, PlatformError

# Each command's module is imported only when it runs; a test holds these lines to the docstrings.
COMMANDS = {
    "list": "List the labs by track, with what you have passed.",
    "start": "Start a lab: copy its starter and public data into a folder.",
    "check": "Run the public checks, in the same sandbox; spends nothing.",
    "submit": "Grade your work for real and keep the grade.",
    "status": "Show how a submission, or everything unfinished, stands.",
    "history": "List what you have handed in.",
    "result": "Show the result of a submission again.",
    "leaderboard": "Rank the learners of a lab.",
    "choose": "Choose which submission counts when its lab is closed.",
    "grade": "Grade a folder of submissions, one subfolder a learner.",
    "regrade": "Grade what was handed in again, after a mistake in a lab.",
    "close": "Close a lab and grade finally, on the rows kept for it.",
    "lab": "Make and prove labs (for authors).",
    "ci": "Grade pull requests (for continuous integration).",
    "image": "Build and list the sandbox images.",
    "doctor": "Test this machine and the sandbox's walls.",
    "ui": "Open MLflow on labrun's own store.",
    "clean": "Remove left-over containers and what can be made again.",
    "completion": "Print the completion script of your shell.",
    "similarity": "Compare the submissions of a lab with each other (for trainers).",
    "record": "Send grades that wait in the outbox to MLflow.",
}


@click.group(
    cls=LazyGroup,
    commands_of="labrun.cli",
    short_helps=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="labrun")
def labrun() -> None:
    """Run and grade machine-learning labs.

    A first lab: labrun list, labrun start c02 credit, cd credit, labrun check, labrun submit.
    """


def main() -> None:
    """Run the command; show a deliberate error in two lines and end with its exit code."""
    code: object = 0
    try:
        code = labrun(standalone_mode=False)
    except click.exceptions.Abort:
        _fail("stopped", "nothing was counted that had not been graded", 130)
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        path = context.command_path if context else "labrun"
        _fail(error.format_message(), f"run: {path} --help", 2)
    except LabrunError as error:
        _fail(str(error), error.help, error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        message = f"the system refused: {error.strerror or error}{where}"
        _fail(message, "run: labrun doctor", PlatformError.exit_code)
    sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str, help_: str | None, code: int) -> None:
    click.secho(f"error: {message}", fg="red", err=True)
    if help_:
        click.echo(f"help: {help_}", err=True)
    sys.exit(code)
