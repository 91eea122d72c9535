"""Grade or check what a pull request hands in; nothing else of it is looked at."""

from collections.abc import Callable, Iterator
from pathlib import Path

from labrun.app.check import check
from labrun.app.ci_course import Asked, Opened, opened
from labrun.app.progress import Progress
from labrun.app.settings import Settings
from labrun.app.submit import Request, Submitted, submit
from labrun.domain.ci_report import Graded, Report, code_of
from labrun.domain.mode import Mode
from labrun.domain.pull_request import PullRequest, Work
from labrun.errors import LabrunError
from labrun.report.ci_places import notes_of

Run = Callable[[Opened, Work], Submitted]


def changed(asked: Asked, settings: Settings) -> PullRequest:
    """Return which labs and learners a pull request touches, and what is wrong with it."""
    with opened(asked, settings) as found:
        return found.pull


def grade_pull_request(
    asked: Asked,
    settings: Settings,
    progress: Progress,
    *,
    done: Callable[[Settings], None] = lambda _settings: None,
) -> Report:
    """Grade each folder a pull request touches, as `labrun submit` would, and keep the grades.

    ``done`` is called with the settings of the course while its labs are still there, if anything
    was run. An error is a row of the report; only what is wrong with the commits or the course is
    raised.
    """
    with opened(asked, settings) as found:

        def run(found: Opened, work: Work) -> Submitted:
            request = Request(
                lab=found.labs[work.lab],
                code=found.folders[work.folder],
                learner=work.learner,
                commit=found.pull.head,
            )
            return submit(request, found.settings, progress)

        rows = tuple(_rows(found, run, progress))
        if any(row.result for row in rows):
            done(found.settings)
    return Report(kind="grade", pull=found.pull, rows=rows)


def check_pull_request(asked: Asked, settings: Settings, progress: Progress) -> Report:
    """Run the public checks on each folder a pull request touches; nothing is kept."""
    with opened(asked, settings) as found:

        def run(found: Opened, work: Work) -> Submitted:
            mine = found.settings.model_copy(update={"learner": work.learner})
            code = found.folders[work.folder]
            result = check(found.labs[work.lab], code, settings=mine, progress=progress)
            return Submitted(result=result, earlier=False)

        rows = tuple(_rows(found, run, progress))
    return Report(kind="check", pull=found.pull, rows=rows)


def _rows(found: Opened, run: Run, progress: Progress) -> Iterator[Graded]:
    if found.pull.refused:
        return
    for number, work in enumerate(found.pull.works, 1):
        # Names that a learner chose could be commands to the runner that shows this line.
        progress.say(f"[{number}/{len(found.pull.works)}] {work.lab}")
        yield _row(found, work, run)


def _row(found: Opened, work: Work, run: Run) -> Graded:
    try:
        done = run(found, work)
    except LabrunError as error:
        code = found.folders[work.folder]
        return Graded(
            work=work,
            error=_said(str(error), found, code, work),
            help=error.help,
            code=error.exit_code,
        )
    return Graded(
        work=work,
        result=done.result,
        earlier=done.earlier,
        code=code_of(done.result),
        notes=notes_of(done.result, found.lab(work), work.folder, found.files[work.folder]),
    )


def _said(text: str, found: Opened, code: Path, work: Work) -> str:
    """Return an error without the folder of ours that files were put into."""
    mine = code.parent.parent
    text = text.replace(str(code), work.folder or ".").replace(f"{mine}/", "")
    # An exam's errors are worded by labrun.app.submit so that they tell nothing of the run.
    return text if found.settings.mode is Mode.PRACTICE else text.splitlines()[0]
