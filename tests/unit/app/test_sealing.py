import shutil
import stat
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from tests.unit.app.sealed_course import DATA, LAB, make_course, settings_of, tree

from labrun.app.bench import set_up
from labrun.app.catalogue import catalogue
from labrun.app.check import check, trial
from labrun.app.progress import Silence
from labrun.app.sealing import open_lab, seal
from labrun.app.start import start
from labrun.app.submit import Request, submit
from labrun.app.unsealed import authors_form
from labrun.domain.grade import Verdict
from labrun.errors import LabError, MissingExtraError, StoreError, UserError
from labrun.store.bundles import collect
from labrun.store.lab_keys import make_key
from labrun.store.labs import lab_digest
from labrun.store.sealed_header import SEALED_FILE

QUIET = Silence()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that keeps prepared data between the tests."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "key"
    make_key(path)
    return path


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return make_course(tmp_path / "course")


@pytest.fixture
def sealed(course: Path, home: Path, key: Path) -> Path:
    """The folder of a course whose lab is sealed in place."""
    settings = settings_of(course, home, key)
    seal(course / "labs" / LAB, settings=settings, progress=QUIET, to=None, new_key=None)
    return course


def test_in_place_only_what_learners_may_see_stays_in_the_clear(
    course: Path, home: Path, key: Path
) -> None:
    settings = settings_of(course, home, key)
    done = seal(course / "labs" / LAB, settings=settings, progress=QUIET, to=None, new_key=None)
    assert set(tree(course)) == {
        f"labs/{LAB}/{path}"
        for path in (
            "lab.yaml", "README.md", "starter/solution.py", "public/test_functions.py",
            "data/README.md", "data/dataset.yaml", "data/public/train.csv",
            "data/public/features.csv", "data/public/truth.csv", SEALED_FILE,
        )
    }  # fmt: skip
    assert (done.still_clear, done.used_by) == (None, ())


def test_open_restores_the_author_s_form_byte_for_byte(course: Path, home: Path, key: Path) -> None:
    before = tree(course)
    settings = settings_of(course, home, key)
    seal(course / "labs" / LAB, settings=settings, progress=QUIET, to=None, new_key=None)
    assert tree(course) != before
    open_lab(course / "labs" / LAB, settings=settings, progress=QUIET, to=None)
    assert tree(course) == before


def test_sealing_and_opening_elsewhere_leave_the_lab_as_it_is(
    course: Path, home: Path, key: Path, tmp_path: Path
) -> None:
    before = tree(course)
    settings = settings_of(course, home, key)
    for _ in range(2):  # an earlier sealed form is replaced
        seal(
            course / "labs" / LAB,
            settings=settings,
            progress=QUIET,
            to=tmp_path / "public",
            new_key=None,
        )
    assert tree(course) == before
    public = tree(tmp_path / "public")
    here = settings_of(tmp_path / "public", home, key)
    open_lab(
        tmp_path / "public" / "labs" / LAB, settings=here, progress=QUIET, to=tmp_path / "back"
    )
    assert tree(tmp_path / "public") == public
    assert tree(tmp_path / "back") == before


def test_a_folder_that_is_no_earlier_sealed_form_is_not_replaced(
    course: Path, home: Path, key: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "public" / "labs" / LAB
    mine.mkdir(parents=True)
    (mine / "notes").write_text("mine")
    settings = settings_of(course, home, key)
    with pytest.raises(UserError, match="not a sealed form"):
        seal(
            course / "labs" / LAB,
            settings=settings,
            progress=QUIET,
            to=tmp_path / "public",
            new_key=None,
        )
    assert tree(tmp_path / "public") == {f"labs/{LAB}/notes": b"mine"}


def test_opening_over_a_changed_file_writes_nothing(sealed: Path, home: Path, key: Path) -> None:
    changed = sealed / "labs" / LAB / "hidden" / "test_functions.py"
    changed.parent.mkdir()
    changed.write_text("# newer than what was sealed\n")
    before = tree(sealed)
    with pytest.raises(UserError, match="in the way, and nothing was written"):
        open_lab(
            sealed / "labs" / LAB,
            settings=settings_of(sealed, home, key),
            progress=QUIET,
            to=None,
        )
    assert tree(sealed) == before


def test_a_data_set_that_another_lab_uses_stays_and_is_named(
    course: Path, home: Path, key: Path
) -> None:
    other = course / "labs" / "attack-other"
    shutil.copytree(course / "labs" / LAB, other)
    text = (other / "lab.yaml").read_text()
    (other / "lab.yaml").write_text(text.replace(f"slug: {LAB}", "slug: attack-other"))
    settings = settings_of(course, home, key)
    done = seal(course / "labs" / LAB, settings=settings, progress=QUIET, to=None, new_key=None)
    assert done.still_clear == course / "datasets" / DATA
    assert done.used_by == ("attack-other",)
    assert (course / "datasets" / DATA / "build.py").is_file()


def test_git_s_own_files_stay_where_they_are(course: Path, home: Path, key: Path) -> None:
    lab = course / "labs" / LAB
    (lab / ".gitignore").write_text("*.tmp\n")
    (lab / "notes.md").write_text("the answer is the third column, and more")
    seal(lab, settings=settings_of(course, home, key), progress=QUIET, to=None, new_key=None)
    assert (lab / ".gitignore").is_file()
    assert not (lab / "notes.md").exists()


def test_a_link_in_a_lab_is_not_sealed(course: Path, home: Path, key: Path) -> None:
    (course / "labs" / LAB / "hidden" / "link").symlink_to("/etc/hostname")
    before = tree(course)
    with pytest.raises(LabError, match="is a link"):
        seal(
            course / "labs" / LAB,
            settings=settings_of(course, home, key),
            progress=QUIET,
            to=None,
            new_key=None,
        )
    assert tree(course) == before


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda lab: shutil.rmtree(lab / "solution"), "lacks the folder solution/"),
        (lambda lab: (lab / "data").mkdir(), "has a folder data/"),
        (lambda lab: (lab / SEALED_FILE).write_text(""), "is sealed already"),
    ],
)
def test_what_could_not_be_graded_is_not_sealed(
    course: Path, home: Path, key: Path, spoil: Any, message: str
) -> None:
    spoil(course / "labs" / LAB)
    before = tree(course)
    settings = settings_of(course, home, key)
    with pytest.raises(LabError, match=message):
        seal(course / "labs" / LAB, settings=settings, progress=QUIET, to=None, new_key=None)
    assert tree(course) == before


def test_a_key_beside_the_lab_is_refused_before_it_is_written(course: Path, home: Path) -> None:
    before = tree(course)
    with pytest.raises(UserError, match="beside what it opens"):
        seal(
            course / "labs" / LAB,
            settings=settings_of(course, home),
            progress=QUIET,
            to=None,
            new_key=course / "labs" / LAB / "key",
        )
    assert tree(course) == before


def test_sealing_without_a_key_says_how_to_make_one(course: Path, home: Path) -> None:
    with pytest.raises(UserError, match="sealing takes a key") as caught:
        seal(
            course / "labs" / LAB,
            settings=settings_of(course, home),
            progress=QUIET,
            to=None,
            new_key=None,
        )
    assert "--new-key" in str(caught.value.help)


def test_without_the_key_a_learner_lists_starts_and_checks(
    sealed: Path, home: Path, tmp_path: Path
) -> None:
    settings = settings_of(sealed, home)
    assert [row.problem for row in catalogue(settings)] == [None]
    made = start(LAB, tmp_path / "work", settings=settings, progress=QUIET)
    assert {"solution.py", "data/train.csv", "tests/test_functions.py"} <= set(made.written)
    result = check(sealed / "labs" / LAB, tmp_path / "work", settings=settings, progress=QUIET)
    assert result.checks


def test_without_the_key_rows_are_shuffled_as_they_are_with_it(
    sealed: Path, home: Path, key: Path
) -> None:
    lab = sealed / "labs" / LAB
    public = set_up(lab, split="public", settings=settings_of(sealed, home), progress=QUIET)
    hidden = set_up(lab, split="hidden", settings=settings_of(sealed, home, key), progress=QUIET)
    assert public.data
    assert hidden.data
    assert public.data.twins == hidden.data.twins == {"features", "truth"}
    assert public.data.digest == hidden.data.digest


def test_submitting_without_the_key_is_refused_and_spends_nothing(
    sealed: Path, tmp_path: Path
) -> None:
    settings = settings_of(sealed, tmp_path / "home")
    work = tmp_path / "work"
    work.mkdir()
    (work / "solution.py").write_text("def fit(train): ...\n")
    request = Request(lab=sealed / "labs" / LAB, code=work, learner="ada")
    with pytest.raises(UserError, match="is sealed: grading it takes its key") as caught:
        submit(request, settings, QUIET)
    assert caught.value.exit_code == 2
    assert "LABRUN_LAB_KEY" in str(caught.value.help)
    assert [row.standing for row in catalogue(settings)] == [""]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("work", "verdict"), [("solution", Verdict.PASSED), ("baseline", Verdict.FAILED)]
)
def test_a_sealed_lab_gives_the_grade_of_the_open_one(
    course: Path, home: Path, key: Path, tmp_path: Path, work: str, verdict: Verdict
) -> None:
    seal(
        course / "labs" / LAB,
        settings=settings_of(course, home, key),
        progress=QUIET,
        to=tmp_path / "public",
        new_key=None,
    )
    grades, digests = [], []
    for root in (course, tmp_path / "public"):
        settings = settings_of(root, home / root.name, key)
        bench = set_up(root / "labs" / LAB, split="hidden", settings=settings, progress=QUIET)
        submission = collect(bench.lab, course / "labs" / LAB / work).submission
        _, grade = trial(bench, submission, QUIET)
        grades.append((grade.verdict, grade.score, [each.points for each in grade.results]))
        assert bench.data
        digests.append((bench.digest, bench.data.digest, bench.data.tables))
    assert grades[0] == grades[1]
    assert grades[0][0] == verdict
    assert digests[0] == digests[1]


def test_the_digest_of_a_lab_is_the_same_sealed_or_open(
    course: Path, home: Path, key: Path
) -> None:
    lab = course / "labs" / LAB
    before = lab_digest(lab)
    seal(lab, settings=settings_of(course, home, key), progress=QUIET, to=None, new_key=None)
    assert lab_digest(lab) == before


def test_an_opened_lab_is_private_and_made_again_when_it_was_changed(
    sealed: Path, tmp_path: Path, key: Path
) -> None:
    settings = settings_of(sealed, tmp_path / "home", key)
    lab = sealed / "labs" / LAB
    folder, _ = authors_form(lab, settings)
    assert stat.S_IMODE(settings.opened.stat().st_mode) == 0o700
    hidden = folder / "hidden" / "test_functions.py"
    right = hidden.read_bytes()
    made = hidden.stat().st_ino
    authors_form(lab, settings)
    assert hidden.stat().st_ino == made
    hidden.write_text("def test_nothing(): ...\n")
    again, _ = authors_form(lab, settings)
    assert (again, hidden.read_bytes()) == (folder, right)


def test_an_opened_lab_still_takes_its_key(sealed: Path, tmp_path: Path, key: Path) -> None:
    lab = sealed / "labs" / LAB
    authors_form(lab, settings_of(sealed, tmp_path / "home", key))
    with pytest.raises(UserError, match="takes its key"):
        authors_form(lab, settings_of(sealed, tmp_path / "home"))
    make_key(tmp_path / "other")
    with pytest.raises(UserError, match="sealed with another key"):
        authors_form(lab, settings_of(sealed, tmp_path / "home", tmp_path / "other"))


def test_what_a_killed_opening_left_is_removed(sealed: Path, tmp_path: Path, key: Path) -> None:
    settings = settings_of(sealed, tmp_path / "home", key)
    left = settings.opened / ".opening-killed" / "made"
    left.mkdir(parents=True)
    (left / "truth.csv").write_text("1\n")
    authors_form(sealed / "labs" / LAB, settings)
    assert not left.parent.exists()


def test_the_key_may_come_as_text(sealed: Path, tmp_path: Path, key: Path) -> None:
    settings = settings_of(sealed, tmp_path / "home").model_copy(
        update={"lab_key": SecretStr(key.read_text())}
    )
    folder, _ = authors_form(sealed / "labs" / LAB, settings)
    assert (folder / "hidden").is_dir()
    assert key.read_text().strip() not in f"{settings!r} {settings.model_dump_json()}"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda lab: (lab / "lab.yaml").write_text("slug: x"), "lab.yaml was changed"),
        (lambda lab: (lab / "README.md").unlink(), "it lacks README.md"),
        (lambda lab: (lab / "public" / "test_more.py").write_text(""), "test_more.py was added"),
        (lambda lab: (lab / "data/public/train.csv").write_text("y\n1\n"), "train.csv was changed"),
        (lambda lab: (lab / SEALED_FILE).write_bytes(b"labrun"), "not a sealed lab"),
        (
            lambda lab: (lab / SEALED_FILE).write_bytes((lab / SEALED_FILE).read_bytes()[:-1]),
            "cut short",
        ),
    ],
)
def test_a_sealed_lab_that_was_changed_is_not_used(
    sealed: Path, tmp_path: Path, key: Path, change: Any, message: str
) -> None:
    lab = sealed / "labs" / LAB
    change(lab)
    settings = settings_of(sealed, tmp_path / "home", key)
    with pytest.raises(LabError, match=message) as caught:
        set_up(lab, split="hidden", settings=settings, progress=QUIET)
    assert caught.value.help
    with pytest.raises(LabError):
        start(LAB, tmp_path / "work", settings=settings, progress=QUIET)


def test_a_lab_in_which_two_sealed_files_were_swapped_is_not_used(
    sealed: Path, tmp_path: Path, home: Path, key: Path
) -> None:
    other = make_course(tmp_path / "other")
    (other / "labs" / LAB / "README.md").write_text("# another lab\n")
    settings = settings_of(other, home, key)
    seal(other / "labs" / LAB, settings=settings, progress=QUIET, to=None, new_key=None)
    shutil.copy(other / "labs" / LAB / SEALED_FILE, sealed / "labs" / LAB / SEALED_FILE)
    with pytest.raises(LabError, match=r"README\.md was changed"):
        authors_form(sealed / "labs" / LAB, settings_of(sealed, home, key))


def test_opening_what_is_not_sealed_says_so(course: Path, home: Path, key: Path) -> None:
    with pytest.raises(LabError, match="is not sealed"):
        open_lab(
            course / "labs" / LAB, settings=settings_of(course, home, key), progress=QUIET, to=None
        )


def test_a_light_installation_names_what_it_lacks(
    sealed: Path, tmp_path: Path, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "cryptography", None)
    monkeypatch.setitem(
        __import__("sys").modules, "cryptography.hazmat.primitives.ciphers.aead", None
    )
    start(LAB, tmp_path / "work", settings=settings_of(sealed, tmp_path / "home"), progress=QUIET)
    with pytest.raises(MissingExtraError, match="cryptography") as caught:
        authors_form(sealed / "labs" / LAB, settings_of(sealed, tmp_path / "home", key))
    assert "labrun[grade]" in str(caught.value.help)


def test_nothing_of_a_damaged_lab_is_left_in_labrun_s_home(
    sealed: Path, tmp_path: Path, key: Path
) -> None:
    settings = settings_of(sealed, tmp_path / "home", key)
    path = sealed / "labs" / LAB / SEALED_FILE
    body = bytearray(path.read_bytes())
    body[-10] ^= 1
    path.write_bytes(body)
    with pytest.raises(LabError, match="is damaged"):
        authors_form(sealed / "labs" / LAB, settings)
    assert [each.name for each in settings.opened.iterdir()] == [".lock"]
    assert not settings.data.exists()


def test_a_home_that_cannot_be_used_is_the_platform_s_fault(
    sealed: Path, tmp_path: Path, key: Path
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "opened").write_text("in the way")
    with pytest.raises(StoreError, match="opened"):
        authors_form(sealed / "labs" / LAB, settings_of(sealed, tmp_path / "home", key))


def test_opening_takes_the_key(sealed: Path, home: Path) -> None:
    with pytest.raises(UserError, match="takes its key"):
        open_lab(sealed / "labs" / LAB, settings=settings_of(sealed, home), progress=QUIET, to=None)


def test_a_lab_without_data_is_sealed_and_opened(course: Path, home: Path, key: Path) -> None:
    lab = course / "labs" / LAB
    text = (lab / "lab.yaml").read_text().replace("dataset: planes\n", "")
    (lab / "lab.yaml").write_text(text)
    before = tree(course)
    settings = settings_of(course, home, key)
    seal(lab, settings=settings, progress=QUIET, to=None, new_key=None)
    assert not (lab / "data").exists()
    folder, _ = authors_form(lab, settings)
    begin = f"labs/{LAB}/"
    whole = {path.removeprefix(begin): body for path, body in before.items() if begin in path}
    assert tree(folder) == whole
    open_lab(lab, settings=settings, progress=QUIET, to=None)
    assert tree(course) == before
