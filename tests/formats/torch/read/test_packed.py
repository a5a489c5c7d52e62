"""Packed sequences are not read, and the error says what to give instead."""

from __future__ import annotations

import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import modelparity as mp
from modelparity.errors import ArtefactError


class Packing(torch.nn.Module):
    def __init__(self, start):
        super().__init__()
        self.layer, self.start = torch.nn.GRU(3, 4, batch_first=True), start

    def forward(self, x):
        packed = pack_padded_sequence(x, torch.tensor([5, 5]), batch_first=True)
        y, _ = self.layer(packed, self.start)
        return pad_packed_sequence(y, batch_first=True)[0]


@pytest.mark.parametrize("start", [None, torch.zeros(1, 2, 4)])
def test_a_module_that_packs_is_told_to_take_padded_sequences(start):
    with pytest.raises(ArtefactError, match="give the module padded sequences"):
        mp.load(Packing(start).eval(), example=torch.randn(2, 5, 3))
