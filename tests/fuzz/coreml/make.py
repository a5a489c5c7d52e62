"""Make the good files beside this one: ``python tests/fuzz/coreml/make.py``.

They are what the fuzzer mutates. They are committed, so that a case number means the same case everywhere.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import programs
from networks import NETWORKS
from programs import PROGRAMS, ct, program

GOOD = Path(__file__).with_name("good")
#: Where coremltools puts things in a package; identifiers are random, ours are not.
MODEL, WEIGHTS = "com.apple.CoreML/model.mlmodel", "com.apple.CoreML/weights"
AUTHOR = "com.apple.CoreML"


def package(name: str, spec: Any, weights: Path | None) -> None:
    """Write a package with a manifest that is the same every time."""
    path = GOOD / f"{name}.mlpackage"
    model = path / "Data" / MODEL
    model.parent.mkdir(parents=True)
    spec.description.metadata.ClearField("userDefined")
    model.write_bytes(spec.SerializeToString(deterministic=True))
    items = {"model": {"author": AUTHOR, "description": "", "name": "model.mlmodel", "path": MODEL}}
    if weights is not None and any(weights.iterdir()):
        shutil.copytree(weights, path / "Data" / WEIGHTS)
        items["weights"] = {"author": AUTHOR, "description": "", "name": "weights", "path": WEIGHTS}
    manifest = {"fileFormatVersion": "1.0.0", "itemInfoEntries": items, "rootModelIdentifier": "model"}
    (path / "Manifest.json").write_text(json.dumps(manifest, indent=1))


def scaling(factor: int) -> Any:
    """A program that multiplies."""
    return program(
        lambda x: programs.mb.mul(x=x, y=programs.np.float32(factor), name="y"), [(2,)], programs.T.iOS18
    )


def several(folder: Path) -> Any:
    """A model of two functions."""
    for factor in (2, 3):
        scaling(factor).save(str(folder / f"times{factor}.mlpackage"))
    wanted = ct.utils.MultiFunctionDescriptor()
    for factor in (2, 3):
        wanted.add_function(str(folder / f"times{factor}.mlpackage"), "main", f"times{factor}")
    wanted.default_function_name = "times3"
    ct.utils.save_multifunction(wanted, str(folder / "both.mlpackage"))
    return ct.models.MLModel(str(folder / "both.mlpackage"), skip_model_load=True)


def pipelines() -> tuple[Any, Any]:
    """Two programs one after another, and a pipeline of networks that holds a pipeline."""
    mil = [
        program(
            lambda x: programs.mb.linear(x=x, weight=programs.f(3, 3), name="y"), [(3,)], programs.T.iOS15
        )
        for _ in range(2)
    ]
    ct.utils.rename_feature(mil[1]._spec, "y", "z")
    ct.utils.rename_feature(mil[1]._spec, "x", "y")
    nested = ct.proto.Model_pb2.Model()
    nested.specificationVersion = 5
    first, second = NETWORKS["nn_optional"]().spec, NETWORKS["nn_optional"]().spec
    ct.utils.rename_feature(second, "x", "y_in")
    ct.utils.rename_feature(second, "y", "z")
    ct.utils.rename_feature(first, "y", "y_in")
    inner = nested.pipeline.models.add()
    inner.specificationVersion = 5
    inner.pipeline.models.add().CopyFrom(first)
    inner.description.CopyFrom(first.description)
    nested.pipeline.models.add().CopyFrom(second)
    nested.pipeline.names.extend(["inner", "second"])
    nested.description.input.add().CopyFrom(first.description.input[0])
    nested.description.output.add().CopyFrom(second.description.output[0])
    return ct.utils.make_pipeline(*mil), nested


def main() -> None:
    """Write every good file anew."""
    shutil.rmtree(GOOD, ignore_errors=True)
    GOOD.mkdir()
    for name, (build, inputs, opset, options) in PROGRAMS.items():
        model = program(build, inputs, opset, **options)
        package(name, model.get_spec(), Path(model.weights_dir) if model.weights_dir else None)
    with tempfile.TemporaryDirectory() as folder:
        model = several(Path(folder))
        package("functions", model.get_spec(), Path(model.weights_dir))
    joined, nested = pipelines()
    package("pipeline", joined.get_spec(), Path(joined.weights_dir) if joined.weights_dir else None)
    found = {name: make() for name, make in NETWORKS.items()} | {"nn_pipeline": nested}
    for name, made in found.items():
        spec = getattr(made, "spec", made)
        (GOOD / f"{name}.mlmodel").write_bytes(spec.SerializeToString(deterministic=True))
    files = [path for path in GOOD.rglob("*") if path.is_file()]
    print(len(PROGRAMS) + len(found) + 2, "models,", sum(path.stat().st_size for path in files), "bytes")


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        main()
