"""Inputs as other packages hold them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from modelparity import cli
from modelparity.engine.feeds import as_array

ml_dtypes = pytest.importorskip("ml_dtypes")


@pytest.mark.parametrize(
    "given",
    [
        torch.tensor([1.5, -2.0], requires_grad=True),
        torch.tensor([1.5, -2.0], dtype=torch.bfloat16),
        torch.tensor([1.5, -2.0]).to(torch.float8_e4m3fn),
        np.array([1.5, -2.0], ml_dtypes.bfloat16),
        np.array([1.5, -2.0], ml_dtypes.float8_e4m3fn),
    ],
)
def test_they_are_arrays_of_float32(given):
    array = as_array(given)
    assert array.dtype == np.float32
    assert array.tolist() == [1.5, -2.0]


def test_types_that_numpy_has_stay():
    for dtype in (torch.float16, torch.float64, torch.int64, torch.bool):
        assert as_array(torch.ones(2, dtype=dtype)).dtype == np.dtype(str(dtype).removeprefix("torch."))
    assert as_array(np.zeros(2, [("a", "f4")])).dtype.names == ("a",)


def test_a_command_without_memory_says_what_to_do(monkeypatch, capsys):
    def full(*_):
        raise MemoryError("12 TiB")

    monkeypatch.setattr("modelparity.commands.list.run", full)
    assert cli.main(["list"]) == 2
    said = capsys.readouterr().err
    assert "not enough memory" in said
    assert "--size" in said
