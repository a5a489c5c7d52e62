"""ONNX-ML's support vectors, against onnxruntime."""

from __future__ import annotations

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import ArtefactError

from .one_node import SCORES, F, model, same_as_others

RNG = np.random.default_rng(5)
START = RNG.bit_generator.state


@pytest.fixture(autouse=True)
def from_the_start():
    RNG.bit_generator.state = START


@pytest.mark.parametrize("one_class", [0, 1])
@pytest.mark.parametrize("kernel", ["LINEAR", "POLY", "RBF", "SIGMOID"])
def test_support_vectors(kernel, one_class, tmp_path):
    attrs = {
        "kernel_type": kernel,
        "kernel_params": [0.3, 0.7, 3.0],
        "n_supports": 5,
        "support_vectors": RNG.normal(size=20),
        "coefficients": RNG.normal(size=5),
        "rho": [0.4],
        "one_class": one_class,
    }
    same_as_others(*model("SVMRegressor", [("y", F)], **attrs), tmp_path, reference=False)


def test_support_vectors_may_be_left_out(tmp_path):
    attrs = {"coefficients": RNG.normal(size=4), "rho": [0.4], "kernel_params": [0.0] * 3}
    same_as_others(*model("SVMRegressor", [("y", F)], **attrs), tmp_path, reference=False)


def test_support_vectors_that_do_not_fit_are_refused(tmp_path):
    attrs = {"n_supports": 3, "support_vectors": [1.0] * 7, "coefficients": [1.0] * 3, "rho": [0.0]}
    made, _ = model("SVMRegressor", [("y", F)], **attrs)
    path = tmp_path / "one.onnx"
    path.write_bytes(made.SerializeToString())
    with pytest.raises(ArtefactError, match="do not fit"):
        mp.load(path)


def machine(labels, kernel="RBF", *, proba=False, each=(3, 2, 4)):
    """Attributes of a support vector classifier of four features."""
    each = each[: len(labels)]
    pairs = len(labels) * (len(labels) - 1) // 2
    attrs = {
        "classlabels_ints": labels,
        "kernel_type": kernel,
        "kernel_params": [0.3, 0.7, 3.0],
        "vectors_per_class": each,
        "support_vectors": RNG.normal(size=4 * sum(each)),
        "coefficients": RNG.normal(size=(len(labels) - 1) * sum(each)),
        "rho": RNG.normal(size=pairs),
    }
    if proba:
        attrs |= {"prob_a": -np.abs(RNG.normal(size=pairs)) - 0.5, "prob_b": RNG.normal(size=pairs)}
    return attrs


@pytest.mark.parametrize("proba", [False, True])
@pytest.mark.parametrize("kernel", ["LINEAR", "POLY", "RBF", "SIGMOID"])
@pytest.mark.parametrize("labels", [(3, 1, 8), (4, 7)])
def test_classes_by_support_vectors(kernel, labels, proba, tmp_path):
    made, given = model("SVMClassifier", SCORES, **machine(labels, kernel, proba=proba))
    same_as_others(made, given, tmp_path, reference=False)
    verdict = mp.check(tmp_path / "one.onnx", tmp_path / "one.onnx")
    assert verdict.ok, repr(verdict)


@pytest.mark.parametrize("how", ["LOGISTIC", "SOFTMAX"])
@pytest.mark.parametrize("labels", [(3, 1, 8), (4, 7)])
def test_classes_by_support_vectors_whose_scores_are_transformed(how, labels, tmp_path):
    attrs = machine(labels)
    same_as_others(*model("SVMClassifier", SCORES, post_transform=how, **attrs), tmp_path, reference=False)


@pytest.mark.parametrize("labels", [(3, 1, 8), (4, 7)])
def test_classes_by_scores_of_their_own(labels, tmp_path):
    attrs = {"classlabels_ints": labels, "coefficients": RNG.normal(size=4 * len(labels)), "rho": [0.2]}
    attrs |= {"kernel_params": [0.0] * 3}
    same_as_others(*model("SVMClassifier", SCORES, **attrs), tmp_path, reference=False)


def test_classes_whose_vectors_do_not_fit_are_refused(tmp_path):
    made, _ = model("SVMClassifier", SCORES, **{**machine((3, 1, 8)), "rho": [0.1]})
    path = tmp_path / "one.onnx"
    path.write_bytes(made.SerializeToString())
    with pytest.raises(ArtefactError, match="do not fit"):
        mp.load(path)
