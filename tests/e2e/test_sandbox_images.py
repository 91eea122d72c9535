"""The images that `make test` built: what is in them, what is not, and how they are found."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from labrun.errors import ImageError
from labrun.sandbox import images, images_recipe
from labrun.sandbox.backends.docker import connect

pytestmark = pytest.mark.docker

ROOT = Path(__file__).parents[2]
CONTAINERS = ROOT / "containers"
ENGINE = ROOT / "containers/engine.sh"
NAMES = ["cpu", "torch"]


def run(image: str, *command: str, user: str = "43210") -> str:
    confined = ["--network=none", "--read-only", "--tmpfs=/tmp", f"--user={user}"]
    docker = shutil.which("docker") or "docker"
    whole = [docker, "run", "--rm", *confined, f"labrun/{image}:latest", *command]
    done = subprocess.run(whole, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("name", NAMES)
def test_the_image_on_the_engine_fits_this_labrun_and_its_lock(name: str) -> None:
    info = images.require(name)
    assert info.shim_current
    assert info.lock == images_recipe.read(CONTAINERS, name).lock
    assert info.digest.startswith("sha256:")
    assert info.size > 0
    assert info in images.list_images()


@pytest.mark.parametrize("name", NAMES)
def test_a_current_image_is_not_built_again(name: str, tmp_path: Path) -> None:
    before = images.require(name)
    said: list[str] = []
    again = images.ensure(name, containers=CONTAINERS, cache=tmp_path, say=said.append)
    assert again == before
    assert said == []


def test_a_build_that_finds_everything_made_downloads_nothing(tmp_path: Path) -> None:
    before = images.require("cpu")
    after = images.build("cpu", containers=CONTAINERS, cache=tmp_path, say=print)
    assert after == before
    assert not (tmp_path / "wheels").exists()


@pytest.mark.alone
def test_a_change_of_the_shim_makes_an_image_stale_and_rebuilds_one_layer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = images.require("cpu")
    changed = dict(images_recipe.shim_files())
    shim = tmp_path / "shim.py"
    shim.write_text(changed["shim.py"].read_text() + "# changed\n")
    changed["shim.py"] = shim
    said: list[str] = []
    with monkeypatch.context() as patch:
        patch.setattr(images_recipe, "shim_files", lambda: changed)
        with pytest.raises(ImageError, match="another version of labrun") as caught:
            images.require("cpu")
        assert caught.value.help == "run: labrun image build cpu"
        rebuilt = images.ensure("cpu", containers=CONTAINERS, cache=tmp_path, say=said.append)
        assert rebuilt.shim_current
    try:
        assert rebuilt.digest != before.digest
        assert "  cpu: layers reused" in said
        assert "COPY shim.py wire.py" in "\n".join(said)
    finally:
        back = images.ensure("cpu", containers=CONTAINERS, cache=tmp_path, say=said.append)
        connect(None).remove_image(rebuilt.tag)
    assert back.digest == before.digest


def test_an_image_that_was_never_built_is_explained() -> None:
    assert images.find("no-such-image") is None
    with pytest.raises(ImageError, match="'no-such-image' is not built") as caught:
        images.require("no-such-image")
    assert caught.value.help == "run: labrun image build no-such-image"


@pytest.mark.parametrize("name", NAMES)
def test_no_file_raises_privileges(name: str) -> None:
    assert run(name, "find", "/", "-xdev", "-perm", "/6000", "-type", "f", user="0") == ""


@pytest.mark.parametrize("name", NAMES)
def test_there_is_no_compiler_installer_or_downloader(name: str) -> None:
    tools = "gcc g++ cc c++ clang tcc ld as make pip pip3 git curl wget sudo"
    found = run(name, "sh", "-c", f"for t in {tools}; do command -v $t; done; true")
    assert found == ""
    script = (
        "import importlib.util as u; print([m for m in ('pip', 'ensurepip') if u.find_spec(m)])"
    )
    assert run(name, "python3", "-c", script) == "[]"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("python", ["python", "python3", "python3.11"])
def test_every_name_of_python_is_python_3_11(name: str, python: str) -> None:
    assert run(name, python, "--version").startswith("Python 3.11.")


@pytest.mark.parametrize("name", NAMES)
def test_libraries_bring_no_labels_and_still_import(name: str) -> None:
    script = """
import pathlib, sklearn.datasets
folder = pathlib.Path(sklearn.datasets.__file__).parent
files = [path for name in ("data", "images") for path in (folder / name).iterdir()]
print([path.name for path in files if path.suffix != ".py" and path.is_file()])
print(len(sklearn.datasets.make_blobs()[0]))
"""
    assert run(name, "python3", "-c", script).splitlines() == ["[]", "100"]


def versions(lock: Path) -> dict[str, str]:
    lines = [line for line in lock.read_text().splitlines() if not line.startswith("#")]
    return dict(line.split("==") for line in lines)


@pytest.mark.parametrize("name", NAMES)
def test_an_image_holds_exactly_its_lock(name: str) -> None:
    script = """
import importlib.metadata as m, json, re
print(json.dumps({re.sub("[-_.]+", "-", d.name).lower(): d.version
                  for d in m.distributions(path=["/opt/labrun/site"])}))
"""
    wanted = versions(CONTAINERS / "cpu/requirements.txt")
    if name != "cpu":
        wanted |= versions(CONTAINERS / name / "requirements.txt")
    assert json.loads(run(name, "python3", "-c", script)) == wanted


def test_numbers_tables_and_models_work_without_network() -> None:
    script = """
import numpy as np, pandas as pd, msgpack
from sklearn.linear_model import LogisticRegression
x = np.arange(20.0).reshape(-1, 1)
y = x[:, 0] > 9
print(LogisticRegression().fit(x, y).score(x, y), pd.DataFrame({"a": [1]}).a.sum())
"""
    assert run("cpu", "python3", "-c", script) == "1.0 1"


def test_torch_trains_and_onnx_runtime_imports() -> None:
    script = """
import torch, onnxruntime
model = torch.nn.Linear(1, 1)
loss = model(torch.ones(4, 1)).pow(2).mean()
loss.backward()
torch.optim.SGD(model.parameters(), lr=.1).step()
known = onnxruntime.get_available_providers()
print(torch.__version__, torch.cuda.is_available(), "CPUExecutionProvider" in known)
"""
    assert run("torch", "python3", "-c", script) == "2.13.0+cpu False True"


@pytest.mark.parametrize("name", NAMES)
def test_every_module_is_compiled_since_nothing_can_be_written_later(name: str) -> None:
    script = """
import pathlib, importlib.util as u, numpy, pandas, sklearn.ensemble, json, sys
files = [m.__file__ for m in list(sys.modules.values()) if getattr(m, "__file__", None)]
sources = [f for f in files if f.endswith(".py")] + ["/opt/labrun/shim.py", "/opt/labrun/wire.py"]
print([f for f in sources if not pathlib.Path(u.cache_from_source(f)).exists()])
"""
    assert run(name, "python3", "-c", script) == "[]"


@pytest.mark.parametrize("name", NAMES)
def test_the_shim_and_wire_are_those_of_this_labrun(name: str) -> None:
    for file, path in images_recipe.shim_files().items():
        assert run(name, "cat", f"/opt/labrun/{file}") == path.read_text().strip()


@pytest.mark.parametrize("name", NAMES)
def test_no_wheel_and_no_host_mirror_stays_in_an_image(name: str) -> None:
    found = run(name, "sh", "-c", "ls -d /wheels /tmp/*; cat /etc/apt/sources.list* 2>&- ; true")
    assert [line for line in found.splitlines() if "No such file" not in line] == []


def set_up(tmp_path: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(ENGINE)],
        env={"PATH": os.defpath, "HOME": str(tmp_path), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_setting_up_an_engine_that_answers_changes_nothing(tmp_path: Path) -> None:
    done = set_up(tmp_path)
    assert (done.returncode, done.stdout) == (0, "engine: a Docker engine answers\n")


@pytest.mark.parametrize("host", ["unix:///nonexistent/docker.sock", "tcp://127.0.0.1:1"])
def test_an_engine_named_by_the_user_that_does_not_answer_is_explained(
    tmp_path: Path, host: str
) -> None:
    done = set_up(tmp_path, DOCKER_HOST=host)
    assert done.returncode == 4
    error, help_ = done.stderr.splitlines()
    assert error == f"error: no Docker engine answers at DOCKER_HOST={host}"
    assert help_.startswith("help: start it, or unset DOCKER_HOST")


def test_a_docker_client_on_path_does_not_pass_for_an_engine(tmp_path: Path) -> None:
    client = tmp_path / "docker"
    client.write_text("#!/bin/sh\necho 'Docker version 1.0'\n")
    client.chmod(0o755)
    path = f"{tmp_path}:{os.defpath}"
    done = set_up(tmp_path, PATH=path, DOCKER_HOST="unix:///nonexistent/docker.sock")
    assert done.returncode == 4
