"""Affine maps, products of matrices, and rows of a table."""

from __future__ import annotations

import torch
from torch import nn

from ....engine.bound_node import Call
from ..building import Built, Function, Scope, fill, makes


@makes("dense")
def dense(scope: Scope, c: Call) -> Built:
    """nn.Linear, which stores its weight as (out, in)."""
    weight = scope.constant(c, "weight")
    assert weight is not None
    bias = scope.constant(c, "bias")
    module = nn.Linear(weight.shape[0], weight.shape[1], bias=bias is not None)
    fill(module.weight, weight.T)
    fill(module.bias, bias)
    return module, (c.tensors["x"],)


@makes("matmul")
def matmul(scope: Scope, c: Call) -> Built:
    """torch.matmul has numpy's meaning."""
    return Function("matmul", torch.matmul), c.node.inputs


@makes("embedding")
def embedding(scope: Scope, c: Call) -> Built:
    """nn.Embedding."""
    table = scope.constant(c, "table")
    assert table is not None
    module = nn.Embedding(*table.shape)
    fill(module.weight, table)
    return module, (c.tensors["indices"],)
