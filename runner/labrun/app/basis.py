"""What evidence rests on, kept beside it: so that one can tell later whether it still fits a lab.

Evidence fits if the learner's code would be asked the same today. What only judges, such as marks,
points and the answers, is not part of it.
"""

import hashlib
import json
from typing import Any

from pydantic import ValidationError

from labrun.app.bench import Bench
from labrun.domain.evidence import Ending, Evidence, PhaseResult, UnitEnding
from labrun.domain.lab import CheckSpec, Lab
from labrun.domain.record import Record
from labrun.store.labs import plain_files

BASIS = "basis.json"
HIDDEN_TESTS = "hidden-tests"
TABLE = b"table"  # the fixture by which a test gets a table, and the argument that takes it
CUT_SHORT = {UnitEnding.TIMED_OUT, UnitEnding.OUT_OF_MEMORY, UnitEnding.DIED}


class Basis(Record):
    """Digests by name: calls and limits of phases, tests and further runs of checks, tables.

    ``reading`` are the checks whose tests ask for tables.
    """

    calls: dict[str, str]
    limits: dict[str, str]
    tests: dict[str, str]
    reading: tuple[str, ...]
    runs: dict[str, str]
    tables: dict[str, str]


def basis_of(bench: Bench) -> Basis:
    """Return what evidence gathered on this bench rests on."""
    lab = bench.lab
    tests = {each.id: _tests(bench, each) for each in lab.checks if each.type == HIDDEN_TESTS}
    limits = {each.name: _digest(lab.limits_of(each).model_dump()) for each in lab.phases}
    return Basis(
        calls={each.name: _digest(each.asked) for each in lab.phases},
        limits=limits | {each: _digest(lab.limits.model_dump()) for each in tests},
        tests={name: digest for name, (digest, _) in tests.items()},
        reading=tuple(sorted(name for name, (_, reads) in tests.items() if reads)),
        runs=_runs(bench),
        tables=_tables(bench),
    )


def as_file(basis: Basis) -> dict[str, bytes]:
    """Return the file to keep beside evidence, by name."""
    return {BASIS: basis.model_dump_json().encode()}


def read_basis(files: dict[str, bytes]) -> Basis | None:
    """Return what was kept beside evidence, or None if that was before labrun kept it."""
    try:
        return Basis.model_validate_json(files.get(BASIS, b""))
    except ValidationError:
        return None


def misfits(now: Basis, then: Basis, lab: Lab, evidence: Evidence) -> list[str]:
    """Return why evidence that was gathered on ``then`` says nothing of the lab as it is now."""
    again = (phase for each in evidence.variants for phase in each.phases)
    phases = [*evidence.phases, *(each for each in again if each.ending is not Ending.DONE)]
    found = [each for phase in phases for each in _phase(phase, now, then, lab)]
    units = {each.check: {test.ending for test in each.results} for each in evidence.units}
    changed = _changed(now.tables, then.tables)
    for check in sorted(now.tests.keys() & units.keys()):
        if now.tests[check] != then.tests.get(check):
            found.append(f"the tests of {check!r} changed")
        elif changed and check in now.reading:
            found.append(f"the tests of {check!r} read tables, and {changed[0]!r} changed")
        elif units[check] & CUT_SHORT and now.limits[check] != then.limits.get(check):
            found.append(f"the limits of {check!r} changed, and a test ran into them")
    if evidence.variants:
        found += [f"the further runs of {name!r} changed" for name in _changed(now.runs, then.runs)]
    return list(dict.fromkeys(found))


def _phase(result: PhaseResult, now: Basis, then: Basis, lab: Lab) -> list[str]:
    name = result.phase
    phase = next((each for each in lab.phases if each.name == name), None)
    if phase is None:
        return [f"the lab has no phase {name!r} any more"]
    found = []
    if now.calls[name] != then.calls.get(name):
        found.append(f"phase {name!r} is called in another way")
    inputs = set(phase.input) & now.tables.keys()
    found += [
        f"table {table!r}, which phase {name!r} is given, changed"
        for table in sorted(inputs)
        if now.tables[table] != then.tables.get(table)
    ]
    if result.ending is not Ending.DONE and now.limits[name] != then.limits.get(name):
        found.append(f"the limits of phase {name!r} changed, and it ended as {result.ending}")
    return found


def _changed(now: dict[str, str], then: dict[str, str]) -> list[str]:
    return sorted(name for name in now.keys() | then.keys() if now.get(name) != then.get(name))


def _tests(bench: Bench, spec: CheckSpec) -> tuple[str, bool]:
    """Return a digest of all that a check's tests can import, and whether any reads a table."""
    folder = bench.folder / str(spec.options["path"]).partition("/")[0]
    digest, reads = hashlib.sha256(str(spec.options["path"]).encode()), False
    for path, file in plain_files(folder):
        body = file.read_bytes()
        digest.update(f"{path}\0{len(body)}\0".encode())
        digest.update(body)
        reads = reads or TABLE in body
    return digest.hexdigest(), reads


def _runs(bench: Bench) -> dict[str, str]:
    """Return a digest of what each check says, where it asks for further runs, or the lab does."""
    asking = {check or "seeds" for check, _ in bench.grader.plans}
    said: dict[str, Any] = {each.id: each.options for each in bench.lab.checks}
    said["seeds"] = bench.lab.grading.seeds
    return {name: _digest(said[name]) for name in sorted(asking)}


def _tables(bench: Bench) -> dict[str, str]:
    if bench.data is None:
        return {}
    return {
        name: bench.data.sha256(name, bench.split) for name in bench.data.table_names(bench.split)
    }


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
