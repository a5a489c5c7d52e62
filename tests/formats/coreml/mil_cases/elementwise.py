"""Operations on single elements: functions, arithmetic, comparisons, activations."""

from __future__ import annotations

import warnings

import torch

from .case import OTHER, VECTOR, Case, F, binary, channels, unary

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from coremltools.converters.mil import Builder as mb

ELEMENTWISE = [
    *(
        unary(name)
        for name in (
            "abs",
            "atan",
            "ceil",
            "cos",
            "cosh",
            "erf",
            "exp",
            "exp2",
            "floor",
            "relu",
            "round",
            "sigmoid",
            "sign",
            "sin",
            "sinh",
            "square",
            "tan",
            "tanh",
        )
    ),
    unary("silu", F.silu),
    unary("softplus", F.softplus),
    unary("softsign", F.softsign),
    unary("sqrt", low=0.1),
    unary("relu6", F.relu6),
    unary("gelu", F.gelu),
    Case("acos", lambda x: mb.acos(x=mb.sin(x=x)), lambda t: t.sin().acos()),
    Case("asin", lambda x: mb.asin(x=mb.sin(x=x)), lambda t: t.sin().asin()),
    Case("atanh", lambda x: mb.atanh(x=mb.mul(x=x, y=0.25)), lambda t: (0.25 * t).atanh()),
    Case("inverse", lambda x: mb.inverse(x=x), lambda t: 1 / (t + 1e-4), low=0.1),
    Case("inverse-epsilon", lambda x: mb.inverse(x=x, epsilon=0.5), lambda t: 1 / (t + 0.5), low=0.1),
    Case("log", lambda x: mb.log(x=x, epsilon=0.25), lambda t: (t + 0.25).log(), low=0.1),
    Case("rsqrt", lambda x: mb.rsqrt(x=x), torch.rsqrt, low=0.1),
    Case("clip", lambda x: mb.clip(x=x, alpha=-0.5, beta=1.0), lambda t: t.clamp(-0.5, 1)),
    Case("threshold", lambda x: mb.threshold(x=x, alpha=0.5), lambda t: t.clamp(min=0.5)),
    *(binary(name) for name in ("add", "sub", "mul", "maximum", "minimum", "greater", "less")),
    binary("equal", torch.eq),
    binary("not_equal", torch.ne),
    binary("greater_equal", torch.ge),
    binary("less_equal", torch.le),
    binary("pow", low=0.1),
    binary("real_div", torch.div, low=0.1),
    binary("floor_div", torch.floor_divide, low=0.1),
    binary("mod", torch.remainder, low=0.1),
    binary("real_div", lambda a, b: torch.div(a, b).trunc(), dtype="int32", low=1),
    binary("floor_div", torch.floor_divide, dtype="int32", low=1),
    binary("mod", torch.remainder, dtype="int32", low=1),
    binary("pow", dtype="int32", low=0),
    Case(
        "logical_and",
        lambda x, y: mb.logical_and(x=mb.greater(x=x, y=0.0), y=mb.less(x=y, y=1.0)),
        lambda a, b: (a > 0) & (b < 1),
        shapes=((3, 4), (4,)),
    ),
    Case("logical_not", lambda x: mb.logical_not(x=mb.greater(x=x, y=0.0)), lambda t: t <= 0),
    Case(
        "clamped_relu",
        lambda x: mb.clamped_relu(x=x, alpha=0.5, beta=1.0),
        lambda t: torch.minimum(F.leaky_relu(t, 0.5), torch.tensor(1.0, dtype=t.dtype)),
    ),
    Case("elu", lambda x: mb.elu(x=x, alpha=0.7), lambda t: F.elu(t, 0.7)),
    Case("leaky_relu", lambda x: mb.leaky_relu(x=x, alpha=0.3), lambda t: F.leaky_relu(t, 0.3)),
    Case(
        "gelu-tanh",
        lambda x: mb.gelu(x=x, mode="TANH_APPROXIMATION"),
        lambda t: F.gelu(t, approximate="tanh"),
    ),
    Case(
        "gelu-sigmoid",
        lambda x: mb.gelu(x=x, mode="SIGMOID_APPROXIMATION"),
        lambda t: t * (1.702 * t).sigmoid(),
    ),
    Case(
        "linear_activation", lambda x: mb.linear_activation(x=x, alpha=2.0, beta=0.5), lambda t: 2 * t + 0.5
    ),
    Case(
        "prelu", lambda x: mb.prelu(x=x, alpha=VECTOR), lambda t: torch.where(t > 0, t, t * channels(VECTOR))
    ),
    Case("scaled_tanh", lambda x: mb.scaled_tanh(x=x, alpha=1.7, beta=0.6), lambda t: 1.7 * (0.6 * t).tanh()),
    Case(
        "sigmoid_hard",
        lambda x: mb.sigmoid_hard(x=x, alpha=0.4, beta=0.3),
        lambda t: (0.4 * t + 0.3).clamp(0, 1),
    ),
    Case(
        "softplus_parametric",
        lambda x: mb.softplus_parametric(x=x, alpha=VECTOR, beta=OTHER),
        lambda t: channels(VECTOR) * F.softplus(channels(OTHER) * t),
    ),
    Case("softmax", lambda x: mb.softmax(x=x, axis=1), lambda t: t.softmax(1)),
    Case(
        "thresholded_relu",
        lambda x: mb.thresholded_relu(x=x, alpha=0.5),
        lambda t: torch.where(t >= 0.5, t, 0),
    ),
]
