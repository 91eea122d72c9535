"""How fast a pile is graded: `labrun grade -j` on all cores, against plain Python by `xargs -P`.

Twenty submissions to c02, all different. The floor runs the same twenty fits and predicts as plain
Python, as many at a time, and grades nothing; labrun's time includes the verdicts, and the start of
the command. Above 1, labrun is the faster. Run:
`python -m benchmarks.throughput [--quick] [--json FILE]`.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.labs import LABRUN, changed_copy, clean, environment, prepared, settle, submit
from benchmarks.measures import Measure, main, timed
from benchmarks.plain import words

LAB = "c02-credit-cost"
PILE, QUICK_PILE = 20, 4
RUNS, QUICK_RUNS = 3, 1
LIMIT = 0.9


def measure(*, quick: bool) -> list[Measure]:
    """Return the ratio of throughputs, and submissions a minute."""
    pile, runs = (QUICK_PILE, QUICK_RUNS) if quick else (PILE, RUNS)
    cores = len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as folder:
        root, home = Path(folder), Path(folder) / "home"
        try:
            submit(LAB, changed_copy(LAB, root / "first", "first"), home)  # prepares the data
            pairs = []
            for run in range(runs):
                codes = [
                    changed_copy(LAB, root / f"pile{run}" / f"learner{n:02}", f"{run} {n}")
                    for n in range(pile)
                ]
                settle(home)
                floor = by_xargs(codes, prepared(LAB, home), cores)
                pairs.append((by_labrun(codes[0].parent, home, cores), floor))
        finally:
            clean(home)
    faster = statistics.median(floor / took for took, floor in pairs)
    minute = statistics.median(60 * pile / took for took, _ in pairs)
    what = f"throughput, {pile} submissions, -j {cores}"
    note = f"to plain Python by xargs -P{cores}; {minute:.0f} a minute"
    return [
        Measure(what, faster, "ratio", LIMIT, better="higher", note=note),
        Measure(f"{what}, each", statistics.median(took / pile for took, _ in pairs), "s"),
    ]


def by_labrun(folder: Path, home: Path, cores: int) -> float:
    """Return the seconds of `labrun grade`, rows printed."""
    command = [*LABRUN, "grade", str(folder), "--lab", LAB, "-j", str(cores)]
    around = environment(home)
    return timed(lambda: subprocess.run(command, check=True, capture_output=True, env=around))


def by_xargs(codes: list[Path], tables: Path, cores: int) -> float:
    """Return the seconds of plain Python on the same files, as many at a time."""
    mark = "CODE"
    each = words(LAB, tables, code=mark, seen_at=str(tables))
    command = ["xargs", f"-P{cores}", "-I", mark, "-d", "\n", sys.executable, "-P", *each]
    sent = "\n".join(map(str, codes)).encode()
    one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # as labrun pins them
    around = os.environ | one_thread
    return timed(
        lambda: subprocess.run(command, check=True, input=sent, capture_output=True, env=around)
    )


if __name__ == "__main__":
    main(measure)
