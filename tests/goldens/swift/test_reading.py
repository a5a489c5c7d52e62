"""Golden files that are damaged or mean harm: Swift refuses what Python refuses, in the same words."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from modelparity import Golden, Graph, golden
from modelparity.errors import GoldenError
from modelparity.goldens.safetensors_file import MOST_BYTES, as_json, decode, encode
from modelparity.verdict.floor import Floor

from .conftest import Ask

Change = Callable[[Any, dict[str, Any]], None]
#: Changes of metadata and tensors, described and sealed again as they come.
CHANGES: list[Change] = [
    lambda e, t: e["provenance"].update(spec=1),
    lambda e, t: e["provenance"].update(spec=3),
    lambda e, t: e["floor"].pop("method"),
    lambda e, t: e["floor"].update(method=0),
    lambda e, t: e["floor"].update(method="1"),
    lambda e, t: e["floor"].update(method=True),
    lambda e, t: e["provenance"].update(spec="1"),
    lambda e, t: e["provenance"].update(spec=True),
    lambda e, t: e["provenance"].pop("spec"),
    lambda e, t: e.update(provenance=3),
    lambda e, t: e.update(more=1),
    lambda e, t: e.pop("weights"),
    lambda e, t: e["provenance"].update(more=1),
    lambda e, t: e["provenance"].pop("seed"),
    lambda e, t: e["provenance"].update(seed="0"),
    lambda e, t: e["provenance"].update(length=True),
    lambda e, t: e["provenance"].update(numpy=None),
    lambda e, t: e["floor"].update(precision="float8"),
    lambda e, t: e["floor"]["maximum"].update(y="0.5"),
    lambda e, t: e["floor"].update(maximum={}),
    lambda e, t: e["floor"].update(spread={"y": "much"}),
    lambda e, t: e["floor"].update(spread=3),
    lambda e, t: e["floor"].update(runs="8"),
    lambda e, t: e["floor"].update(conditioning="fair"),
    lambda e, t: e.update(floor=[]),
    lambda e, t: e.update(weights={"W": 3}),
    lambda e, t: e.update(weights=3),
    lambda e, t: e.update(tensors=[]),
    lambda e, t: e["tensors"].update({"output/y": 3}),
    lambda e, t: e["tensors"]["output/y"].update(sha256="0" * 64),
    lambda e, t: e["tensors"]["output/y"].update(dtype="float16"),
    lambda e, t: t.pop("floor/y"),
    lambda e, t: t.update({"input/z": np.zeros(2)}),
    lambda e, t: t.update({"input/x": t["input/x"].astype("f8")}),
    lambda e, t: t.update({"input/x": t["input/x"].reshape(-1)}),
    lambda e, t: t.update({"output/y": -t["output/y"]}),
    lambda e, t: e["terms"].update(more=1),
    lambda e, t: e["terms"].update(outputs=3),
    lambda e, t: e["terms"].update(outputs=[["y", "float32"]]),
    lambda e, t: e["terms"].update(outputs=[["y", "float99"], ["c", None]]),
    lambda e, t: e["terms"].update(outputs=[["y", None], ["y", None]]),
    lambda e, t: e["terms"].update(states={"h": "nothing"}),
    lambda e, t: e["terms"].update(states=[]),
    lambda e, t: e["terms"].update(halves=["float8"]),
    lambda e, t: e["terms"].update(halves=["float16", "bfloat16"]),
    lambda e, t: e["terms"].update(halves=["float16"]),
    lambda e, t: e.update(terms=3),
    lambda e, t: e.pop("terms"),
    lambda e, t: e.clear(),
]
#: Changes of tensors which the metadata then describes rightly.
DESCRIBED: list[Change] = [
    lambda e, t: t.update({"other/y": np.zeros(1)}),
    lambda e, t: t.update({"output/": np.zeros(1)}),
    lambda e, t: t.update({"output": np.zeros(1)}),
    lambda e, t: t.update({"floor/y": t["floor/y"].astype("f4")}),
    lambda e, t: t.update({"floor/y": t["floor/y"].reshape(-1)}),
    lambda e, t: t.update({"floor/y": t["floor/y"] * 2}),
    lambda e, t: t.update({"output/z": np.zeros(1)}),
    lambda e, t: t.pop("floor/y"),
    lambda e, t: t.pop("half/float16/floor/y"),
    lambda e, t: t.update({"half/float16/floor/y": np.zeros((5, 4), "f4")}),
    lambda e, t: t.update({"half/bfloat16/weights/y": np.zeros((1, 4))}),
    lambda e, t: t.update({"half/float16/more/y": np.zeros(1)}),
]
#: Changes of the header, before it is written again without those of the safetensors library.
HEADERS: list[Callable[[dict[str, Any]], Any]] = [
    lambda h: h["output/y"].update(dtype="F32"),
    lambda h: h["output/y"].update(dtype="BF16"),
    lambda h: h["output/y"].update(dtype="object"),
    lambda h: h["output/y"].update(dtype=3),
    lambda h: h["output/y"].update(shape=[2**62, 2**62]),
    lambda h: h["output/y"].update(shape=[2**40, 2]),
    lambda h: h["output/y"].update(shape=[-1, -40]),
    lambda h: h["output/y"].update(shape=3),
    lambda h: h["output/y"].update(shape=["2"]),
    lambda h: h["output/y"].update(data_offsets=[0, 2**63]),
    lambda h: h["output/y"].update(data_offsets=[2**70, 2**71]),
    lambda h: h["output/y"].update(data_offsets=[-8, 8]),
    lambda h: h["output/y"].update(data_offsets=h["input/x"]["data_offsets"]),
    lambda h: h["output/y"].update(data_offsets=[8]),
    lambda h: h["output/y"].update(data_offsets=h["output/y"]["data_offsets"][::-1]),
    lambda h: h["output/y"].pop("shape"),
    lambda h: h.pop("output/y"),
    lambda h: h.update({"output/y": None}),
    lambda h: h.update({"input/q": {"dtype": "F64", "shape": [0], "data_offsets": [4, 4]}}),
    lambda h: h.update(__metadata__=3),
    lambda h: h.update(__metadata__={"modelparity": 3}),
    lambda h: h.update(__metadata__={}),
    lambda h: h.update(__metadata__={"modelparity": "{}", "other": "1"}),
    lambda h: h.pop("__metadata__"),
    lambda h: h.clear(),
]

#: Refused by both, each in its own words: Python's JSON reader takes keys that are there twice and halves of
#: characters, and gives up on long numbers.
OTHERWISE = {"a key twice", 'metadata "\\ud800"', f"metadata {'9' * 20}"}


def header_of(data: bytes) -> tuple[dict[str, Any], bytes]:
    length = int.from_bytes(data[:8], "little")
    return json.loads(data[8 : 8 + length]), data[8 + length :]


def with_header(text: str | bytes, rest: bytes) -> bytes:
    raw = text if isinstance(text, bytes) else text.encode()
    return len(raw).to_bytes(8, "little") + raw + rest


def entry_of(data: bytes) -> Any:
    return json.loads(header_of(data)[0]["__metadata__"]["modelparity"])


def sealed(entry: Any, tensors: dict[str, Any]) -> bytes:
    entry.pop("seal", None)
    entry["seal"] = hashlib.sha256(as_json(entry).encode()).hexdigest()
    return bytes(safetensors.numpy.save(tensors, metadata={"modelparity": as_json(entry)}))


def of_version_1(data: bytes) -> bytes:
    """The file as it was written before floors named their method."""
    entry = entry_of(data)
    entry["provenance"]["spec"] = 1
    del entry["floor"]["method"]
    return sealed(entry, dict(safetensors.numpy.load(data)))


def files(one: Golden) -> dict[str, bytes]:
    """{what was done: a file}, all but those that say so not to be read."""
    data = encode(one)
    header, rest = header_of(data)
    compact = json.dumps(header, separators=(",", ":"), ensure_ascii=False)
    made: dict[str, bytes] = {"good: as written": data, "good: of version 1": of_version_1(data)}
    for number, change in enumerate(CHANGES):
        entry, tensors = entry_of(data), dict(safetensors.numpy.load(data))
        change(entry, tensors)
        made[f"change {number}"] = sealed(entry, tensors)
    for number, change in enumerate(DESCRIBED):
        entry, tensors = entry_of(data), dict(safetensors.numpy.load(data))
        change(entry, tensors)
        entry["tensors"] = {
            name: {
                "dtype": a.dtype.name,
                "shape": [*a.shape],
                "sha256": hashlib.sha256(a.tobytes()).hexdigest(),
            }
            for name, a in tensors.items()
        }
        made[f"described {number}"] = sealed(entry, tensors)
    for number, alter in enumerate(HEADERS):
        altered = json.loads(compact)
        alter(altered)
        made[f"header {number}"] = with_header(
            json.dumps(altered, separators=(",", ":"), ensure_ascii=False), rest
        )
    unsealed = entry_of(data)
    unsealed["provenance"]["seed"] = 1
    made["unsealed"] = bytes(
        safetensors.numpy.save(safetensors.numpy.load(data), metadata={"modelparity": as_json(unsealed)})
    )
    for text in (
        "{}",
        "[]",
        "3",
        "nul",
        "[" * 100_000,
        '{"a":NaN}',
        '{"b":1,"a":2}',
        "9" * 5000,
        '"\\ud800"',
        "",
        "{} ",
    ):
        made[f"metadata {text[:20]}"] = bytes(
            safetensors.numpy.save(safetensors.numpy.load(data), metadata={"modelparity": text})
        )
    for text in (
        "",
        "{",
        "{}x",
        "[]",
        "[" * 100_000,
        '{"a":1,"a":1}',
        '{"a"}',
        '{"\\q":1}',
        '{"a":01}',
        '{"a":-}',
        " {}",
    ):
        made[f"text {text[:20]}"] = with_header(text, rest)
    made["a key twice"] = with_header(
        compact[:-1] + ',"input/x":' + json.dumps(header["input/x"]) + "}", rest
    )
    made["a space"] = with_header(compact.replace(",", ", ", 1), rest)
    made["no text"] = with_header(compact.encode().replace(b"input/x", b"input/\xff"), rest)
    made["padded"] = with_header(compact + "\n", rest)
    made["good: padded with spaces"] = with_header(compact + " " * 11, rest)
    for length in [*range(0, 40, 3), *range(40, len(data), 997), len(data) - 1]:
        made[f"cut at {length}"] = data[:length]
    made["more"] = data + b"\0"
    for claimed in (2**63, 2**64 - 1, 2**40, len(data) * 2, len(data) - 8, len(data) - 9, 0, 1):
        made[f"claims {claimed}"] = claimed.to_bytes(8, "little") + data[8:]
    return made


@pytest.fixture(scope="module")
def whole(lstm: Graph) -> Golden:
    return golden(lstm, length=5).with_terms(lstm)


def test_swift_refuses_what_python_refuses(ask: Ask, whole: Golden, tmp_path: Path) -> None:
    wanted, requests = {}, []
    for number, (what, data) in enumerate(files(whole).items()):
        path = tmp_path / f"{number}.safetensors"
        path.write_bytes(data)
        requests.append({"ask": "read", "golden": str(path)})
        try:
            decode(data, where=path)
            wanted[what] = None
        except GoldenError as error:
            wanted[what] = str(error).partition("\n")[0]
    answers = dict(zip(wanted, ask(requests), strict=True))
    assert {what for what, error in wanted.items() if error is None} == {
        w for w in wanted if w.startswith("good")
    }
    said = {what: answer.get("error", "").partition("\n")[0] or None for what, answer in answers.items()}
    assert {what for what in wanted if (said[what] is None) != (wanted[what] is None)} == set()
    assert {what for what in wanted if said[what] != wanted[what]} == OTHERWISE
    assert len(wanted) > 130


def test_every_byte_counts(ask: Ask, whole: Golden, tmp_path: Path) -> None:
    data = encode(whole)
    requests = []
    for place in range(0, len(data), max(1, len(data) // 2000)):
        path = tmp_path / f"{place}.safetensors"
        path.write_bytes(data[:place] + bytes([data[place] ^ (1 << place % 8)]) + data[place + 1 :])
        requests.append({"ask": "read", "golden": str(path)})
    answers = ask(requests)
    assert [request for request, answer in zip(requests, answers, strict=True) if "error" not in answer] == []


def test_goldens_of_every_kind_are_read(
    ask: Ask, dense: Graph, path: Graph, whole: Golden, tmp_path: Path
) -> None:
    kinds = {
        f"input/{k} é\u4e2d'": np.ones((2, 3), k)
        for k in ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u8", "?")
    }
    odd = {"": np.zeros(()), "/": np.full((0, 3), 2.0), "inf": np.array([np.inf, -np.inf, np.nan])}
    odd.pop("")
    floor = Floor("float32", {k: np.abs(a) for k, a in odd.items()}, 8, "ill", {"/": np.inf, "x": np.nan})
    ones = [
        golden(dense, length=6),
        golden(path, length=4).with_terms(path),
        whole,
        Golden(
            {k[6:]: a for k, a in kinds.items()}, odd, floor, whole.provenance, {"W": "a\u2028\x7f\U0001f600"}
        ),
    ]
    saved = [one.save(tmp_path / f"{number}.safetensors") for number, one in enumerate(ones)]
    answers = ask({"ask": "read", "golden": str(file)} for file in saved)
    assert answers == [{"model": one.provenance["model"]} for one in ones]


def test_what_is_not_there_and_what_is_too_large(ask: Ask, tmp_path: Path) -> None:
    sparse = tmp_path / "sparse.safetensors"
    with sparse.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    absent, folder, large = ask(
        {"ask": "read", "golden": str(place)} for place in (tmp_path / "no.safetensors", tmp_path, sparse)
    )
    assert absent["error"].startswith(f"{tmp_path}/no.safetensors: not readable\n  found:    ")
    assert "next:     add the golden to the test target's resources" in absent["error"]
    assert folder["error"].startswith(f"{tmp_path}: not readable\n")
    assert large["error"] == (
        f"{sparse}: too large for a golden\n  found:    {MOST_BYTES + 1}\n  expected: {MOST_BYTES} or less"
    )


def test_outputs_of_another_model(ask: Ask, whole: Golden, tmp_path: Path) -> None:
    file = whole.save(tmp_path / "g.safetensors")
    other = tmp_path / "outputs"
    other.write_bytes(safetensors.numpy.save({"z": np.zeros(3)}))
    [answer] = ask([{"ask": "verdict", "golden": str(file), "outputs": str(other), "expect": "rounding"}])
    assert answer["error"].splitlines() == [
        "small/lstm: the candidate's outputs have other names",
        "  found:    z",
        "  expected: y, c",
        "  next:     name the outputs of the candidate as the reference names them",
    ]
