"""ONNX-ML's operators, as scikit-learn's converter writes them, against onnxruntime and onnx's own reference."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
from onnx import helper, numpy_helper

import modelparity as mp
from modelparity.errors import ModelparityError

from .one_node import SCORES, WHOLE, F, X, model, same_as_others

RNG = np.random.default_rng(5)
START = RNG.bit_generator.state


@pytest.fixture(autouse=True)
def from_the_start():
    RNG.bit_generator.state = START


@pytest.mark.parametrize("how", ["NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO"])
@pytest.mark.parametrize("labels", [(3, 1, 8), (0, 1)])
def test_a_linear_classifier(how, labels, tmp_path):
    weights, bias = RNG.normal(size=4 * len(labels)), RNG.normal(size=len(labels))
    same_as_others(
        *model(
            "LinearClassifier",
            SCORES,
            classlabels_ints=labels,
            coefficients=weights,
            intercepts=bias,
            post_transform=how,
        ),
        tmp_path,
    )


@pytest.mark.parametrize("how", ["NONE", "LOGISTIC"])
def test_one_score_for_two_labels(how, tmp_path):
    made = model(
        "LinearClassifier",
        SCORES,
        classlabels_ints=(4, 7),
        coefficients=RNG.normal(size=4),
        intercepts=[0.1],
        post_transform=how,
    )
    ours = same_as_others(*made, tmp_path, reference=False)  # onnx's takes another score for the first label
    assert set(ours["label"]) == {4, 7}


def test_a_linear_regressor(tmp_path):
    attrs = {"targets": 2, "coefficients": RNG.normal(size=8), "intercepts": (1.0, -2.0)}
    same_as_others(*model("LinearRegressor", [("y", F)], **attrs), tmp_path)


@pytest.mark.parametrize("norm", ["MAX", "L1", "L2"])
def test_a_normalizer(norm, tmp_path):
    x = X.copy()
    x[2] = 0
    same_as_others(*model("Normalizer", [("y", F)], x=x, norm=norm), tmp_path, reference=norm != "MAX")


@pytest.mark.parametrize(
    ("op", "x", "attrs"),
    [
        ("Scaler", X, {"offset": [0.5], "scale": [2.0]}),
        ("Scaler", X, {"offset": RNG.normal(size=4), "scale": RNG.normal(size=4)}),
        ("Scaler", np.arange(8).reshape(2, 4), {"offset": [0.5] * 4, "scale": [2.0] * 4}),
        ("Binarizer", X, {"threshold": 0.25}),
        (
            "Imputer",
            np.where(X > 1, np.float32("nan"), X),
            {"imputed_value_floats": [1.0, 2.0, 3.0, 4.0], "replaced_value_float": float("nan")},
        ),
        ("Imputer", np.arange(8).reshape(2, 4), {"imputed_value_int64s": [9], "replaced_value_int64": 5}),
        ("OneHotEncoder", np.array([[1, 4], [3, 9]]), {"cats_int64s": [1, 3, 4]}),
        (
            "LabelEncoder",
            np.array([[1, 4], [3, 9]]),
            {"keys_int64s": [9, 1, 4], "values_floats": [0.5, 1.5, 2.5], "default_float": -7.0},
        ),
        (
            "LabelEncoder",
            np.array([[1, 4], [3, 9]], np.float32),
            {"keys_floats": [9.0, 1.0], "values_int64s": [5, 6]},
        ),
    ],
)
def test_encoders_and_scalers(op, x, attrs, tmp_path):
    whole = "values_int64s" in attrs or "imputed_value_int64s" in attrs
    same_as_others(*model(op, [("y", WHOLE if whole else F)], x=x, **attrs), tmp_path)


def test_features_are_picked_and_put_side_by_side(tmp_path):
    places = np.array([2, 0, 2])
    same_as_others(*model("ArrayFeatureExtractor", [("y", F)], more=[places]), tmp_path)
    same_as_others(*model("FeatureVectorizer", [("y", F)], more=[X[:, :2]], inputdimensions=(4, 2)), tmp_path)


def test_a_map_of_labels_to_scores_is_the_scores(tmp_path):
    nodes = [
        helper.make_node(
            "LinearClassifier",
            ["x"],
            ["label", "raw"],
            domain="ai.onnx.ml",
            classlabels_ints=[5, 2, 9],
            coefficients=RNG.normal(size=12),
            intercepts=[0.0] * 3,
        ),
        helper.make_node("ZipMap", ["raw"], ["scores"], domain="ai.onnx.ml", classlabels_int64s=[5, 2, 9]),
    ]
    maps = helper.make_sequence_type_proto(
        helper.make_map_type_proto(WHOLE, helper.make_tensor_type_proto(F, None))
    )
    graph = helper.make_graph(
        nodes,
        "one",
        [helper.make_tensor_value_info("x", F, ["n", 4])],
        [helper.make_tensor_value_info("label", WHOLE, None), helper.make_value_info("scores", maps)],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    path = tmp_path / "one.onnx"
    path.write_bytes(helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString())
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    _, maps = session.run(None, {"x": X})
    ours = mp.run(mp.load(path), {"x": X})["scores"]
    np.testing.assert_allclose(ours, [[row[2], row[5], row[9]] for row in maps], rtol=1e-5, atol=1e-6)
    assert mp.check(path, path).ok


def forest(trees, per_leaf, targets, *, what, positive=False, rules=("BRANCH_LEQ",)):
    """Attributes of random trees of three levels, whose leaves give ``per_leaf`` of so many targets."""
    attrs = {f"nodes_{key}": [] for key in ("treeids", "nodeids", "featureids", "modes", "values")}
    attrs |= {f"nodes_{key}": [] for key in ("truenodeids", "falsenodeids", "missing_value_tracks_true")}
    attrs |= {f"{what}_{key}": [] for key in ("treeids", "nodeids", "ids", "weights")}
    for tree in range(trees):
        for node in range(7):
            leaf = node >= 3
            attrs["nodes_treeids"].append(tree)
            attrs["nodes_nodeids"].append(node)
            attrs["nodes_featureids"].append(0 if leaf else int(RNG.integers(4)))
            attrs["nodes_modes"].append("LEAF" if leaf else str(RNG.choice(rules)))
            attrs["nodes_values"].append(0.0 if leaf else float(RNG.normal() * 0.5))
            attrs["nodes_truenodeids"].append(0 if leaf else 2 * node + 1)
            attrs["nodes_falsenodeids"].append(0 if leaf else 2 * node + 2)
            attrs["nodes_missing_value_tracks_true"].append(0 if leaf else int(RNG.integers(2)))
            for target in RNG.permutation(targets)[:per_leaf] if leaf else ():
                attrs[f"{what}_treeids"].append(tree)
                attrs[f"{what}_nodeids"].append(node)
                attrs[f"{what}_ids"].append(int(target))
                weight = RNG.normal() / trees
                attrs[f"{what}_weights"].append(float(abs(weight) if positive else weight))
    return attrs


@pytest.mark.parametrize("aggregate", ["SUM", "AVERAGE", "MIN", "MAX"])
def test_a_forest_that_gives_numbers(aggregate, tmp_path):
    attrs = forest(5, 2, 2, what="target", rules=("BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT"))
    x = X.copy()
    x[3, 1] = np.nan
    made = model(
        "TreeEnsembleRegressor",
        [("y", F)],
        x=x,
        n_targets=2,
        aggregate_function=aggregate,
        base_values=[0.5, -1.0],
        **attrs,
    )
    same_as_others(*made, tmp_path, reference=aggregate == "SUM")


@pytest.mark.parametrize("how", ["NONE", "LOGISTIC", "SOFTMAX"])
@pytest.mark.parametrize("labels", [(3, 1, 8), (0, 1)])
def test_a_forest_that_votes(how, labels, tmp_path):
    attrs = forest(6, len(labels), len(labels), what="class", positive=True)
    made = model("TreeEnsembleClassifier", SCORES, classlabels_int64s=labels, post_transform=how, **attrs)
    # Of two labels that both have scores onnxruntime gives the second wherever its score is above zero.
    same_as_others(*made, tmp_path, label=len(labels) > 2)


@pytest.mark.parametrize(("how", "positive"), [("NONE", True), ("NONE", False), ("LOGISTIC", False)])
def test_a_forest_that_knows_one_of_two_labels(how, positive, tmp_path):
    attrs = forest(6, 1, 1, what="class", positive=positive)
    made = model("TreeEnsembleClassifier", SCORES, classlabels_int64s=(0, 1), post_transform=how, **attrs)
    same_as_others(*made, tmp_path, reference=False)  # onnx's gives the label by other scores


def test_the_ensemble_of_opset_5(tmp_path):
    attrs = {
        "nodes_splits": numpy_helper.from_array(np.array([0.1, -0.2, 0.3], np.float32)),
        "nodes_featureids": [0, 2, 1],
        "nodes_modes": numpy_helper.from_array(np.array([0, 1, 2], np.uint8)),
        "nodes_truenodeids": [1, 0, 2],
        "nodes_falsenodeids": [2, 1, 3],
        "nodes_trueleafs": [0, 1, 1],
        "nodes_falseleafs": [0, 1, 1],
        "leaf_targetids": [0, 1, 0, 1],
        "leaf_weights": numpy_helper.from_array(np.array([1.5, -2, 3, 0.25], np.float32)),
        "tree_roots": [0],
        "n_targets": 2,
    }
    same_as_others(*model("TreeEnsemble", [("y", F)], version=5, **attrs), tmp_path)


def test_a_tree_that_never_ends_is_refused_when_it_runs(tmp_path):
    attrs = forest(1, 1, 1, what="target")
    attrs["nodes_truenodeids"][1] = attrs["nodes_falsenodeids"][1] = 0
    attrs["nodes_truenodeids"][2] = attrs["nodes_falsenodeids"][2] = 0
    made, given = model("TreeEnsembleRegressor", [("y", F)], n_targets=1, **attrs)
    path = tmp_path / "one.onnx"
    path.write_bytes(made.SerializeToString())
    with pytest.raises(ModelparityError, match="a tree never ends"):
        mp.run(mp.load(path), given)
