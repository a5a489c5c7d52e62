"""What the models are declared to be beside what their layers add up to. A difference is a finding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from .stack import stacks

if TYPE_CHECKING:
    from modelparity.describe import ModelSpec

#: Bytes of a weight.
FLOAT = 4
#: The budget: bytes of all five together, and seconds of one forward pass.
MEMORY, LATENCY = 4_000_000, 0.010


def specs(path: Path) -> dict[str, ModelSpec]:
    """What the models are declared to be, by name."""
    from modelparity.describe import read_specs

    return read_specs(path)


def rows(specs: Mapping[str, ModelSpec]) -> list[list[str]]:
    """A table: parameters declared and counted for each model and in all, with the difference and the bytes."""
    table = [["model", "declared", "counted", "difference", "bytes"]]
    declared = counted = 0
    for name, stack in stacks().items():
        said = specs[name].parameters or 0
        table.append(_row(name, said, stack.parameters))
        declared, counted = declared + said, counted + stack.parameters
    return [*table, _row("all five", declared, counted)]


def remarks(specs: Mapping[str, ModelSpec]) -> Iterator[str]:
    """The findings as sentences: counts that differ, inputs and outputs that differ, and memory beyond the budget."""
    parts = [
        f"{name} {said} declared, {counted} counted ({difference})"
        for name, said, counted, difference, _ in rows(specs)[1:]
        if said != counted
    ]
    if parts:
        yield f"realtime: FINDING: parameters differ from the specification: {'; '.join(parts)}"
    for name, stack in stacks().items():
        widths = (specs[name].input, specs[name].output)
        if widths != (stack.input, stack.output):
            yield (
                f"realtime: FINDING: {name} is declared {widths[0]} -> {widths[1]}, "
                f"and is {stack.input} -> {stack.output}"
            )
    total = FLOAT * sum(stack.parameters for stack in stacks().values())
    if total > MEMORY:
        yield (
            f"realtime: FINDING: all five together hold {total:,} bytes of float32 weights, "
            f"over the budget of {MEMORY:,}"
        )


def _row(name: str, declared: int, counted: int) -> list[str]:
    return [name, f"{declared:,}", f"{counted:,}", f"{counted - declared:+,}", f"{FLOAT * counted:,}"]
