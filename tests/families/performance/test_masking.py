"""Words and links that are hidden: how many, which, what stands in their place, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from modelparity.errors import InputError
from modelparity_families.performance.symbolic.graph import score_graph
from modelparity_families.performance.symbolic.notes import Notes

torch = pytest.importorskip("torch")
masking = pytest.importorskip("modelparity_families.performance.training.masking")
WORDS = 316


def test_words_are_hidden_in_their_shares() -> None:
    ids = torch.arange(WORDS).repeat(200, 1)
    found, labels = masking.masked_words(ids, WORDS, torch.Generator().manual_seed(3))
    hidden = labels != masking.UNMASKED
    assert not hidden[:, : masking.SPECIAL].any()
    assert (labels[hidden] == ids[hidden]).all()
    assert (found[~hidden] == ids[~hidden]).all()
    music = hidden[:, masking.SPECIAL :]
    assert music.double().mean() == pytest.approx(0.15, abs=0.01)
    replaced, same = found[hidden] == WORDS, found[hidden] == ids[hidden]
    assert replaced.double().mean() == pytest.approx(0.8, abs=0.02)
    assert same.double().mean() == pytest.approx(0.1, abs=0.02)
    others = found[hidden][~replaced & ~same]
    assert len(others)
    assert int(others.min()) >= masking.SPECIAL
    assert int(others.max()) < WORDS
    again, _ = masking.masked_words(ids, WORDS, torch.Generator().manual_seed(3))
    assert (again == found).all()
    assert (masking.masked_words(ids, WORDS, torch.Generator().manual_seed(4))[0] != found).any()


def test_links_are_hidden_in_both_directions() -> None:
    steps = np.arange(40.0)
    made = score_graph(Notes(40 + steps, 64 + 0 * steps, steps / 4, steps / 4 + 1, steps < 0))
    edges = torch.from_numpy(made.edges)
    kept, hidden = masking.hidden_links(edges, torch.Generator().manual_seed(0))

    def pairs(some: torch.Tensor) -> set[tuple[int, ...]]:
        return {tuple(one) for one in some.T.tolist()}

    assert pairs(kept) | pairs(hidden) == pairs(edges)
    assert not pairs(kept) & pairs(hidden.flip(0))  # no hidden link can be seen from its other side
    assert pairs(hidden) == pairs(hidden.flip(0))
    assert kept.shape[1] + hidden.shape[1] == edges.shape[1]
    assert hidden.shape[1] / edges.shape[1] == pytest.approx(0.15, abs=0.02)
    kept, hidden = masking.hidden_links(torch.tensor([[0, 1, 0], [1, 0, 1]]), torch.Generator())
    assert kept.shape == (2, 0)
    assert hidden.shape == (2, 3)  # an edge that is there twice is hidden twice


def test_what_is_not_to_be_hidden_is_refused() -> None:
    generator = torch.Generator()
    with pytest.raises(InputError, match="no edges to hide"):
        masking.hidden_links(torch.empty(2, 0, dtype=torch.int64), generator)
    with pytest.raises(InputError, match="no share"):
        masking.hidden_links(torch.tensor([[0], [1]]), generator, share=0)
    with pytest.raises(InputError, match="no share"):
        masking.masked_words(torch.tensor([[5]]), WORDS, generator, share=1.5)
    with pytest.raises(InputError, match=r"(?s)of the vocabulary.*0 to 315"):
        masking.masked_words(torch.tensor([[5, 316]]), WORDS, generator)
