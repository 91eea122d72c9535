"""The folder of a sealed lab: what of it is in the clear, and that it is what was sealed.

    lab.yaml README.md starter/ public/    as the author wrote them
    data/public/<table>.csv                the public tables of its data set
    data/dataset.yaml data/README.md       where the data is from, and its licence
    sealed.labrun                          everything else, see `sealed`

What is clear is a list, so that a file nobody thought of is sealed.
"""

from collections.abc import Iterator
from pathlib import Path

from labrun.domain.lab import Lab
from labrun.errors import LabError
from labrun.store.datasets import DATASET_FILE, Prepared, read_dataset
from labrun.store.labs import LAB_FILE, lab_digest, plain_files
from labrun.store.sealed_header import SEALED_FILE, clear_file, read_header
from labrun.store.sealed_records import About, ClearFile, SealedTables, safe_path

DATA = "data"
CLEAR = (LAB_FILE, "README.md", "starter", "public")  # what of an author's folder stays readable
LAB, DATASET, TABLES = "lab/", "dataset/", "tables/"  # where files are inside the sealed file

_SHOWN = ("starter", "public", DATA)


def is_sealed(folder: Path) -> bool:
    """Return whether ``folder`` holds a sealed file."""
    return (folder / SEALED_FILE).exists()


def stays(name: str) -> bool:
    """Return whether what is called so in a lab's folder is left alone when it is sealed.

    That is what stays in the clear, the sealed form itself, and Git's own files.
    """
    return name in (*CLEAR, DATA, SEALED_FILE) or name.startswith(".git")


def clear_sources(folder: Path, data: Prepared | None, dataset: Path | None) -> dict[str, Path]:
    """Return the files that stay in the clear, by their path in the sealed lab's folder."""
    found = {
        path: file for path, file in plain_files(folder.resolve()) if path.split("/")[0] in CLEAR
    }
    if data and dataset:
        for name in data.table_names("public"):
            found[f"{DATA}/public/{name}.csv"] = data.table_path(name, "public")
        for name in (DATASET_FILE, read_dataset(dataset).card):
            if (dataset / name).is_file():
                found[f"{DATA}/{name}"] = dataset / name
    return found


def secret_sources(folder: Path, data: Prepared | None, dataset: Path | None) -> dict[str, Path]:
    """Return the files to seal, by their path in the sealed file: all that is not clear."""
    found = {
        f"{LAB}{path}": file
        for path, file in plain_files(folder.resolve())
        if not stays(path.split("/")[0])
    }
    if data and dataset:
        found |= {f"{DATASET}{path}": file for path, file in plain_files(dataset.resolve())}
        found |= {f"{TABLES}{path.name}": path for path in sorted(data.private.glob("*.csv"))}
    return found


def describe(lab: Lab, folder: Path, clear: dict[str, Path], data: Prepared | None) -> About:
    """Return what the sealed file says of the lab, and is bound to."""
    for path, file in clear.items():
        try:
            safe_path(path)
        except ValueError:
            msg = f"{file} cannot be part of a sealed lab: {path!a} is not a plain name"
            raise LabError(msg, help="rename it") from None
    tables = None
    if data:
        private = tuple(sorted(path.stem for path in data.private.glob("*.csv")))
        tables = SealedTables(name=data.name, digest=data.digest, private=private)
    return About(
        slug=lab.slug,
        version=lab.version,
        lab_digest=lab_digest(folder),
        dataset=tables,
        clear={path: clear_file(file) for path, file in sorted(clear.items())},
    )


def read_sealed(folder: Path) -> About:
    """Return what the sealed lab in ``folder`` says of itself, with its clear files compared.

    A file in the clear that is not the one bound to the sealed file is a `LabError`.
    """
    about = read_header(folder / SEALED_FILE).lab
    problems = [*_changed(folder, about.clear), *_added(folder, about.clear)]
    if problems:
        more = f", and {len(problems) - 1} more" if len(problems) > 1 else ""
        msg = f"{folder} is not the lab that was sealed: {problems[0]}{more}"
        raise LabError(msg, help="restore it; its author opens, changes and seals it again")
    return about


def public_tables(folder: Path, about: About) -> Prepared | None:
    """Return the public tables of a sealed lab, which need no key; None where it has no data."""
    if about.dataset is None:
        return None
    begin = f"{DATA}/public/"
    tables = {
        path.removeprefix(f"{DATA}/"): file.sha256
        for path, file in about.clear.items()
        if path.startswith(begin)
    }
    return Prepared(
        name=about.dataset.name,
        digest=about.dataset.digest,
        root=folder / DATA,
        tables=tables,
        sealed=about.dataset.private,
    )


def _changed(folder: Path, clear: dict[str, ClearFile]) -> Iterator[str]:
    for path, expected in clear.items():
        if not (folder / path).is_file():
            yield f"it lacks {path}"
        elif clear_file(folder / path) != expected:
            yield f"{path} was changed"


def _added(folder: Path, clear: dict[str, ClearFile]) -> Iterator[str]:
    for name in _SHOWN:
        for path, _ in plain_files(folder / name):
            if f"{name}/{path}" not in clear:
                yield f"{name}/{path} was added"
