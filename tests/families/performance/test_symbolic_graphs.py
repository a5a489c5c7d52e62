"""The encoder of score graphs against what the original computed: every step, links, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from modelparity.errors import ArtefactError, InputError
from modelparity_families.performance import seeded
from modelparity_families.performance.symbolic.encoders.graph_sizes import GraphSizes
from modelparity_families.performance.symbolic.graph import score_graph
from modelparity_families.performance.symbolic.notes import Notes

torch = pytest.importorskip("torch")
graphs = pytest.importorskip("modelparity_families.performance.symbolic.encoders.graph_modules")
Load = Callable[[str], Any]
LIMIT = 1e-5


@pytest.fixture
def small(recorded: Load) -> tuple[Any, dict[str, Any]]:
    """The module of the recorded sizes in float64, and what it was given and gave, as tensors."""
    own = recorded("s2_small")
    config = own.told["config"]
    sizes = GraphSizes(
        config["node_features"],
        config["hidden_dim"],
        config["num_layers"],
        config["heads"],
        config["num_labels"],
    )
    assert own.shapes() == sizes.shapes
    module = graphs.module_of(sizes, seeded.weights(sizes.shapes, own.told["seed"])).double()
    arrays = {name: torch.from_numpy(array) for name, array in own.arrays.items()}
    return module, {name: one.double() if one.is_floating_point() else one for name, one in arrays.items()}


def same(found: Any, wanted: Any) -> None:
    np.testing.assert_allclose(found.detach(), wanted, rtol=0, atol=LIMIT)


def test_every_step_is_what_the_original_computed(small: tuple[Any, dict[str, Any]]) -> None:
    module, own = small
    steps: dict[str, Any] = {}
    parts = {"node_embed": module.node_embed, "gat0_out": module.gat_layers[0], "pooled": module.global_pool}
    for name, part in parts.items():
        part.register_forward_hook(lambda _, __, made, name=name: steps.update({name: made}))
    given = own["in_x_a"], own["in_edge_index_a"], own["in_batch_a"]
    z = module.encode(*given)
    for name, made in steps.items():
        same(made, own[name])
    same(z, own["z_symbolic"])
    same(module(*given), own["scores"])
    same(module.encoded(*given[:2]), own["layer1"])
    others = module.encode(own["in_x_b"], own["in_edge_index_b"], own["in_batch_b"])
    same(module.compare(z, others), own["ranking_logits"])


def test_attention_of_every_edge_is_what_the_original_computed(small: tuple[Any, dict[str, Any]]) -> None:
    """Edges from a note to itself are left out, each note gets one of its own, and an edge given twice stays."""
    module, own = small
    layer = module.gat_layers[0]
    z = layer.lin(own["node_embed"]).unflatten(-1, (4, 4))
    edges, attention = layer.attention(z, own["in_edge_index_a"])
    np.testing.assert_array_equal(edges, own["gat0_attention_edges"])
    same(attention, own["gat0_attention"])


def test_links_are_what_the_original_computed(small: tuple[Any, dict[str, Any]]) -> None:
    module, own = small
    given = own["in_x_a"], own["in_edge_index_a"]
    same(module.links(*given, own["in_pos_edges"]), own["pos_scores"])
    same(module.links(*given, own["in_neg_edges"]), own["neg_scores"])
    turned = module.links(*given, own["in_pos_edges"].flip(0))
    assert (turned - own["pos_scores"]).abs().max() > 0.1  # a link has a direction


def test_a_graph_alone_is_what_it_is_among_others(small: tuple[Any, dict[str, Any]]) -> None:
    module, own = small
    x, edges, batch = own["in_x_a"], own["in_edge_index_a"], own["in_batch_a"]
    first = int((batch == 0).sum())
    alone = module.encode(x[:first], edges[:, (edges < first).all(dim=0)])
    same(alone, module.encode(x, edges, batch)[:1].detach())
    nothing = module.encode(x[-1:], torch.empty(2, 0, dtype=torch.int64))
    same(nothing, module.encode(x, edges, batch)[-1:].detach())  # the last graph is one note without edges


def test_it_takes_score_graphs(small: tuple[Any, dict[str, Any]]) -> None:
    steps = np.arange(9.0)
    notes = Notes(60 + steps, 64 + steps, steps / 4, steps / 4 + 1, steps < 0)
    made = score_graph(notes)
    scores = small[0](torch.from_numpy(made.x).double(), torch.from_numpy(made.edges))
    assert scores.shape == (1, 19)
    assert ((scores > 0) & (scores < 1)).all()


def test_graphs_that_are_none_are_named(small: tuple[Any, dict[str, Any]]) -> None:
    module, own = small
    x, edges, batch = own["in_x_a"], own["in_edge_index_a"], own["in_batch_a"]
    with pytest.raises(InputError, match=r"(?s)edge 1 is of a note that is not there.*0 to 12"):
        module(x, torch.tensor([[0, 0], [1, 12]]))
    with pytest.raises(InputError, match="two rows of whole numbers"):
        module(x, edges.double())
    with pytest.raises(InputError, match="graph 1 has no notes"):
        module(x, edges, torch.where(batch == 1, 2, batch))
    with pytest.raises(InputError, match="batch tells of each note"):
        module(x, edges, batch[:-1])
    with pytest.raises(InputError, match="batch tells of each note"):
        module(x[:0], edges[:, :0])


def test_sizes_and_weights_that_do_not_fit_are_refused() -> None:
    sizes = GraphSizes(6, 8, 1, 2, 3)
    own = seeded.weights(sizes.shapes, 1)
    with pytest.raises(ArtefactError, match=r"'gat_layers\.0\.bias' is missing"):
        graphs.module_of(sizes, {name: one for name, one in own.items() if name != "gat_layers.0.bias"})
    with pytest.raises(InputError, match="no multiple of the heads"):
        GraphSizes(heads=3)
    with pytest.raises(InputError, match="layers is no size"):
        GraphSizes(layers=0)


def test_every_weight_learns(small: tuple[Any, dict[str, Any]]) -> None:
    """The softmax over edges and notes has the gradient of finite differences, and every weight of scores has one."""
    values = torch.tensor([[0.3], [-1.0], [2.0], [0.7]], dtype=torch.float64, requires_grad=True)
    which = torch.tensor([0, 1, 0, 1])
    assert torch.autograd.gradcheck(lambda one: graphs.softmax_within(one, which, 2), (values,))
    module, own = small
    scores = module(own["in_x_a"], own["in_edge_index_a"], own["in_batch_a"])
    scores.square().sum().backward()
    heads = ("comparator", "ranking_heads", "contrastive_proj", "link_pred_head")
    for name, weight in module.named_parameters():
        assert name.startswith(heads) or weight.grad.abs().max() > 0, name


def test_at_whole_sizes(recorded: Load) -> None:
    own, sizes = recorded("symbolic_full"), GraphSizes()
    assert own.told["shapes"]["s2"] == {name: list(shape) for name, shape in sizes.shapes.items()}
    module = graphs.module_of(sizes, seeded.weights(sizes.shapes, 1))
    x = ((seeded.uniform(1, "full/x", (20, 6)) + 1) / 2).astype(np.float32)
    edges = ((seeded.uniform(1, "full/ei", (2, 40)) + 1) / 2 * 20).astype(np.int64)
    with torch.no_grad():
        z = module.encode(torch.from_numpy(x), torch.from_numpy(edges))
        same(z, own.arrays["s2_z"])
        same(module.regression_head(z), own.arrays["s2_scores"])
