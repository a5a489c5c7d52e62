"""Affine maps, products of matrices, and rows of a table."""

from __future__ import annotations

import torch
from torch import nn

from ....engine.bound_node import Call
from ..building import Built, Function, Scope, fill, lowers


@lowers("dense")
def dense(scope: Scope, c: Call) -> Built:
    """nn.Linear, which stores its weight as (out, in)."""
    weight = scope.weight(c, "weight")
    bias = scope.constant(c, "bias")
    module = nn.Linear(weight.shape[0], weight.shape[1], bias=bias is not None)
    fill(module.weight, weight.T)
    fill(module.bias, bias)
    return module, (c.tensors["x"],)


@lowers("matmul")
def matmul(scope: Scope, c: Call) -> Built:
    """torch.matmul has numpy's meaning."""
    return Function("matmul", torch.matmul), c.node.inputs


@lowers("embedding")
def embedding(scope: Scope, c: Call) -> Built:
    """nn.Embedding."""
    table = scope.weight(c, "table")
    module = nn.Embedding(*table.shape)
    fill(module.weight, table)
    return module, (c.tensors["indices"],)
