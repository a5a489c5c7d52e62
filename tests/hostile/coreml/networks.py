"""Hostile NeuralNetworks: weights that are not there, layers that cannot be, requests that no machine can meet."""

from __future__ import annotations

from typing import Any

from messages import NN, layer, nested, network

LARGE = 1 << 40
THREE = {"floatValue": [1.0, 2.0, 3.0]}
LINEAR = {"numberOfBits": 8, "linearQuantization": {"scale": [0.5], "bias": [0.0]}}


def dense(weights: dict[str, Any] | None, **more: Any) -> Any:
    """A network of one inner product, 3 inputs and 1 output."""
    fields = {"inputChannels": 3, "outputChannels": 1, **more}
    return network(layer("innerProduct", **fields, **({} if weights is None else {"weights": weights})))


def relu(taken: str, given: str) -> Any:
    """The plainest layer."""
    return layer("activation", taken, given, ReLU={})


def unknown_layer() -> Any:
    """A layer whose type is a field that nobody knows."""
    made = NN.NeuralNetworkLayer(name="the future", input=["x"], output=["y"])
    made.MergeFromString(b"\xa2\xbb\x01\x00")  # field 2996, an empty message
    return made


def loops(levels: int, innermost: Any = None) -> Any:
    """Loops within loops."""

    def wrap(inner: Any, level: int) -> Any:
        made = layer("loop", "", "", maxLoopIterations=2)
        made.loop.bodyNetwork.layers.append(inner)
        return made

    return nested(levels, innermost or layer("copy", "x", "y"), wrap)


def branches(count: int) -> Any:
    """Branches one after another that each may leave a loop."""
    made = layer("loop", "", "", maxLoopIterations=2)
    for _ in range(count):
        one = layer("branch", "x", "")
        one.branch.ifBranch.layers.append(layer("loopBreak", "", ""))
        one.branch.elseBranch.layers.append(layer("copy", "x", "y"))
        made.loop.bodyNetwork.layers.append(one)
    return made


def leaving(levels: int) -> Any:
    """Loops within loops, each behind branches within branches that may leave its own loop."""

    def wrap(inner: Any, level: int) -> Any:
        made = layer("loop", "", "", maxLoopIterations=2)
        for _ in range(5):
            outer, choice = layer("branch", "x", ""), layer("branch", "x", "")
            choice.branch.ifBranch.layers.append(layer("loopBreak", "", ""))
            choice.branch.elseBranch.layers.append(layer("copy", "x", "y"))
            outer.branch.ifBranch.layers.append(choice)
            outer.branch.elseBranch.layers.append(layer("copy", "x", "y"))
            made.loop.bodyNetwork.layers.append(outer)
        made.loop.bodyNetwork.layers.append(inner)
        return made

    return nested(levels, layer("copy", "x", "y"), wrap)


def classifier(labels: list[str], probabilities: str = "y") -> Any:
    """A classifier of x."""
    made = network(layer("softmaxND", axis=-1), kind="neuralNetworkClassifier", shape=(3,), outputs=())
    made.neuralNetworkClassifier.stringClassLabels.vector.extend(labels)
    made.neuralNetworkClassifier.labelProbabilityLayerName = probabilities
    made.description.predictedFeatureName = "label"
    one = made.description.output.add()
    one.name = "label"
    one.type.stringType.SetInParent()
    return made


def mapped(number: int) -> Any:
    """A network whose inputs are mapped in a way that nobody knows."""
    made = network(relu("x", "y"))
    made.neuralNetwork.arrayInputShapeMapping = number
    return made


def preprocessed() -> Any:
    """Preprocessing of an array."""
    made = network(relu("x", "y"))
    made.neuralNetwork.preprocessing.add().scaler.channelScale = 2
    return made


CONV = {"outputChannels": 2, "kernelChannels": 2, "nGroups": 1, "kernelSize": [1, 1], "valid": {}}
NETWORKS: dict[str, Any] = {
    # weights
    "nn_weights_missing": dense(None),
    "nn_weights_short": dense({"floatValue": [1.0, 2.0]}),
    "nn_weights_long": dense({"floatValue": [1.0] * 4}),
    "nn_weights_half_odd": dense({"float16Value": b"12345"}),
    "nn_weights_in_two_forms": dense({**THREE, "float16Value": b"123456"}),
    "nn_weights_raw_alone": dense({"rawValue": b"123"}),
    "nn_bias_missing": dense(THREE, hasBias=True),
    "nn_bias_long": dense(THREE, hasBias=True, bias={"floatValue": [1.0, 2.0]}),
    "nn_quantised_without_scale": dense(
        {"rawValue": b"123", "quantization": {"numberOfBits": 8, "linearQuantization": {"bias": [0.0]}}}
    ),
    "nn_quantised_without_kind": dense({"rawValue": b"123", "quantization": {"numberOfBits": 8}}),
    "nn_quantised_without_table": dense(
        {"rawValue": b"1", "quantization": {"numberOfBits": 2, "lookupTableQuantization": {}}}
    ),
    "nn_quantised_to_many_bits": dense({"rawValue": b"123", "quantization": {**LINEAR, "numberOfBits": 77}}),
    "nn_quantised_to_no_bits": dense({"rawValue": b"123", "quantization": {**LINEAR, "numberOfBits": 0}}),
    "nn_quantised_short": dense({"rawValue": b"12", "quantization": LINEAR}),
    "nn_quantised_by_many_scales": dense(
        {"rawValue": b"123", "quantization": {"numberOfBits": 8, "linearQuantization": {"scale": [1.0] * 9}}}
    ),
    # layers
    "nn_no_layers": network(),
    "nn_layer_unknown": network(unknown_layer()),
    "nn_layer_without_type": network(NN.NeuralNetworkLayer(name="nothing", input=["x"], output=["y"])),
    "nn_layer_custom": network(layer("custom", className="Mine")),
    "nn_layers_out_of_order": network(relu("b", "y"), relu("x", "b")),
    "nn_cycle": network(relu("b", "y"), relu("y", "b")),
    "nn_layer_of_itself": network(relu("y", "y")),
    "nn_blob_of_nothing": network(relu("z", "y")),
    "nn_blob_twice": network(relu("x", "y"), relu("x", "y")),
    "nn_blob_without_name": network(layer("copy", "x", "")),
    "nn_output_of_nothing": network(relu("x", "z")),
    "nn_inputs_too_few": network(layer("addBroadcastable", "x", "y")),
    "nn_inputs_none": network(layer("softmaxND", "", "y", axis=-1)),
    "nn_outputs_too_many": network(layer("softmaxND", "x", "y z", axis=-1)),
    "nn_outputs_none": network(layer("softmaxND", "x", "", axis=-1), outputs=("x",)),
    "run_nn_axis_beyond": network(layer("softmaxND", axis=9)),
    "nn_setting_unknown": network(
        layer("pooling", type=77, kernelSize=[1, 1], valid={}), shape=(2, 3, 3), classic=True
    ),
    "nn_rank_unfit": network(relu("x", "y"), shape=(2, 3), classic=True),
    "nn_mapping_unknown": mapped(7),
    "nn_preprocessing_of_an_array": preprocessed(),
    "nn_break_outside": network(layer("loopBreak", "", "")),
    "nn_loops_too_deep": network(layer("copy", "x", "y"), loops(26)),
    "run_nn_loops_within_loops": network(layer("copy", "x", "y"), loops(20)),
    "nn_branches_beyond_count": network(layer("copy", "x", "y"), branches(400)),
    "nn_branches_that_multiply": network(layer("copy", "x", "y"), leaving(3)),
    "nn_loops_that_multiply": network(
        layer("copy", "x", "y"), loops(22, layer("reshapeStatic", "x", "y", targetShape=[1, 2, 3]))
    ),
    "nn_labels_missing": classifier([]),
    "nn_labels_twice": classifier(["a", "b", "a"]),
    "nn_labels_of_nothing": classifier(["a", "b", "c"], "z"),
    "run_nn_labels_too_many": classifier(["a", "b", "c", "d"]),
    # sizes
    "nn_size_of_weights": dense(THREE, inputChannels=LARGE, outputChannels=LARGE),
    "nn_size_of_a_kernel": network(
        layer("convolution", **{**CONV, "kernelSize": [1 << 62, 1 << 62]}, weights=THREE),
        shape=(2, 3, 3),
        classic=True,
    ),
    "nn_size_of_groups": network(
        layer("convolution", **{**CONV, "nGroups": 1 << 63}, weights=THREE), shape=(2, 3, 3), classic=True
    ),
    "nn_size_of_states": network(
        layer(
            "simpleRecurrent",
            inputVectorSize=LARGE,
            outputVectorSize=LARGE,
            activation={"tanh": {}},
            weightMatrix=THREE,
            recursionMatrix=THREE,
        ),
        shape=(3,),
        classic=True,
    ),
    "nn_size_of_a_constant": network(layer("loadConstantND", "", "y", shape=[LARGE, LARGE], data=THREE)),
    "nn_size_of_a_table": network(layer("embeddingND", vocabSize=LARGE, embeddingSize=LARGE, weights=THREE)),
    "nn_fill_large": network(layer("fillStatic", "", "y", value=1.0, targetShape=[1 << 20, 1 << 20])),
    "run_nn_tile": network(layer("tile", reps=[1 << 30, 1 << 30])),
    "nn_upsample_large": network(
        layer("upsample", scalingFactor=[1 << 30, 1 << 30]), shape=(1, 2, 3), classic=True
    ),
    "run_nn_padding": network(layer("constantPad", padAmounts=[0, 1 << 30, 0, 1 << 30], value=0.0)),
    "run_nn_reshape": network(layer("reshapeStatic", targetShape=[7, 7])),
    "run_nn_range": network(layer("rangeStatic", "", "y", startValue=0.0, endValue=3e38, stepSizeValue=1.0)),
    "nn_loop_without_body": network(layer("copy", "x", "y"), layer("loop", "", "", maxLoopIterations=0)),
}
