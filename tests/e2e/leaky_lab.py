"""A tiny lab whose hidden rows and hidden tests hold one secret, and submissions that leak it."""

import hashlib
import textwrap
from pathlib import Path

LAB = "exam-leak"
DATA = "whispers"

BUILD = """
def prepare(raw, public, private):
    secret = int((raw / "secret.txt").read_text())
    for folder in (public, private):
        folder.mkdir(parents=True, exist_ok=True)
    rows = [(number, 3 * number) for number in range(60)]
    train = "".join(f"{a},{y}\\n" for a, y in rows)
    (public / "train.csv").write_text("a,y\\n" + train)
    for folder, code in ((public, 1), (private, secret)):
        features = "".join(f"{a},{code}\\n" for a, _ in rows)
        (folder / "features.csv").write_text("a,code\\n" + features)
        (folder / "truth.csv").write_text("y\\n" + "".join(f"{y}\\n" for _, y in rows))
"""

LAB_YAML = f"""
schema: labrun/v1
slug: {LAB}
version: 1.0.0
title: A lab with something to steal
track: attacks
minutes: 1
image: cpu
dataset: {DATA}
submission:
  kind: code
  require: [solution.py, predict.py]
  allow: ["*.py"]
  max_mb: 1
limits: {{wall_seconds: 60, memory_mb: 256, cpus: 1, pids: 64, output_mb: 4}}
phases:
  - {{name: fit, call: "solution:fit", input: train}}
  - {{name: predict, run: [python, predict.py], input: features,
     returns: values, produces: predictions.csv}}
checks:
  - {{id: contract, type: schema, phase: predict}}
  - {{id: ran, type: phase, phase: predict}}
  - {{id: functions, type: hidden-tests, path: hidden/test_functions.py, points: 50, reveal: all}}
  - {{id: quality, type: threshold, metric: rmse, decision: {{rule: point, at: 4}}, points: 50}}
grading: {{pass_score: 95}}
controls: {{solution: passed, baseline: failed}}
"""

HIDDEN = """
import pytest

SECRET = {secret}


@pytest.mark.parametrize("digit", range(8))
@pytest.mark.points(1, hint="every number is doubled")
def test_double(solution, digit):
    \"\"\"The secret is {secret}.\"\"\"
    assert solution.double(SECRET, digit) == 2 * SECRET, f"not twice {{SECRET}}"
"""

# What every submission begins with. `code` is a secret of nine digits.
HONEST = """
def fit(train):
    return {"slope": 3.0}


def double(number, digit):
    return 2 * number
"""
PREDICT = """
import csv, os, sys, time, warnings

IN, OUT = os.environ.get("LABRUN_IN", "/in"), os.environ.get("LABRUN_OUT", "/out")
with open(os.path.join(IN, "features.csv")) as file:
    rows = list(csv.DictReader(file))
code = int(float(rows[0]["code"]))


def answer(value=lambda row: 3 * float(row["a"]), count=None):
    with open(os.path.join(OUT, "predictions.csv"), "w") as file:
        file.write("y\\n")
        for row in rows if count is None else rows * count:
            file.write(f"{value(row)}\\n")

"""
# One a channel, or several where one does not get in the way of the others.
CHANNELS = {
    # what is printed, warned, logged and named; seconds, processor and memory; files beside it
    "noise": {
        "predict.py": PREDICT
        + """
print("the code is", code, hex(code), str(code)[::-1])
print(code, file=sys.stderr)
warnings.warn(f"a warning of {code}")
os.write(2, b"\\x1b]0;" + str(code).encode() + b"\\x07")
for folder in (OUT, "/tmp", "/work"):
    for name in (f"{code}.txt", f"{code}.log", f"{code}.npy"):
        with open(os.path.join(folder, name), "w") as file:
            file.write(str(code) * (code % 50))
held = bytearray((code % 7) * 10_000_000)
until = time.process_time() + (code % 5) * 0.3
while time.process_time() < until:
    pass
time.sleep(code % 3)
answer()
"""
    },
    # text, class, file and line of what is raised; the reply to a test, and which tests fail
    "raises": {
        "solution.py": HONEST.replace("return 2 * number", "return leak(number, digit)")
        + "".join(f"\n\ndef at_{n}(text):\n    raise KINDS[{n}](text)\n" for n in range(8))
        + """

import sys, time
KINDS = [
    ValueError, KeyError, OSError, TypeError, LookupError, EOFError, NameError, IndexError
]


def leak(number, digit):
    print(number, file=sys.stderr)
    # As many fail whatever the number is, but other ones: four of eight, turned by it.
    if (digit + number) % 8 < 4:
        kind = type(f"Secret{number}", (KINDS[number % 8],), {})
        if digit % 2:
            time.sleep(number % 3 / 2)
            globals()[f"at_{number % 8}"](f"it is {number}")
        raise kind(f"it is {number}")
    return 2 * number
""",
        "predict.py": PREDICT + "answer()\n",
    },
    # the exit code
    "exits": {
        "predict.py": PREDICT + "print(code)\nsys.stdout.flush()\nos._exit(1 + code % 250)\n"
    },
    "dies": {
        "predict.py": PREDICT
        + "".join(f"\n\ndef at_{n}():\n    raise KINDS[{n}](str(code))\n" for n in range(4))
        + """

KINDS = [ValueError, KeyError, OSError, type(f"S{code}", (EOFError,), {})]
globals()[f"at_{code % 4}"]()
"""
    },
    # how many rows, and of what form
    "rows": {"predict.py": PREDICT + "answer(count=2 + code % 97)\n"},
    "values": {
        "predict.py": PREDICT
        + 'answer(lambda row: f"secret {code}" if int(float(row["a"])) < code % 50 else 1)\n'
    },
    # an error measure that gives the secret back
    "error": {"predict.py": PREDICT + "answer(lambda row: code)\n"},
}


def write(folder: Path, secret: int) -> None:
    """Write the lab and its data set into ``folder``."""
    lab, data = folder / "labs" / LAB, folder / "datasets" / DATA
    for name in ("starter", "solution", "baseline", "hidden", "public"):
        (lab / name).mkdir(parents=True)
    for name in ("starter", "solution", "baseline"):
        lay(lab / name, {})
    (lab / "lab.yaml").write_text(LAB_YAML)
    (lab / "README.md").write_text("# A lab with something to steal\n")
    (lab / "hidden/test_functions.py").write_text(HIDDEN.format(secret=secret))
    (lab / "public/test_functions.py").write_text("def test_nothing(solution):\n    pass\n")
    data.mkdir(parents=True)
    (data / "build.py").write_text(textwrap.dedent(BUILD))
    (data / "README.md").write_text("# Whispers\n")
    (data / "secret.txt").write_text(str(secret))
    digest = hashlib.sha256(str(secret).encode()).hexdigest()
    (data / "dataset.yaml").write_text(
        f"name: {DATA}\ntitle: Whispers\nsource: made up\nlicence: CC0-1.0\nredistribute: true\n"
        f"files:\n  - {{name: secret.txt, sha256: {digest}}}\n"
    )


def lay(folder: Path, files: dict[str, str]) -> Path:
    """Write a submission: the honest one with ``files`` laid over it."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = {"solution.py": HONEST, "predict.py": PREDICT + "answer()\n", **files}
    for name, body in whole.items():
        (folder / name).write_text(body)
    return folder
