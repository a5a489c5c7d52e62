"""Where arrays and images enter and leave: mappings, preprocessing, classifiers, inputs that may be left out."""

from __future__ import annotations

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import ArtefactError, InputError

RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (4, 5, 3)).astype(np.uint8)


def shapes(graph):
    return [(spec.name, spec.shape, spec.dtype) for spec in graph.inputs]


def test_the_exact_mapping_keeps_ranks_and_flexible_sizes(network, graph_of):
    from coremltools.models.neural_network import flexible_shape_utils as flexible

    b = network({"x": (3, 4)})
    b.add_sin("s", "x", "y")
    flexible.set_multiarray_ndshape_range(b.spec, "x", [1, 4], [-1, 4])
    graph = graph_of(b)
    assert [axis.size for axis in graph.inputs[0].axes] == [None, 4]
    x = RNG.standard_normal((7, 4))
    np.testing.assert_allclose(mp.run(graph, x)["y"], np.sin(x))
    with pytest.raises(InputError):
        mp.run(graph, x[:, :3])


@pytest.mark.parametrize(("shape", "out"), [((4,), (4,)), ((4, 3, 2), (4, 3, 2)), ((4,), None)])
def test_the_classic_mapping_gives_what_is_declared(network, graph_of, shape, out):
    b = network({"x": shape}, {"y": out}, classic=True)
    b.add_activation("a", "RELU", "x", "y")
    graph, x = graph_of(b), RNG.standard_normal(shape)
    expected = np.maximum(x, 0)
    np.testing.assert_array_equal(mp.run(graph, x)["y"], expected if out else expected[:, None, None])


def test_the_classic_mapping_has_ranks_1_and_3(network, graph_of):
    b = network({"x": (4, 3)}, classic=True)
    b.add_activation("a", "RELU", "x", "y")
    with pytest.raises(ArtefactError, match="input 'x': rank does not fit the classic mapping"):
        graph_of(b)


def image_network(network, graph_of, *, colours="RGB", exact=True, scaler=None, mean=None):
    from coremltools.proto import FeatureTypes_pb2

    b = network({"x": (1, 1, 4, 5) if colours == "GRAYSCALE" else (1, 3, 4, 5)})
    b.add_activation("a", "LINEAR", "x", "y", [1, 0])
    network_ = b.spec.neuralNetwork
    network_.imageInputShapeMapping = int(exact)
    image = b.spec.description.input[0].type.imageType
    image.colorSpace = FeatureTypes_pb2.ImageFeatureType.ColorSpace.Value(colours)
    image.height, image.width = 4, 5
    if scaler or mean is not None:
        step = network_.preprocessing.add()
        step.featureName = "x"
        for name, value in (scaler or {}).items():
            setattr(step.scaler, name, value)
        if mean is not None:
            step.meanImage.meanImage.extend(mean)
    return graph_of(b)


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("colours", ["RGB", "BGR"])
def test_images_are_scaled_and_shifted_channel_by_channel(network, graph_of, colours, exact):
    scaler = {"channelScale": 0.5, "redBias": 1.0, "greenBias": 2.0, "blueBias": 3.0}
    graph = image_network(network, graph_of, colours=colours, exact=exact, scaler=scaler)
    expected = PIXELS * 0.5 + [1, 2, 3]
    expected = (expected[..., ::-1] if colours == "BGR" else expected).transpose(2, 0, 1)
    y = mp.run(graph, PIXELS)["y"]
    assert y.shape == ((1, 3, 4, 5) if exact else (1, 1, 3, 4, 5))
    np.testing.assert_array_equal(y.reshape(3, 4, 5), expected)


def test_grey_images_and_mean_images(network, graph_of):
    scaler = {"channelScale": 2.0, "grayBias": -1.0}
    graph = image_network(network, graph_of, colours="GRAYSCALE", scaler=scaler)
    np.testing.assert_array_equal(mp.run(graph, PIXELS[..., 0])["y"][0, 0], 2.0 * PIXELS[..., 0] - 1)
    mean = RNG.integers(0, 9, (3, 4, 5))
    graph = image_network(network, graph_of, mean=mean.ravel())
    np.testing.assert_array_equal(mp.run(graph, PIXELS)["y"][0], PIXELS.transpose(2, 0, 1) - mean)


def test_preprocessing_that_cannot_be(network, graph_of):
    with pytest.raises(ArtefactError, match=r"biases that a RGB image has no use for\n.*grayBias"):
        image_network(network, graph_of, scaler={"channelScale": 1, "grayBias": 1})
    with pytest.raises(ArtefactError, match="mean image does not fit"):
        image_network(network, graph_of, mean=[1.0])
    b = network({"x": (3, 4)})
    b.add_sin("s", "x", "y")
    b.spec.neuralNetwork.preprocessing.add().featureName = "x"
    with pytest.raises(ArtefactError, match="preprocessing of what is no image input"):
        graph_of(b)


@pytest.mark.parametrize("labels", [["cat", "dog", "eel"], [10, 20, 30]])
def test_classifiers_give_label_and_probabilities(network, graph_of, labels):
    b = network({"x": (3,)}, ["p"], mode="classifier")
    b.add_softmax_nd("s", "x", "p", 0)
    b.set_class_labels(labels, predicted_feature_name="label", prediction_blob="p")
    graph = graph_of(b)
    x = np.array([0.5, 3.0, -1.0])
    got = mp.run(graph, x)
    by_class = b.spec.description.predictedProbabilitiesName
    np.testing.assert_allclose(got[by_class], np.exp(x) / np.exp(x).sum())
    assert got["label"].item() == labels[1]
    b.spec.neuralNetworkClassifier.ClearField("ClassLabels")
    with pytest.raises(ArtefactError, match="class labels: the classifier has no class labels"):
        graph_of(b)


def test_regressors_and_training_parameters(network, graph_of):
    b = network({"x": (3,)}, ["y"], mode="regressor")
    b.add_sin("s", "x", "y")
    b.spec.neuralNetworkRegressor.updateParams.epochs.defaultValue = 3
    graph = graph_of(b)
    assert list(graph.unused) == ["updateParams"]
    np.testing.assert_allclose(mp.run(graph, np.ones(3))["y"], np.sin(np.ones(3)))


def test_an_input_may_be_left_out(network, graph_of):
    b = network({"x": (3,), "z": (3,)})
    b.add_add_broadcastable("a", ["x", "z"], "y")
    other = b.spec.description.input[1].type
    other.isOptional, other.multiArrayType.floatDefaultValue = True, 2.5
    graph = graph_of(b)
    assert graph.defaults == {"z": 2.5}
    assert mp.run(graph, np.ones(3))["y"].tolist() == [3.5] * 3
    assert mp.run(graph, {"x": np.ones(3), "z": np.ones(3)})["y"].tolist() == [2.0] * 3


def test_whole_numbers_enter_as_numbers(network, graph_of):
    b = network({"x": (3,)})
    b.add_sin("s", "x", "y")
    b.spec.description.input[0].type.multiArrayType.dataType = 131104
    graph = graph_of(b)
    assert shapes(graph) == [("x", (3,), "int32")]
    x = np.arange(3, dtype=np.int32)
    np.testing.assert_allclose(mp.run(graph, x)["y"], np.sin(x))


def test_nodes_know_where_they_stand(network, graph_of):
    b = network({"x": (3,)})
    b.add_sin("first", "x", "a")
    b.add_elementwise("second", ["a"], "y", "ADD", 1.0)
    graph = graph_of(b)
    assert [(node.name, node.origin) for node in graph.nodes] == [
        ("a", "layer 0 (sin 'first')"),
        ("y", "layer 1 (add 'second')"),
    ]
    assert (graph.source.format, graph.native) == ("coreml", "float32")
