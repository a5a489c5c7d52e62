"""`bridge build` and `bridge doctor`: what they print, and their exit codes."""

from __future__ import annotations

import platform

import pytest

from modelparity.errors import RuntimeFailure, Unavailable
from modelparity.runtimes.bridge import building, doctor, finding


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """A machine with an empty cache and no library named."""
    monkeypatch.setenv("MODELPARITY_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv(finding.VARIABLE, raising=False)


def test_build_prints_the_librarys_path(modelparity, monkeypatch, tmp_path):
    monkeypatch.setattr(building, "build", lambda advance: tmp_path / "libModelParityBridge.so")
    done = modelparity("bridge", "build")
    assert (done.code, done.out.strip()) == (0, str(tmp_path / "libModelParityBridge.so"))
    assert "building the bridge" in done.err


@pytest.mark.parametrize(
    "error",
    [Unavailable("Swift is not installed: get it"), RuntimeFailure("it does not compile", found="error: x")],
)
def test_a_build_that_fails_says_why(modelparity, monkeypatch, error):
    def build(advance):
        raise error

    monkeypatch.setattr(building, "build", build)
    done = modelparity("bridge", "build")
    assert done.code == 2
    assert str(error) in done.err
    assert "Traceback" not in done.err


def test_doctor_says_what_is_missing_and_what_to_type(modelparity, bare, monkeypatch):
    for module in (building, finding):
        monkeypatch.setattr(module, "swift", lambda: None)
    done = modelparity("bridge", "doctor")
    assert done.code == 1
    assert "missing Swift" in " ".join(done.out.split())
    assert "missing library" in " ".join(done.out.split())
    assert "type: modelparity bridge build" in done.out


def test_doctor_names_packages_that_are_missing(modelparity, bare, monkeypatch):
    monkeypatch.setattr(doctor, "find_spec", lambda name: None)
    monkeypatch.setattr(finding, "find_spec", lambda name: None)
    done = modelparity("bridge", "doctor")
    assert done.code == 1
    assert done.out.count("pip install 'modelparity[coreml]'") >= 2


@pytest.mark.parametrize(("version", "words"), [("13.4", "need macOS 15"), ("15.3", "macOS 15.3")])
def test_doctor_on_a_mac_looks_for_the_command_line_tools_first(
    modelparity, bare, monkeypatch, version, words
):
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    monkeypatch.setattr(platform, "mac_ver", lambda: (version, ("", "", ""), "arm64"))
    monkeypatch.setattr(doctor.shutil, "which", lambda name: None)
    done = modelparity("bridge", "doctor")
    assert done.code == 1
    assert words in done.out
    assert "type: xcode-select --install" in done.out
    assert "Swift version" not in done.out


def test_doctor_sees_a_library_that_is_none(modelparity, monkeypatch, tmp_path):
    pytest.importorskip("cffi")
    wrong = tmp_path / "lib.so"
    wrong.write_text("no library")
    monkeypatch.setenv(finding.VARIABLE, str(wrong))
    done = modelparity("bridge", "doctor")
    assert done.code == 1
    assert "no library that can be loaded" in done.out
    monkeypatch.setenv(finding.VARIABLE, str(tmp_path / "gone.so"))
    assert "names no file" in modelparity("bridge", "doctor").out


@pytest.mark.skipif(platform.system() != "Linux", reason="the stand-in is there on Linux only")
def test_doctor_of_what_is_built(modelparity, monkeypatch):
    pytest.importorskip("cffi", reason="cffi is not installed: pip install 'modelparity[coreml]'")
    try:
        monkeypatch.setenv(finding.VARIABLE, str(building.build()))
    except Unavailable as error:
        pytest.skip(str(error))
    done = modelparity("bridge", "doctor")
    assert done.code == 0, done.out
    assert "runtime             stand-in" in done.out
    assert "Apple's runtime needs a Mac" in done.out


@pytest.mark.parametrize("words", [[], ["sing"], ["build", "now"]])
def test_usage(modelparity, words):
    assert modelparity("bridge", *words).code == 2
