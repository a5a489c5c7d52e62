"""Bundles: deterministic, safe to read, and at home where this library is not."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as hnp

from modelparity import Golden, Graph, golden
from modelparity.errors import GoldenError
from modelparity.goldens import bundle, unbundle
from modelparity.goldens.portable import compare as portable, reading
from modelparity.goldens.safetensors_file import encode
from modelparity.verdict.bands import LIMIT
from modelparity.verdict.compare import compare

#: pytest in a process where neither this library nor what only it needs can be imported.
ALONE = """
import sys
for name in ("modelparity", "safetensors", "scipy", "torch", "onnx", "onnxruntime", "hypothesis"):
    sys.modules[name] = None
import pytest
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", *sys.argv[1:]]))
"""

PREDICT = """
import numpy as np

WEIGHTS = np.load(__file__.replace("candidate.py", "weights.npz"))

def predict(model, inputs):
    assert model == "small/dense"
    y = np.tanh(inputs["x"] @ WEIGHTS["W"] + WEIGHTS["b"])
    return {}
"""


def run_alone(where: Path, *options: str) -> tuple[int, str]:
    environment = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PATH": "", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-c", ALONE, *options, str(where)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=where, env=environment, timeout=120)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def packed(dense: Graph, tmp_path: Path) -> Path:
    """An unpacked bundle of two cases, and beside its files the weights for a candidate."""
    made = bundle([golden(dense, recipe=recipe) for recipe in ("noise", "features")], tmp_path / "made.zip")
    with zipfile.ZipFile(made) as archive:
        archive.extractall(tmp_path / "bundle")
    np.savez(tmp_path / "bundle" / "weights.npz", **dense.constants)
    return tmp_path / "bundle"


@pytest.mark.parametrize("result", ["y", "{'y': y}"])
def test_a_good_candidate_passes_where_the_library_is_not(packed: Path, result: str) -> None:
    (packed / "candidate.py").write_text(PREDICT.format(result))
    code, text = run_alone(packed)
    assert code == 0, text
    assert "3 passed" in text


@pytest.mark.parametrize("option", ["--import-mode=importlib", "--import-mode=prepend"])
def test_a_wrong_candidate_fails_and_is_told_by_how_much(packed: Path, option: str) -> None:
    (packed / "candidate.py").write_text(PREDICT.format("y * np.float32(1.00001)"))
    code, text = run_alone(packed, option)
    assert code == 1
    assert "2 failed, 1 passed" in text
    assert "small/dense departs from its reference (small/dense/features-s0-l100)" in text
    assert f"times what rounding can explain (limit {LIMIT:g}) at [" in text


@pytest.mark.parametrize(
    ("result", "message"),
    [
        ("y[:50]", "shape is (50, 2), but should be (100, 2)"),
        ("y.astype('f8')", "type is float64, but should be float32"),
        ("None", "predict() returned nothing"),
        ("{'z': y}", "outputs are named ['z'], but should be ['y']"),
        ("y * np.float32('nan')", "NaN in one but not in the other at 200 places, [0, 0] first"),
    ],
)
def test_other_ways_to_be_wrong(packed: Path, result: str, message: str) -> None:
    namespace: dict[str, Any] = {"__file__": str(packed / "candidate.py")}
    exec(PREDICT.format(result), namespace)
    for case in reading.load(reading.folder(packed)):
        problems = portable.judge(case, namespace["predict"](case.model, case.inputs))
        assert any(message in problem for problem in problems)


def test_an_untouched_bundle_says_what_to_do(packed: Path) -> None:
    code, text = run_alone(packed)
    assert code == 1
    assert "Replace the body of predict()" in text


def test_a_damaged_bundle_says_so(packed: Path) -> None:
    stored = next((packed / "goldens").rglob("*.safetensors"))
    stored.write_bytes(stored.read_bytes()[:-1] + b"\7")
    code, text = run_alone(packed)
    assert code != 0
    assert f"{stored.relative_to(packed).as_posix()} has changed since the bundle was made" in text


numbers = st.sampled_from(
    [0.0, 1.0, 1 + 2.0**-23, 1 + 2.0**-21, 0.5, -1.0, np.nan, np.inf, -np.inf, 1e30, 1e39]
)


@given(
    hnp.arrays(np.float32, (4,), elements=numbers.filter(lambda n: n != 1e39).map(np.float32)),
    hnp.arrays(np.float64, (4,), elements=numbers),
    hnp.arrays(np.float64, (4,), elements=st.sampled_from([0.0, 2.0**-23, 1e-9, np.inf])),
    st.sampled_from(["float32", "float64", "int64"]),
)
@settings(max_examples=50, deadline=None)
def test_the_rule_is_the_library_s_own(got: Any, want: Any, floor: Any, dtype: str) -> None:
    with np.errstate(all="ignore"):
        got = got.astype(dtype)
    for other, other_floor in ((want, floor), (want[:3], floor[:3])):
        ours = compare("y", got, other, other_floor, dtypes=("float32",))
        theirs = portable.compare(got, other, other_floor, ("float32",), LIMIT)
        assert bool(theirs) == (ours.band == "wrong")
        if got.shape == other.shape and not ours.problems:
            assert portable.in_floors(got, other, other_floor).max() == ours.floors


@pytest.mark.parametrize(
    ("got", "want", "floor"),
    [
        (np.float32([np.inf]), [1e39], 1e32),  # beyond float32
        (np.float32([-np.inf]), [1e39], 1e32),
        (np.float32([np.inf]), [3.4028234e38], 1e33),  # at its edge
        (np.float32([np.inf]), [3.3e38], 1e33),
        (np.float32([np.nan, 1]), [1.0, np.nan], 1e-6),
        (np.float32([2]), [1.0], np.nan),
        (np.float32([2]), [1.0], 0.0),
        (np.float32([2]), [1.0], np.inf),
        (np.array([2**53 + 1]), np.array([2**53]), 0.0),
        (np.array([True, False]), np.array([True, True]), 0.0),
        (np.array(["1"]), [1.0], 1e-6),
        (np.array([None]), [1.0], 1e-6),
        (np.array([1j]), [1.0], 1e-6),
        (np.float32(1), 1.0, 1e-6),
        (np.zeros((0, 2), np.float32), np.zeros((0, 2)), 1e-6),
    ],
)
def test_the_rule_is_the_library_s_own_at_the_edges(got: Any, want: Any, floor: float) -> None:
    want = np.asarray(want)
    floors = np.full(want.shape, floor)
    types = ("float32",) if want.dtype.kind == "f" else (str(want.dtype),)
    judged = compare("y", got, want, floors, dtypes=types)
    passed = not portable.compare(np.asarray(got), want, floors, types, LIMIT)
    assert passed == (judged.band in ("exact", "rounding")), judged


def test_the_limit_is_the_library_s_own(packed: Path) -> None:
    assert json.loads((packed / "manifest.json").read_text())["limit"] == LIMIT


def test_round_trip_of_zip_and_folder(dense: Graph, lstm: Graph, path: Graph, tmp_path: Path) -> None:
    goldens = [
        golden(dense),
        golden(lstm, length=9),
        golden(path),
        golden(dense, inputs=np.ones((2, 3), "f4")),
    ]
    for where in (tmp_path / "b.zip", tmp_path / "b"):
        back = unbundle(bundle(goldens, where))
        assert {name: len(found) for name, found in back.items()} == {
            "small/dense": 2,
            "small/lstm": 1,
            "small/path": 1,
        }
        assert {encode(one) for found in back.values() for one in found} == {encode(one) for one in goldens}


def test_the_same_goldens_give_the_same_bytes(dense: Graph, lstm: Graph, tmp_path: Path) -> None:
    one, two = golden(dense), golden(lstm)
    first = bundle([one, two], tmp_path / "1.zip").read_bytes()
    assert bundle([two, one], tmp_path / "2.zip").read_bytes() == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert archive.namelist() == sorted(archive.namelist())
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.testzip() is None


def test_models_may_be_given_names(gold: Golden, tmp_path: Path) -> None:
    back = unbundle(bundle({"toys/a": gold, "toys/b": [gold]}, tmp_path / "b.zip"))
    assert list(back) == ["toys/a", "toys/b"]


def test_what_cannot_be_bundled(gold: Golden, tmp_path: Path) -> None:
    with pytest.raises(GoldenError, match="two goldens of one case: 'small/dense/noise-s0-l6'"):
        bundle([gold, gold], tmp_path / "b.zip")
    with pytest.raises(GoldenError, match="no goldens"):
        bundle([], tmp_path / "b.zip")
    (tmp_path / "there").mkdir()
    with pytest.raises(GoldenError, match="already there"):
        bundle([gold], tmp_path / "there")
    assert [item.name for item in tmp_path.iterdir()] == ["there"]


def test_the_manifest_lists_models_cases_and_files(dense: Graph, gold: Golden, tmp_path: Path) -> None:
    made = tmp_path / "dense.mlpackage"
    (made / "Data" / "weights").mkdir(parents=True)
    (made / "Manifest.json").write_bytes(b"{}")
    (made / "Data" / "weights" / "weight.bin").write_bytes(b"\1\2")
    complete = gold.with_terms(dense)
    where = bundle([complete], tmp_path / "b", graphs={"small/dense": dense}, models={"small/dense": made})
    manifest = reading.checked((where / "manifest.json").read_bytes())
    assert manifest["models"] == {
        "small/dense": {
            "inputs": {"x": {"dtype": "float32"}},
            "outputs": {"y": {"dtype": "float32", "range": {"low": -1.0, "high": 1.0}}},
            "states": {},
            "coreml": "models/small/dense.mlpackage",
        }
    }
    stored = "goldens/small/dense/noise-s0-l6.safetensors"
    case = {"id": "small/dense/noise-s0-l6", "model": "small/dense", "file": stored}
    assert manifest["cases"] == [{**case, "recipe": "noise", "seed": 0, "length": 6}]
    assert (where / stored).read_bytes() == encode(complete)
    packed = "models/small/dense.mlpackage"
    assert sorted(manifest["files"]) == [
        stored,
        f"{packed}/Data/weights/weight.bin",
        f"{packed}/Manifest.json",
    ]
    for name, about in manifest["files"].items():
        data = (where / name).read_bytes()
        assert about == {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    assert encode(unbundle(where)["small/dense"][0]) == encode(complete)


@pytest.mark.parametrize(
    ("names", "folders"),
    [
        (["a/b", "A/b"], ["a/b-2", "A/b"]),
        (["C:\\net.pkl", "C:/net.pkl"], ["C_/net.pkl", "C__net.pkl"]),
        (["../../up", "."], ["_./_./up", "_"]),
        (["", "/"], ["_", "_-2"]),
        (["net é"], ["net__"]),
    ],
)
def test_any_model_name_has_a_place(
    gold: Golden, tmp_path: Path, names: list[str], folders: list[str]
) -> None:
    where = bundle(dict.fromkeys(names, gold), tmp_path / "b")
    found = sorted(p.parent.relative_to(where / "goldens").as_posix() for p in where.rglob("*.safetensors"))
    assert found == sorted(folders)
    assert sorted(unbundle(where)) == sorted(names)


def test_models_that_cannot_be_packed(gold: Golden, tmp_path: Path) -> None:
    (tmp_path / "empty.mlpackage").mkdir()
    with pytest.raises(GoldenError, match="not packed"):
        bundle([gold], tmp_path / "b", models={"small/dense": tmp_path / "empty.mlpackage"})
    (tmp_path / "empty.mlpackage" / "..bad").write_bytes(b"")
    with pytest.raises(GoldenError, match="not packed"):
        bundle([gold], tmp_path / "b", models={"small/dense": tmp_path / "empty.mlpackage"})
    with pytest.raises(GoldenError, match="without goldens"):
        bundle([gold], tmp_path / "b", models={"other": tmp_path / "empty.mlpackage"})
    assert not (tmp_path / "b").exists()
