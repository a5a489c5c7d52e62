"""The nodes of a program of core ATen operators, translated one by one."""

from __future__ import annotations

import operator

import torch
from torch import fx

from ....errors import ArtefactError, near
from .aten_call import Op, reads, translator
from .nodes import is_complex, label, module_path, symbol
from .values import Values


def translate(values: Values, node: fx.Node) -> None:
    """Translate one node. Raises `ArtefactError` naming operator, module path and what is near."""
    if node.target is operator.getitem and node.args[0] in values.pairs:
        real, imaginary = values.pairs[node.args[0]]  # type: ignore[index]
        values.pairs[node] = real[node.args[1]], imaginary[node.args[1]]  # type: ignore[index]
        return
    if node.target is operator.getitem and node.args[0] in values.names:
        many = values.names[node.args[0]]  # type: ignore[index]
        values.names[node] = many[node.args[1]]  # type: ignore[index]
        return
    if isinstance(symbol(node), torch.SymInt | int | torch.SymBool | bool | torch.SymFloat | float):
        return  # sizes are computed where they are asked for
    path, name = module_path(node), label(node)
    values.builder.origin = f"{path}: {name}" if path else name
    complex_ = any(map(is_complex, (node, *node.all_input_nodes)))
    found = translator(f"complex {name}" if complex_ else name)
    if found is None:
        known = {one for one in reads.all() if one.startswith("complex ") == complex_}
        plain, what = name.rsplit(".", 1)[0], " on complex numbers" if complex_ else ""
        raise ArtefactError(
            f"operator {name} is not read{what}",
            where=f"{values.where}, {values.builder.origin}",
            expected=near(plain, {one.split(" ")[-1] for one in known if one.count(".") == 1}),
            fix="operators that PyTorch can express in its core set are read; this one needs a translator",
        )
    op = Op(values, node)
    op.translated(found)
    if op.pair is not None:
        values.pairs[node] = op.pair
    elif op.made:
        values.names[node] = op.names
