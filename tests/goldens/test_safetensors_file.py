"""The file: deterministic, whole, and no changed byte goes unseen."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors
import safetensors.numpy
from hypothesis import HealthCheck, given, settings, strategies as st
from hypothesis.extra import numpy as hnp

from modelparity import Golden, Graph, golden
from modelparity.errors import GoldenError
from modelparity.goldens.safetensors_file import MOST_BYTES, as_json, decode, encode
from modelparity.verdict.floor import Floor


@pytest.fixture(scope="session")
def data(gold: Golden) -> bytes:
    return encode(gold)


def same(a: Golden, b: Golden) -> None:
    for x, y in ((a.inputs, b.inputs), (a.outputs, b.outputs), (a.floor.outputs, b.floor.outputs)):
        assert set(x) == set(y)
        for name in x:
            assert x[name].dtype == y[name].dtype
            assert x[name].shape == y[name].shape
            assert x[name].tobytes() == y[name].tobytes()
    for field in ("precision", "runs", "conditioning"):
        assert getattr(a.floor, field) == getattr(b.floor, field)
    assert dict(a.floor.spread) == dict(b.floor.spread)
    assert (a.provenance, a.weights) == (b.provenance, b.weights)


def test_round_trip(gold: Golden, dense: Graph, lstm: Graph, path: Graph, tmp_path: Path) -> None:
    for one in (
        gold,
        golden(lstm, recipe="features"),
        golden(path),
        golden(dense, inputs=np.ones((2, 3), "f4")),
    ):
        same(one, Golden.load(one.save(tmp_path / "deep" / "er" / "g.safetensors")))


names = st.text(min_size=1, max_size=8)
floats = hnp.arrays(np.float64, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
kinds = st.sampled_from([np.float32, np.float64, np.float16, np.int64, np.int8, np.uint8, np.bool_])
anything = kinds.flatmap(
    lambda kind: hnp.arrays(kind, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
)


@given(st.dictionaries(names, anything, max_size=3), st.dictionaries(names, floats, min_size=1, max_size=3))
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_arrays_and_names_survive(gold: Golden, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
    floors = {name: np.abs(a) for name, a in outputs.items()}
    floor = Floor("float32", floors, 8, "well", dict.fromkeys(outputs, np.inf))
    one = Golden(inputs, outputs, floor, gold.provenance, gold.weights)
    data = encode(one)
    same(one, decode(data))
    assert encode(decode(data)) == data


def test_the_same_golden_gives_the_same_bytes(
    gold: Golden, dense: Graph, data: bytes, tmp_path: Path
) -> None:
    assert encode(golden(dense, length=6)) == data
    assert gold.save(tmp_path / "g.safetensors").read_bytes() == data
    fortran = {name: np.asfortranarray(a) for name, a in gold.inputs.items()}
    assert encode(Golden(fortran, gold.outputs, gold.floor, gold.provenance, gold.weights)) == data


def test_others_can_read_it(gold: Golden, tmp_path: Path) -> None:
    saved = gold.save(tmp_path / "g.safetensors")
    with safetensors.safe_open(saved, framework="numpy") as file:
        assert sorted(file.keys()) == ["floor/y", "input/x", "output/y"]
        metadata = file.metadata()
        assert list(metadata) == ["modelparity"]
        entry = json.loads(metadata["modelparity"])
        assert metadata["modelparity"] == json.dumps(entry, sort_keys=True, separators=(",", ":"))
        output = file.get_tensor("output/y")
    assert entry["tensors"]["output/y"]["sha256"] == hashlib.sha256(output.tobytes()).hexdigest()
    assert float(entry["floor"]["maximum"]["y"]) == gold.floor.outputs["y"].max()
    assert entry["provenance"]["recipe"] == "noise"


@pytest.mark.parametrize("flip", [0x01, 0x08, 0x29, 0x80])
def test_every_byte_counts(data: bytes, flip: int) -> None:
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= flip
        with pytest.raises(GoldenError):
            decode(bytes(changed))


@given(st.data())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_damage_is_seen(data: bytes, draw: st.DataObject) -> None:
    start = draw.draw(st.integers(0, len(data)))
    end = draw.draw(st.integers(start, len(data)))
    changed = data[:start] + draw.draw(st.binary(max_size=20)) + data[end:]
    if changed != data:
        with pytest.raises(GoldenError):
            decode(changed)


def test_damage_is_placed(gold: Golden, data: bytes) -> None:
    for name, array in (("output/y", gold.outputs["y"]), ("input/x", gold.inputs["x"])):
        place = data.rindex(array.tobytes()) + 5
        changed = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        with pytest.raises(GoldenError, match=f"case.safetensors: tensor '{name}' has changed"):
            decode(changed, where="case.safetensors")
    with pytest.raises(GoldenError, match="seal does not fit"):
        decode(
            data.replace(b'numpy\\":\\"', b'numpy\\":\\"9', 1)[:8]
            + data[8:].replace(b"small/dense", b"small/tense", 1)
        )


def test_truncation(data: bytes) -> None:
    for length in [*range(40), *range(40, len(data), 97), len(data) - 1]:
        with pytest.raises(GoldenError, match=r"cut short|damaged"):
            decode(data[:length])
    with pytest.raises(GoldenError):
        decode(data + b"\0")


def rewritten(
    gold: Golden, change: Callable[[dict[str, Any], dict[str, Any]], None], seal: bool = True
) -> bytes:
    """The golden's file, its metadata and tensors changed by ``change``, sealed again."""
    data = encode(gold)
    tensors: dict[str, Any] = safetensors.numpy.load(data)
    length = int.from_bytes(data[:8], "little")
    entry = json.loads(json.loads(data[8 : 8 + length])["__metadata__"]["modelparity"])
    change(entry, tensors)
    if seal:
        entry["seal"] = hashlib.sha256(
            as_json({k: v for k, v in entry.items() if k != "seal"}).encode()
        ).hexdigest()
    return bytes(safetensors.numpy.save(tensors, metadata={"modelparity": as_json(entry)}))


def test_rewriting_alone_changes_nothing(gold: Golden, data: bytes) -> None:
    assert rewritten(gold, lambda entry, tensors: None) == data


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda e, t: e["provenance"].update(spec=3),
            "another version.*(?s:.)*version 3(?s:.)*version 1 or 2",
        ),
        (lambda e, t: e["provenance"].pop("spec"), "another version"),
        (lambda e, t: e.update(more=1), "unexpected or missing metadata.*more"),
        (lambda e, t: e.pop("weights"), "unexpected or missing metadata"),
        (lambda e, t: e["provenance"].update(more=1), "provenance: keys missing or unknown: 'more'"),
        (lambda e, t: e["provenance"].pop("seed"), "provenance: keys missing or unknown: 'seed'"),
        (lambda e, t: e["provenance"].update(seed="0"), "provenance: 'seed' is '0'"),
        (lambda e, t: e["provenance"].update(length=True), "provenance: 'length' is True"),
        (lambda e, t: e["floor"].update(precision="float8"), "precision"),
        (lambda e, t: e["floor"]["maximum"].update(y="0.5"), "summary of the floor"),
        (lambda e, t: e["floor"].update(spread={"y": "much"}), "spread"),
        (lambda e, t: e["floor"].update(spread=3), "spread"),
        (lambda e, t: e.update(weights={"W": 3}), "weights"),
        (lambda e, t: e.update(tensors=[]), "tensors"),
        (lambda e, t: t.pop("floor/y"), "tensor 'floor/y' is missing"),
        (lambda e, t: t.update({"input/z": np.zeros(2)}), "tensor 'input/z' is not described"),
        (lambda e, t: t.update({"input/x": t["input/x"].astype("f8")}), "tensor 'input/x' has changed"),
        (lambda e, t: t.update({"input/x": t["input/x"].reshape(3, 6)}), "tensor 'input/x' has changed"),
    ],
)
def test_wrong_content_is_refused(gold: Golden, change: Callable[[Any, Any], None], message: str) -> None:
    with pytest.raises(GoldenError, match=message):
        decode(rewritten(gold, change))


def test_an_unsealed_change_is_refused(gold: Golden) -> None:
    with pytest.raises(GoldenError, match="seal"):
        decode(rewritten(gold, lambda entry, tensors: entry["provenance"].update(seed=1), seal=False))


def test_a_floor_of_another_shape_is_refused(gold: Golden) -> None:
    floor = Floor("float32", {"y": np.zeros((6, 1))}, 8, "well", {"y": 0.0})
    with pytest.raises(GoldenError, match="floors do not fit"):
        decode(encode(Golden(gold.inputs, gold.outputs, floor, gold.provenance, gold.weights)))


def test_other_safetensors_are_no_goldens(gold: Golden, data: bytes) -> None:
    tensors = safetensors.numpy.load(data)
    with pytest.raises(GoldenError, match="metadata is not that of a golden"):
        decode(safetensors.numpy.save(tensors))
    for metadata in ({"other": "1"}, {"modelparity": "{}", "other": "1"}):
        with pytest.raises(GoldenError, match="metadata is not that of a golden"):
            decode(safetensors.numpy.save(tensors, metadata=metadata))
    for text in ("{}", "[]", "3", "nul", "[" * 100_000, '{"a":NaN}', '{"b":1,"a":2}', "9" * 5000):
        with pytest.raises(GoldenError):
            decode(safetensors.numpy.save(tensors, metadata={"modelparity": text}))


def test_a_header_that_claims_much_is_not_followed(data: bytes) -> None:
    for claimed in (2**63, 2**40, len(data) * 2):
        with pytest.raises(GoldenError, match="header"):
            decode(claimed.to_bytes(8, "little") + data[8:])
    huge = json.dumps({"input/x": {"dtype": "F64", "shape": [2**60], "data_offsets": [0, 2**63]}}).encode()
    with pytest.raises(GoldenError, match="damaged"):
        decode(len(huge).to_bytes(8, "little") + huge)


def test_absent_and_oversized_files(tmp_path: Path, gold: Golden) -> None:
    with pytest.raises(GoldenError, match=r"not readable(?s:.)*record it"):
        Golden.load(tmp_path / "no.safetensors")
    with pytest.raises(GoldenError, match="not readable"):
        Golden.load(tmp_path)
    sparse = tmp_path / "sparse.safetensors"
    with sparse.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(GoldenError, match="too large"):
        Golden.load(sparse)
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(GoldenError, match="not writable"):
        gold.save(blocked / "g.safetensors")


WRITER = """
import sys
from pathlib import Path
from modelparity.errors import GoldenError
from modelparity.files import replace_file
data = Path(sys.argv[1]).read_bytes()
for _ in range(200):
    replace_file(Path(sys.argv[2]), data, GoldenError)
"""


def test_concurrent_writers_never_show_half_a_file(
    gold: Golden, dense: Graph, data: bytes, tmp_path: Path
) -> None:
    folder = tmp_path / "goldens"
    place = gold.save(folder / "g.safetensors")
    other = golden(dense, length=60).save(tmp_path / "other")
    (tmp_path / "one").write_bytes(data)
    command = [sys.executable, "-c", WRITER]
    writers = [subprocess.Popen([*command, str(one), str(place)]) for one in (tmp_path / "one", other)]
    seen = set()
    while any(writer.poll() is None for writer in writers):
        seen.add(Golden.load(place).provenance["length"])
    assert [writer.returncode for writer in writers] == [0, 0]
    assert seen == {6, 60}
    assert [item.name for item in folder.iterdir()] == ["g.safetensors"]
