"""A check changes nothing: modules are run and read as copies, and one check is as another."""

# ruff: noqa: NPY002 - modules draw from numpy's own numbers

from __future__ import annotations

import copy
import threading

import numpy as np
import pytest

import modelparity as mp

torch = pytest.importorskip("torch")


class Plain(torch.nn.Module):
    def __init__(self, conv):
        super().__init__()
        self.conv = conv

    def forward(self, x):
        return self.conv(torch.nn.functional.pad(x, (4, 0)))


class Cached(Plain):
    """Keeps the last samples of a call in a buffer, as streaming convolutions do."""

    def __init__(self, conv):
        super().__init__(conv)
        self.register_buffer("past", torch.zeros(1, 1, 4))

    def forward(self, x):
        z = torch.cat([self.past, x], -1)
        self.past.copy_(z[..., -4:])
        return self.conv(z)


class Replacing(Cached):
    """The same by an attribute that is set anew, and a list that grows."""

    def __init__(self, conv):
        super().__init__(conv)
        self.calls = []

    def forward(self, x):
        z = torch.cat([self.past, x], -1)
        self.past = z[..., -4:]
        self.calls.append(len(self.calls))
        return self.conv(z)


class Locked(Replacing):
    """One that cannot be copied."""

    def __init__(self, conv):
        super().__init__(conv)
        self.lock = threading.Lock()


class Noisy(Plain):
    def forward(self, x):
        return super().forward(x) + 0 * torch.rand(1) + np.random.rand() * 0


@pytest.fixture
def conv():
    torch.manual_seed(0)
    return torch.nn.Conv1d(1, 1, 5)


X = np.random.default_rng(0).standard_normal((1, 1, 64)).astype("float32")


@pytest.mark.parametrize("kind", [Cached, Replacing, Locked])
def test_two_checks_of_a_module_with_a_past_are_one(conv, kind):
    module, reference = kind(copy.deepcopy(conv)).train(), Plain(conv).eval()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    first, second = (mp.check(reference, module, inputs={"x": X}) for _ in range(2))
    assert (first.band, first.floors) == (second.band, second.floors) == ("rounding", first.floors)
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
    assert getattr(module, "calls", []) == []
    assert module.training
    assert module.conv.training


def test_what_a_module_holds_before_a_check_it_holds_in_it(conv):
    module = Cached(conv).eval()
    module.past.fill_(3.0)
    verdict = mp.check(Plain(conv).eval(), module, inputs={"x": X})
    assert verdict.band == "wrong"
    assert module.past.unique().tolist() == [3.0]


def test_a_past_with_gradients_is_copied_by_value(conv):
    module = Replacing(conv).eval()
    module.past = module(torch.from_numpy(X))[..., :4]
    assert not module.past.is_leaf
    past = module.past
    first, second = (mp.check(Plain(conv).eval(), module, inputs={"x": X}) for _ in range(2))
    assert (first.band, first.floors) == (second.band, second.floors)
    assert module.past is past


def test_nobodys_random_numbers_are_used_up(conv):
    module = Noisy(conv).eval()
    torch.manual_seed(7)
    np.random.seed(7)
    expected = torch.rand(1), np.random.rand()
    torch.manual_seed(7)
    np.random.seed(7)
    mp.check(Plain(conv).eval(), module, inputs={"x": X})
    assert (torch.rand(1), np.random.rand()) == expected


class Drawing(Plain):
    def forward(self, x):
        return super().forward(x) + torch.rand(1)


def test_a_candidate_that_draws_draws_alike_in_every_check(conv):
    verdicts = [mp.check(Plain(conv).eval(), Drawing(conv), inputs={"x": X}) for _ in range(2)]
    assert verdicts[0] == verdicts[1]
    assert verdicts[0].band == "wrong"


def test_taps_leave_no_hooks_and_no_state(conv):
    from modelparity.runtimes.torch import Torch

    module = Cached(conv).eval()
    assert "conv" in Torch().taps(module, {"x": X})
    assert not module.conv._forward_hooks
    assert not module.past.any()


def test_reading_a_module_leaves_it_as_it_was(conv):
    module = Replacing(conv).train()
    assert mp.load(module, example=X).states == {"past": "past.next"}
    assert module.calls == []
    assert type(module.past) is torch.Tensor
    assert module.training
