"""Libraries that are none, lack something, or fall over: each an error of one case, with a sentence that helps."""

from __future__ import annotations

import os

import numpy as np
import pytest

from modelparity.errors import InputError, RuntimeFailure, Unavailable
from modelparity.runtimes.bridge import finding
from modelparity.runtimes.bridge.declaration import functions
from modelparity.runtimes.bridge.library import Library
from modelparity.runtimes.bridge.runtime import Bridged
from modelparity.runtimes.coreml import CoreML
from modelparity.runtimes.standin import StandIn

from .conftest import CHILD

pytest.importorskip("cffi", reason="cffi is not installed: pip install 'modelparity[coreml]'")
X = np.arange(6, dtype=np.float32).reshape(2, 3)


@pytest.fixture
def coreml(closing):
    """The runtime `coreml` over a library of this test's choice."""
    return lambda library, **options: closing(
        CoreML(command=(*CHILD, str(library), "Core ML"), **{"limit": 30, **options})
    )


def test_a_library_that_says_it_is_core_ml_is_called(coreml, made, path):
    one = coreml(made())
    result = one.run(path, {"x": X})
    np.testing.assert_array_equal(result["y"], 2 * X)
    assert one.describe() == {
        "version": "macOS 99.1",
        "kind": "cpuOnly",
        "runtime": "Core ML",
        "units": "cpuOnly",
        "interface": "1",
    }
    assert one.description(path)["inputs"][0]["name"] == "x"


def test_units_and_function_reach_the_library(coreml, made, path, monkeypatch):
    assert coreml(made(), units="all", function="main").plan(path) == {"units": "all", "function": "main"}
    monkeypatch.setenv("MODELPARITY_UNITS", "cpuAndGPU")
    one = coreml(made())
    assert one.plan(path) == {"units": "cpuAndGPU"}
    assert one.describe()["kind"] == "cpuAndGPU"
    monkeypatch.setenv("MODELPARITY_UNITS", "gpu")
    with pytest.raises(InputError, match=r"MODELPARITY_UNITS: unknown compute units 'gpu'"):
        one.run(path, {"x": X})


def test_unknown_units_are_refused_at_once():
    with pytest.raises(InputError, match="unknown compute units 'CPU_ONLY'"):
        CoreML(units="CPU_ONLY")


def test_another_interface_is_named_with_both_versions(coreml, made, path):
    with pytest.raises(
        Unavailable, match=r"another interface[\s\S]*found: *7[\s\S]*expected: *1[\s\S]*bridge build"
    ):
        coreml(made(INTERFACE=7)).run(path, {"x": X})


def test_a_missing_function_is_named(coreml, made, path):
    with pytest.raises(Unavailable, match=r"lacks functions[\s\S]*no mp_model_run[\s\S]*bridge build"):
        coreml(made(LACKS_RUN=1)).run(path, {"x": X})


def test_a_library_of_something_else_lacks_everything(coreml, path):
    from numpy._core import _multiarray_umath as other

    with pytest.raises(Unavailable, match=r"lacks functions[\s\S]*no mp_interface, mp_about"):
        coreml(other.__file__).run(path, {"x": X})


@pytest.mark.parametrize("content", [b"", b"hello, I am a text\n", b"\x7fELF" + bytes(300)])
def test_what_is_no_library_is_called_so(coreml, path, tmp_path, content):
    wrong = tmp_path / "libModelParityBridge.so"
    wrong.write_bytes(content)
    with pytest.raises(
        Unavailable, match=r"no library that can be loaded[\s\S]*libModelParityBridge[\s\S]*build"
    ):
        coreml(wrong).run(path, {"x": X})


def test_half_a_library_is_none(coreml, made, path, tmp_path):
    whole = made().read_bytes()
    wrong = tmp_path / "half.so"
    wrong.write_bytes(whole[: len(whole) // 2])
    with pytest.raises((Unavailable, RuntimeFailure)):  # the loader itself may die of it
        coreml(wrong).run(path, {"x": X})


@pytest.mark.parametrize("about", ['""', '"[]"', '"{}"', '"no JSON"'])
def test_a_library_that_does_not_say_what_it_is(coreml, made, path, tmp_path, about):
    with pytest.raises(Unavailable, match="does not say what it is"):
        coreml(made(ABOUT=about)).run(path, {"x": X})


def test_the_two_kinds_are_not_taken_for_each_other(made, path, built, closing):
    stand_in = closing(StandIn(command=(*CHILD, str(made()), "stand-in")))
    with pytest.raises(Unavailable, match=r"another kind[\s\S]*found: *Core ML[\s\S]*expected: *stand-in"):
        stand_in.run(path, {"x": X})
    core_ml = closing(CoreML(command=(*CHILD, str(built), "Core ML")))
    with pytest.raises(Unavailable, match=r"another kind[\s\S]*found: *stand-in[\s\S]*expected: *Core ML"):
        core_ml.run(path, {"x": X})


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("abort", "was killed by SIGABRT"),
        ("crash", "was killed by SIGSEGV"),
        ("exit", "ended with exit code 3"),
        ("hang", "did not answer within 2 seconds"),
    ],
)
def test_what_ends_the_process_ends_one_case(coreml, made, path, tmp_path, name, words):
    one = coreml(made(), limit=2 if name == "hang" else 30)
    with pytest.raises(RuntimeFailure, match=rf"{name}.mlpackage: Core ML {words}"):
        one.run(path.rename(tmp_path / f"{name}.mlpackage"), {"x": X})
    good = (tmp_path / f"{name}.mlpackage").rename(tmp_path / "net.mlpackage")
    np.testing.assert_array_equal(one.run(good, {"x": X})["y"], 2 * X)


@pytest.mark.parametrize(
    ("macro", "words"), [("ABORTS_WHEN_LOADED", "killed by SIGABRT"), ("HANGS_WHEN_LOADED", "did not answer")]
)
def test_a_library_that_fails_while_it_is_loaded(coreml, made, path, macro, words):
    with pytest.raises(RuntimeFailure, match=words):
        coreml(made(**{macro: 1}), limit=3).run(path, {"x": X})


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("refuse", RuntimeFailure, "weights are of no use"),
        ("wordless", RuntimeFailure, r"without a text \(status -4\)"),
        ("old", Unavailable, "functions need macOS 15"),
    ],
)
def test_a_refusal_comes_with_the_librarys_own_words(coreml, made, path, tmp_path, name, kind, words):
    with pytest.raises(kind, match=words) as error:
        coreml(made()).run(path.rename(tmp_path / f"{name}.mlpackage"), {"x": X})
    assert type(error.value) is kind


def test_a_path_that_does_not_exist_is_said_with_the_next_step(monkeypatch, tmp_path):
    for named, found in (
        (tmp_path / "no.so", "nothing"),
        (tmp_path, "a folder"),
        ("/dev/null", "no plain file"),
        ("~nobody-of-this-name/l.so", "nothing"),
        ("l" * 5000, "nothing"),
    ):
        monkeypatch.setenv(finding.VARIABLE, str(named))
        with pytest.raises(
            Unavailable, match=rf"MODELPARITY_BRIDGE names no file[\s\S]*{found}[\s\S]*bridge build"
        ):
            finding.library()
        assert "MODELPARITY_BRIDGE names no file" in (StandIn().missing() or "")


def test_the_variable_comes_first(monkeypatch, made):
    monkeypatch.setenv(finding.VARIABLE, str(made()))
    assert finding.library() == made()


def test_nothing_built_says_what_to_type(monkeypatch, tmp_path):
    monkeypatch.delenv(finding.VARIABLE, raising=False)
    monkeypatch.setenv("MODELPARITY_CACHE", str(tmp_path))
    monkeypatch.setattr(finding, "swift", lambda: "/usr/bin/swift")
    assert finding.absent() == "the bridge is not built: modelparity bridge build"
    other = tmp_path / "bridge" / "0123456789abcdef-01234567"
    other.mkdir(parents=True)
    (other / finding.file_name()).touch()
    assert finding.absent() == "the bridge was built from other sources: modelparity bridge build"
    monkeypatch.setattr(finding, "swift", lambda: None)
    assert "Swift is not installed: " in finding.absent()


def test_without_cffi_the_line_to_type_is_named(monkeypatch):
    monkeypatch.setattr(finding, "find_spec", lambda name: None)
    assert finding.absent() == "cffi is not installed: pip install 'modelparity[coreml]'"


def test_off_a_mac_and_on_one(monkeypatch, path):
    from modelparity.runtimes import coreml as apple, standin
    from modelparity.runtimes.registry import runtime_for

    for module in (apple, standin):
        monkeypatch.setattr(module.platform, "system", lambda: "Linux")
    assert "macOS only" in CoreML().missing()
    assert not CoreML().accepts(path)
    assert runtime_for(path).name == "engine"
    with pytest.raises(Unavailable, match="macOS only"):
        CoreML().run(path, {"x": X})
    for module in (apple, standin):
        monkeypatch.setattr(module.platform, "system", lambda: "Darwin")
    assert "here is Core ML itself" in StandIn().missing()
    assert not StandIn().accepts(path)


@pytest.mark.parametrize("other", ["net.onnx", 3, None])
def test_it_takes_core_ml_files_only(coreml, made, other):
    assert not coreml(made()).accepts(other)


def test_every_function_of_the_header_is_asked_for():
    text = functions(stand_in=True)
    assert {
        "mm_model_predict",
        "mm_buffer_free",
        "mp_interface",
        "mp_last_error",
        "mp_about",
        "mp_state_free",
        "mp_result_get",
        "mp_standin_register",
        "mp_reply_tensor",
    } <= set(text)
    assert len(text) == 22
    assert not [name for name in functions(stand_in=False) if "standin" in name or "reply" in name]


def test_a_library_in_this_process_is_checked_the_same(made):
    with pytest.raises(Unavailable, match="another interface"):
        Library(made(INTERFACE=7))
    assert not Library(made()).stand_in
    with pytest.raises(Unavailable, match="no library"):
        Library(os.devnull)


def test_the_base_belongs_to_no_system():
    with pytest.raises(TypeError, match="_elsewhere"):
        Bridged()
