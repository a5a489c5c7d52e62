"""States: what a function keeps from call to call, as inputs and outputs of its graph."""

from __future__ import annotations

from ..operators import Op, reads


@reads("read_state")
def read_state(op: Op) -> None:
    """The state's present value."""
    op.give("identity", [op.scope.state(op.name_of("input"), op.where)])


@reads("write_state")
def write_state(op: Op) -> None:
    """Another value for the state, which whoever reads it from here on gets."""
    op.write_state(op.name_of("input"), op.input("data"))


@reads("coreml_update_state")
def update_state(op: Op) -> None:
    """As `write_state`, and the new value as a result; coremltools writes it as the two apart."""
    op.write_state(op.name_of("state"), op.input("value"))
    op.give("identity", [op.input("value")])
