from labrun.domain.result import Result
from labrun.tracker import facts


def test_a_run_has_the_score_each_estimate_with_its_ends_and_what_it_used(result: Result) -> None:
    assert facts.metrics(result) == {
        "score": 81,
        "seconds": 6.2,
        "roc_auc": 0.861,
        "roc_auc.low": 0.84,
        "roc_auc.high": 0.88,
        "phase.fit.seconds": 2.1,
        "phase.fit.memory_mb": 212,
        "phase.predict.seconds": 0.3,
        "memory_peak_mb": 212,
    }


def test_two_checks_of_one_metric_stay_apart(result: Result) -> None:
    auc = result.checks[1]
    twice = result.model_copy(update={"checks": (auc, auc.model_copy(update={"id": "auc-men"}))})
    found = facts.metrics(twice)
    assert {"roc_auc.auc", "roc_auc.auc-men", "roc_auc.auc-men.low"} <= set(found)
    assert "roc_auc" not in found


def test_a_number_without_end_is_no_metric(result: Result) -> None:
    assert "seconds" not in facts.metrics(result.model_copy(update={"seconds": float("nan")}))


def test_a_submission_without_a_score_has_none(result: Result) -> None:
    assert "score" not in facts.metrics(result.model_copy(update={"score": None}))


def test_params_say_what_judged_it(result: Result) -> None:
    assert facts.params(result) == {
        "lab.version": "1.0.0",
        "grader.version": "0.1.0",
        "sandbox": "docker",
        "image": "cpu",
        "image.digest": "sha256:1234",
        "pass_score": "70",
    }


def test_tags_say_whose_it_is_and_what_came_of_it(result: Result) -> None:
    tags = facts.tags(result)
    assert tags["labrun.submission"] == "a41d7e"
    assert tags["labrun.learner"] == tags["mlflow.user"] == "ada"
    assert tags["labrun.verdict"] == "passed"
    assert tags["labrun.status"] == "graded"
    assert tags["labrun.attempt"] == "2"
    assert tags["labrun.official"] == "true"
    assert tags["labrun.sha256"] == "a" * 64
    assert tags["labrun.lab_digest"] == "d" * 64
    assert tags["mlflow.source.git.commit"] == "9f1c2d3"
    assert "labrun.message" not in tags


def test_a_run_is_named_for_learner_and_attempt(result: Result) -> None:
    assert facts.run_name(result) == "ada 2"


def test_a_plain_text_is_one_bounded_line() -> None:
    assert facts.plain("a\x00\x1b[31m\u202eb\n\nc" + "x" * 900, 10) == "a [31m b c"
