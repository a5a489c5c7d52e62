"""Every operation that coremltools defines (iOS 15 to 18) is read with every parameter, or listed with its reason."""

from __future__ import annotations

import inspect
import sys
import warnings

import pytest

from modelparity.formats.coreml.mil.operators import translators

pytest.importorskip("coremltools")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from coremltools.converters.mil.mil.ops.registry import SSAOpRegistry

#: Operations of the definitions that are not read, with the reason.
ABSENT = {
    "_const_symbolic": "the converter's own stand-in for sizes it does not know; it is not written to files"
}
#: What coremltools adds while it converts: what is left of it in files is read, the rest must be gone by then.
DIALECTS = {"coreml_update_state": "the only operation that passes add and files keep"}
#: Beginnings of operations that coremltools' frontends use on the way, replaced before a file is written.
LOWERED = ("complex", "torch_")
#: Parameters that are not looked up by a name that stands in the translator, with the reason.
OTHERWISE = {
    ("cond", "_true_fn"): "a block, not a parameter, in files",
    ("cond", "_false_fn"): "a block",
    ("cond", "_existing_blocks"): "the builder's own",
    ("while_loop", "_cond"): "a block",
    ("while_loop", "_body"): "a block",
    ("while_loop", "_existing_blocks"): "the builder's own",
    ("matmul", "transpose_x"): "the name is put together from that of the operand",
    ("matmul", "transpose_y"): "likewise",
    ("lstm", "peephole"): "the name is put together from that of the direction",
}


def test_every_operation_of_the_definitions_has_a_translator():
    assert set(SSAOpRegistry.core_ops) - set(translators()) == set(ABSENT)
    assert set(translators()) - set(SSAOpRegistry.core_ops) == {*DIALECTS, "write_state"}


def test_every_other_operation_is_lowered_before_a_file_is_written():
    left = {name for name in SSAOpRegistry.dialect_ops if not name.startswith(LOWERED)}
    assert left == set(DIALECTS)


def test_every_parameter_of_every_version_is_looked_up():
    missing = set()
    for name in set(SSAOpRegistry.core_ops) - set(ABSENT):
        module = sys.modules[translators()[name].__module__]
        shared = sys.modules[f"{module.__package__}._operands"]
        source = inspect.getsource(module) + inspect.getsource(shared)
        for definition in SSAOpRegistry.core_ops[name].values():
            parameters = definition.input_spec.input_types
            missing |= {(name, param) for param in parameters if f'"{param}"' not in source}
    assert missing == set(OTHERWISE)
