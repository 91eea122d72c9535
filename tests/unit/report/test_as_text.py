from datetime import timedelta

from labrun.domain.grade import Outcome
from labrun.domain.result import AttemptInfo, Result, Status
from labrun.report.as_text import as_text, coloured

GATE_FAILED = """\
lab c02-credit-cost 1.0.0   submission a41d7e (3 files, 18 kB)   attempt 2 of 5
  fit      ok  2.1 s  cpu 1.9 s  memory 212/1024 MB
  predict  ok  0.3 s             memory 180/1024 MB  1,470 rows
  PASS  contract               predictions for every row              (gate)
  PASS  functions    34.29/40  12 of 14 points
          hint: decide() must move when the cost matrix changes
  PASS  auc          30/30     roc_auc 0.861 [0.840, 0.880]  n 1,470  full marks from 0.850
  FAIL  calibration  0/20      ece 0.081 [0.069, 0.094]  n 1,470      needs at most 0.060  (gate)
          the probabilities are too sure of themselves
          hint: fit a calibrator on rows that the model has not seen
  SKIP  fair         0/10      waits for "calibration"
score 64.29 of 100   FAILED: gate "calibration"   3 attempts left, next at 14:30 UTC
"""


def test_a_graded_submission_reads_as_the_interface_says(gate_failed: Result) -> None:
    assert as_text(gate_failed) == GATE_FAILED


def test_a_public_check_says_so_and_names_no_score(public: Result) -> None:
    lines = as_text(public).splitlines()
    assert "UNOFFICIAL (process sandbox)" in lines[1]
    assert lines[2].startswith("PUBLIC CHECK")
    assert lines[-1].startswith("6 of 6 public checks passed; 5 hidden checks run at submit")
    assert "score" not in lines[-1]


def test_a_public_check_shows_the_log_of_a_phase_that_ended_well(public: Result) -> None:
    assert "| epoch 1 loss 0.4" in as_text(public)


def test_an_official_result_keeps_the_log_of_a_good_phase_out(public: Result) -> None:
    assert "epoch 1" not in as_text(public.model_copy(update={"split": "hidden"}))


def test_a_crash_shows_the_error_the_place_and_the_end_of_the_log(crashed: Result) -> None:
    text = as_text(crashed)
    assert "ValueError: could not convert string to float: 'unknown'" in text
    assert "  at solution.py:14 in fit" in text
    assert "reading part 29" in text
    assert "reading part 9\n" not in text
    assert "… 10 lines above" in text


def test_a_fault_of_the_lab_is_not_called_the_learners(lab_at_fault: Result) -> None:
    text = as_text(lab_at_fault)
    assert "not your fault: the lab is to blame" in text
    assert "SYSTEM ERROR, not your fault: a hidden test did not report" in text
    assert "not counted: system error" in text


def test_an_invalid_submission_says_why(crashed: Result) -> None:
    update = {"status": Status.INVALID, "verdict": None, "score": None, "reason": "no solution.py"}
    assert "INVALID: no solution.py" in as_text(crashed.model_copy(update=update))


def test_the_next_attempt_of_another_day_has_its_date(gate_failed: Result) -> None:
    later = gate_failed.submission.received + timedelta(days=1)
    attempt = gate_failed.attempt.model_copy(update={"next": later})
    text = as_text(gate_failed.model_copy(update={"attempt": attempt}))
    assert "next at 2025-03-05 14:00 UTC" in text


def test_a_last_attempt_promises_no_next(gate_failed: Result) -> None:
    attempt = gate_failed.attempt.model_copy(update={"left": 0})
    text = as_text(gate_failed.model_copy(update={"attempt": attempt}))
    assert text.rstrip().endswith("0 attempts left")


def test_practice_without_limits_names_no_limit(gate_failed: Result) -> None:
    attempt = AttemptInfo(number=7, max=None, left=None, counted=True, why="graded")
    text = as_text(gate_failed.model_copy(update={"attempt": attempt}))
    assert "attempt 7\n" in text
    assert "left" not in text


def test_a_score_below_the_pass_mark_says_so(gate_failed: Result) -> None:
    text = as_text(gate_failed.model_copy(update={"failed_gates": ()}))
    assert "FAILED: the pass mark is 70" in text


def test_several_hints_keep_their_lines(gate_failed: Result) -> None:
    check = gate_failed.checks[1].model_copy(update={"help": "first\nsecond"})
    text = as_text(gate_failed.model_copy(update={"checks": (check,)}))
    assert "          hint: first\n                second\n" in text


def test_one_long_finding_does_not_push_the_other_columns_away(gate_failed: Result) -> None:
    long = gate_failed.checks[0].model_copy(update={"rationale": "word " * 60})
    checks = (long, *gate_failed.checks[1:])
    text = as_text(gate_failed.model_copy(update={"checks": checks}))
    auc = next(line for line in text.splitlines() if "roc_auc" in line)
    assert len(auc) < 130


def test_colours_mark_the_outcomes(gate_failed: Result) -> None:
    text = coloured(gate_failed)
    assert "\x1b[32mPASS\x1b[0m" in text
    assert "\x1b[31mFAIL\x1b[0m" in text
    assert '\x1b[31mFAILED: gate "calibration"\x1b[0m' in text


def test_a_public_check_that_fails_is_red(public: Result) -> None:
    failed = public.checks[0].model_copy(update={"outcome": Outcome.FAILED})
    text = coloured(public.model_copy(update={"checks": (failed, *public.checks[1:])}))
    assert "\x1b[31m5 of 6 public checks passed" in text
