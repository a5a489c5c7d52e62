"""Inputs of half types: by recipe, on the command line, as tensors of PyTorch and as arrays of ml_dtypes."""

from __future__ import annotations

import json

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

import modelparity as mp
from modelparity.cli import main
from modelparity.errors import InputError

torch = pytest.importorskip("torch")
ml_dtypes = pytest.importorskip("ml_dtypes")
TYPES = {"float32": TensorProto.FLOAT, "float16": TensorProto.FLOAT16, "bfloat16": TensorProto.BFLOAT16}


@pytest.fixture
def net(tmp_path):
    """Writes one network with inputs, weights and outputs of a type."""

    def write(dtype, *, spoilt=False):
        w = np.random.default_rng(0).normal(size=(16, 64)).astype(np.float32)
        if spoilt:
            w[3] *= 1.5
        held = w.astype(ml_dtypes.bfloat16 if dtype == "bfloat16" else dtype)
        graph = helper.make_graph(
            [helper.make_node("MatMul", ["x", "w"], ["a"]), helper.make_node("Relu", ["a"], ["y"])],
            "net",
            [helper.make_tensor_value_info("x", TYPES[dtype], ["time", 16])],
            [helper.make_tensor_value_info("y", TYPES[dtype], ["time", 64])],
            [numpy_helper.from_array(held, "w")],
        )
        path = tmp_path / f"{dtype}{'_spoilt' if spoilt else ''}.onnx"
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
        path.write_bytes(made.SerializeToString())
        return path

    return write


def checked(capsys, *arguments):
    code = main(["check", "--expect", "reduced", "--json", "-", *map(str, arguments)])
    cases = json.loads(capsys.readouterr().out)["cases"]
    return code, {case["recipe"]: case["verdict"] for case in cases}, cases


def test_a_file_that_takes_float16_is_judged_by_recipe(net, capsys):
    code, verdicts, _ = checked(capsys, net("float32"), net("float16"))
    assert code == 0
    assert {one["band"] for one in verdicts.values()} == {"reduced"}
    assert all(one["inputs"]["rounded to"] == "float16" for one in verdicts.values())


def test_a_spoilt_one_is_found(net, capsys):
    code, verdicts, _ = checked(capsys, net("float32"), net("float16", spoilt=True))
    assert code == 1
    assert verdicts["noise"]["band"] == "wrong"


def test_inputs_that_were_given_are_not_rounded(net):
    x = np.random.default_rng(1).normal(size=(3, 16)).astype(np.float32)
    with pytest.raises(InputError, match="does not have the type that the file declares"):
        mp.check(net("float32"), net("float16"), inputs={"x": x}, expect="reduced")
    x = x.astype(np.float16).astype(np.float32)
    assert mp.check(net("float32"), net("float16"), inputs={"x": x}, expect="reduced").band == "reduced"


def test_a_bfloat16_file_says_what_can_run_it_and_that_does(net, capsys):
    code, _, cases = checked(capsys, net("float32"), net("bfloat16"))
    assert code == 2
    assert "--runtime engine" in cases[0]["reason"]
    code, verdicts, _ = checked(capsys, "--runtime", "engine", net("float32"), net("bfloat16"))
    assert code == 0
    assert verdicts["noise"]["explained_by"].startswith("bfloat16")


@pytest.mark.parametrize("kind", ["tensor", "array", "gradient"])
def test_modules_in_bfloat16_and_tensors_that_are_learned(kind):
    torch.manual_seed(0)
    made = torch.nn.Sequential(torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 64))
    module = made.bfloat16().eval() if kind != "gradient" else made.eval()
    x = torch.randn(4, 64)
    given = {
        "tensor": x.bfloat16(),
        "array": x.numpy().astype(ml_dtypes.bfloat16),
        "gradient": x.clone().requires_grad_(),
    }[kind]
    verdict = mp.check(module, module, inputs={"input": given}, expect="reduced")
    assert verdict.ok, repr(verdict)
    assert verdict.band == ("rounding" if kind == "gradient" else "reduced")
