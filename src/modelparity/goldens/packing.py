"""Goldens for another machine: a zip or a folder that needs numpy and pytest and nothing else.

It holds ``manifest.json``, ``arrays/*.npy``, and the files of `goldens.portable`: the reader and the test
that judges by the same floors and the same limit as the library. The same goldens give the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import GoldenError
from ..graph import Array, digest
from ..writing import replace_file, replacing
from .file import MOST_BYTES, floor_from, floor_summary
from .layout import Case
from .portable import compare
from .provenance import problem
from .record import Golden

#: Copied into every bundle as they stand.
CARRIED = ("README.md", "candidate.py", "compare.py", "test_bundle.py")


def bundle(goldens: Iterable[Golden] | Mapping[str, Golden | Iterable[Golden]], path: str | Path) -> Path:
    """Pack goldens for a machine without this library; a zip if ``path`` ends in .zip, else a new folder.

    ``goldens`` by model name, or plain: then a model goes by its graph's name. The name is what the other
    side's ``predict(model, inputs)`` is given. Raises `GoldenError` for two cases of one id, for none, and
    for a folder that exists.
    """
    path = Path(path)
    files = _files(goldens)
    if path.suffix.lower() == ".zip":
        return replace_file(path, _zipped(files), GoldenError)
    if path.exists():
        raise GoldenError("already there", where=path, fix="give a new folder, or a name that ends in .zip")
    with replacing(path, GoldenError, folders=True) as draft:
        for name, data in files.items():
            (draft / name).parent.mkdir(parents=True, exist_ok=True)
            (draft / name).write_bytes(data)
    return path


def unbundle(path: str | Path) -> dict[str, list[Golden]]:
    """{model name: its goldens} of a bundle, zip or folder, verified; nothing is unpacked to disk.

    Raises `GoldenError` for a bundle that is damaged or means harm: names that lead elsewhere, sizes that
    are not what they say. Files of the bundle that hold code are not read.
    """
    path = Path(path)
    try:
        if path.is_dir():
            cases = compare.load(compare.folder(path))
        else:
            with zipfile.ZipFile(path) as archive:
                cases = compare.load(_reader(archive))
        result: dict[str, list[Golden]] = {}
        for case in cases:
            result.setdefault(case.model, []).append(_golden(case))
        return result
    except compare.BundleError as error:
        raise GoldenError(
            str(error), where=path, fix="copy the bundle anew from where it was made"
        ) from error
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise GoldenError("not a bundle, or damaged", where=path, found=f"{error!s:.200}") from error


def _golden(case: compare.Case) -> Golden:
    try:
        record, about, weights = (case.record[key] for key in ("provenance", "floor", "weights"))
        if reason := problem(record):
            raise compare.BundleError(f"{case.id}: provenance: {reason}")
        if (floor := floor_from(about, case.floors)) is None:
            raise compare.BundleError(f"{case.id}: the summary of the floor does not fit the floor")
        return Golden(case.inputs, case.outputs, floor, record, weights)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise compare.BundleError(f"{case.id}: damaged manifest: {error!r:.200}") from error


def _files(goldens: Iterable[Golden] | Mapping[str, Golden | Iterable[Golden]]) -> dict[str, bytes]:
    """{name in the bundle: bytes}, sorted."""
    from ..verdict.compare import LIMIT

    files: dict[str, bytes] = {}
    cases: dict[str, dict[str, Any]] = {}
    for model, golden in sorted(_named(goldens), key=lambda item: (item[0], _case_name(item[1]))):
        name = f"{model}/{_case_name(golden)}"
        if name in cases:
            raise GoldenError(
                f"two goldens of one case: {name!r}", fix="bundle each once, or give models names"
            )
        cases[name] = _case(name, model, golden, len(cases), files)
    if not cases:
        raise GoldenError("no goldens to bundle", fix="record some with mp.golden(graph)")
    manifest: dict[str, Any] = {
        "format": compare.FORMAT,
        "spec": compare.SPEC,
        "limit": LIMIT,
        "models": sorted({case["model"] for case in cases.values()}),
        "cases": list(cases.values()),
    }
    manifest["seal"] = compare.seal(manifest)
    files["manifest.json"] = (json.dumps(manifest, sort_keys=True, indent=1) + "\n").encode()
    here = Path(compare.__file__).parent
    files |= {name: (here / name).read_bytes() for name in CARRIED}
    return dict(sorted(files.items()))


def _named(
    goldens: Iterable[Golden] | Mapping[str, Golden | Iterable[Golden]],
) -> Iterable[tuple[str, Golden]]:
    if not isinstance(goldens, Mapping):
        return [(golden.provenance["model"], golden) for golden in goldens]
    groups = [(name, [item] if isinstance(item, Golden) else item) for name, item in goldens.items()]
    return [(name, golden) for name, group in groups for golden in group]


def _case_name(golden: Golden) -> str:
    about = golden.provenance
    if about["recipe"] is None:
        return "given-" + "-".join(digest(golden.inputs[name])[:8] for name in sorted(golden.inputs))
    return str(Case(about["recipe"], about["seed"], about["length"]))


def _case(name: str, model: str, golden: Golden, number: int, files: dict[str, bytes]) -> dict[str, Any]:
    groups = {"inputs": golden.inputs, "outputs": golden.outputs, "floors": golden.floor.outputs}
    described: dict[str, Any] = {}
    for group, arrays in groups.items():
        described[group] = {}
        for index, (key, array) in enumerate(sorted(arrays.items())):
            file = f"arrays/{number:04d}-{group}-{index}.npy"
            files[file] = data = _npy(array)
            described[group][key] = {
                "file": file,
                "dtype": array.dtype.name,
                "shape": list(array.shape),
                "sha256": hashlib.sha256(data).hexdigest(),
            }
    native = golden.provenance["native"]
    dtypes = {key: [native if a.dtype.kind == "f" else a.dtype.name] for key, a in golden.outputs.items()}
    return {
        "id": name,
        "model": model,
        "dtypes": dtypes,
        "provenance": dict(golden.provenance),
        "weights": dict(golden.weights),
        "floor": floor_summary(golden.floor),
        **described,
    }


def _npy(array: Array) -> bytes:
    file = io.BytesIO()
    little = np.asarray(array, dtype=array.dtype.newbyteorder("<"), order="C")
    np.lib.format.write_array(file, little, version=(1, 0), allow_pickle=False)
    return file.getvalue()


def _zipped(files: Mapping[str, bytes]) -> bytes:
    """Stored, not deflated: floats hardly shrink, and versions of zlib disagree about the bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr = 3, 0o644 << 16
            archive.writestr(info, data)
    return file.getvalue()


def _reader(archive: zipfile.ZipFile) -> compare.Reader:
    names = archive.namelist()
    if len(names) != len(set(names)):
        raise compare.BundleError("two files of the archive share a name")
    if sum(info.file_size for info in archive.infolist()) > MOST_BYTES:
        raise compare.BundleError(f"the archive unpacks to more than {MOST_BYTES} bytes")
    for name in names:
        parts = name.replace("\\", "/").split("/")
        if name.startswith("/") or ".." in parts or ":" in name:
            raise compare.BundleError(f"{name!r} leads out of the bundle")

    def read(name: str, most: int) -> bytes:
        if name not in names:
            raise compare.BundleError(f"{name} is missing")
        with archive.open(name) as file:
            data = file.read(most + 1)  # what it unpacks to, whatever its directory says
        if len(data) > most:
            raise compare.BundleError(f"{name} is larger than the manifest says")
        return data

    return read
