"""Files that kill onnxruntime or PyTorch, or keep them busy for ever: each is its own case's failure, and no more."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import InputError, RuntimeFailure
from modelparity.formats.onnx import write
from modelparity.graph import numbered
from modelparity.runtimes import onnxruntime as module
from modelparity.runtimes._torch_child import Programs
from modelparity.runtimes.onnxruntime import OnnxRuntime
from modelparity.runtimes.torch import Torch

onnx = pytest.importorskip("onnx")
X = np.ones((3, 4), np.float32)
#: Where the division of the least whole number by -1 is a trap; elsewhere it gives a number.
traps = pytest.mark.skipif(
    platform.machine() not in ("x86_64", "AMD64"), reason="this processor does not trap"
)


def relu():
    spec = mp.TensorSpec("x", (mp.Axis("time"), mp.Axis("feature", 4)))
    return mp.Graph("relu", (spec,), ("y",), (mp.Node("out", "relu", ("x",), ("y",)),), {})


def saved(path, nodes, constants=()):
    """A model of x (time, 4) that gives y."""
    make = onnx.helper
    x, y = (make.make_tensor_value_info(name, 1, ["time", 4]) for name in "xy")
    weights = [onnx.numpy_helper.from_array(np.asarray(array), name) for name, array in constants]
    graph = make.make_graph(nodes, path.stem, [x], [y], weights)
    onnx.save(make.make_model(graph, opset_imports=[make.make_opsetid("", 17)], ir_version=9), path)
    return path


@pytest.fixture
def sound(tmp_path):
    write(relu(), tmp_path / "sound.onnx")
    return tmp_path / "sound.onnx"


@pytest.fixture
def dividing(tmp_path):
    """A rectifier with a division beside it, of which onnxruntime dies if an element of x is 1 or more."""
    node, to = onnx.helper.make_node, onnx.TensorProto
    nodes = [
        node("Mul", ["x", "least"], ["scaled"]),
        node("Cast", ["scaled"], ["whole"], to=to.INT64),
        node("Div", ["whole", "minus"], ["quotient"]),
        node("Cast", ["quotient"], ["back"], to=to.FLOAT),
        node("Mul", ["back", "none"], ["nothing"]),
        node("Relu", ["x"], ["kept"]),
        node("Add", ["kept", "nothing"], ["y"]),
    ]
    constants = [("least", np.float32(-(2.0**63))), ("minus", np.int64(-1)), ("none", np.float32(0))]
    return saved(tmp_path / "dividing.onnx", nodes, constants)


def test_one_that_dies_while_it_loads(crashing, sound):
    runtime = OnnxRuntime()
    with pytest.raises(RuntimeFailure, match=r"crashing.onnx: onnxruntime was killed by SIG") as error:
        runtime.run(crashing, {"x": X})
    assert "modelparity inspect" in str(error.value)
    np.testing.assert_array_equal(runtime.run(sound, {"x": X})["y"], X)


@traps
def test_one_that_dies_while_it_runs(dividing):
    runtime = OnnxRuntime()
    assert runtime.inputs(dividing) == ("x",)
    with pytest.raises(RuntimeFailure, match=r"dividing.onnx: onnxruntime was killed by SIGFPE"):
        runtime.run(dividing, {"x": X})
    np.testing.assert_array_equal(runtime.run(dividing, {"x": X / 2})["y"], X / 2)


@pytest.mark.parametrize("form", [lambda path: path.read_bytes(), onnx.load])
def test_what_was_given_as_bytes_dies_as_well(crashing, form):
    with pytest.raises(RuntimeFailure, match="killed by SIG"):
        OnnxRuntime().inputs(form(crashing))


def test_bytes_do_not_pile_up_on_disk(sound):
    for scale in range(1, 8):
        model = onnx.load(sound)
        model.doc_string = "x" * scale
        OnnxRuntime().run(model, {"x": X})
    folder = module._files._folder
    assert 0 < len(os.listdir(folder.name)) <= 4


@traps
def test_check_says_which_case_died_and_judges_the_others(dividing):
    verdict = mp.check(relu(), dividing, recipes=["noise", "noise_small"])
    assert not verdict.ok
    assert verdict.band in ("exact", "rounding")
    assert [one.case for one in verdict.unjudged] == ["noise"]
    assert "dividing.onnx: onnxruntime was killed by SIGFPE" in str(verdict)


def test_check_raises_where_no_case_came_back(crashing, sound):
    with pytest.raises(RuntimeFailure, match="killed by SIG"):
        mp.check(sound, crashing, length=3)
    assert mp.check(sound, sound, recipe="noise", length=3).ok


def test_the_process_is_kept_and_no_engine_is_loaded_here(sound):
    runtime = OnnxRuntime()
    runtime.run(sound, {"x": X})
    pid = module._child._process.pid
    for threads in (1, 2):
        OnnxRuntime(threads=threads).run(sound, {"x": X})
    assert module._child._process.pid == pid
    code = (
        "import sys, modelparity as mp\n"
        f"assert mp.check({str(sound)!r}, {str(sound)!r}, recipe='noise', length=3).ok\n"
        "assert 'onnxruntime' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.fixture
def endless(tmp_path):
    make = onnx.helper
    value = make.make_tensor_value_info
    inner = make.make_graph(
        [make.make_node("Identity", ["go"], ["again"]), make.make_node("Neg", ["had"], ["got"])],
        "body",
        [value("turn", 7, []), value("go", 9, []), value("had", 1, ["time", 4])],
        [value("again", 9, []), value("got", 1, ["time", 4])],
    )
    node = make.make_node("Loop", ["", "yes", "x"], ["y"], body=inner)
    return saved(tmp_path / "endless.onnx", [node], [("yes", np.array(True))])


def test_one_that_never_answers(endless, sound, monkeypatch):
    runtime = OnnxRuntime(limit=1.5)
    runtime.inputs(sound)  # the process is there
    with pytest.raises(
        RuntimeFailure, match=r"endless.onnx: onnxruntime did not answer within 1.5 seconds"
    ) as error:
        runtime.run(endless, {"x": X})
    assert "MODELPARITY_TIME_LIMIT=15" in str(error.value)
    monkeypatch.setenv("MODELPARITY_TIME_LIMIT", "2")
    with pytest.raises(RuntimeFailure, match="within 2 seconds"):
        OnnxRuntime().run(endless, {"x": X})


@pytest.mark.parametrize("said", ["soon", "0", "-3", "nan", "inf"])
def test_a_limit_that_is_none(sound, monkeypatch, said):
    monkeypatch.setenv("MODELPARITY_TIME_LIMIT", said)
    with pytest.raises(InputError, match=rf"MODELPARITY_TIME_LIMIT: no time limit\n.*{said}"):
        OnnxRuntime().run(sound, {"x": X})


#: Prints the number of the process that runs the file, once it has run it.
RUNS = """
import os, sys, threading, numpy as np
from modelparity.runtimes import onnxruntime as module
from modelparity.runtimes._torch_child import Programs
runtime, x = module.OnnxRuntime(), np.ones((3, 4), np.float32)
assert runtime.run(sys.argv[1], {"x": x})["y"].shape == (3, 4)
print(module._child._process.pid, flush=True)
"""


def ran(text, *arguments, code=0):
    command = [sys.executable, "-c", RUNS + text, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, done.stderr
    return [int(word) for word in done.stdout.split()]


def gone(pid):
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("end", ["sys.exit()", "os.kill(os.getpid(), 9)"])
def test_it_ends_with_the_process_that_started_it_even_while_it_is_busy(sound, endless, end):
    busy = f"""
threading.Thread(target=lambda: runtime.run(sys.argv[2], {{"x": x}}), daemon=True).start()
__import__("time").sleep(0.5)
{end}
"""
    (pid,) = ran(busy, sound, endless, code=-9 if "kill" in end else 0)
    assert gone(pid)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_has_its_own(sound):
    forks = """
child = os.fork()
if child == 0:
    runtime.run(sys.argv[1], {"x": x})
    print(module._child._process.pid, flush=True)
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
runtime.run(sys.argv[1], {"x": x})
print(module._child._process.pid, flush=True)
"""
    before, inner, after = ran(forks, sound)
    assert before == after != inner
    assert gone(inner)
    assert gone(after)


def test_files_in_the_working_folder_are_in_nobodys_way(sound, tmp_path, monkeypatch):
    (tmp_path / "onnxruntime.py").write_text("raise SystemExit('not this one')")
    monkeypatch.chdir(tmp_path)
    module._child.close()
    assert OnnxRuntime().run(sound.name, {"x": X})["y"].shape == (3, 4)


def test_lists_come_back_as_they_are_and_text_as_numbers(tmp_path):
    make = onnx.helper
    nodes = [
        make.make_node("SplitToSequence", ["x"], ["parts"], axis=1),
        make.make_node("Relu", ["x"], ["y"]),
        make.make_node("Cast", ["x"], ["text"], to=onnx.TensorProto.STRING),
    ]
    model = onnx.load(saved(tmp_path / "lists.onnx", nodes))
    model.graph.output.append(
        make.make_value_info("parts", make.make_sequence_type_proto(make.make_tensor_type_proto(1, None)))
    )
    model.graph.output.append(make.make_tensor_value_info("text", onnx.TensorProto.STRING, None))
    found = OnnxRuntime().run(model, {"x": X})
    assert [part.shape for part in found["parts"]] == [(3, 1)] * 4
    assert set(found) == {"y", "parts", "text"}
    np.testing.assert_array_equal(found["text"], np.full(X.shape, numbered(["1"])[0]))


class TestPyTorch:
    """Exported programs on disk."""

    @pytest.fixture
    def program(self, tmp_path):
        torch = pytest.importorskip("torch")

        class Dividing(torch.nn.Module):
            def forward(self, x):
                whole = (x * -(2.0**63)).to(torch.int64)
                quotient = torch.div(whole, whole.new_full((), -1), rounding_mode="trunc")
                return torch.relu(x) + 0 * quotient.to(x.dtype)

        torch.export.save(torch.export.export(Dividing(), (torch.zeros(3, 4),)), tmp_path / "dividing.pt2")
        return tmp_path / "dividing.pt2"

    def test_a_session_keeps_its_state_there_until_it_ends(self, tmp_path):
        torch = pytest.importorskip("torch")

        class Counting(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.register_buffer("count", torch.zeros(()))

            def forward(self, x):
                self.count.add_(1)
                return x * self.count

        torch.export.save(torch.export.export(Counting(), (torch.zeros(3, 4),)), tmp_path / "counting.pt2")
        runtime, path = Torch(), tmp_path / "counting.pt2"
        assert runtime.kept(path, {"x": X}) == ("count",)
        for _ in range(2):
            with runtime.session(path) as run, runtime.session(path) as other:
                assert [run({"x": X})["output"][0, 0] for _ in range(3)] == [1, 2, 3]
                assert other({"x": X})["output"][0, 0] == 1
        assert runtime.run(path, {"x": X})["output"][0, 0] == 1

    def test_what_crosses_is_what_a_program_gives(self, tmp_path):
        torch = pytest.importorskip("torch")

        class Several(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.weight = torch.nn.Parameter(torch.arange(4, dtype=torch.bfloat16))

            def forward(self, x):
                return {"sum": x.sum(), "whole": torch.fft.fft(x), "more": (x > 0, x.half())}

        program = torch.export.export(Several(), (torch.zeros(3, 4),))
        torch.export.save(program, tmp_path / "several.pt2")
        here, there = (Torch().run(one, {"x": X}) for one in (program, tmp_path / "several.pt2"))
        assert {name: (a.dtype, a.tolist()) for name, a in there.items()} == {
            name: (a.dtype, a.tolist()) for name, a in here.items()
        }
        weights = Torch().weights(tmp_path / "several.pt2")
        assert {name: (str(a.dtype), a.tolist()) for name, a in weights.items()} == {
            "weight": ("float32", [0.0, 1.0, 2.0, 3.0])
        }

    def test_a_session_whose_process_ended_is_not_begun_anew(self, tmp_path):
        torch = pytest.importorskip("torch")
        torch.export.save(torch.export.export(torch.nn.ReLU(), (torch.zeros(3, 4),)), tmp_path / "relu.pt2")
        asked = {"do": "push", "path": str(tmp_path / "relu.pt2"), "stamp": "", "threads": 1, "session": 1}
        programs = Programs()
        with pytest.raises(RuntimeFailure, match="the process that held this session's state has ended"):
            programs.answer({**asked, "begun": True}, {"x": X})
        assert programs.answer({**asked, "begun": False}, {"input": X})[1]

    @traps
    def test_a_crash_is_an_error(self, program):
        assert Torch().parameters(program) == (("x",), ())
        np.testing.assert_array_equal(Torch().run(program, {"x": X / 2})["output"], X / 2)
        with pytest.raises(RuntimeFailure, match=r"dividing.pt2: PyTorch was killed by SIGFPE"):
            Torch().run(program, {"x": X})
