"""A new lab holds as it is made; what cannot become one is refused, and leaves nothing."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from labrun.app import new_lab
from labrun.app.audit import audit
from labrun.app.new_data import Kind, Material, of_csv
from labrun.app.new_lab import Choices, Made, look, make, refuse_slug, usual_data
from labrun.app.new_marks import between
from labrun.app.progress import Silence
from labrun.app.settings import Settings
from labrun.app.validate import validate
from labrun.domain.audit import Severity
from labrun.domain.grade import Estimate
from labrun.errors import LabError, UserError
from labrun.grading.metric import METRICS
from labrun.store.datasets import read_dataset
from labrun.store.labs import check_files, read_lab

ROOT = Path(__file__).parents[3]
CARD_SAYS = ("licen", "where from", "known problems", "must not be done", "build.py")
SILENT = Silence()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        home=tmp_path / "home",
        labs=tmp_path / "course/labs",
        datasets=tmp_path / "course/datasets",
        containers=ROOT / "containers",
        learner="author",
        sandbox="process",
    )


@pytest.fixture(autouse=True)
def course(settings: Settings) -> Path:
    settings.labs.mkdir(parents=True)
    return settings.labs.parent


@pytest.fixture
def loans(tmp_path: Path) -> Path:
    """A CSV file of an author: two classes, three, a number, words and gaps."""
    draw = np.random.default_rng(0)
    n = 700
    income, debt = draw.normal(50, 10, n), draw.normal(20, 8, n)
    home = draw.choice(["own", "rent"], n)
    risk = debt - income / 2 + 6 * (home == "rent") + draw.normal(0, 3, n)
    table = pd.DataFrame(
        {
            "income": income.round(2),
            "debt": debt.round(2),
            "home": home,
            "noise": draw.normal(size=n),
        }
    )
    table.loc[::9, "income"] = np.nan
    table["bad"] = np.where(risk > 0, "yes", "no")
    table["grade"] = np.digitize(risk, [-5, 5]).astype(float)
    table["loss"] = (20 + risk).round(3)
    path = tmp_path / "My Loans.csv"
    table.to_csv(path)  # with the unnamed column of row numbers that pandas writes
    return path


@pytest.fixture
def heaps(tmp_path: Path) -> Path:
    """Three heaps, one column in another unit."""
    draw = np.random.default_rng(1)
    kinds = np.repeat(["a", "b", "c"], 120)
    middles = {"a": (0, 0, 0), "b": (4, 0, 4), "c": (0, 4, 4)}
    values = np.array([middles[kind] for kind in kinds]) + draw.normal(size=(len(kinds), 3))
    table = pd.DataFrame(values * [1, 1, 0.01], columns=["x", "y", "z"])
    table["grams"] = draw.normal(0, 900, len(kinds))
    path = tmp_path / "heaps.csv"
    table.assign(kind=kinds).to_csv(path, index=False)
    return path


def only(path: Path, target: str, settings: Settings, *, kind: Kind) -> Material:
    """Return the material of a file of which the other targets are left out."""
    table = pd.read_csv(path)
    others = {"bad", "grade", "loss"} - {target}
    table.drop(columns=[name for name in others if name in table]).to_csv(path, index=False)
    return look(str(path), kind=kind, target=target, settings=settings, progress=SILENT)


def made_of(
    kind: Kind, material: Material | None, settings: Settings, metric: str | None = None
) -> Made:
    choices = Choices(slug="x01-new", title="A new lab", kind=kind, metric=metric)
    return make(choices, material, settings=settings, progress=SILENT)


def failures(steps: Iterable[object]) -> list[str]:
    return [str(step) for step in steps if not step.passed]  # type: ignore[attr-defined]


def left(settings: Settings) -> list[str]:
    return sorted(
        path.relative_to(settings.labs.parent).as_posix()
        for path in settings.labs.parent.rglob("*")
    )


def holds(made: Made, settings: Settings) -> None:
    assert failures(made.steps) == []
    lab = read_lab(made.lab)
    assert check_files(made.lab, lab) == []
    assert len(lab.controls.cheats) == 2
    flaws = audit(made.lab, settings=settings, progress=SILENT)
    assert [flaw for flaw in flaws if flaw.severity is Severity.ERROR] == []
    assert [path.name for path in settings.labs.iterdir() if path.name.startswith(".")] == []


def test_a_lab_of_functions_holds(settings: Settings) -> None:
    made = made_of(Kind.FUNCTIONS, None, settings)
    holds(made, settings)
    assert failures(validate(made.lab, settings=settings, progress=SILENT)) == []  # in its place
    assert made.marks is None
    assert {"lab.yaml", "README.md", "starter/solution.py"} <= set(made.files)


@pytest.mark.parametrize(
    ("target", "kind", "metric"),
    [
        ("bad", Kind.CLASSIFICATION, "roc_auc"),
        ("grade", Kind.CLASSIFICATION, "macro_f1"),
        ("loss", Kind.REGRESSION, "rmse"),
    ],
)
def test_a_lab_on_an_author_s_file_holds(
    settings: Settings, loans: Path, target: str, kind: Kind, metric: str
) -> None:
    made = made_of(kind, only(loans, target, settings, kind=kind), settings, metric)
    holds(made, settings)
    assert made.metric == metric
    assert made.marks
    marks = [float(each) for each in (made.marks.floor, made.marks.full)]
    controls = [float(each) for each in (made.marks.baseline, made.marks.solution)]
    inside = [controls[0], *marks, controls[1]]
    assert inside == sorted(inside, reverse=not METRICS[metric].greater_is_better)


def test_a_lab_on_clusters_holds(settings: Settings, heaps: Path) -> None:
    material = only(heaps, "kind", settings, kind=Kind.CLUSTERING)
    made = made_of(Kind.CLUSTERING, material, settings)
    holds(made, settings)
    assert made.dataset
    assert not list((settings.data / "heaps").glob("*/public/train.csv"))


def test_the_data_set_of_a_file_is_described(
    settings: Settings, loans: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(new_lab, "validate", lambda *_, **__: ())  # what is run is tried above
    material = only(loans, "loss", settings, kind=Kind.REGRESSION)
    made = made_of(Kind.REGRESSION, material, settings, "mae")
    assert made.dataset == settings.datasets / "my-loans"
    dataset = read_dataset(made.dataset)
    assert (dataset.licence, dataset.cite) == ("not stated", "not stated")
    card = (made.dataset / dataset.card).read_text().lower()
    assert [words for words in CARD_SAYS if words not in card] == []
    lab = yaml.safe_load((made.lab / "lab.yaml").read_text())
    assert lab["use"] == {"exam": False, "why": "280 hidden rows, an exam takes 750 or more"}


def test_an_editor_finds_the_schema(settings: Settings) -> None:
    made = made_of(Kind.FUNCTIONS, None, settings)
    first = (made.lab / "lab.yaml").read_text().splitlines()[0]
    assert first.startswith("# yaml-language-server: $schema=")
    assert (made.lab / first.partition("=")[2]).is_file()


@pytest.mark.parametrize(
    "slug", ["", "Big", "two words", "a--b", "../up", "a/b", ".hidden", "ä", "x" * 65, "a_b"]
)
def test_a_bad_slug_is_refused(settings: Settings, slug: str) -> None:
    with pytest.raises(UserError) as caught:
        refuse_slug(slug, settings)
    assert repr(slug) in str(caught.value)
    assert str(caught.value.help).startswith("for example: labrun lab new ")


def test_a_lab_that_is_there_is_not_touched(settings: Settings) -> None:
    (settings.labs / "x01-new").mkdir()
    before = left(settings)
    with pytest.raises(UserError, match="is there already"):
        made_of(Kind.FUNCTIONS, None, settings)
    assert left(settings) == before


@pytest.mark.parametrize(
    ("target", "kind", "said"),
    [
        ("badd", Kind.CLASSIFICATION, "has no column 'badd'"),
        ("income", Kind.CLASSIFICATION, "has fractions"),
        ("home", Kind.REGRESSION, "does not hold numbers alone"),
        ("grade", Kind.REGRESSION, "has 3 different values"),
    ],
)
def test_a_target_that_does_not_fit_is_refused(
    settings: Settings, loans: Path, target: str, kind: Kind, said: str
) -> None:
    with pytest.raises(UserError, match=said) as caught:
        look(str(loans), kind=kind, target=target, settings=settings, progress=SILENT)
    assert caught.value.help


def test_too_few_rows_are_refused(loans: Path) -> None:
    pd.read_csv(loans).head(150).to_csv(loans, index=False)
    with pytest.raises(UserError, match="150 different rows with a 'loss', expected at least 200"):
        of_csv(loans, name="loans", target="loss", kind=Kind.REGRESSION)


def test_rows_that_repeat_do_not_make_up_for_few(loans: Path) -> None:
    table = pd.read_csv(loans).drop(columns="Unnamed: 0").head(150)
    pd.concat([table, table]).to_csv(loans, index=False)
    with pytest.raises(UserError, match="150 different rows"):
        of_csv(loans, name="loans", target="loss", kind=Kind.REGRESSION)


@pytest.mark.parametrize(
    ("body", "said"),
    [("", "is not CSV"), ("y\n1\n2\n", "no column besides 'y'"), ("x,y\n\udcff", "is not CSV")],
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, body: str, said: str) -> None:
    path = tmp_path / "odd.csv"
    path.write_bytes(body.encode("utf-8", "surrogateescape"))
    with pytest.raises(UserError, match=said):
        of_csv(path, name="odd", target="y", kind=Kind.REGRESSION)


def test_a_rare_class_is_refused(loans: Path) -> None:
    table = pd.read_csv(loans)
    table.loc[:3, "bad"] = "perhaps"
    table.to_csv(loans, index=False)
    with pytest.raises(UserError, match="class 'perhaps' of 'bad' has 4 rows"):
        of_csv(loans, name="loans", target="bad", kind=Kind.CLASSIFICATION)


def test_columns_that_tell_nothing_make_no_lab_and_leave_nothing(
    settings: Settings, tmp_path: Path
) -> None:
    draw = np.random.default_rng(2)
    path = tmp_path / "noise.csv"
    pd.DataFrame(draw.normal(size=(300, 3)), columns=["a", "b", "y"]).to_csv(path, index=False)
    material = look(str(path), kind=Kind.REGRESSION, target="y", settings=settings, progress=SILENT)
    with pytest.raises(LabError, match="tell too little about 'y'"):
        made_of(Kind.REGRESSION, material, settings)
    assert left(settings) == ["labs"]


def test_a_metric_that_does_not_fit_is_refused(settings: Settings, loans: Path) -> None:
    material = only(loans, "grade", settings, kind=Kind.CLASSIFICATION)
    with pytest.raises(UserError, match="metric 'roc_auc' does not fit") as caught:
        made_of(Kind.CLASSIFICATION, material, settings, "roc_auc")
    assert caught.value.help == "choose one of: accuracy, balanced_accuracy, macro_f1"
    assert left(settings) == ["labs"]


def test_a_data_set_that_is_not_there_is_refused(settings: Settings) -> None:
    shared = settings.model_copy(update={"datasets": ROOT / "datasets"})
    with pytest.raises(UserError, match="no data set 'credits'") as caught:
        look("credits", kind=Kind.CLASSIFICATION, target=None, settings=shared, progress=SILENT)
    assert "did you mean 'credit'?" in str(caught.value.help)


def test_a_data_set_without_a_table_it_takes_is_refused(settings: Settings) -> None:
    shared = settings.model_copy(update={"datasets": ROOT / "datasets"})
    with pytest.raises(LabError, match="has no table private/features"):
        look("diamonds", kind=Kind.REGRESSION, target=None, settings=shared, progress=SILENT)


def test_without_data_there_is_nothing_usual(settings: Settings) -> None:
    assert usual_data(Kind.CLASSIFICATION, settings, SILENT) is None


def estimate(value: float, half: float) -> Estimate:
    return Estimate(
        metric="roc_auc", value=value, low=value - half, high=value + half, level=0.95,
        method="delong", n=500, direction="higher",
    )  # fmt: skip


def test_marks_keep_two_standard_errors_away_from_both_controls() -> None:
    marks = between(estimate(0.7, 0.0196), estimate(0.9, 0.0392))
    assert marks
    assert (float(marks.floor), float(marks.full)) == pytest.approx((0.72, 0.86), abs=0.001)


def test_there_is_no_mark_between_controls_too_close() -> None:
    assert between(estimate(0.7, 0.04), estimate(0.78, 0.04)) is None
