"""Images: which mirror, which recipe, which tag; and what is said when one cannot be made."""

import gc
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from docker import APIClient

from labrun.errors import ImageError, SandboxError
from labrun.sandbox import images, images_apt, images_build, images_recipe, images_wheels

CONTAINERS = Path(__file__).parents[3] / "containers"
NOWHERE = "unix:///nonexistent/docker.sock"

DEB822 = """\
# a comment
Types: deb
URIs: http://mirror.example/debian
# an old place: http://old.example
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb deb-src
URIs: http://security.example/debian-security
Suites: bookworm-security
Components: main

Types: deb-src
URIs: http://src.example/debian
Suites: bookworm
Components: main

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main
"""


def etc(folder: Path, release: str, sources: str = "") -> Path:
    (folder / "apt/sources.list.d").mkdir(parents=True)
    (folder / "os-release").write_text(release)
    (folder / "apt/sources.list").write_text(sources)
    return folder


def test_deb822_paragraphs_give_one_source_for_each_suite() -> None:
    found = images_apt.parse_deb822(DEB822)
    assert [(each.uri, each.suite) for each in found] == [
        ("http://mirror.example/debian", "bookworm"),
        ("http://mirror.example/debian", "bookworm-updates"),
        ("http://security.example/debian-security", "bookworm-security"),
    ]
    assert found[0].components == ("main", "contrib")
    assert found[0].keyring == "/usr/share/keyrings/debian-archive-keyring.gpg"


def test_an_embedded_key_is_not_taken_for_a_keyring_file() -> None:
    text = (
        "Types: deb\nURIs: http://m.example\nSuites: x\nComponents: main\nSigned-By:\n -----BEGIN\n"
    )
    assert images_apt.parse_deb822(text)[0].keyring is None


def test_one_line_sources_are_read_with_and_without_options() -> None:
    text = (
        "# deb http://no.example x main\n"
        "deb http://a.example/debian bookworm main contrib # why\n"
        "deb [arch=amd64 signed-by=/k.gpg trusted=yes] https://b.example jammy universe\n"
        "deb-src http://c.example bookworm main\n"
    )
    plain, rich = images_apt.parse_lines(text)
    assert (plain.uri, plain.suite, plain.components) == (
        "http://a.example/debian",
        "bookworm",
        ("main", "contrib"),
    )
    assert (rich.keyring, rich.trusted, rich.components) == ("/k.gpg", True, ("universe",))


def test_a_debian_host_of_any_release_gives_bookworm_from_its_own_mirror(tmp_path: Path) -> None:
    release = 'ID=debian\nVERSION_CODENAME="trixie"\n'
    text = (
        "deb http://m.example/debian trixie main\ndeb http://m.example/debian trixie-updates main"
    )
    plan = images_apt.choose(etc(tmp_path, release, sources=text))
    assert (plan.suite, plan.mirror, plan.python) == (
        "bookworm",
        "http://m.example/debian",
        "python3",
    )


def test_a_third_party_source_is_not_taken_for_the_distribution(tmp_path: Path) -> None:
    folder = etc(tmp_path, "ID=debian\nVERSION_CODENAME=bookworm\n")
    parts = folder / "apt/sources.list.d"
    (parts / "a-browser.list").write_text("deb https://browser.example/deb stable main")
    (parts / "a-runtime.list").write_text("deb https://runtime.example/deb bookworm main")
    (parts / "debian.sources").write_text(DEB822)
    assert images_apt.choose(folder).mirror == "http://mirror.example/debian"


def test_an_ubuntu_host_gives_its_own_suite_with_universe(tmp_path: Path) -> None:
    release = "ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=jammy\n"
    text = "deb http://u.example/ubuntu jammy main\ndeb http://u.example/ubuntu jammy universe"
    plan = images_apt.choose(etc(tmp_path, release, sources=text))
    assert plan.suite == "jammy"
    assert plan.components == ("main", "universe")
    assert plan.python == "python3.11"


def test_a_file_that_lists_mirrors_is_followed(tmp_path: Path) -> None:
    listed = tmp_path / "mirrors.list"
    listed.write_text("https://first.example/debian\nhttps://second.example/debian\n")
    text = f"deb mirror+file://{listed} bookworm main"
    folder = etc(tmp_path / "etc", "ID=debian\nVERSION_CODENAME=bookworm", sources=text)
    assert images_apt.choose(folder).mirror == "https://first.example/debian"


def test_a_trusted_mirror_needs_no_signature(tmp_path: Path) -> None:
    text = "deb [trusted=yes] file:/srv/mirror bookworm main"
    folder = etc(tmp_path, "ID=debian\nVERSION_CODENAME=bookworm", sources=text)
    assert images_apt.choose(folder).options == ("--no-check-gpg",)


@pytest.mark.parametrize("release", ["ID=fedora\n", "ID=debian\nVERSION_CODENAME=bookworm\n"])
def test_a_host_without_a_mirror_says_so(tmp_path: Path, release: str) -> None:
    with pytest.raises(ImageError, match="no Debian or Ubuntu mirror") as caught:
        images_apt.choose(etc(tmp_path, release))
    assert "registry" in str(caught.value.help)


def test_a_host_without_os_release_says_so(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="mirror"):
        images_apt.choose(tmp_path)


@pytest.fixture
def containers(tmp_path: Path) -> Path:
    copy = tmp_path / "containers"
    shutil.copytree(CONTAINERS, copy)
    return copy


def locks(containers: Path) -> dict[str, str]:
    found = images_recipe.names(containers)
    return {name: images_recipe.read(containers, name).lock for name in found}


def test_every_folder_with_a_lock_is_an_image() -> None:
    assert {"cpu", "torch"} <= set(images.known(CONTAINERS))
    assert "base" not in images.known(CONTAINERS)


@pytest.mark.parametrize(
    ("changed", "moved"),
    [
        ("torch/requirements.txt", {"torch"}),
        ("cpu/requirements.txt", {"cpu", "torch"}),
        ("cpu/Dockerfile", {"cpu", "torch"}),
        ("base/trim.sh", {"cpu", "torch"}),
        ("base/install.sh", {"cpu", "torch"}),
        ("shim/Dockerfile", set()),
    ],
)
def test_a_lock_moves_with_what_the_image_grows_from(
    containers: Path, changed: str, moved: set[str]
) -> None:
    before = locks(containers)
    with (containers / changed).open("a") as file:
        file.write("# changed\n")
    after = locks(containers)
    assert {name for name in before if before[name] != after[name]} == moved


def test_the_tag_follows_both_lock_and_shim() -> None:
    tags = {images_recipe.tag("cpu", lock, shim) for lock in "ab" for shim in "cd"}
    assert len(tags) == 4
    assert all(len(tag) == len("labrun/cpu:") + 12 for tag in tags)


def test_an_unknown_image_names_those_there_are() -> None:
    with pytest.raises(ImageError, match="no image 'gpu'") as caught:
        images_recipe.read(CONTAINERS, "gpu")
    assert "cpu, torch" in str(caught.value.help)


def test_a_missing_containers_folder_is_explained(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="no image 'cpu'") as caught:
        images_recipe.read(tmp_path / "none", "cpu")
    assert "containers folder" in str(caught.value.help)


def test_a_dockerfile_must_say_what_it_grows_from(containers: Path) -> None:
    (containers / "cpu/Dockerfile").write_text("FROM scratch\n")
    with pytest.raises(ImageError, match="lacks a line like: ARG PARENT=base"):
        images_recipe.read(containers, "cpu")


def test_images_that_grow_from_each_other_are_refused(containers: Path) -> None:
    path = containers / "cpu/Dockerfile"
    path.write_text(path.read_text().replace("PARENT=base", "PARENT=torch"))
    with pytest.raises(ImageError, match="cpu → torch → cpu"):
        images_recipe.read(containers, "cpu")


def test_a_missing_file_of_a_recipe_is_named(containers: Path) -> None:
    (containers / "base/trim.sh").unlink()
    with pytest.raises(ImageError, match=r"cannot read .*trim\.sh"):
        images_recipe.read(containers, "cpu")


@pytest.mark.parametrize("lock", sorted(CONTAINERS.glob("*/requirements.txt")), ids=str)
def test_a_lock_holds_exact_versions_only(lock: Path) -> None:
    lines = [line for line in lock.read_text().splitlines() if not line.startswith("#")]
    assert lines
    assert [line for line in lines if line.count("==") != 1 or "*" in line] == []


def test_a_lock_that_cannot_be_downloaded_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    lock = tmp_path / "requirements.txt"
    lock.write_text("torch==0.0.1+cpu\n")
    cache = tmp_path / "cache"
    with pytest.raises(ImageError, match=r"torch==0\.0\.1\+cpu") as caught:
        images_wheels.download("torch", [lock], arch="x86_64", cache=cache)
    assert "PyTorch's CPU wheels" in str(caught.value.help)
    finished = [path for path in (cache / "wheels/torch").iterdir() if path.name != "partial"]
    assert finished == []


def test_wheels_in_the_cache_are_not_downloaded_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    lock = tmp_path / "requirements.txt"
    lock.write_text("# nothing is locked yet\n")
    first = images_wheels.download("x", [lock], arch="x86_64", cache=tmp_path)
    (first / "kept.whl").write_text("")
    assert images_wheels.download("x", [lock], arch="x86_64", cache=tmp_path) == first
    assert (first / "kept.whl").exists()
    lock.write_text("# a new lock\n")
    images_wheels.download("x", [lock], arch="x86_64", cache=tmp_path)
    assert not first.exists()


class FakeEngine:
    """The two calls of the engine that a build makes."""

    def __init__(self, *events: dict[str, str]) -> None:
        self.events = events
        self.files: list[str] = []
        self.options: dict[str, Any] = {}

    def build(self, fileobj: Any, **options: Any) -> Iterator[dict[str, str]]:
        with tarfile.open(fileobj=fileobj) as archive:
            self.files = archive.getnames()
            self.owners = {member.uid for member in archive}
        self.options = options
        return iter(self.events)

    def prune_images(self, filters: dict[str, Any]) -> None:
        assert filters["label"]


def run_build(engine: FakeEngine, files: dict[str, Path]) -> list[str]:
    said: list[str] = []
    client = cast(APIClient, engine)
    images_build.build(client, "labrun/x:1", files=files, args={}, labels={}, say=said.append)
    return said


def test_a_build_has_no_network_and_says_what_it_reuses(tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels/a.whl").write_text("")
    engine = FakeEngine({"stream": "Step 1/1 : RUN x\n"}, {"stream": " ---> Using cache\n"})
    said = run_build(engine, {"wheels": tmp_path / "wheels"})
    assert engine.options["network_mode"] == "none"
    assert engine.files == ["wheels", "wheels/a.whl"]
    assert engine.owners == {0}
    assert [line.strip() for line in said] == ["Step 1/1 : RUN x", "reused"]


def test_a_failed_build_shows_the_last_lines_it_printed() -> None:
    engine = FakeEngine({"stream": "pip: no such wheel\n"}, {"error": "code 1"})
    with pytest.raises(ImageError, match=r"labrun/x:1 failed: pip: no such wheel \| code 1"):
        run_build(engine, {})


class FullEngine:
    """An engine with a newest image, what it grows on, two old ones, and a container of one."""

    def __init__(self) -> None:
        self.removed: list[str] = []

    def containers(self, *, all: bool) -> list[dict[str, str]]:
        assert all
        return [{"ImageID": "old-but-running"}]

    def images(self, filters: dict[str, str]) -> list[dict[str, Any]]:
        def image(id_: str, lock: str, *tags: str, shim: bool = True) -> dict[str, Any]:
            labels = {images.LOCK_LABEL: lock} | ({images.SHIM_LABEL: "s"} if shim else {})
            return {"Id": id_, "RepoTags": list(tags) or None, "Labels": labels}

        assert filters == {"label": images.LOCK_LABEL}
        return [
            image("newest", "two", "labrun/cpu:b", "labrun/cpu:latest"),
            image("layers", "two", "labrun/cpu:layers-b", shim=False),
            image("old", "one", "labrun/cpu:a"),
            image("old-shim", "two", "labrun/cpu:c"),
            image("old-layers", "one", "labrun/cpu:layers-a", shim=False),
            image("old-but-running", "one", "labrun/cpu:d"),
            image("nameless", "one"),
        ]

    def remove_image(self, tag: str) -> None:
        self.removed.append(tag)


def test_old_images_go_and_the_newest_its_layers_and_running_ones_stay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = FullEngine()
    monkeypatch.setattr(images, "connect", lambda _: engine)
    gone = images.remove_old()
    assert gone == ["labrun/cpu:a", "labrun/cpu:c", "labrun/cpu:layers-a"]
    assert engine.removed == gone


# The Docker SDK drops a socket it could not connect, which would warn here or in a later test.
drops_sockets = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")


@pytest.fixture
def collected() -> Iterator[None]:
    yield
    gc.collect()


@drops_sockets
@pytest.mark.usefixtures("collected")
@pytest.mark.parametrize("ask", [images.find, images.require], ids=["find", "require"])
def test_without_an_engine_every_question_is_a_platform_fault(ask: Any) -> None:
    with pytest.raises(SandboxError, match="no Docker engine answers") as caught:
        ask("cpu", engine=NOWHERE)
    assert "containers/engine.sh" in str(caught.value.help)


@drops_sockets
@pytest.mark.usefixtures("collected")
def test_without_an_engine_nothing_is_listed_built_or_removed(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="no Docker engine answers"):
        images.list_images(engine=NOWHERE)
    with pytest.raises(SandboxError, match="no Docker engine answers"):
        images.remove_old(engine=NOWHERE)
    with pytest.raises(SandboxError, match="no Docker engine answers"):
        images.build("cpu", containers=CONTAINERS, cache=tmp_path, say=print, engine=NOWHERE)
    assert list(tmp_path.iterdir()) == []
