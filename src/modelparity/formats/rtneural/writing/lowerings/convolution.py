"""Convolution over time, which must be causal, and over the features of a frame."""

from __future__ import annotations

import numpy as np

from .....engine.bound_node import Call
from ....writing.attributes import per_axis
from ..chain import Chain, Role, refusal
from ..lowering import lowers


@lowers("conv")
def conv(chain: Chain, call: Call) -> None:
    """conv1d over time; conv2d where frames have features beside channels, or the kernel does not cross time."""
    weight, bias = chain.weight(call, "weight"), chain.constant(call, "bias")
    n = weight.ndim - 2
    roles = chain.roles
    if call.attrs["flip"]:
        weight = np.flip(weight, tuple(range(n)))
    if len(roles) < n + 1 or roles[-1].size is None:
        raise refusal(call, "its channels are not part of a frame")
    space = roles[-1 - n : -1]
    time = next((i for i, role in enumerate(space) if role.name == "time" and role.size is None), None)
    others = [i for i in range(n) if i != time]
    if any(role.size is not None and role.size > 1 for role in roles[: -1 - n]) or any(
        space[i].size is None for i in others
    ):
        raise refusal(call, "it runs over several axes besides time and one of features, or over the batch")
    strides, dilations = per_axis(call, "strides", n), per_axis(call, "dilations", n)
    if isinstance(call.attrs["padding"], str):
        raise refusal(
            call, f"padding {call.attrs['padding']!r} looks at the future", "pad in front of time only"
        )
    padding = chain.borders(call, n)
    groups = int(call.attrs["groups"])
    full = np.zeros(weight.shape[-1:]) if bias is None else np.broadcast_to(bias, weight.shape[-1:])
    dilation = 1
    if time is not None:
        size, dilation = weight.shape[time], dilations[time]
        _causal(chain, call, (size - 1) * dilation, padding[time], strides[time])
    wide = [i for i in others if weight.shape[i] > 1 or space[i].size != 1]
    if not wide and time is not None:
        kernel = weight.reshape(weight.shape[time], *weight.shape[-2:])
        chain.expect_order(call)
        chain.relabelled((*roles[:-1], Role(roles[-1].name, weight.shape[-1])))
        chain.add(
            call, "conv1d", [kernel, full], kernel_size=[len(kernel)], dilation=[dilation], groups=groups
        )
        return
    if len(wide) > 1 or groups != 1:
        raise refusal(
            call, "groups, or two axes of features" if groups != 1 else "it runs over two axes of features"
        )
    at = wide[0] if wide else others[0]
    if dilations[at] != 1:
        raise refusal(call, "it is dilated along the features; RTNeural's conv2d is along time only")
    kernel = np.moveaxis(
        weight, [i for i in (time, at) if i is not None], range(2 if time is not None else 1)
    )
    kernel = kernel.reshape(1 if time is None else weight.shape[time], weight.shape[at], *weight.shape[-2:])
    _features(chain, call, kernel, full, at, len(roles) - 1 - n, dilation, strides[at], padding[at])


def _causal(chain: Chain, call: Call, reach: int, padding: tuple[int, int], stride: int) -> None:
    before, after = int(padding[0]) + chain.zeros, int(padding[1])
    if stride != 1:
        raise refusal(call, "it has a stride along time; RTNeural gives a frame for every frame")
    if after or before != reach:
        raise refusal(
            call,
            f"{before} zeros stand in front of time and {after} behind, and RTNeural puts {reach} in front",
            f"train a causal convolution: pad {reach} frames in front and none behind",
        )
    chain.zeros = 0


def _features(
    chain: Chain,
    call: Call,
    kernel: np.ndarray,
    bias: np.ndarray,
    at: int,
    lead: int,
    dilation: int,
    stride: int,
    padding: tuple[int, int],
) -> None:
    place = lead + at
    features, size = chain.roles[place].size or 1, kernel.shape[1]
    total = max(size - (features % stride or stride), 0)
    given = (int(padding[0]), int(padding[1]))
    if given == (0, 0):
        kind, out = "valid", -(-(features - size + 1) // stride)
    elif given == (total // 2, total - total // 2):
        kind, out = "same", -(-features // stride)
    else:
        raise refusal(
            call,
            f"padding {given} along the features; RTNeural has none, or {total // 2} and {total - total // 2}",
        )
    filters = kernel.shape[-2:]
    chain.expect_order(call)
    roles = list(chain.roles)
    roles[place] = Role(roles[place].name, out)
    roles[-1] = Role(roles[-1].name, filters[1])
    chain.relabelled(roles)
    chain.add(
        call,
        "conv2d",
        [kernel, bias],
        kernel_size_time=kernel.shape[0],
        kernel_size_feature=size,
        dilation=dilation,
        strides=stride,
        num_filters_in=filters[0],
        num_features_in=features,
        num_filters_out=filters[1],
        padding=kind,
    )


@lowers("pad")
def pad(chain: Chain, call: Call) -> None:
    """Zeros in front of time, for the causal convolution that follows."""
    before, after = call.attrs["before"], call.attrs["after"]
    time = chain.place("time")
    others = [n for i, n in enumerate(before) if i != time] + list(after)
    if time is None or any(others) or call.attrs["mode"] != "constant" or call.attrs["value"] != 0:
        raise refusal(call, "only zeros in front of time have a place in RTNeural's layers")
    chain.zeros += int(before[time])
