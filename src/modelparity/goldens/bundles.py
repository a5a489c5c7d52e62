"""Goldens for another machine: a zip or a folder that needs numpy and pytest, or Swift, and nothing else.

It holds ``manifest.json``, ``goldens/**.safetensors``, ``models/`` where converted models are packed too, and
the files of `goldens.portable`: the reader and the test that judges by the same floors and the same limit as
the library. The same goldens give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..errors import GoldenError
from ..files import replace_file, replacing
from ..graph import Array, Graph, digest
from .bundle_zip import opened, zipped
from .folder_layout import SUFFIX, Case
from .portable import reading
from .ranges import ranges
from .recording import Golden
from .safetensors_file import encode

#: Copied into every bundle as they stand.
CARRIED = ("README.md", "candidate.py", "compare.py", "reading.py", "test_bundle.py")
Goldens = Iterable[Golden] | Mapping[str, Golden | Iterable[Golden]]


def bundle(
    goldens: Goldens,
    path: str | Path,
    *,
    graphs: Mapping[str, Graph] | None = None,
    models: Mapping[str, Path] | None = None,
) -> Path:
    """Pack goldens for a machine without this library; a zip if ``path`` ends in .zip, else a new folder.

    ``goldens`` by model name, or plain: then a model goes by its graph's name. The name is what the other
    side's ``predict(model, inputs)`` is given. ``graphs`` by model name, where they are at hand, tell the ranges
    of outputs; ``models`` by model name are converted models, files or folders, that go with the goldens.
    Raises `GoldenError` for two cases of one id, for none, and for a folder that exists.
    """
    path = Path(path)
    files = _files(goldens, graphs or {}, models or {})
    if path.suffix.lower() == ".zip":
        return replace_file(path, zipped(files), GoldenError)
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
    with opened(Path(path)) as read:
        result: dict[str, list[Golden]] = {}
        for case in reading.load(read):
            result.setdefault(case.model, []).append(Golden.decoded(case.data, where=f"{path}, {case.id}"))
        return result


def _files(goldens: Goldens, graphs: Mapping[str, Graph], models: Mapping[str, Path]) -> dict[str, bytes]:
    """{name in the bundle: bytes}, sorted."""
    from ..verdict.bands import LIMIT

    files: dict[str, bytes] = {}
    cases: dict[str, dict[str, Any]] = {}
    listed: dict[str, dict[str, Any]] = {}
    folders: dict[str, str] = {}
    for model, golden in sorted(_named(goldens), key=lambda item: (item[0], _case_name(item[1]))):
        own = _case_name(golden)
        name = f"{model}/{own}"
        if name in cases:
            raise GoldenError(
                f"two goldens of one case: {name!r}", fix="bundle each once, or give models names"
            )
        if model not in folders:
            folders[model] = _folder(model, folders.values())
            listed[model] = _about(model, golden, graphs.get(model))
        file = f"goldens/{folders[model]}/{own}{SUFFIX}"
        files[file] = encode(golden)
        about = {key: golden.provenance[key] for key in ("recipe", "seed", "length")}
        cases[name] = {"id": name, "model": model, "file": file, **about}
    if not cases:
        raise GoldenError("no goldens to bundle", fix="record some with mp.golden(graph)")
    for model, artefact in sorted(models.items()):
        if model not in listed:
            raise GoldenError(f"a converted model without goldens: {model!r}", where=artefact)
        listed[model]["coreml"] = target = f"models/{folders[model]}{artefact.suffix}"
        files |= _artefact(artefact, target)
    manifest: dict[str, Any] = {
        "format": reading.FORMAT,
        "spec": reading.SPEC,
        "limit": LIMIT,
        "models": listed,
        "cases": list(cases.values()),
        "files": {
            name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in sorted(files.items())
        },
    }
    manifest["seal"] = reading.seal(manifest)
    files["manifest.json"] = (json.dumps(manifest, sort_keys=True, indent=1) + "\n").encode()
    here = Path(reading.__file__).parent
    files |= {name: (here / name).read_bytes() for name in CARRIED}
    return dict(sorted(files.items()))


def _named(goldens: Goldens) -> Iterable[tuple[str, Golden]]:
    if not isinstance(goldens, Mapping):
        return [(golden.provenance["model"], golden) for golden in goldens]
    groups = [(name, [item] if isinstance(item, Golden) else item) for name, item in goldens.items()]
    return [(name, golden) for name, group in groups for golden in group]


def _case_name(golden: Golden) -> str:
    about = golden.provenance
    if about["recipe"] is None:
        return "given-" + "-".join(digest(golden.inputs[name])[:8] for name in sorted(golden.inputs))
    return str(Case(about["recipe"], about["seed"], about["length"]))


def _folder(model: str, taken: Iterable[str]) -> str:
    """A model's name as part of a path that every file system has room for; no other model's."""
    segments = [re.sub(r"[^A-Za-z0-9_.+-]", "_", segment) for segment in model.split("/") if segment]
    plain = "/".join(f"_{one[1:]}" if one[0] in ".+-" else one for one in segments) or "_"
    known = {name.lower() for name in taken}
    name, number = plain, 2
    while name.lower() in known:
        name, number = f"{plain}-{number}", number + 1
    return name


def _about(model: str, golden: Golden, graph: Graph | None) -> dict[str, Any]:
    """What the manifest says of a model: inputs and outputs with types and ranges, where its Core ML file is."""
    bounds = ranges(graph) if graph is not None else {}
    types = dict(golden.terms.types) if golden.terms else dict.fromkeys(sorted(golden.outputs))

    def typed(name: str, array: Array) -> str:
        return (types[name] or golden.provenance["native"]) if array.dtype.kind == "f" else array.dtype.name

    return {
        "inputs": {name: {"dtype": array.dtype.name} for name, array in golden.inputs.items()},
        "outputs": {
            name: {"dtype": typed(name, golden.outputs[name]), "range": bounds.get(name)} for name in types
        },
        "states": dict(golden.terms.states) if golden.terms else {},
        "coreml": None,
    }


def _artefact(path: Path, target: str) -> dict[str, bytes]:
    """A converted model's files under their names in the bundle."""
    if path.is_file():
        return {target: path.read_bytes()}
    found = {
        f"{target}/{file.relative_to(path).as_posix()}": file.read_bytes()
        for file in sorted(path.rglob("*"))
        if file.is_file()
    }
    if not found or not all(map(reading.NAME.fullmatch, found)):
        raise GoldenError("not packed: no files, or names that lead elsewhere", where=path)
    return found
