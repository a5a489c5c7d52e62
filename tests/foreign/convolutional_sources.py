"""A convolutional network written two ways: kernels, inputs, activations, pooling, its end."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from .classifier import Net, edited, loud, net, put
from .mistake import in_source, retold

KIND = "convolutional"


class LastFirst(Net):
    """Flattened as TensorFlow has it, channels last."""

    def forward(self, x: Any) -> Any:
        return torch.softmax(self.fc(self.features(x).permute(0, 2, 3, 1).flatten(1)), -1)


@in_source(
    "flattened with channels last",
    KIND,
    at="reshape flatten dense@fc transpose",
    right="flatten-order transpose-wrong",
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
    return loud(module), loud(made), x


@in_source(
    "ReLU for ReLU6",
    KIND,
    at="relu6 clip relu hardtanh",
    right="activation-swapped limited clip-moved activation-approximated function-dropped",
    to=".onnx .mlpackage",
)
def _() -> Any:
    module, made, x = edited(put("act1", nn.ReLU()), act1=nn.ReLU6())
    return loud(module), loud(made), x


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
