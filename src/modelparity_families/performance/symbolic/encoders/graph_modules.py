"""The encoder of score graphs as a PyTorch module, with the names of weights that the original has.

Edges (2, edge) are whole numbers: sources in row 0, targets in row 1. Several graphs are one with all their notes;
``batch`` (note,) says which each is of.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from modelparity.errors import InputError
from modelparity.graph import Array

from ...networks.modules import Judge, filled
from .graph_sizes import GraphSizes

#: Slope below 0 of what attention is the softmax of.
SLOPE = 0.2


class GraphAttention(nn.Module):
    """Velickovic et al., "Graph attention networks", 2018, equations 1 to 5, heads side by side.

    z = W h; e = LeakyReLU(a_source z_source + a_target z_target); y = b + sum of softmax(e) z_source, over the edges
    that come into a note and one from itself. An edge that is there twice counts twice; edges of the graph from a
    note to itself are left out.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.att_src = nn.Parameter(torch.empty(1, heads, width // heads))
        self.att_dst = nn.Parameter(torch.empty(1, heads, width // heads))
        self.bias = nn.Parameter(torch.zeros(width))
        self.lin = nn.Linear(width, width, bias=False)
        nn.init.xavier_uniform_(self.att_src)
        nn.init.xavier_uniform_(self.att_dst)

    def attention(self, z: Tensor, edges: Tensor) -> tuple[Tensor, Tensor]:
        """Edges (2, edge), each note's own at the end, and their attention (edge, head), of z (note, head, part)."""
        own = torch.arange(len(z), device=z.device).expand(2, -1)
        edges = torch.cat((edges[:, edges[0] != edges[1]], own), dim=1)
        source, target = edges
        towards = (z * self.att_src).sum(dim=-1)[source] + (z * self.att_dst).sum(dim=-1)[target]
        return edges, softmax_within(F.leaky_relu(towards, SLOPE), target, len(z))

    def forward(self, h: Tensor, edges: Tensor) -> Tensor:
        """(note, width), as it comes."""
        z = self.lin(h).unflatten(-1, self.att_src.shape[1:])
        (source, target), attention = self.attention(z, edges)
        y = torch.zeros_like(z).index_add(0, target, attention[..., None] * z[source])
        return y.flatten(1) + self.bias


class Gate(nn.Module):
    """Notes of a graph weighed by a softmax over them."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.gate_nn = nn.Sequential(nn.Linear(width, 1))

    def forward(self, h: Tensor, batch: Tensor, count: int) -> Tensor:
        """(note, width) -> (graph, width)."""
        weights = softmax_within(self.gate_nn(h), batch, count)
        return h.new_zeros(count, h.shape[1]).index_add(0, batch, weights * h)


class GraphEncoder(Judge):
    """S2: notes attend to those from which an edge comes; kinds of edges are not asked."""

    output_names = ("scores",)

    def __init__(self, sizes: GraphSizes) -> None:
        hidden, half, drop = sizes.hidden, sizes.hidden // 2, sizes.dropout
        super().__init__(hidden, half, sizes.labels, drop)
        self.sizes = sizes
        active = (nn.LayerNorm(hidden), nn.GELU(), nn.Dropout(drop))
        self.node_embed = nn.Sequential(nn.Linear(sizes.features, hidden), *active)
        self.gat_layers = nn.ModuleList(GraphAttention(hidden, sizes.heads) for _ in range(sizes.layers))
        self.gat_norms = nn.ModuleList(nn.LayerNorm(hidden) for _ in range(sizes.layers))
        self.global_pool = Gate(hidden)
        self.projection = nn.Sequential(
            nn.Linear(hidden, hidden), nn.LayerNorm(hidden), nn.GELU(), nn.Dropout(drop)
        )
        self.contrastive_proj = nn.Sequential(nn.Linear(hidden, hidden), nn.GELU(), nn.Linear(hidden, half))
        self.link_pred_head = nn.Sequential(nn.Linear(2 * hidden, hidden), nn.GELU(), nn.Linear(hidden, 1))

    def encoded(self, x: Tensor, edges: Tensor) -> Tensor:
        """(note, feature) -> (note, hidden). Raises `InputError` for edges of notes that are not there."""
        refuse_edges(edges, len(x))
        h: Tensor = self.node_embed(x)
        for attention, norm in zip(self.gat_layers, self.gat_norms, strict=True):
            h = h + F.gelu(norm(attention(h, edges)))
        return h

    def pooled(self, x: Tensor, edges: Tensor, batch: Tensor | None = None) -> Tensor:
        """(graph, hidden). Raises `InputError` as `encoded`, and naming a graph without notes."""
        if batch is None:
            batch = x.new_zeros(len(x), dtype=torch.int64)
        found: Tensor = self.global_pool(self.encoded(x, edges), batch, graphs_of(batch, len(x)))
        return found

    def encode(self, x: Tensor, edges: Tensor, batch: Tensor | None = None) -> Tensor:
        """z (graph, hidden). Raises as `pooled`."""
        z: Tensor = self.projection(self.pooled(x, edges, batch))
        return z

    def links(self, x: Tensor, edges: Tensor, pairs: Tensor) -> Tensor:
        """Logits (pair,) of there being an edge, for pairs (2, pair) of sources and targets. Raises as `encoded`."""
        refuse_edges(pairs, len(x))
        h = self.encoded(x, edges)
        found: Tensor = self.link_pred_head(torch.cat((h[pairs[0]], h[pairs[1]]), dim=-1))[:, 0]
        return found

    def forward(self, x: Tensor, edge_index: Tensor, batch: Tensor | None = None) -> Tensor:
        """scores (graph, label) between 0 and 1."""
        scores: Tensor = self.regression_head(self.encode(x, edge_index, batch))
        return scores


def softmax_within(values: Tensor, which: Tensor, count: int) -> Tensor:
    """The softmax of rows (row, ...) over those that have the same number in ``which`` (row,), below ``count``."""
    peaks = values.new_full((count, *values.shape[1:]), float("-inf"))
    places = which.view(-1, *(1,) * (values.ndim - 1)).expand_as(values)
    peaks = peaks.scatter_reduce(0, places, values.detach(), "amax")
    powers = (values - peaks[which]).exp()
    totals = torch.zeros_like(peaks).index_add(0, which, powers)
    return powers / totals[which]


def refuse_edges(edges: Tensor, notes: int) -> None:
    """Raise `InputError` unless ``edges`` (2, edge) are whole numbers of ``notes`` notes, naming the first that is
    none."""
    if edges.ndim != 2 or len(edges) != 2 or edges.is_floating_point():
        raise InputError("edges are two rows of whole numbers", found=f"{tuple(edges.shape)} {edges.dtype}")
    wrong = ((edges < 0) | (edges >= notes)).any(dim=0).nonzero()
    if len(wrong):
        place = int(wrong[0, 0])
        raise InputError(
            f"edge {place} is of a note that is not there",
            found=f"{int(edges[0, place])} to {int(edges[1, place])}",
            expected=f"0 to {notes - 1}",
        )


def graphs_of(batch: Tensor, notes: int) -> int:
    """How many graphs ``batch`` (note,) tells apart. Raises `InputError` naming one without notes."""
    if batch.shape != (notes,) or not notes or batch.is_floating_point() or bool((batch < 0).any()):
        raise InputError(
            "batch tells of each note which graph it is of, from 0",
            found=f"{tuple(batch.shape)} {batch.dtype}",
            expected=f"({notes},) whole numbers",
        )
    found = torch.unique(batch)
    if len(found) <= int(found[-1]):
        empty = int((found != torch.arange(len(found), device=found.device)).nonzero()[0, 0])
        raise InputError(f"graph {empty} has no notes", fix="number graphs from 0 without a gap")
    return len(found)


def module_of(sizes: GraphSizes, weights: Mapping[str, Array]) -> GraphEncoder:
    """The module with these weights, in eval mode. Raises `ArtefactError` unless they are its own, all of them."""
    sizes.check(weights)
    with torch.device("meta"):  # nothing is drawn, and nothing is there twice
        model = GraphEncoder(sizes)
    return filled(model, weights)
