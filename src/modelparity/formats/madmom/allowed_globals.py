"""The only globals that a madmom model needs. They are compared as names and never looked up or called."""

from __future__ import annotations

from dataclasses import dataclass

from ...errors import ArtefactError, UnsafePickleError


@dataclass(frozen=True, slots=True)
class Global:
    """A name that a pickle refers to: a class or function, by module and name. Inert."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


LAYERS = (
    "FeedForwardLayer",
    "RecurrentLayer",
    "BidirectionalLayer",
    "LSTMLayer",
    "GRULayer",
    "ConvolutionalLayer",
    "BatchNormLayer",
    "MaxPoolLayer",
    "StrideLayer",
    "PadLayer",
    "AverageLayer",
    "TransposeLayer",
    "ReshapeLayer",
)
PARTS = ("Gate", "Cell", "GRUCell")
ACTIVATIONS = ("linear", "tanh", "sigmoid", "relu", "elu", "softmax")

LAYER_MODULE = "madmom.ml.nn.layers"
ACTIVATION_MODULE = "madmom.ml.nn.activations"
NETWORK = Global("madmom.ml.nn", "NeuralNetwork")
CRF = Global("madmom.ml.crf", "ConditionalRandomField")

#: What a pickle may make instances of.
CLASSES = frozenset({NETWORK, CRF, *(Global(LAYER_MODULE, name) for name in LAYERS + PARTS)})
NDARRAY = Global("numpy", "ndarray")
DTYPE = Global("numpy", "dtype")
RECONSTRUCT = {Global(f"numpy.{core}.multiarray", "_reconstruct") for core in ("core", "_core")}
SCALAR = {Global(f"numpy.{core}.multiarray", "scalar") for core in ("core", "_core")}
ENCODE = Global("_codecs", "encode")
RECONSTRUCTOR = {Global(module, "_reconstructor") for module in ("copy_reg", "copyreg")}
OBJECT = {Global(module, "object") for module in ("__builtin__", "builtins")}

ALLOWED = frozenset(
    {
        *CLASSES,
        *(Global(ACTIVATION_MODULE, name) for name in ACTIVATIONS),
        NDARRAY,
        DTYPE,
        ENCODE,
        *RECONSTRUCT,
        *SCALAR,
        *RECONSTRUCTOR,
        *OBJECT,
    }
)


def allowed(module: str, name: str, at: int) -> Global:
    """The global, if a model may name it. Raises `UnsafePickleError` naming it otherwise.

    A layer or activation that madmom's modules could hold but that is not known here is an `ArtefactError`:
    what it computes would be a guess.
    """
    found = Global(module, name)
    if found in ALLOWED:
        return found
    if module in (LAYER_MODULE, ACTIVATION_MODULE):
        kind, known = ("layer", LAYERS) if module == LAYER_MODULE else ("activation", ACTIVATIONS)
        raise ArtefactError(
            f"unknown {kind} {name[:80]!r}: what it computes is not known, and nothing is assumed",
            found=f"{module}.{name[:80]} at byte {at}",
            expected=f"one of {', '.join(known)}",
        )
    raise UnsafePickleError(
        f"this pickle asks for {module[:80]}.{name[:80]}, which no madmom model needs; nothing of it was executed",
        found=f"{module[:80]}.{name[:80]} at byte {at}",
        expected="only madmom's layers, activations, network and CRF, and numpy arrays",
        fix="do not load this file anywhere; fetch the model again from its publisher",
    )
