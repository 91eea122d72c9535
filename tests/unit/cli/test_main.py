import errno
from pathlib import Path

import click
import pytest
from tests.unit.cli.conftest import Labrun, run

from labrun.cli import main
from labrun.errors import RefusedError, StoreError, UserError


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def fail(*, standalone_mode: bool) -> None:
        assert standalone_mode is False
        raise error

    monkeypatch.setattr(main, "labrun", fail)


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (UserError("no such lab", help="list them"), 2, "error: no such lab\nhelp: list them\n"),
        (RefusedError("no attempt left"), 3, "error: no attempt left\n"),
        (StoreError("the disk is full"), 4, "error: the disk is full\n"),
        (
            click.exceptions.Abort(),
            130,
            "error: stopped\nhelp: nothing was counted that had not been graded\n",
        ),
        (
            OSError(errno.EACCES, "Permission denied", "/x/y"),
            4,
            "error: the system refused: Permission denied (/x/y)\nhelp: run: labrun doctor\n",
        ),
        (OSError("odd"), 4, "error: the system refused: odd\nhelp: run: labrun doctor\n"),
        (click.UsageError("no"), 2, "error: no\nhelp: run: labrun --help\n"),
    ],
)
def test_every_deliberate_error_is_two_lines_and_an_exit_code(
    error: BaseException,
    code: int,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    failing(monkeypatch, error)
    said = run(capsys, ())
    assert (said.code, said.err, said.out) == (code, told, "")


def test_a_reader_that_left_is_no_error_to_tell(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failing(monkeypatch, BrokenPipeError())
    closed = []
    monkeypatch.setattr("sys.stderr.close", lambda: closed.append(1), raising=False)
    said = run(capsys, ())
    assert (said.code, said.err, closed) == (141, "", [1])


def test_a_bug_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        main.main()


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("submitt", "error: there is no command 'submitt', did you mean 'submit'?"),
        ("xyzzy", "error: there is no command 'xyzzy'"),
    ],
)
def test_a_command_that_does_not_exist_is_perhaps_another(
    labrun: Labrun, word: str, said: str
) -> None:
    told = labrun(word)
    assert told.code == 2
    assert told.err.splitlines()[0] == said


def test_help_names_every_command_without_importing_any(labrun: Labrun) -> None:
    told = labrun("--help")
    assert told.code == 0
    assert all(f"  {name} " in told.out for name in main.COMMANDS)


def test_an_option_that_does_not_exist_points_to_the_commands_own_help(labrun: Labrun) -> None:
    told = labrun("list", "--frobnicate")
    assert told.code == 2
    assert told.err.splitlines()[1] == "help: run: labrun list --help"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script_for_the_shell(labrun: Labrun, shell: str) -> None:
    told = labrun("completion", shell)
    assert told.code == 0
    assert "_LABRUN_COMPLETE" in told.out


def test_labs_are_completed_by_the_start_of_their_slug(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from labrun.cli.options import complete_labs  # noqa: PLC0415  (the settings are the test's)

    assert not home.exists()
    context, param = click.Context(main.labrun), click.Argument(["lab"])
    assert complete_labs(context, param, "attack-c") == ["attack-call"]
    assert complete_labs(context, param, "zzz") == []
    monkeypatch.setenv("LABRUN_LABS", "/nonexistent")
    assert complete_labs(context, param, "") == []
