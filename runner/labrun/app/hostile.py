"""Make hostile submissions of a lab: pieces of `attacks/` grafted onto the lab's own solution."""

import ast
import re
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import PurePosixPath
from typing import Literal, NamedTuple

from labrun.domain import notebook
from labrun.domain.lab import Lab, Phase
from labrun.domain.record import Record
from labrun.domain.submission import Submission

PIECES = "attacks"
ENDING = ".py.txt"
CONTROL = "control"

At = Literal["import", "first", "values", "model", "tests"]

_SAID = re.compile(r"^# (why|at|wall|file ([\w.]+)): (.+)$", re.MULTILINE)

# Goes into a module of the solution. `attack` gets the honest answer as a function.
_ATTACK = '''

# From here on: put here by `labrun lab attack`.
CANARY = {canary!r}


def changed(value, how):
    """Return the value with `how` applied to its rows, wherever they are."""
    import numpy
    if isinstance(value, dict):
        return {{key: changed(each, how) for key, each in value.items()}}
    if isinstance(value, tuple):
        return tuple(changed(each, how) for each in value)
    return how(numpy.atleast_1d(numpy.asarray(value)))


{attack}

'''
_AT_IMPORT = "attack(None, ())\n"
_AT_CALL = """
def _grafted(honest):
    import functools

    @functools.wraps(honest)
    def grafted(*args, **kwargs):
        return attack(lambda: honest(*args, **kwargs), args)

    return grafted


for _name in {names!r}:
    globals()[_name] = _grafted(globals()[_name])
"""
_IN_A_PROGRAM = """
import shutil as _shutil
import pandas as _pandas
_kept = "/tmp/honest.csv"
_shutil.move("/out/{produces}", _kept)
_answer = attack(lambda: _pandas.read_csv(_kept), (_pandas.read_csv("/in/{table}.csv"),))
_pandas.DataFrame(_answer).to_csv("/out/{produces}", index=False)
"""
_HONEST = "def attack(honest, args):\n    return honest()"


class Piece(Record):
    """One attack: ``at`` is where it is grafted, ``wall`` the seconds that are enough for it."""

    name: str
    why: str
    at: At
    wall: float | None = None
    files: dict[str, str] = {}
    source: str

    @property
    def kind(self) -> str:
        """Return the class of attacks it belongs to."""
        return self.name.partition("-")[0]


class _Graft(NamedTuple):
    """Where in the solution an attack is put, and the code that sets it off."""

    path: str
    line: int
    set_off: str


def pieces() -> list[Piece]:
    """Return every attack of the corpus, by name."""
    folder = resources.files(__package__).joinpath(PIECES)
    found = [each for each in folder.iterdir() if each.name.endswith(ENDING)]
    return sorted(
        (_piece(each.name.removesuffix(ENDING), each.read_text("utf-8")) for each in found),
        key=lambda piece: piece.name,
    )


def control() -> Piece:
    """Return what is grafted like an attack and does nothing: the solution must still pass."""
    why = "the solution passes, grafted on as the attacks are: what fails, fails for the attack"
    return Piece(name=CONTROL, why=why, at="values", source=_HONEST)


def graft(piece: Piece, lab: Lab, solution: Mapping[str, bytes], canary: str) -> Submission | None:
    """Return the solution with the attack in it; None where the lab has no place for it."""
    if lab.submission.kind == "notebook":
        return _in_notebooks(piece, lab, solution, canary)
    grafts = list(_grafts(piece.at, lab, solution))
    if not grafts:
        codeless = piece.name == CONTROL and lab.submission.kind != "code"
        return Submission(lab=lab.slug, files=dict(solution)) if codeless else None
    attack = _ATTACK.format(attack=piece.source, canary=canary)
    files = {**solution, **{name: body.encode() for name, body in piece.files.items()}}
    for each in grafts:
        lines = files[each.path].decode("utf-8-sig").splitlines()
        put = [*lines[: each.line], attack, each.set_off, *lines[each.line :]]
        files[each.path] = "\n".join((*put, "")).encode()
    return Submission(lab=lab.slug, files=files)


def _in_notebooks(
    piece: Piece, lab: Lab, solution: Mapping[str, bytes], canary: str
) -> Submission | None:
    """Graft onto the cells of the notebooks, as if they were the module that they become."""
    rules = lab.submission.model_copy(update={"kind": "code"})
    plain = lab.model_copy(update={"submission": rules})
    made = graft(piece, plain, notebook.joined(solution), canary)
    if made is None:
        return None
    files = dict(made.files)
    for path in solution:
        if path.endswith(notebook.ENDING):
            body = files.pop(f"{path.removesuffix(notebook.ENDING)}.py")
            files[path] = notebook.as_notebook(body.decode())
    return Submission(lab=lab.slug, files=files)


def narrowed(piece: Piece, lab: Lab) -> Lab:
    """Return the lab with no more seconds than the attack needs, where it strikes."""
    if piece.wall is None:
        return lab
    struck = _struck(piece.at, lab)
    least = min(piece.wall, lab.limits.wall_seconds)
    phases = tuple(
        each.model_copy(update={"limits": each.limits.model_copy(update={"wall_seconds": least})})
        if each in struck and lab.limits_of(each).wall_seconds > least
        else each
        for each in lab.phases
    )
    return lab.model_copy(update={"phases": phases})


def _piece(name: str, text: str) -> Piece:
    said: dict[str, str] = {}
    files: dict[str, str] = {}
    for key, file, value in _SAID.findall(text):
        (files if file else said)[file or key] = value
    source = text[text.index("def attack(") :]
    return Piece.model_validate({**said, "name": name, "files": files, "source": source.strip()})


def _struck(at: At, lab: Lab) -> tuple[Phase, ...]:
    """Return the phases in which an attack strikes."""
    if at in ("import", "first"):
        return lab.phases[:1]
    wanted = "model" if at == "model" else "values"
    return () if at == "tests" else tuple(p for p in lab.phases if lab.returns_of(p) == wanted)


def _grafts(at: At, lab: Lab, solution: Mapping[str, bytes]) -> Iterator[_Graft]:
    yield from _in_modules(at, lab, solution)
    if at in ("import", "first", "values"):
        yield from _in_programs(at, lab, solution)


def _in_modules(at: At, lab: Lab, solution: Mapping[str, bytes]) -> Iterator[_Graft]:
    calls = {each.call for each in lab.phases if each.call}
    struck = {each.call for each in _struck(at, lab) if each.call}
    modules = {call.partition(":")[0] for call in calls} if lab.phases else _modules(lab)
    for module in sorted(modules):
        path = f"{module}.py"
        own = _functions(solution.get(path, b""), solution)
        entries = [name for call in calls for name in _named(call, module)]
        if at == "tests":
            wanted = lab.phases and _has_tests(lab)
            names = [name for name in own if name not in entries] if wanted else []
        elif lab.phases or at == "model":
            names = [name for call in struck for name in _named(call, module)]
        else:
            names = own
        if names and path in solution:
            set_off = _AT_IMPORT if at == "import" else _AT_CALL.format(names=sorted(names))
            yield _Graft(path, len(solution[path].splitlines()), set_off)


def _in_programs(at: At, lab: Lab, solution: Mapping[str, bytes]) -> Iterator[_Graft]:
    for phase in _struck(at, lab):
        path = next((each for each in phase.run or () if each in solution), None)
        if path is None:
            continue
        if at == "values":  # once the program has ended, in place of what it made
            end = len(solution[path].splitlines())
            made = _IN_A_PROGRAM.format(produces=phase.produces, table=(*phase.input, "")[0])
            yield _Graft(path, end, made)
        else:
            yield _Graft(path, _first_line(solution[path]), _AT_IMPORT)


def _first_line(source: bytes) -> int:
    """Return after which line code may be put: docstring and ``__future__`` must stay first."""
    at = 0
    for node in ast.parse(source).body:
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
        if not (docstring or future):
            break
        at = node.end_lineno or at
    return at


def _modules(lab: Lab) -> set[str]:
    required = (PurePosixPath(path) for path in lab.submission.require)
    return {path.stem for path in required if path.suffix == ".py"}


def _has_tests(lab: Lab) -> bool:
    return any(check.type == "hidden-tests" for check in lab.checks)


def _named(call: str, module: str) -> Iterator[str]:
    of, _, name = call.partition(":")
    if of == module:
        yield name


def _functions(source: bytes, solution: Mapping[str, bytes]) -> list[str]:
    """Return the public functions of a module: its own, and those of the learner's other files."""
    names = list[str]()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            names.append(node.name)
        elif isinstance(node, ast.ImportFrom) and f"{node.module}.py" in solution:
            names += _imported(node, solution)
    return [name for name in names if name.islower() and not name.startswith("_")]


def _imported(node: ast.ImportFrom, solution: Mapping[str, bytes]) -> list[str]:
    if node.names[0].name != "*":
        return [each.asname or each.name for each in node.names]
    others = {path: body for path, body in solution.items() if path != f"{node.module}.py"}
    return _functions(solution[f"{node.module}.py"], others)
