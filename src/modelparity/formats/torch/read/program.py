"""An exported program as a graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch.export import ExportedProgram
from torch.export.graph_signature import InputKind, OutputKind, TensorArgument
from torch.utils import _pytree as pytree

from ....errors import ArtefactError
from ....graph import Array, Axis, Graph, Source, TensorSpec
from ...graph_builder import Builder
from ..naming import arguments, axes as named_axes, results
from .nodes import symbol
from .translation import translate
from .unused_nodes import trimmed
from .values import Values, shared


def graph_of(
    program: ExportedProgram,
    name: str,
    *,
    dynamic_shapes: Any = None,
    inputs: Sequence[str] | None = None,
    outputs: Sequence[str] | None = None,
    arrays: Mapping[str, Array] | None = None,
    source: Source | None = None,
) -> Graph:
    """The graph of a program in core ATen.

    ``dynamic_shapes`` names free axes, as `torch.export` takes it; ``inputs`` and ``outputs`` are names for both
    where the module has its own; ``arrays`` takes the place of the program's own weights. A buffer that the module
    changes when it runs is a state: an input by its name, whose next value is the output ``<name>.next``; it starts
    from what the module holds. Raises
    `ArtefactError` for what is not readable.
    """
    signature, nodes = program.graph_signature, {node.name: node for node in program.graph.nodes}
    given = _inputs(program, inputs)
    axes = named_axes(_parameters(program), dynamic_shapes)
    results = {
        f"{called}.output" if called in given.values() else called: at
        for called, at in _outputs(program, outputs).items()
    }
    kept = _kept(program, {*given.values(), *results})
    states = {one: f"{one}.next" for one, _ in kept.values()}
    builder = Builder([*given.values(), *results, *states, *states.values()])
    values = Values(builder, name)
    native, values.declared = _native(program)
    kinds = {spec.arg.name: spec for spec in signature.input_specs if hasattr(spec.arg, "name")}
    specs: list[TensorSpec] = []
    state_specs: list[TensorSpec] = []
    defaults: dict[str, float | Array] = {}
    symbols: dict[str, str] = {}
    for node in program.graph.nodes:
        if node.op == "placeholder":
            spec = kinds[node.name]
            if spec.kind is InputKind.USER_INPUT:
                if node.name in given:
                    specs.append(_spec(program, node, given[node.name], axes, symbols, name))
                    values.names[node] = given[node.name]
            elif spec.kind in (InputKind.PARAMETER, InputKind.BUFFER, InputKind.CONSTANT_TENSOR):
                held = _held(program, spec) if arrays is None else arrays[str(spec.target)]
                if str(spec.target) in kept:
                    called = values.names[node] = kept[str(spec.target)][0]
                    state_specs.append(_spec(program, node, called, {}, symbols, name))
                    defaults |= _start(called, shared(held))
                else:
                    values.weights[node] = str(spec.target), held
            else:
                raise ArtefactError(
                    f"an input of kind {spec.kind.name} is not read", where=f"{name}, {node.name}"
                )
        elif node.op == "call_function":
            translate(values, node)
        elif node.op == "get_attr":
            one = getattr(program.graph_module, str(node.target))
            if isinstance(one, torch.Tensor):
                values.weights[node] = str(node.target), one
        elif node.op != "output":
            raise ArtefactError(f"a node of kind {node.op} is not read", where=f"{name}, {node.name}")
    builder.origin = "outputs"
    for called, at in (*results.items(), *((states[called], at) for called, at in kept.values())):
        builder.emit("identity", [values.tensor(nodes[at])], [called])
    made = builder.graph(
        name,
        [*specs, *state_specs],
        [*results, *states.values()],
        source=source,
        native=native,
        states=states,
        defaults=defaults,
    )
    graph = trimmed(made, values.declared)
    used = values.used(graph.constants)
    unused = {held: "no output depends on it" for held, _ in values.weights.values() if held not in used}
    return graph.changed(unused=unused)


def _inputs(program: ExportedProgram, own: Sequence[str] | None) -> dict[str, str]:
    """Placeholder of each tensor that the caller gives -> its name."""
    flat = [spec.arg for spec in program.graph_signature.input_specs if spec.kind is InputKind.USER_INPUT]
    if own is not None and len(own) == len(flat):
        names = list(own)
    else:
        known = _parameters(program)
        args, kwargs = pytree.tree_unflatten(list(range(len(flat))), program.call_spec.in_spec)
        known += [f"input_{place}" for place in range(len(known), len(args))]
        named = arguments(known, args, kwargs)
        names = [path for path, _ in sorted(named.items(), key=lambda item: item[1])]
    return {
        one.name: called for one, called in zip(flat, names, strict=True) if isinstance(one, TensorArgument)
    }


def _parameters(program: ExportedProgram) -> list[str]:
    """Names of the module's parameters, in order."""
    return list(getattr(program.module_call_graph[0].signature, "forward_arg_names", None) or [])


def _outputs(program: ExportedProgram, own: Sequence[str] | None) -> dict[str, str]:
    """Name of each result -> the node that makes it."""
    flat = [spec.arg for spec in program.graph_signature.output_specs if spec.kind is OutputKind.USER_OUTPUT]
    if own is not None and len(own) == len(flat):
        named: dict[str, Any] = dict(zip(own, range(len(flat)), strict=True))
    else:
        made = pytree.tree_unflatten(list(range(len(flat))), program.call_spec.out_spec)
        if not isinstance(made, dict | list | tuple | int):
            made = list(range(len(flat)))
        named = results(made)
    found = {}
    for called, place in named.items():
        arg = flat[place]
        if isinstance(arg, TensorArgument):
            found[called] = arg.name
        elif getattr(arg, "value", None) is not None or not hasattr(arg, "value"):
            raise ArtefactError(f"output {called!r} is no tensor", found=arg, fix="return tensors alone")
    if not found:
        raise ArtefactError("the module returns no tensor")
    return found


def _held(program: ExportedProgram, spec: Any) -> Any:
    if spec.kind is InputKind.PARAMETER or (spec.kind is InputKind.BUFFER and spec.persistent):
        return program.state_dict[spec.target]
    return program.constants[spec.target]


def _spec(
    program: ExportedProgram,
    node: Any,
    called: str,
    axes: Mapping[str, Mapping[int, str]],
    symbols: dict[str, str],
    where: str,
) -> TensorSpec:
    """An input of the graph; equal symbols are one axis."""
    value = node.meta["val"]
    made = []
    for place, size in enumerate(value.shape):
        plain = f"{called}_{place}"
        if isinstance(size, int) or size.node.expr.is_number:
            made.append(Axis(plain, int(size), least=0))
            continue
        text = str(size.node.expr)
        symbols.setdefault(text, axes.get(called, {}).get(place, plain))
        bounds = program.range_constraints.get(size.node.expr)
        least = int(bounds.lower) if bounds is not None and bounds.lower.is_Integer else 1
        # PyTorch never exports a free size as one, writes two as its least, and takes one all the same
        # (torch/_export/utils.py, `_check_input_constraints_for_graph`). A kernel of two frames has two as its least
        # as well, along a later axis.
        if least == 2 and place == 0 and len(value.shape) > 1:
            least = 1
        made.append(Axis(symbols[text], None, least=max(1, least)))
    dtype = str(value.dtype).removeprefix("torch.")
    if value.dtype.is_complex:
        raise ArtefactError(f"input {called!r} is complex", where=where, found=dtype)
    return TensorSpec(called, tuple(made), "float32" if dtype == "bfloat16" else dtype)


def _kept(program: ExportedProgram, taken: set[str]) -> dict[str, tuple[str, str]]:
    """{buffer that the module changes: (its name as a state, the node that makes its next value)}."""
    found = {}
    for spec in program.graph_signature.output_specs:
        if spec.kind is OutputKind.BUFFER_MUTATION:
            buffer = str(spec.target)
            found[buffer] = f"{buffer}.state" if buffer in taken else buffer, spec.arg.name
    return found


def _start(called: str, held: Array) -> dict[str, float | Array]:
    """{state: what the module holds, which it starts from}: a number if it is one all over, none if that is zero."""
    first = held.reshape(-1)[:1]
    if not np.array_equal(held, np.full_like(held, first[0] if first.size else 0)):
        return {called: held.copy()}
    return {called: float(first[0])} if first.size and first[0] else {}


def _native(program: ExportedProgram) -> tuple[str, bool]:
    """The arithmetic that the program's types ask for, and whether nodes have to say it themselves."""
    found = set()
    for node in program.graph.nodes:
        value = symbol(node)
        for one in value if isinstance(value, tuple | list) else [value]:
            if isinstance(one, torch.Tensor) and one.dtype.is_floating_point:
                found.add(str(one.dtype).removeprefix("torch."))
    if len(found) < 2:
        return next(iter(found), "float32"), False
    return ("declared", True)
