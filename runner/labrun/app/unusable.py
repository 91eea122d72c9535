"""What is wrong with a submission that can be said before anything of it runs."""

from labrun.app.bench import Bench
from labrun.domain.notebook import WrongNotebookError, refuse_unrunnable
from labrun.domain.predictions import WrongTableError
from labrun.domain.submission import Submission
from labrun.errors import LabError
from labrun.grading.source import syntax_problems
from labrun.sandbox import handed_in


def unusable(bench: Bench, submission: Submission) -> str | None:
    """Return why the submission cannot be graded, which costs no attempt; None where it can."""
    if problems := syntax_problems(submission.files):
        return str(problems[0])
    if bench.lab.submission.kind == "notebook":
        try:
            refuse_unrunnable(submission.files)
        except WrongNotebookError as error:
            return f"{error}; {error.help}"
    return _wrong_table(bench, submission)


def _wrong_table(bench: Bench, submission: Submission) -> str | None:
    """Say what is wrong with a table of predictions: the learner has its ids, so all of it."""
    for phase in bench.lab.phases:
        if handed_in.is_plain(phase):
            table = phase.input[0]
            if table in bench.tables.twins:
                msg = f"phase {phase.name!r}: learners cannot predict the private table {table!r}"
                raise LabError(msg, help="make the table of questions public, without answers")
            inputs = {table: bench.tables.input_frame(table, bench.split)}
            try:
                handed_in.plain(phase, submission.files, inputs)
            except WrongTableError as error:
                return str(error)
    return None
