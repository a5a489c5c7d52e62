"""Hostile ML Programs: wrong names, shapes, types, operations, and requests that no machine can meet."""

from __future__ import annotations

from typing import Any

from messages import MIL, MODEL, X, block, const, described, nested, of, op, program, relu, value

Y = {"y": X}
SCALAR: Any = ("fp32", ())
LARGE = 1 << 40


def changed(model: Any, change: Any) -> Any:
    """The model after ``change``."""
    change(model)
    return model


def main(model: Any) -> Any:
    """Its function."""
    return model.mlProgram.functions["main"]


def branching(levels: int) -> Any:
    """Branches within branches."""

    def wrap(inner: Any, level: int) -> Any:
        name = f"y{level}"
        choice = op("cond", {name: X}, inner, block([], ["x"]), pred="go")
        return block([choice], [name])

    return nested(levels, block([relu("x", "deep")], ["deep"]), wrap)


def types(levels: int) -> Any:
    """Lists of lists of lists."""

    def wrap(inner: Any, level: int) -> Any:
        made = MIL.ValueType()
        made.listType.type.CopyFrom(inner)
        made.listType.length.constant.size = 1
        return made

    return nested(levels, of("fp32", 1), wrap)


def loop(condition: Any, body: Any, **given: Any) -> Any:
    """A while loop over x."""
    return op("while_loop", Y, condition, body, loop_vars=["x"], **given)


GO = const("go", value(True))
ENDLESS = loop(
    block([GO], ["go"], {"v": X}), block([op("add", {"w": X}, x="v", y=value(1.0))], ["w"], {"v": X})
)


def odd_constant(change: Any) -> Any:
    """A program that adds a constant, which ``change`` spoils."""
    held = value([1.0, 2.0, 3.0])
    change(held)
    return program([const("c", held), op("add", Y, x="x", y="c")])


def odd_input(change: Any) -> Any:
    """A program whose description of the input is spoilt."""
    return changed(program([relu()]), lambda m: change(m.description.input[0]))


def flexible(low: int, high: int) -> Any:
    """A range of sizes."""

    def change(one: Any) -> None:
        span = one.type.multiArrayType.shapeRange.sizeRanges.add()
        span.lowerBound, span.upperBound = low, high
        span = one.type.multiArrayType.shapeRange.sizeRanges.add()
        span.lowerBound, span.upperBound = 3, 3

    return change


def picture(height: int, width: int, colours: int = 20) -> Any:
    """An image for an input."""

    def change(one: Any) -> None:
        one.type.imageType.height, one.type.imageType.width = height, width
        one.type.imageType.colorSpace = colours

    return change


def twin_types(model: Any) -> None:
    main(model).inputs[0].type.tensorType.dimensions[0].constant.size = LARGE
    main(model).inputs[0].type.tensorType.dimensions[1].constant.size = LARGE


SHAPE = const("shape", value([LARGE // 1024, 1 << 20], kind="int32"))
PROGRAMS: dict[str, Any] = {
    # names
    "name_used_before": program([relu("b", "y"), relu("x", "b")]),
    "name_of_itself": program([relu("y", "y")]),
    "cycle_of_two": program([relu("b", "y"), relu("y", "b")]),
    "name_of_nothing": program([relu("z", "y")]),
    "name_misspelt": program([relu("x", "hidden"), relu("hiden", "y")]),
    "name_twice": program([relu("x", "y"), relu("x", "y")]),
    "name_of_the_input_again": program([relu("x", "x"), relu("x", "y")]),
    "name_empty": program([relu("x", "")], outputs=("x",)),
    "name_with_control_characters": program([relu("x", "a\n\x1b[2J")], outputs=("x",)),
    "output_of_nothing": program([relu("x", "z")], outputs=("y",)),
    "inputs_of_one_name": changed(
        program([relu()]), lambda m: main(m).inputs.add().CopyFrom(main(m).inputs[0])
    ),
    "description_of_another_input": changed(
        program([relu()]), lambda m: setattr(m.description.input[0], "name", "z")
    ),
    "description_of_another_output": changed(
        program([relu()]), lambda m: setattr(m.description.output[0], "name", "z")
    ),
    "description_of_two_of_one_name": changed(
        program([relu()]), lambda m: described(m, "input", "x", "fp32", (2, 3))
    ),
    # operations
    "operation_unknown": program([op("reluu", Y, x="x")]),
    "operation_without_parameter": program([op("relu", Y)]),
    "operation_with_another_parameter": program([op("relu", Y, x="x", slope=value(1.0))]),
    "operation_with_two_values": program([op("relu", Y, x=["x", "x"])]),
    "run_operation_with_many_outputs": program([op("relu", {"y": X, "z": X}, x="x")]),
    "operation_with_a_block": program([op("relu", Y, block([], ["x"]), x="x")]),
    "parameter_known_too_late": program([op("softmax", Y, x="x", axis="x")]),
    "run_parameter_of_fractions": program([op("reshape", Y, x="x", shape="x")]),
    "parameter_text_for_number": program([op("reduce_sum", Y, x="x", axes=value("all"))]),
    "run_parameter_beyond_the_axes": program([op("softmax", Y, x="x", axis=value(9))]),
    "parameter_bound_to_nothing": changed(
        program([op("relu", Y, x="x")]),
        lambda m: (
            main(m).block_specializations["CoreML7"].operations[0].inputs["x"].arguments[0].ClearField("name")
        ),
    ),
    # blocks and functions
    "blocks_too_deep": program([GO, branching(22).operations[0]], outputs=("y21",)),
    "branch_with_one_side": program([GO, op("cond", Y, block([], ["x"]), pred="go")]),
    "run_branch_on_an_array": program([op("cond", Y, block([], ["x"]), block([], ["x"]), pred="x")]),
    "branch_of_other_counts": program([GO, op("cond", Y, block([], ["x"]), block([], []), pred="go")]),
    "loop_without_body": program([op("while_loop", Y, block([GO], ["go"], {"v": X}), loop_vars=["x"])]),
    "loop_of_other_counts": program([loop(block([GO], ["go"], {"v": X}), block([], [], {"v": X}))]),
    "run_loop_without_end": program([ENDLESS]),
    "function_missing": changed(program([relu()]), lambda m: m.mlProgram.functions.pop("main")),
    "function_without_block": changed(program([relu()]), lambda m: main(m).block_specializations.clear()),
    "function_of_another_opset": changed(program([relu()]), lambda m: setattr(main(m), "opset", "CoreML6")),
    "opset_newer": program([relu()], opset="CoreML99"),
    "program_newer": changed(program([relu()]), lambda m: setattr(m.mlProgram, "version", 2)),
    "specification_newer": program([relu()], version=99),
    "specification_none": program([relu()], version=0),
    "program_with_attributes": changed(
        program([relu()]), lambda m: m.mlProgram.attributes["x"].CopyFrom(value(1))
    ),
    # types and values
    "type_unknown": program([op("relu", {"y": ("999", (2, 3))}, x="x")]),
    "type_missing": changed(program([relu()]), lambda m: main(m).inputs[0].ClearField("type")),
    "type_of_lists_of_lists": changed(
        program([relu()]), lambda m: main(m).inputs[0].type.CopyFrom(types(30))
    ),
    "type_rank_lies": changed(
        program([relu()]), lambda m: setattr(main(m).inputs[0].type.tensorType, "rank", 5)
    ),
    "type_size_large": changed(program([relu()]), lambda m: twin_types(m)),
    "type_size_negative": program([op("relu", {"y": ("fp32", (-1, 3))}, x="x")]),
    "type_product_overflows": program([op("relu", {"y": ("fp32", (1 << 33, 1 << 33))}, x="x")]),
    "type_of_many_axes": program([op("relu", {"y": ("fp32", (1,) * 99)}, x="x")]),
    "constant_short": odd_constant(lambda v: v.immediateValue.tensor.floats.values.pop()),
    "constant_of_nothing": odd_constant(lambda v: v.ClearField("immediateValue")),
    "constant_of_another_type": odd_constant(lambda v: v.type.CopyFrom(of("int32", 3))),
    "constant_bytes_short": odd_constant(
        lambda v: setattr(v.immediateValue.tensor.bytes, "values", b"1234567")
    ),
    "constant_of_unknown_shape": odd_constant(
        lambda v: setattr(v.type.tensorType.dimensions[0].unknown, "variadic", False)
    ),
    "constant_in_a_file_that_is_none": odd_constant(
        lambda v: setattr(v.blobFileValue, "fileName", "@model_path/weights/none.bin")
    ),
    "constant_in_a_file_outside": odd_constant(
        lambda v: setattr(v.blobFileValue, "fileName", "@model_path/../../../../etc/hostname")
    ),
    "constant_in_an_absolute_file": odd_constant(
        lambda v: setattr(v.blobFileValue, "fileName", "/etc/hostname")
    ),
    "constant_of_many_elements": odd_constant(lambda v: v.type.CopyFrom(of("fp32", LARGE))),
    # descriptions
    "feature_without_type": odd_input(lambda one: one.ClearField("type")),
    "feature_of_unknown_elements": odd_input(lambda one: setattr(one.type.multiArrayType, "dataType", 77)),
    "feature_text": odd_input(lambda one: one.type.stringType.SetInParent()),
    "feature_size_large": odd_input(lambda one: one.type.multiArrayType.shape.__setitem__(0, 1 << 50)),
    "feature_size_negative": odd_input(lambda one: one.type.multiArrayType.shape.__setitem__(0, -2)),
    "feature_range_reversed": odd_input(flexible(5, 2)),
    "feature_range_elsewhere": odd_input(flexible(7, 9)),
    "feature_enumerated_of_two_ranks": odd_input(
        lambda one: one.type.multiArrayType.enumeratedShapes.shapes.extend(
            [type(one.type.multiArrayType.enumeratedShapes.shapes.add())(shape=s) for s in ([2, 3], [2])]
        )
    ),
    "feature_enumerated_of_none": odd_input(
        lambda one: one.type.multiArrayType.enumeratedShapes.SetInParent()
    ),
    "image_large": odd_input(picture(1 << 50, 4)),
    "image_without_colours": odd_input(picture(4, 4, 0)),
    "image_for_another_array": odd_input(picture(4, 4)),
    "image_of_no_sizes": odd_input(lambda one: one.type.imageType.enumeratedSizes.SetInParent()),
    # what asks for too much when it runs
    "run_fill": program([op("fill", Y, shape=value([1 << 20, 1 << 30]), value=value(0.0))]),
    "run_tile": program([op("tile", Y, x="x", reps=value([1 << 30, 1 << 30]))]),
    "run_reshape": program([op("reshape", Y, x="x", shape=value([1 << 20, 1 << 30]))]),
    "run_pad": program(
        [
            op(
                "pad",
                Y,
                x="x",
                pad=value([0, 1 << 30, 0, 1 << 30]),
                mode=value("constant"),
                constant_val=value(0.0),
            )
        ]
    ),
    "run_one_hot": program(
        [
            op(
                "one_hot",
                Y,
                indices=value([1, 2]),
                one_hot_vector_size=value((1 << 31) - 1),
                axis=value(-1),
                on_value=value(1.0),
                off_value=value(0.0),
            )
        ]
    ),
    "run_range": program(
        [op("range_1d", {"y": ("fp32", (1,))}, start=value(0.0), end=value(1e30), step=value(1.0))]
    ),
    "run_random": program(
        [
            op(
                "random_normal",
                Y,
                shape=value([1 << 20, 1 << 30]),
                mean=value(0.0),
                stddev=value(1.0),
                seed=value(1),
            )
        ]
    ),
    "run_pool": program(
        [
            op("reshape", {"r": ("fp32", (1, 1, 6))}, x="x", shape=value([1, 1, 6])),
            op(
                "max_pool",
                {"y": ("fp32", (1, 1, 1))},
                x="r",
                kernel_sizes=value([(1 << 31) - 1]),
                strides=value([1]),
                pad_type=value("custom"),
                pad=value([1 << 30, 1 << 30]),
                ceil_mode=value(False),
            ),
        ]
    ),
    "run_conv": program(
        [
            op("reshape", {"r": ("fp32", (1, 1, 6))}, x="x", shape=value([1, 1, 6])),
            op(
                "conv",
                {"y": ("fp32", (1, 1, 1))},
                x="r",
                weight=value([1.0], 1, 1, 1),
                strides=value([1]),
                groups=value(1),
                pad_type=value("custom"),
                pad=value([1 << 30, 1 << 30]),
                dilations=value([1]),
            ),
        ]
    ),
    "upsample_large": program(
        [
            op("reshape", {"r": ("fp32", (1, 1, 2, 3))}, x="x", shape=value([1, 1, 2, 3])),
            op(
                "upsample_nearest_neighbor",
                {"y": ("fp32", (1, 1, 2, 3))},
                x="r",
                scale_factor_height=value(1 << 30),
                scale_factor_width=value(1 << 30),
            ),
        ]
    ),
    "run_doubling": program(
        [
            op(
                "concat",
                {f"c{n + 1}": X},
                values=[f"c{n}" if n else "x"] * 2,
                axis=value(0),
                interleave=value(False),
            )
            for n in range(40)
        ],
        outputs=("c40",),
    ),
    "run_other_shapes": program(
        [op("matmul", Y, x="x", y="x", transpose_x=value(False), transpose_y=value(False))]
    ),
    "run_index_beyond": program(
        [
            op(
                "gather",
                Y,
                x="x",
                indices=value([9]),
                axis=value(0),
                batch_dims=value(0),
                validate_indices=value(False),
            )
        ]
    ),
}


def _build_info(model: Any) -> None:
    """Keys of a dictionary that are arrays, which nothing can look up."""
    held = model.mlProgram.attributes["buildInfo"]
    held.type.dictionaryType.keyType.CopyFrom(of("fp32", 2))
    held.type.dictionaryType.valueType.CopyFrom(of("fp32", 2))
    pair = held.immediateValue.dictionary.values.add()
    pair.key.CopyFrom(value([1.0, 2.0]))
    pair.value.CopyFrom(value([1.0, 2.0]))


PROGRAMS["build_info_of_arrays"] = changed(program([relu()]), _build_info)


def pipeline(*models: Any, names: tuple[str, ...] = ()) -> Any:
    """Models one after another, from x to y."""
    made = MODEL.Model(specificationVersion=8)
    described(made, "input", "x", "fp32", (2, 3))
    described(made, "output", "y", "fp32", ())
    made.pipeline.SetInParent()
    made.pipeline.models.extend(models)
    made.pipeline.names.extend(names)
    return made


def empty(version: int) -> Any:
    """A model of a description alone."""
    made = MODEL.Model(specificationVersion=version)
    described(made, "input", "x", "fp32", (2, 3))
    return made


PLAIN = program([relu()])
KINDS: dict[str, Any] = {
    "pipeline_of_nothing": pipeline(),
    "pipeline_too_deep": nested(12, PLAIN, lambda inner, level: pipeline(inner)),
    "pipeline_of_other_names": pipeline(PLAIN, names=("a", "b")),
    "pipeline_without_input": pipeline(program([relu("z")], inputs={"z": X})),
    "pipeline_without_output": pipeline(program([relu("x", "z")], outputs=("z",))),
    "pipeline_of_trees": pipeline(changed(empty(1), lambda m: m.treeEnsembleRegressor.SetInParent())),
    "kind_missing": changed(program([relu()]), lambda m: m.ClearField("mlProgram")),
    "kind_trees": changed(empty(1), lambda m: m.treeEnsembleClassifier.SetInParent()),
    "kind_linked": changed(
        empty(4),
        lambda m: m.linkedModel.linkedModelFile.linkedModelFileName.__setattr__(
            "defaultValue", "kind_linked.mlmodel"
        ),
    ),
    "kind_custom": changed(empty(4), lambda m: setattr(m.customModel, "className", "Mine")),
}
