"""The PyTorch runtime: modules of this package's and anybody's."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import modelparity as mp
from modelparity.errors import InputError, Unavailable
from modelparity.runtimes import torch as module
from modelparity.runtimes.torch import Torch

X = np.ones((4, 3), np.float32)


class Two(torch.nn.Module):
    def forward(self, a, b):
        return a + b, a - b


class Named(torch.nn.Module):
    def forward(self, x):
        return {"sum": x.sum(0), "largest": x.amax(0)}


#: What runs of `Silent` saw.
SEEN: list[tuple[bool, bool, int]] = []


class Silent(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = torch.nn.Dropout(0.5)
        self.seen = []

    def forward(self, x):
        self.seen.append(0)
        SEEN.append((self.training, torch.is_grad_enabled(), torch.get_num_threads()))
        return self.drop(x)


def test_it_takes_modules_and_nothing_else():
    assert Torch().accepts(torch.nn.Linear(3, 2))
    assert Torch().accepts(Two())
    for other in ("net.onnx", 3, None, torch.zeros(2), torch.nn.Linear):
        assert not Torch().accepts(other)
        with pytest.raises(InputError, match="not a module"):
            Torch().run(other, {"x": X})


def test_eval_mode_no_gradients_and_everything_put_back():
    SEEN.clear()
    silent = Silent().train()
    threads = torch.get_num_threads()
    np.testing.assert_array_equal(Torch(threads=1).run(silent, {"x": X})["output"], X)
    assert SEEN == [(False, False, 1)]
    assert not silent.seen
    assert silent.training
    assert torch.get_num_threads() == threads


def test_outputs_by_name_or_number():
    assert set(Torch().run(Named(), {"x": X})) == {"sum", "largest"}
    assert set(Torch().run(Two(), {"a": X, "b": X})) == {"output_0", "output_1"}
    assert set(Torch().run(torch.nn.Linear(3, 2), {"x": X})) == {"output"}


def test_inputs_by_name_whatever_their_order():
    np.testing.assert_array_equal(Torch().run(Two(), {"b": X, "a": 2 * X})["output_1"], X)


def test_several_inputs_of_unknown_order_are_refused():
    with pytest.raises(InputError, match=r"a, b[\s\S]*p, q"):
        Torch().run(Two(), {"p": X, "q": X})


def test_a_failure_names_shapes():
    with pytest.raises(InputError, match=r"x \(4, 5\)"):
        Torch().run(torch.nn.Linear(3, 2), {"x": np.ones((4, 5), np.float32)})


def test_what_a_module_asserts_is_an_answer() -> None:
    """PyTorch's own attention asserts that masks fit."""

    class Asserting(torch.nn.Module):
        def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
            found, _ = torch.nn.MultiheadAttention(4, 2, batch_first=True)(
                x, x, x, key_padding_mask=mask == 0
            )
            return found

    class Wordless(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            raise AssertionError

    x = np.zeros((2, 3, 4), np.float32)
    with pytest.raises(InputError, match=r"PyTorch refuses[\s\S]*key_padded_mask"):
        Torch().run(Asserting(), {"x": x, "mask": np.ones((3, 3), np.float32)})
    with pytest.raises(InputError, match="AssertionError"):
        Torch().run(Wordless(), {"x": x})


def test_a_module_cast_to_half_is_told_how_to_be_held():
    with pytest.raises(InputError, match=r"its weights are torch.float16: let forward cast its input"):
        Torch().run(torch.nn.Linear(3, 2).half(), {"x": np.ones((4, 3), np.float32)})
    with pytest.raises(InputError) as caught:
        Torch().run(torch.nn.Linear(3, 2), {"x": np.ones((4, 5), np.float32)})
    assert "weights are" not in str(caught.value)


def test_inputs_are_not_changed():
    class Spoiling(torch.nn.Module):
        def forward(self, x):
            return x.zero_()

    x = X.copy()
    x.flags.writeable = False
    Torch().run(Spoiling(), {"x": x})
    np.testing.assert_array_equal(x, X)


def test_outputs_that_numpy_cannot_hold_are_refused_with_the_way_out():
    class Half(torch.nn.Module):
        def forward(self, x):
            return x.to(torch.float8_e4m3fn)

    with pytest.raises(InputError, match="is not a tensor that numpy holds") as caught:
        Torch().run(Half(), {"x": X})
    assert ".float()" in str(caught.value)
    assert "float8" in str(caught.value)


def test_bfloat16_outputs_come_as_float32_which_holds_them():
    class Half(torch.nn.Module):
        def forward(self, x):
            return {"y": x.to(torch.bfloat16)}

    (y,) = Torch().run(Half(), {"x": X}).values()
    np.testing.assert_array_equal(y, torch.from_numpy(X).bfloat16().float().numpy())
    assert y.dtype == np.float32


def test_weights_are_parameters_and_buffers():
    norm = torch.nn.BatchNorm1d(3)
    assert {"weight", "bias", "running_mean", "running_var"} <= set(Torch().weights(norm))
    half = torch.nn.Linear(3, 2).to(torch.bfloat16)
    assert Torch().weights(half)["weight"].dtype == np.float32


def test_settings_are_reported():
    assert Torch().describe()["threads"] == "1"
    assert Torch(threads=None).describe()["threads"] == str(torch.get_num_threads())
    assert Torch().describe()["version"] == torch.__version__


def test_what_to_install(monkeypatch):
    assert Torch().missing() is None
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    assert "pip install 'modelparity[torch]'" in Torch().missing()
    with pytest.raises(Unavailable, match="pip install"):
        Torch().run(torch.nn.Linear(3, 2), {"x": X})


class Nested(torch.nn.Module):
    """Several inputs, whole numbers among them, states in a tuple, and results in a structure."""

    def __init__(self):
        super().__init__()
        self.table, self.cell = torch.nn.Embedding(5, 3), torch.nn.LSTM(3, 2)
        self.twice = torch.nn.Tanh()

    def forward(self, tokens, states, scale=1.0, extra=None):
        y, (h, c) = self.cell(self.table(tokens), states)
        return self.twice(self.twice(y)) * scale, {"h": h, "c": c}, None


def nested():
    torch.manual_seed(3)
    tokens = np.array([[1, 2], [4, 0]])
    states = [np.full((1, 2, 2), value, np.float32) for value in (0.5, -1)]
    return Nested(), {"tokens": tokens, "states.0": states[0], "states.1": states[1]}


def test_arguments_and_results_in_structures():
    module, feeds = nested()
    got = Torch().run(module, feeds)
    assert set(got) == {"output_0", "output_1.h", "output_1.c"}
    with torch.no_grad():  # gradients choose other kernels, which need not agree to the last bit
        want = module(
            torch.from_numpy(feeds["tokens"]), (torch.full((1, 2, 2), 0.5), torch.full((1, 2, 2), -1.0))
        )
    np.testing.assert_array_equal(got["output_1.c"], want[1]["c"].numpy())


def test_taps_are_what_submodules_returned():
    module, feeds = nested()
    taps = Torch().taps(module, feeds)
    assert set(taps) == {"table", "cell.0", "cell.1.0", "cell.1.1", "twice", "twice:1"}
    np.testing.assert_allclose(taps["twice"], np.tanh(taps["cell.0"]), rtol=1e-6)
    np.testing.assert_array_equal(taps["cell.1.0"], Torch().run(module, feeds)["output_1.h"])
    assert not module.cell._forward_hooks
    assert module.cell.training


def test_programs_and_their_archives(tmp_path):
    module, feeds = nested()
    states = tuple(torch.from_numpy(feeds[name]) for name in ("states.0", "states.1"))
    program = torch.export.export(module, (torch.from_numpy(feeds["tokens"]), states))
    torch.export.save(program, tmp_path / "net.pt2")
    want = Torch().run(module, feeds)
    for artefact in (program, tmp_path / "net.pt2", str(tmp_path / "net.pt2")):
        assert Torch().accepts(artefact)
        got = Torch().run(artefact, feeds)
        assert set(got) == set(want)
        for name, array in want.items():
            np.testing.assert_allclose(got[name], array, rtol=1e-6, atol=1e-7)
        assert set(Torch().weights(artefact)) == set(Torch().weights(module))


class Difference(torch.nn.Module):
    def forward(self, a, b):
        return a - b


@pytest.mark.parametrize("by_name", [False, True])
def test_arguments_under_other_names_go_by_order_and_it_is_said(by_name):
    class Other(torch.nn.Module):
        def forward(self, left, right, scale=1):
            return (left - right) * scale

    example = {"left": torch.zeros(3), "right": torch.zeros(3)}
    program = torch.export.export(
        Other(), () if by_name else tuple(example.values()), example if by_name else None
    )
    reference = mp.load(Difference(), example=(torch.zeros(3), torch.zeros(3)))
    for one in (Other(), program):
        verdict = mp.check(reference, one)
        assert (verdict.ok, verdict.fit.describe()) == (True, ("a is left; b is right",))
        assert mp.check(reference, one, names={"a": "right"}).band == "wrong"
    with pytest.raises(InputError, match="the candidate has no input 'up'"):
        mp.check(reference, Other(), names={"a": "up"})


def test_names_that_are_given_reach_a_module():
    reference = mp.load(Difference(), example=(torch.zeros(3), torch.zeros(3)))
    swapped = mp.check(reference, Difference(), names={"a": "b", "b": "a"})
    assert (swapped.band, swapped.fit.describe()) == ("wrong", ("a is b; b is a",))
    assert mp.check(reference, Difference(), names={"a": "a"}).ok
