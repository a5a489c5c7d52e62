"""Mixup: each example of a batch is blended with another, and so are their labels."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from modelparity.errors import InputError


def mixed(
    x: Tensor, labels: Tensor, share: Tensor, partner: Tensor, *, classes: int
) -> tuple[Tensor, Tensor]:
    """``share`` of each example and the rest of its ``partner``.

    x (batch, ...), labels (batch,), share (batch,) from 0 to 1, partner (batch,) places in the batch
    -> x (batch, ...) and the share of each class (batch, class). Zhang et al., "mixup", 2018.
    """
    own = share.reshape(-1, *(1,) * (x.ndim - 1)).to(x.dtype)
    shares = F.one_hot(labels, classes).to(torch.float32)
    part = share[:, None].to(torch.float32)
    return own * x + (1 - own) * x[partner], part * shares + (1 - part) * shares[partner]


def drawn(count: int, alpha: float, random: np.random.RandomState) -> tuple[Tensor, Tensor]:
    """Shares (batch,) of a Beta distribution with both parameters ``alpha``, and partners in any order.

    A batch of one is blended with itself. Raises `InputError` unless ``alpha`` is above 0.
    """
    if not alpha > 0:
        raise InputError("alpha is a number above 0", found=alpha)
    shares = torch.from_numpy(random.beta(alpha, alpha, count).astype(np.float32))
    return shares, torch.from_numpy(random.permutation(count))
