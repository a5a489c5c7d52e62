"""What is hidden from symbolic encoders before there are labels: words of a sequence, and links of a score graph."""

from __future__ import annotations

import torch
from torch import Tensor

from modelparity.errors import InputError

from .losses import UNMASKED

#: The share of words, or of links, that is hidden.
SHARE = 0.15
#: Of the words that are hidden, what share gets the word that stands for masks, and what share any other word; the
#: rest stays as it is. Devlin et al., "BERT", 2019, section 3.1.
REPLACED, OTHER = 0.8, 0.1
#: Words before this number stand for no music: they are neither hidden nor put in another's place.
SPECIAL = 4


def masked_words(
    ids: Tensor, vocabulary: int, generator: torch.Generator, *, share: float = SHARE
) -> tuple[Tensor, Tensor]:
    """Words (batch, token) with some hidden, and labels (batch, token): the true word there, else `UNMASKED`.

    The word that stands for masks is ``vocabulary``, one more than the tokenizer's, as in the original, whose random
    words might be special ones. Raises `InputError` for a share that is none, and words beyond the vocabulary.
    """
    _refuse_share(share)
    if ids.is_floating_point() or (ids.numel() and not 0 <= int(ids.min()) <= int(ids.max()) < vocabulary):
        raise InputError("words are whole numbers of the vocabulary", expected=f"0 to {vocabulary - 1}")

    def drawn() -> Tensor:
        return torch.rand(ids.shape, generator=generator)

    hidden = (drawn() < share) & (ids >= SPECIAL)
    how = drawn()
    others = torch.randint(SPECIAL, vocabulary, ids.shape, generator=generator)
    found = torch.where(hidden & (how < REPLACED), vocabulary, ids)
    found = torch.where(hidden & (how >= REPLACED) & (how < REPLACED + OTHER), others, found)
    return found, torch.where(hidden, ids, UNMASKED)


def hidden_links(edges: Tensor, generator: torch.Generator, *, share: float = SHARE) -> tuple[Tensor, Tensor]:
    """Edges (2, edge) that stay, and those that are hidden: of a pair of notes both directions, or neither.

    The original hides directions one by one, so that the other one of most hidden links can be seen. One pair at
    least is hidden. Raises `InputError` for a share that is none, and for a graph without edges.
    """
    _refuse_share(share)
    if edges.ndim != 2 or len(edges) != 2 or not edges.shape[1]:
        raise InputError("no edges to hide", found=tuple(edges.shape), expected="(2, edge)")
    pairs, which = torch.unique(edges.sort(dim=0).values, dim=1, return_inverse=True)
    count = max(1, round(share * pairs.shape[1]))
    chosen = torch.zeros(pairs.shape[1], dtype=torch.bool)
    chosen[torch.randperm(pairs.shape[1], generator=generator)[:count]] = True
    hidden = chosen[which]
    return edges[:, ~hidden], edges[:, hidden]


def _refuse_share(share: float) -> None:
    if not 0 < share <= 1:
        raise InputError("no share", found=share, expected="above 0, at most 1")
