"""A folder of faulty RTNeural files: each is found out, by name and place."""

from __future__ import annotations

import json
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import modelparity as mp
from modelparity.errors import ArtefactError, ModelparityError, RuntimeFailure
from modelparity.formats.rtneural import examine
from modelparity.runtimes.rtneural import RTNeural

from . import models
from .faults import FAULTS
from .texts import SILENT_TEXTS, TEXTS

HERE = Path(__file__).parent


def test_the_folder_is_what_its_script_makes():
    made = {f"{name}.json" for name in (*FAULTS, *SILENT_TEXTS)} | {f"text_{name}.json" for name in TEXTS}
    assert made == {path.name for path in HERE.glob("*.json")}
    for name, fault in FAULTS.items():
        assert json.loads((HERE / f"{name}.json").read_text()) == fault.made(), name
    for name, (data, _, _) in TEXTS.items():
        assert (HERE / f"text_{name}.json").read_bytes() == data, name


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_a_named_finding(name):
    fault, path = FAULTS[name], HERE / f"{name}.json"
    found = {(one.kind, one.level, one.where): one for one in examine(path)}
    assert (fault.kind, fault.level, fault.where) in found, (
        "\n".join(map(str, found.values())) or "nothing was found"
    )
    one = found[fault.kind, fault.level, fault.where]
    assert (
        one.layer
        or fault.where in ("$.in_shape", "$.layers")
        or "in_shape" in fault.where
        or name == "layer_is_number"
    )
    if fault.level == "fails":
        with pytest.raises(ArtefactError) as caught:
            mp.load(path, format="rtneural")
        first = next(one for one in found.values() if one.level == "fails")
        assert first.where in str(caught.value)
        assert first.kind in str(caught.value)
    else:
        assert all(one.level != "fails" for one in found.values()), "only what RTNeural refuses is refused"
        graph = mp.load(path)
        x = np.random.default_rng(0).standard_normal((9, graph.inputs[0].axes[-1].size))
        assert len(mp.run(graph, x)["y"]) == 9


@pytest.mark.parametrize("make", [models.plain, models.conv, models.norm, models.slopes, models.image])
def test_what_is_sound_has_no_finding_that_says_otherwise(make, tmp_path):
    path = tmp_path / "sound.json"
    path.write_text(json.dumps(make()))
    assert not [one for one in examine(path) if one.wrong]


@pytest.mark.parametrize("name", TEXTS)
def test_text_that_is_no_model_is_refused_with_its_path(name):
    _, said, where = TEXTS[name]
    path = HERE / f"text_{name}.json"
    with pytest.raises(ArtefactError, match=said) as caught:
        mp.load(path, format="rtneural")
    assert f"{path}, {where}" in str(caught.value) or not where


def test_text_behind_the_model_is_a_finding():
    (one,) = [one for one in examine(HERE / "text_behind.json") if one.wrong]
    assert (one.kind, one.level) == ("trailing-text", "silent")
    sound = HERE / "activation_perhaps_lost.json"
    assert len(mp.load(HERE / "text_behind.json").nodes) == len(mp.load(sound).nodes) + 1


def test_nothing_takes_long_or_much():
    """Declared sizes cost nothing before they are believed."""
    for name in ("size_enormous", "sizes_multiply", "text_nested_deeply", "text_digits_without_end"):
        tracemalloc.start()
        started = time.perf_counter()
        with pytest.raises(ArtefactError):
            mp.load(HERE / f"{name}.json", format="rtneural")
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert time.perf_counter() - started < 2
        assert peak < 50 << 20, name


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_damage_anywhere_is_an_error_or_a_model(data, tmp_path_factory):
    """Cut, or with some bytes changed: nothing but this package's own errors comes of it."""
    name = data.draw(st.sampled_from(sorted(FAULTS)))
    text = bytearray((HERE / f"{name}.json").read_bytes())
    for _ in range(data.draw(st.integers(0, 3))):
        text[data.draw(st.integers(0, len(text) - 1))] = data.draw(
            st.sampled_from(list(b'0-9e.,:[]{}"nult '))
        )
    text = text[: data.draw(st.integers(len(text) // 2, len(text)))]
    path = tmp_path_factory.mktemp("damage") / "model.json"
    path.write_bytes(bytes(text))
    try:
        examine(path)
        graph = mp.load(path, format="rtneural")
        mp.run(graph, np.zeros((3, graph.inputs[0].axes[-1].size)))
    except ModelparityError:
        pass


@pytest.fixture(scope="module")
def library():
    one = RTNeural(limit=60)
    if (reason := one.missing()) is not None:
        pytest.skip(reason)
    yield one
    one.close()


# One of them asks for terabytes, and may get them.
@pytest.mark.parametrize("name", sorted(set(FAULTS) - {"sizes_multiply"}))
def test_the_library_does_what_the_finding_says(name, library):
    """What RTNeural loads in silence it computes as it was read; what it does not survive, it does not."""
    path = HERE / f"{name}.json"
    if FAULTS[name].level != "fails":
        graph = mp.load(path)
        verdict = mp.check(graph, path, length=30)
        assert verdict.runtime.startswith("rtneural")
        assert verdict.ok or name == "variance_negative", verdict
        return
    request = {"do": "run", "path": str(path), "precision": "float32"}
    shape = json.loads(path.read_text()).get("in_shape")
    sizes = [n for n in shape if isinstance(n, int) and 0 < n < 100] if isinstance(shape, list) else []
    width = int(np.prod(sizes)) if sizes else 3
    undefined = ("array-short", "array-long")  # C++ may do anything, going on included
    try:
        library._runner().call(request, {"x": np.zeros((1, 2, width), np.float32)})
    except (ArtefactError, RuntimeFailure):
        return
    assert FAULTS[name].kind in undefined or name == "weight_beyond_float32", "it runs"
