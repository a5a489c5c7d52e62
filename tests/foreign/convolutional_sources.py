"""Convolutional networks written two ways: mistakes of whoever ports images and spectrograms between frameworks."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from .mistake import in_source, noise, retold, scattered

KIND = "convolutional"


class Net(nn.Module):
    """Two convolutions with norms, pooling, a dense layer over what is left, a softmax."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 3, padding=1)
        self.norm1 = nn.BatchNorm2d(6)
        self.act1: nn.Module = nn.ReLU()
        self.pool: nn.Module = nn.MaxPool2d(2)
        self.conv2 = nn.Conv2d(6, 6, 3, padding=1, groups=2)
        self.norm2 = nn.BatchNorm2d(6)
        self.act2: nn.Module = nn.ReLU()
        self.last: nn.Module = nn.AvgPool2d(2)
        self.fc = nn.Linear(24, 5)

    def features(self, x: Any) -> Any:
        y = self.pool(self.act1(self.norm1(self.conv1(x))))
        return self.last(self.act2(self.norm2(self.conv2(y))))

    def forward(self, x: Any) -> Any:
        return torch.softmax(self.fc(self.features(x).flatten(1)), -1)


def net(**parts: Any) -> Any:
    module = Net()
    for name, part in parts.items():
        setattr(module, name, part)
    return scattered(module), noise(1, 3, 8, 8)


def edited(change: Any, **parts: Any) -> Any:
    """The network, a copy of it after ``change``, an image."""
    module, x = net(**parts)
    made = copy.deepcopy(module)
    with torch.no_grad():
        change(made)
    return module, made.eval(), x


def put(name: str, part: nn.Module) -> Any:
    """A change: another module in the place of one, with its weights if they fit."""

    def change(m: Any) -> None:
        if list(part.state_dict()):
            part.load_state_dict(getattr(m, name).state_dict())
        setattr(m, name, part)

    return change


@in_source(
    "epsilon of Keras in a batch normalisation",
    KIND,
    at="batch_norm@norm1",
    right="epsilon-wrong",
    to=".onnx .pt2 .mlpackage",
)
def _() -> Any:
    return edited(lambda m: setattr(m.norm1, "eps", 1e-3))


class Training(Net):
    """Norms that look at the image."""

    def features(self, x: Any) -> Any:
        def norm(m: Any, y: Any) -> Any:
            return F.batch_norm(y, None, None, m.weight, m.bias, True, 0.0, m.eps)

        y = self.pool(self.act1(norm(self.norm1, self.conv1(x))))
        return self.last(self.act2(self.norm2(self.conv2(y))))


@in_source(
    "a batch normalisation left in training mode",
    KIND,
    at="batch_norm@norm1",
    right="training-statistics",
    to=".onnx",
)
def _() -> Any:
    module, x = net()
    return module, retold(module, Training), x


@in_source(
    "running variance and mean of a batch normalisation not loaded",
    KIND,
    at="batch_norm@norm2",
    right="norm-statistics-initial",
    to=".onnx",
)
def _() -> Any:
    return edited(lambda m: m.norm2.reset_running_stats())


@in_source(
    "scale of a batch normalisation left at ones",
    KIND,
    at="batch_norm@norm1",
    right="norm-scale-or-shift-lost",
    to=".onnx",
)
def _() -> Any:
    return edited(lambda m: m.norm1.weight.fill_(1))


@in_source(
    "running mean and variance of a batch normalisation set the other way round",
    KIND,
    at="batch_norm@norm2",
    right="norm-parameters-swapped",
    to=".onnx",
)
def _() -> Any:
    module, x = net()
    with torch.no_grad():
        module.norm2.running_mean.abs_()
    made = copy.deepcopy(module)
    with torch.no_grad():
        made.norm2.running_mean.copy_(module.norm2.running_var)
        made.norm2.running_var.copy_(module.norm2.running_mean)
    return module, made, x


class FoldedPlain(Net):
    """The first norm folded into its convolution by whoever took the variance for a deviation."""

    def features(self, x: Any) -> Any:
        n, c = self.norm1, self.conv1
        scale = n.weight / n.running_var
        y = F.conv2d(
            x, c.weight * scale[:, None, None, None], (c.bias - n.running_mean) * scale + n.bias, padding=1
        )
        return self.last(self.act2(self.norm2(self.conv2(self.pool(self.act1(y))))))


@in_source(
    "a batch normalisation folded without the root of its variance",
    KIND,
    at="batch_norm@norm1 conv@conv1",
    right="variance-for-deviation",
    to=".onnx",
)
def _() -> Any:
    module, x = net()
    return module, retold(module, FoldedPlain), x


class FoldedNoBias(Net):
    """Folded, and the convolution's own bias forgotten."""

    def features(self, x: Any) -> Any:
        n, c = self.norm1, self.conv1
        scale = n.weight / (n.running_var + n.eps).sqrt()
        y = F.conv2d(x, c.weight * scale[:, None, None, None], n.bias - n.running_mean * scale, padding=1)
        return self.last(self.act2(self.norm2(self.conv2(self.pool(self.act1(y))))))


@in_source(
    "a batch normalisation folded without the convolution's bias",
    KIND,
    at="batch_norm@norm1 conv@conv1",
    right="bias-dropped",
    to=".onnx dynamo.onnx",
)
def _() -> Any:
    module, x = net()
    return module, retold(module, FoldedNoBias), x


class NormAfter(Net):
    """Activation first."""

    def features(self, x: Any) -> Any:
        y = self.pool(self.norm1(self.act1(self.conv1(x))))
        return self.last(self.act2(self.norm2(self.conv2(y))))


@in_source(
    "batch normalisation behind the activation",
    KIND,
    at="batch_norm@norm1 relu",
    right="norm-folded-over-activation",
    to=".onnx .mlpackage",
)
def _() -> Any:
    module, x = net()
    return module, retold(module, NormAfter), x


class LastFirst(Net):
    """Flattened as TensorFlow has it, channels last."""

    def forward(self, x: Any) -> Any:
        return torch.softmax(self.fc(self.features(x).permute(0, 2, 3, 1).flatten(1)), -1)


@in_source(
    "flattened with channels last",
    KIND,
    at="reshape flatten dense@fc transpose",
    right="flatten-order",
    to=".onnx .mlpackage",
)
def _() -> Any:
    module, x = net()
    return module, retold(module, LastFirst), x


@in_source(
    "channels of the image in OpenCV's order",
    KIND,
    at="conv@conv1 transpose@conv1",
    right="input-channels-reversed",
    to=".onnx",
)
def _() -> Any:
    class Reversed(Net):
        def forward(self, x: Any) -> Any:
            return Net.forward(self, x.flip(1))

    module, x = net()
    return module, retold(module, Reversed), x


@in_source(
    "image divided by 255 twice",
    KIND,
    at="conv@conv1 transpose@conv1",
    right="input-scaled",
    to=".onnx",
)
def _() -> Any:
    class Scaled(Net):
        def forward(self, x: Any) -> Any:
            return Net.forward(self, x / 255)

    module, x = net()
    return module, retold(module, Scaled), x


@in_source(
    "ImageNet's mean and deviation inside the exported network as well",
    KIND,
    at="conv@conv1 transpose@conv1",
    right="input-standardized",
    to=".onnx",
)
def _() -> Any:
    class Standard(Net):
        def forward(self, x: Any) -> Any:
            mean = torch.tensor([0.485, 0.456, 0.406]).reshape(1, 3, 1, 1)
            deviation = torch.tensor([0.229, 0.224, 0.225]).reshape(1, 3, 1, 1)
            return Net.forward(self, (x - mean) / deviation)

    module, x = net()
    return module, retold(module, Standard), x


@in_source(
    "height and width exchanged",
    KIND,
    at="conv@conv1 transpose@conv1",
    right="input-axes-swapped interface",
    to=".onnx",
)
def _() -> Any:
    class Turned(Net):
        def forward(self, x: Any) -> Any:
            return Net.forward(self, x.transpose(2, 3))

    module, x = net()
    return module, retold(module, Turned), x


@in_source(
    "kernels of a depthwise layer's two groups exchanged",
    KIND,
    at="conv@conv2",
    right="groups-mixed channels-permuted",
    to=".onnx",
)
def _() -> Any:
    return edited(lambda m: m.conv2.weight.copy_(m.conv2.weight.roll(3, 0)))


@in_source(
    "kernels rotated by 180 degrees, as Theano's",
    KIND,
    at="conv@conv1",
    right="kernel-flipped",
    to=".onnx .pt2",
)
def _() -> Any:
    return edited(lambda m: m.conv1.weight.copy_(m.conv1.weight.flip(2, 3)))


@in_source(
    "height and width of a kernel exchanged",
    KIND,
    at="conv@conv2",
    right="kernel-axes-swapped",
    to=".onnx",
)
def _() -> Any:
    return edited(lambda m: m.conv2.weight.copy_(m.conv2.weight.transpose(2, 3).clone()))


@in_source(
    "kernel of Keras (height, width, in, out) reshaped instead of transposed",
    KIND,
    at="conv@conv1",
    right="weights-read-in-other-order",
    to=".onnx",
)
def _() -> Any:
    def load(m: Any) -> None:
        m.conv1.weight.copy_(m.conv1.weight.permute(2, 3, 1, 0).reshape(m.conv1.weight.shape))

    return edited(load)


@in_source(
    "bias of a convolution not loaded", KIND, at="conv@conv2", right="bias-dropped vector-lost", to=".onnx"
)
def _() -> Any:
    return edited(lambda m: m.conv2.bias.zero_())


@in_source(
    "ReLU6 for ReLU",
    KIND,
    at="relu clip",
    right="activation-approximated activation-swapped limited",
    to=".onnx",
)
def _() -> Any:
    def change(m: Any) -> None:
        m.act1 = nn.ReLU6()

    module, made, x = edited(change)
    return module, made, 6 * x


@in_source(
    "ReLU for ReLU6",
    KIND,
    at="relu6 clip relu hardtanh",
    right="activation-swapped limited clip-moved activation-approximated function-dropped",
    to=".onnx .mlpackage",
)
def _() -> Any:
    module, made, x = edited(put("act1", nn.ReLU()), act1=nn.ReLU6())
    with torch.no_grad():
        for one in (module, made):
            one.norm1.bias.add_(3)
    return module, made, 3 * x


@in_source(
    "slope of a leaky ReLU at the other framework's default",
    KIND,
    at="leaky_relu",
    right="activation-setting",
    to=".onnx",
)
def _() -> Any:
    return edited(put("act2", nn.LeakyReLU(0.3)), act2=nn.LeakyReLU(0.01))


@in_source(
    "leaky ReLU exported as ReLU",
    KIND,
    at="leaky_relu",
    right="activation-swapped activation-setting",
    to=".onnx",
)
def _() -> Any:
    return edited(put("act2", nn.ReLU()), act2=nn.LeakyReLU(0.2))


@in_source("one slope of a PReLU for all channels", KIND, at="prelu", right="prelu-slopes", to=".onnx")
def _() -> Any:
    def first(m: Any) -> None:
        m.act1.weight.fill_(float(m.act1.weight[0]))

    return edited(first, act1=nn.PReLU(6))


@in_source(
    "hard swish for swish",
    KIND,
    at="silu swish hard_swish mul sigmoid",
    right="activation-approximated activation-swapped",
    to=".onnx",
)
def _() -> Any:
    return edited(put("act2", nn.Hardswish()), act2=nn.SiLU())


@in_source("alpha of an ELU left at one", KIND, at="elu", right="activation-setting", to=".onnx")
def _() -> Any:
    return edited(put("act1", nn.ELU(1.0)), act1=nn.ELU(0.5))


@in_source(
    "mean for maximum in a pooling",
    KIND,
    at="max_pool@pool",
    right="pooling-maximum-or-mean",
    to=".onnx .mlpackage",
)
def _() -> Any:
    return edited(put("pool", nn.AvgPool2d(2)))


@in_source(
    "padding not counted in an average pooling, ONNX's default",
    KIND,
    at="avg_pool@last average_pool",
    right="pooling-padding-counted",
    to=".onnx .mlpackage",
)
def _() -> Any:
    return edited(
        put("last", nn.AvgPool2d(3, 2, 1, count_include_pad=False)),
        last=nn.AvgPool2d(3, 2, 1, count_include_pad=True),
    )


@in_source(
    "windows of a pooling one to the side",
    KIND,
    at="max_pool@pool pad max_pool",
    right="padding-on-other-side pad-wrong",
    to=".onnx",
)
def _() -> Any:
    ahead = nn.Sequential(nn.ZeroPad2d((0, 1, 0, 1)), nn.MaxPool2d(3, 2))
    return edited(put("pool", nn.MaxPool2d(3, 2, 1)), pool=ahead)


class Same(nn.Module):
    """A strided convolution with TensorFlow's SAME padding, one more on the right."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 5, 3, 2)
        self.norm = nn.BatchNorm2d(5)

    def pads(self) -> tuple[int, ...]:
        return (0, 1, 0, 1)

    def mode(self) -> str:
        return "constant"

    def forward(self, x: Any) -> Any:
        return torch.relu(self.norm(self.conv(F.pad(x, self.pads(), self.mode()))))


class Symmetric(Same):
    def pads(self) -> tuple[int, ...]:
        return (1, 0, 1, 0)


class Both(Same):
    def pads(self) -> tuple[int, ...]:
        return (1, 1, 1, 1)


class Edge(Same):
    def mode(self) -> str:
        return "replicate"


@in_source(
    "SAME_LOWER for SAME_UPPER", KIND, at="pad conv", right="padding-on-other-side pad-wrong", to=".onnx"
)
def _() -> Any:
    module = scattered(Same())
    return module, retold(module, Symmetric), noise(1, 3, 8, 8)


@in_source(
    "symmetric padding for TensorFlow's SAME at a stride of two",
    KIND,
    at="pad conv",
    right="padding-on-other-side pad-wrong",
    to=".onnx",
)
def _() -> Any:
    module = scattered(Same())
    return module, retold(module, Both), noise(1, 3, 8, 8)


@in_source("zeros for repeated edges", KIND, at="pad", right="padding-mode", to=".onnx .mlpackage")
def _() -> Any:
    module = scattered(Edge())
    return module, retold(module, Same), noise(1, 3, 8, 8)


class Wave(nn.Module):
    """A temporal network: causal dilated convolutions, gated, with skips."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv1d(4, 6, 1)
        self.gated = nn.ModuleList(nn.Conv1d(6, 12, 3, dilation=d) for d in (1, 2, 4))
        self.out = nn.Conv1d(6, 2, 1)

    def pad(self, y: Any, d: int) -> Any:
        return F.pad(y, (2 * d, 0))

    def gate(self, y: Any) -> Any:
        a, b = y.chunk(2, 1)
        return torch.tanh(a) * torch.sigmoid(b)

    def forward(self, x: Any) -> Any:
        y = self.first(x)
        for conv in self.gated:
            y = y + self.gate(conv(self.pad(y, conv.dilation[0])))
        return self.out(y)


class Centred(Wave):
    def pad(self, y: Any, d: int) -> Any:
        return F.pad(y, (d, d))


class OtherGate(Wave):
    def gate(self, y: Any) -> Any:
        b, a = y.chunk(2, 1)
        return torch.tanh(a) * torch.sigmoid(b)


@in_source(
    "centred padding where the network is causal",
    KIND,
    at="pad conv",
    right="padding-on-other-side pad-wrong",
    to=".onnx",
)
def _() -> Any:
    module = scattered(Wave())
    return module, retold(module, Centred), noise(1, 4, 16)


@in_source(
    "halves of a gated convolution exchanged",
    KIND,
    at="split tanh sigmoid conv@gated slice",
    right="parts-permuted",
    to=".onnx .pt2",
)
def _() -> Any:
    module = scattered(Wave())
    return module, retold(module, OtherGate), noise(1, 4, 16)


class Undilated(Wave):
    """The last dilation is that of the layer before."""

    def forward(self, x: Any) -> Any:
        y = self.first(x)
        for conv, d in zip(self.gated, (1, 2, 2), strict=True):
            y = y + self.gate(F.conv1d(self.pad(y, d), conv.weight, conv.bias, dilation=d))
        return self.out(y)


@in_source("dilation of one layer too small", KIND, at="conv@gated.2 pad", right="dilation-wrong", to=".onnx")
def _() -> Any:
    module = scattered(Wave())
    return module, retold(module, Undilated), noise(1, 4, 16)


class UNet(nn.Module):
    """Down, up, and the way around."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.Conv2d(2, 4, 3, padding=1)
        self.low = nn.Conv2d(4, 4, 3, padding=1)
        self.out = nn.Conv2d(8, 2, 3, padding=1)

    def up(self, y: Any) -> Any:
        return F.interpolate(y, scale_factor=2, mode="bilinear", align_corners=False)

    def joined(self, skip: Any, y: Any) -> Any:
        return torch.cat([skip, y], 1)

    def forward(self, x: Any) -> Any:
        skip = torch.relu(self.down(x))
        y = torch.relu(self.low(F.max_pool2d(skip, 2)))
        return torch.sigmoid(self.out(self.joined(skip, self.up(y))))


class Corners(UNet):
    def up(self, y: Any) -> Any:
        return F.interpolate(y, scale_factor=2, mode="bilinear", align_corners=True)


class Nearest(UNet):
    def up(self, y: Any) -> Any:
        return F.interpolate(y, scale_factor=2, mode="nearest")


class Crossed(UNet):
    def joined(self, skip: Any, y: Any) -> Any:
        return torch.cat([y, skip], 1)


@in_source("corners aligned in an upsampling", KIND, at="resize", right="resize-grid", to=".onnx .mlpackage")
def _() -> Any:
    module = scattered(UNet())
    return module, retold(module, Corners), noise(1, 2, 8, 8)


@in_source("nearest for bilinear upsampling", KIND, at="resize", right="resize-mode", to=".onnx")
def _() -> Any:
    module = scattered(UNet())
    return module, retold(module, Nearest), noise(1, 2, 8, 8)


@in_source(
    "skip connection of a U-Net joined behind instead of before",
    KIND,
    at="concat conv@out",
    right="concat-order",
    to=".onnx .mlpackage",
)
def _() -> Any:
    module = scattered(UNet())
    return module, retold(module, Crossed), noise(1, 2, 8, 8)


class Generator(nn.Module):
    """Transposed convolutions and an instance normalisation, as vocoders and image generators have them."""

    def __init__(self) -> None:
        super().__init__()
        self.up = nn.ConvTranspose1d(4, 6, 4, 2, padding=1)
        self.norm = nn.InstanceNorm1d(6, affine=True)
        self.out = nn.Conv1d(6, 1, 5, padding=2, padding_mode="reflect")

    def forward(self, x: Any) -> Any:
        return torch.tanh(self.out(F.leaky_relu(self.norm(self.up(x)), 0.1)))


def generator(change: Any) -> Any:
    module = scattered(Generator())
    made = copy.deepcopy(module)
    with torch.no_grad():
        change(made)
    return module, made, noise(1, 4, 9)


@in_source(
    "kernel of a transposed convolution reversed",
    KIND,
    at="conv_transpose@up",
    right="kernel-flipped",
    to=".onnx",
)
def _() -> Any:
    return generator(lambda m: m.up.weight.copy_(m.up.weight.flip(2)))


@in_source(
    "scale and shift of an instance normalisation lost",
    KIND,
    at="instance_norm@norm layer_norm@norm mul add",
    right="norm-scale-or-shift-lost",
    to=".onnx",
)
def _() -> Any:
    return generator(lambda m: m.norm.weight.fill_(1))


@in_source(
    "reflected padding of a convolution exported as zeros",
    KIND,
    at="pad",
    right="padding-mode",
    to=".onnx",
)
def _() -> Any:
    return generator(lambda m: setattr(m.out, "padding_mode", "zeros"))


class Shuffled(nn.Module):
    """A sub-pixel upsampling."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 8, 3, padding=1)

    def forward(self, x: Any) -> Any:
        return torch.clamp(F.pixel_shuffle(self.conv(x), 2), -2, 2)


class DepthToSpace(Shuffled):
    """TensorFlow's depth_to_space: blocks first."""

    def forward(self, x: Any) -> Any:
        y = self.conv(x)
        b, _, h, w = y.shape
        y = y.reshape(b, 2, 2, 2, h, w).permute(0, 3, 4, 1, 5, 2).reshape(b, 2, 2 * h, 2 * w)
        return torch.clamp(y, -2, 2)


@in_source(
    "depth_to_space of TensorFlow for a pixel shuffle",
    KIND,
    at="depth_to_space pixel_shuffle reshape transpose",
    right="pixel-shuffle-order",
    to=".onnx",
)
def _() -> Any:
    module = scattered(Shuffled())
    return module, retold(module, DepthToSpace), noise(1, 2, 4, 4)


class Residual(nn.Module):
    """A block whose sum is rectified."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Conv2d(4, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)
        self.norm = nn.GroupNorm(2, 4)
        self.fc = nn.Linear(4, 3)

    def forward(self, x: Any) -> Any:
        y = torch.relu(x + self.norm(self.b(torch.relu(self.a(x)))))
        return self.fc(y.mean((2, 3)))


class Before(Residual):
    """Rectified, then summed."""

    def forward(self, x: Any) -> Any:
        y = x + torch.relu(self.norm(self.b(torch.relu(self.a(x)))))
        return self.fc(y.mean((2, 3)))


class MaxOver(Residual):
    def forward(self, x: Any) -> Any:
        y = torch.relu(x + self.norm(self.b(torch.relu(self.a(x)))))
        return self.fc(y.amax((2, 3)))


class OverAll(Residual):
    """One group."""

    def forward(self, x: Any) -> Any:
        y = F.group_norm(self.b(torch.relu(self.a(x))), 1, self.norm.weight, self.norm.bias)
        return self.fc(torch.relu(x + y).mean((2, 3)))


@in_source(
    "rectified before the sum instead of behind",
    KIND,
    at="add relu",
    right="residual-wrong residual-past-norm norm-folded-over-activation",
    to=".onnx",
)
def _() -> Any:
    module = scattered(Residual())
    return module, retold(module, Before), noise(1, 4, 6, 6)


@in_source(
    "global maximum for global mean",
    KIND,
    at="reduce_mean mean",
    right="reduction-swapped pooling-maximum-or-mean",
    to=".onnx",
)
def _() -> Any:
    module = scattered(Residual())
    return module, retold(module, MaxOver), noise(1, 4, 6, 6)


@in_source(
    "one group in a group normalisation",
    KIND,
    at="group_norm@norm",
    right="norm-swapped head-count norm-axis",
    to=".onnx",
)
def _() -> Any:
    module = scattered(Residual())
    return module, retold(module, OverAll), noise(1, 4, 6, 6)


class Dropped(Net):
    """Dropout by its function, which is on unless it is told otherwise."""

    def forward(self, x: Any) -> Any:
        return torch.softmax(self.fc(F.dropout(self.features(x).flatten(1), 0.3)), -1)


@in_source(
    "functional dropout that eval() does not reach",
    KIND,
    at="dense@fc reshape flatten",
    right="dropout-left-on",
    to=".onnx",
)
def _() -> Any:
    module, x = net()
    return module, retold(module, Dropped), x


class Logits(Net):
    def forward(self, x: Any) -> Any:
        return self.fc(self.features(x).flatten(1))


class Twice(Net):
    def forward(self, x: Any) -> Any:
        return torch.softmax(Net.forward(self, x), -1)


@in_source(
    "logits exported, the softmax left to the loss",
    KIND,
    at="softmax",
    right="activation-dropped function-dropped",
    to=".onnx .mlpackage",
)
def _() -> Any:
    module, x = net()
    return module, retold(module, Logits), x


@in_source("softmax twice", KIND, at="softmax", right="activation-twice", to=".onnx")
def _() -> Any:
    module, x = net()
    return module, retold(module, Twice), x
