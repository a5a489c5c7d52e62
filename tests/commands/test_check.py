"""``modelparity check``: verdicts, exit codes, inputs from a file, reports."""

from __future__ import annotations

import json
import pickle
import signal
import subprocess
import sys

import numpy as np
import pytest

from modelparity.runtimes.onnxruntime import _child


def test_a_good_candidate_is_0(modelparity, dnn, onnx_files):
    done = modelparity("check", dnn, onnx_files[0])
    assert done.code == 0
    assert "rounding 0." in done.out
    assert "onnxruntime" in done.out


def test_a_wrong_one_among_several_is_1_and_explained(modelparity, dnn, onnx_files):
    done = modelparity("check", dnn, *onnx_files)
    assert done.code == 1
    assert "FAILED" in done.out
    assert "reduced, expected rounding: half.onnx" in done.out
    assert "explained  by float16 weights" in done.out


def test_a_wider_band_can_be_expected(modelparity, dnn, onnx_files):
    assert modelparity("check", dnn, onnx_files[1], "--expect", "reduced").code == 0
    assert modelparity("check", dnn, onnx_files[0], "--expect", "close").code == 2


def test_the_reference_itself_is_interpreted_and_said_so(modelparity, dnn):
    done = modelparity("check", dnn, dnn)
    assert done.code == 0
    assert "engine" in done.out


def test_another_network_is_wrong_by_shape(modelparity, dnn, lstm):
    done = modelparity("check", dnn, lstm)
    assert done.code in (1, 2)
    assert "Traceback" not in done.out + done.err


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".py"])
def test_a_torch_module_cannot_be_given(modelparity, dnn, tmp_path, suffix):
    (tmp_path / f"net{suffix}").write_bytes(b"")
    done = modelparity("check", dnn, f"net{suffix}")
    assert done.code == 2
    assert "a torch module has no name on a command line" in done.out
    assert "modelparity.check(reference, module)" in done.out


def test_what_a_pt_file_holds_is_said(modelparity, dnn, tmp_path):
    torch = pytest.importorskip("torch")
    torch.save(torch.nn.Linear(9, 3).state_dict(), tmp_path / "weights.pt")
    torch.jit.save(torch.jit.trace(torch.nn.Linear(9, 3), torch.zeros(2, 9)), tmp_path / "script.pt")
    for name, text in (("weights.pt", "a pickle of weights"), ("script.pt", "a TorchScript archive")):
        done = modelparity("check", dnn, name, "--recipe", "noise")
        assert (done.code, text in done.out) == (2, True)


def test_what_is_not_there_is_said_in_one_way(modelparity, dnn):
    for name in ("missing.onnx", "missing.mlpackage", "missing.pt2"):
        assert f"{name}: no such file\n  next:     check the path" in modelparity("check", dnn, name).out


def test_a_name_or_a_bound_for_no_input_is_2(modelparity, dnn, onnx_files):
    done = modelparity("check", dnn, onnx_files[0], "--name", "xx=y")
    assert (done.code, "the reference has no input and no output 'xx'" in done.out) == (2, True)
    done = modelparity("check", dnn, onnx_files[0], "--below", "ids=4")
    assert (done.code, "below: there is no input 'ids'" in done.err) == (2, True)
    done = modelparity("check", dnn, onnx_files[0], "--below", "x=4")
    assert (done.code, "input 'x' holds no whole numbers" in done.err) == (2, True)


def test_what_cannot_be_judged_is_2_but_the_others_are_judged(modelparity, dnn, onnx_files):
    done = modelparity("check", dnn, "missing.onnx", onnx_files[0])
    assert done.code == 2
    assert "could not be judged" in done.out
    assert "rounding 0." in done.out


def test_the_recipe_can_be_chosen_and_an_unknown_one_is_2(modelparity, dnn, onnx_files):
    assert (
        modelparity("check", dnn, onnx_files[0], "--recipe", "impulse", "--seed", 3, "--length", 7).code == 0
    )
    done = modelparity("check", dnn, onnx_files[0], "--recipe", "noize")
    assert done.code == 2
    assert "unknown recipe 'noize'" in done.err


def test_a_free_length_is_tried_at_several(modelparity, dnn, onnx_files):
    done = modelparity("check", dnn, onnx_files[0])
    assert [line.split()[1] for line in done.out.splitlines()[2:5]] == ["noise", "odd_length", "one_frame"]
    for chosen in (("--length", 7), ("--size", "time=7"), ("--recipe", "noise")):
        assert modelparity("check", dnn, onnx_files[0], *chosen).out.count("onnxruntime") == 1


def test_names_of_a_candidate_may_be_given(modelparity, dnn, onnx_files):
    assert modelparity("check", dnn, onnx_files[0], "--name", "y=y").code == 0
    done = modelparity("check", dnn, onnx_files[0], "--name", "x=audio")
    assert (done.code, "the candidate has no input 'audio'" in done.out) == (2, True)


@pytest.mark.parametrize(
    "wrong", [("--size", "time"), ("--size", "time=0"), ("--below", "x=many"), ("--name", "=y")]
)
def test_what_is_no_assignment_is_a_usage_error(modelparity, dnn, onnx_files, wrong):
    done = modelparity("check", dnn, onnx_files[0], *wrong)
    assert done.code == 2
    assert repr(wrong[1]) in done.err


def test_recipes_may_be_several(modelparity, dnn, onnx_files):
    done = modelparity("check", dnn, *onnx_files, "--recipe", "impulse", "--recipe", "odd_length")
    assert done.code == 1
    rows = [
        line.split()[:2] for line in done.out.splitlines() if "onnxruntime" in line and "run by" not in line
    ]
    names = [str(path) for path in onnx_files]
    assert rows == [[name, recipe] for name in names for recipe in ("impulse", "odd_length")]
    assert "inputs     recipe odd_length" in done.out


def test_what_cannot_be_read_is_said_once_for_all_recipes(modelparity, dnn):
    done = modelparity("check", dnn, "missing.onnx", "--recipe", "impulse", "--recipe", "noise")
    assert done.code == 2
    assert done.out.count("could not be judged") == 2
    assert done.out.count("missing.onnx: ") == 1


@pytest.mark.parametrize("extra", [("--recipe", "noise"), ("--seed", 0), ("--length", 5)])
def test_inputs_and_a_recipe_exclude_each_other(modelparity, dnn, onnx_files, tmp_path, extra):
    np.savez(tmp_path / "one.npz", x=np.zeros((5, 9), "float32"))
    done = modelparity("check", dnn, onnx_files[0], "--inputs", "one.npz", *extra)
    assert done.code == 2
    assert "--inputs stands instead of a recipe" in done.err


def test_inputs_from_a_file(modelparity, dnn, onnx_files, tmp_path):
    x = np.random.default_rng(0).standard_normal((5, 9)).astype("float32")
    np.savez(tmp_path / "one.npz", x=x)
    np.savez(tmp_path / "any.npz", x)
    for name in ("one.npz", "any.npz"):
        done = modelparity("check", dnn, onnx_files[0], "--inputs", name, "--json", "out.json")
        assert done.code == 0
        (case,) = json.loads((tmp_path / "out.json").read_text())["cases"]
        assert case["reference"] == "given"
        assert case["verdict"]["outputs"][0]["shape"] == [5, 3]


def test_inputs_that_do_not_fit_are_2(modelparity, dnn, onnx_files, tmp_path):
    np.savez(tmp_path / "bad.npz", x=np.zeros((5, 8), "float32"))
    done = modelparity("check", dnn, onnx_files[0], "--inputs", "bad.npz")
    assert done.code == 2
    assert "axis 'feature' has size 8 instead of 9" in done.err


class Trap:
    """Pickled, it would make a file when loaded."""

    def __reduce__(self):
        return (open, ("sprung", "w"))


def test_nothing_in_an_inputs_file_is_unpickled(modelparity, dnn, onnx_files, tmp_path):
    np.savez(tmp_path / "trap.npz", x=np.array([Trap()], dtype=object))
    (tmp_path / "trap.pkl.npz").write_bytes(pickle.dumps(Trap()))
    for name in ("trap.npz", "trap.pkl.npz"):
        done = modelparity("check", dnn, onnx_files[0], "--inputs", name)
        assert done.code == 2
        assert "not readable as arrays" in done.err
        assert "unsafely" not in done.err
        assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", b"not arrays"])
def test_a_damaged_inputs_file_is_2(modelparity, dnn, onnx_files, tmp_path, content):
    (tmp_path / "bad.npz").write_bytes(content)
    done = modelparity("check", dnn, onnx_files[0], "--inputs", "bad.npz")
    assert done.code == 2
    assert "not readable as arrays" in done.err


def test_a_bare_array_is_told_how_to_be_saved(modelparity, dnn, onnx_files, tmp_path):
    np.save(tmp_path / "bare.npy", np.zeros((5, 9), "float32"))
    done = modelparity("check", dnn, onnx_files[0], "--inputs", "bare.npy")
    assert done.code == 2
    assert "np.savez" in done.err


def test_reports(modelparity, dnn, onnx_files, tmp_path):
    assert modelparity("check", dnn, *onnx_files, "--json", "a/out.json", "--html", "out.html").code == 1
    report = json.loads((tmp_path / "a" / "out.json").read_text())
    assert [case["outcome"] for case in report["cases"]] == ["passed"] * 3 + ["failed"] * 3
    assert "float16 weights" in (tmp_path / "out.html").read_text()


def test_json_on_standard_output_is_nothing_but_json(modelparity, dnn, onnx_files):
    done = modelparity("check", dnn, onnx_files[0], "--json", "-")
    assert json.loads(done.out)["cases"][0]["verdict"]["ok"] is True


def test_a_file_that_kills_its_runtime_is_one_failed_case(modelparity, crashing, tmp_path):
    import modelparity as mp

    spec = mp.TensorSpec("x", (mp.Axis("time"), mp.Axis("feature", 4)))
    node = mp.Node("out", "identity", ("x",), ("y",))
    sound = mp.convert(mp.Graph("same", (spec,), ("y",), (node,), {}), tmp_path / "sound.onnx")
    done = modelparity("check", sound, crashing, sound, "--recipe", "noise", "--json", "out.json")
    assert done.code == 2
    assert "Traceback" not in done.out + done.err
    crashed, went_on = json.loads((tmp_path / "out.json").read_text())["cases"]
    assert crashed["outcome"] == "failed"
    assert "crashing.onnx: onnxruntime was killed by SIG" in crashed["reason"]
    assert crashed["reason"] in done.out
    assert went_on["outcome"] == "passed"


def test_without_onnxruntime_it_says_what_to_install(modelparity, onnx_files, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    done = modelparity("check", onnx_files[0], onnx_files[0], "--recipe", "noise")
    assert done.code == 2
    assert "onnxruntime is not installed: pip install 'modelparity[onnx]'" in done.out
    assert "Traceback" not in done.out + done.err


def test_an_onnxruntime_that_does_not_import(modelparity, onnx_files, monkeypatch, tmp_path):
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "onnxruntime.py").write_text("raise ImportError('DLL load failed')")
    monkeypatch.syspath_prepend(str(tmp_path / "broken"))
    _child.close()
    done = modelparity("check", onnx_files[0], onnx_files[0], "--recipe", "noise")
    _child.close()  # the next one finds what is really there
    assert done.code == 2
    assert "DLL load failed" in done.out
    assert "pip install --force-reinstall 'modelparity[onnx]'" in done.out


#: The command, in a process that dies in the first case.
DIES = """
import os, signal, sys
from modelparity import cli
from modelparity.verdict import question
question.check_case = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL)
cli.main(sys.argv[1:])
"""


def test_a_report_of_a_process_that_died_is_not_that_of_the_one_before(
    modelparity, dnn, onnx_files, tmp_path
):
    words = [
        "check",
        str(dnn),
        str(onnx_files[0]),
        "--recipe",
        "noise",
        "--json",
        "out.json",
        "--html",
        "out.html",
    ]
    assert modelparity(*words).code == 0
    assert subprocess.run([sys.executable, "-c", DIES, *words], check=False).returncode == -signal.SIGKILL
    (case,) = json.loads((tmp_path / "out.json").read_text())["cases"]
    assert (case["outcome"], case["reason"]) == ("failed", "never returned: the process that ran it died")
    assert "never returned" in (tmp_path / "out.html").read_text()
