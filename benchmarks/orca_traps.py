"""Mistakes that ports of OrcaHello's detector are known to make: how many are caught, and how many named.

Each is made on purpose, in the front end, in the network or in the verdict, and judged like anybody's port. Those
with an effect below the yardstick (ten times what float32 differs from float64) are told apart; changes that compute
the same must raise no alarm. Run it from the root of a checkout:
``python -m benchmarks.orca_traps [--parts frontend network verdict same]``.
"""

from __future__ import annotations

import os

for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[_variable] = "1"

import argparse
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import scipy.signal
import torch
from torch import nn

import modelparity as mp
from modelparity.stages.chain import Chain
from modelparity.stages.checking import Check
from modelparity.stages.running import Run, facts, reading
from modelparity_families.orca.graph import graph_of
from modelparity_families.orca.layers import Layers
from modelparity_families.orca.network import Bottleneck, Detector, module_of
from modelparity_families.orca.weights import image, seeded

RATE, TO = 44_100, 20_000
SMALL = Layers((2, 1, 1, 1), 4, 8)
PARTS = ("frontend", "network", "verdict", "same")
Array = np.ndarray
BATCH: dict[str, Any] = {"top_db_over": "batch"}
#: Settings that are wrong: one mistake each, but for librosa's two defaults.
SETTINGS: tuple[dict[str, Any], ...] = (
    {"mel_sample_rate": 20_000},
    {"mel_f_max": 8_000.0},
    {"mel_scale": "slaney"},
    {"mel_norm": "slaney"},
    {"mel_scale": "slaney", "mel_norm": "slaney"},
    {"exponent": 1},
    {"db_multiplier": 20.0},
    {"db_reference": "max"},
    {"top_db": 80.0},
    {"top_db": None},
    {"db_amin": 1e-5},
    {"outside": "zeros"},
    {"centered": False},
    {"taper": "hann-symmetric"},
    {"pad_value": "minimum"},
    {"padding": "zeros-before"},
    {"padding": "zeros-around"},
    {"standardize": True},
    {"normalize": True},
    {"mix": "left"},
    {"mix": "sum"},
    {"full_scale": "largest"},
    {"order": "port_sliced"},
    {"pcm": "nearest"},
    BATCH,
    {"padding": "random", "seed": 5},
)


def sound(*, twice: bool = False) -> Array:
    """2 s of rising calls over noise, and with ``twice`` the same 40 dB quieter: int16 (sample, channel)."""
    rng, t = np.random.default_rng(1), np.arange(2 * RATE) / RATE
    call = np.sin(2 * np.pi * (700 * t + 500 * t**2)) * (np.sin(2 * np.pi * 1.5 * t) > 0)
    other = -call + 0.2 * np.sin(2 * np.pi * 9200 * t)
    loud = np.stack((call, other * 0.3), 1) * 0.3 + rng.normal(0, 0.002, (len(t), 2))
    return np.rint(np.concatenate((loud, loud / 100) if twice else (loud,)) * 32_767).astype(np.int16)


class Port:
    """What a wrong port gives, and how it is judged."""

    def __init__(self, name: str, value: Any, keys: tuple[str, ...]) -> None:
        self.name, self.value, self.keys = name, value, keys


def front_ends(pipeline: Any, audio: Array, made: Sequence[dict[str, Any]]) -> Iterator[Port]:
    """Images of wrong front ends (window, channel 1, mel, time)."""
    given = {"audio": audio, "rate": RATE, "until": "image"}
    for settings in made:
        keys = tuple(f"setting {name}={value!r}" for name, value in settings.items())
        if settings.get("padding") == "random":  # whoever does not know the seed says where the frames are
            keys = ("value moved",)
        yield Port(str(settings), pipeline.with_settings(**settings).run(**given)["image"], keys)
    right = pipeline.run(**given)["image"]
    if len(right) > 1:
        return
    yield Port("mel axis turned round", right[:, :, ::-1], ("value columns=axis 2 reversed",))
    across = np.zeros_like(right)
    across[..., :157] = right[..., :157].reshape(len(right), 1, 157, 256).transpose(0, 1, 3, 2)
    key = "setting layout='mel-time-read-as-time-mel'"
    yield Port("bytes read as (time, mel)", across, (key,))
    windows = pipeline.run(audio=audio, rate=RATE, until="mono")["mono"][None]
    ways: dict[str, Callable[[Array], Array]] = {
        "fourier": partial(scipy.signal.resample, num=2 * TO, axis=1),
        "linear": lambda x: np.stack(
            [np.interp(np.arange(2 * TO) / TO, np.arange(x.shape[1]) / RATE, row) for row in x]
        ),
    }
    for name, way in ways.items():
        bits = np.floor(way(windows) * 32_768).clip(-32_768, 32_767) / 32_768
        made = pipeline.run(windows=bits.astype(np.float32), until="image")["image"]
        yield Port(f"resampled: {name}", made, (f"setting resample_way={name!r}",))
    silent = np.zeros((1, 2 * TO), np.float32)
    longer = np.concatenate((pipeline.run(audio=audio, rate=RATE, until="windows")["windows"], silent), 1)
    made = pipeline.run(windows=longer, until="image")["image"]
    yield Port("silence to 4 s before the transform", made, ("setting silence_s=4.0",))


def judged_front_ends() -> Counter[str]:
    """One window of sound and every wrong front end; two windows for what is wrong of several only."""
    count: Counter[str] = Counter()
    for twice in (False, True):
        pipeline, given = mp.pipeline("orca/detector", hop=2.0), {"audio": sound(twice=twice), "rate": RATE}
        read = reading(pipeline, given)
        reference = Chain(Run(pipeline, read, ("image",), facts(pipeline, read)).compute())
        right = reference.run.value("image")
        graph = pipeline.graph("image", dtype="int16", channels=2)
        single = mp.run(graph, {**given, "rate": np.asarray(RATE)}, arithmetic="native")["image"]
        yardstick = 10 * float(np.abs(single - right).max())
        made = [one for one in SETTINGS if (one == BATCH) == twice]
        for port in front_ends(pipeline, given["audio"], made):
            effect = float(np.abs(port.value - right).max())
            theirs = {"image": port.value.astype(np.float32)}
            found = Check(reference, theirs, {}, "rounding", 600.0, None).result()["image"]
            _counted(count, "front end", port, found, effect, yardstick)
    return count


def _counted(count: Counter[str], part: str, port: Port, found: Any, effect: float, yardstick: float) -> None:
    """Add one to the counts, and say what was found."""
    said = {f"{cause.fault}={cause.variant}" for cause in found.causes} | {one.fault for one in found.causes}
    said |= {key for cause in found.causes for key in getattr(cause, "alike", ())}
    caught = found.band in ("reduced", "wrong")
    above = effect > yardstick
    named = bool(found.causes) and (not port.keys or any(key in said for key in port.keys))
    count["made"] += 1
    count["above"] += above
    count["caught"] += above and caught
    count["named"] += above and named
    what = "named" if named else "caught" if caught else "passes"
    texts = "; ".join(cause.text.split(":")[0] for cause in found.causes)
    below = "" if above else " (below the yardstick)"
    print(f"{part:9} {port.name:42} {effect:9.3g} {what}{below} {texts[:90]}", flush=True)


def networks() -> Iterator[tuple[str, Detector]]:
    """Small networks with one mistake each."""

    def fresh() -> Any:
        return module_of(SMALL, seeded(SMALL, 7))

    def blocks(m: Any) -> list[Any]:
        return [one for one in m.modules() if isinstance(one, Bottleneck)]

    def convolutions(m: Any) -> list[Any]:
        return [one for one in m.modules() if isinstance(one, nn.Conv2d)]

    def norms(m: Any) -> list[Any]:
        return [one for one in m.modules() if isinstance(one, nn.BatchNorm2d | nn.BatchNorm1d)]

    class MeanFirst(nn.Module):
        def forward(self, x: Any) -> Any:
            return torch.cat((x.mean((2, 3), keepdim=True), x.amax((2, 3), keepdim=True)), 1)

    class Before(nn.Module):
        def __init__(self, block: Any) -> None:
            super().__init__()
            self.block = block

        def forward(self, x: Any) -> Any:
            b = self.block
            y = b.relu(b.bn2(b.conv2(b.relu(b.bn1(b.conv1(x))))))
            return b.relu(b.bn3(b.conv3(y))) + (x if b.downsample is None else b.downsample(x))

    def edit(m: Any, change: Callable[[Any], None]) -> Detector:
        with torch.no_grad():
            change(m)
        return m

    def stride_first(m: Any) -> None:
        for b in blocks(m):
            b.conv1.stride, b.conv2.stride = b.conv2.stride, (1, 1)

    def kernels(turn: Callable[[Any], Any]) -> Callable[[Any], None]:
        def change(m: Any) -> None:
            for conv in convolutions(m):
                conv.weight.copy_(turn(conv.weight).clone())

        return change

    def shortcut(m: Any) -> None:
        for b in blocks(m):
            if b.downsample is not None:
                b.downsample = b.downsample[0]

    def deviations(m: Any) -> None:
        for norm in norms(m):
            norm.running_var.copy_(norm.running_var**2)

    def epsilon(value: float) -> Callable[[Any], None]:
        def change(m: Any) -> None:
            for norm in norms(m):
                norm.eps = value

        return change

    def early(m: Any) -> None:
        for number in (2, 3, 4):
            layer = getattr(m.model, f"layer{number}")
            layer[0] = Before(layer[0])

    def head_turned(m: Any) -> None:
        m.model.fc = nn.Sequential(*(m.model.fc[place] for place in (0, 1, 2, 3, 5, 4, 6, 7)))

    made: dict[str, Callable[[Any], None]] = {
        "mean before maximum": lambda m: setattr(m.model, "avgpool", MeanFirst()),
        "stride on the first 1 by 1": stride_first,
        "max pool by the ceiling": lambda m: setattr(m.model.maxpool, "ceil_mode", True),
        "max pool without padding": lambda m: setattr(m.model.maxpool, "padding", 0),
        "kernels flipped": kernels(lambda w: w.flip(2, 3)),
        "kernels transposed": kernels(lambda w: w.transpose(2, 3)),
        "ReLU before the sum": early,
        "shortcut without BatchNorm": shortcut,
        "variance taken as deviation": deviations,
        "one mean left 0": lambda m: m.model.layer3[0].bn2.running_mean.zero_(),
        "one variance left 1": lambda m: m.model.layer3[0].bn2.running_var.fill_(1.0),
        "epsilon 1e-3": epsilon(1e-3),
        "epsilon 0": epsilon(0.0),
        "head: affine, BatchNorm, ReLU": head_turned,
        "head without its second BatchNorm": lambda m: m.model.fc.__setitem__(5, nn.Identity()),
        "classes swapped": lambda m: m.model.fc.append(_Swapped()),
        "sigmoid of the logits": lambda m: m.model.fc.append(nn.Sigmoid()),
        "softmax over the batch": lambda m: m.model.fc.append(nn.Softmax(0)),
        "three channels of the same": lambda m: m.model.conv1.weight.mul_(3),
    }
    for name, change in made.items():
        yield name, edit(fresh(), change)


class _Swapped(nn.Module):
    def forward(self, x: Any) -> Any:
        return x.flip(1)


def judged_networks() -> Counter[str]:
    """A small network of the architecture, on images as the front end makes them."""
    count, x = Counter[str](), image(0, 2, 96)[..., :96]
    graph = graph_of(SMALL, seeded(SMALL, 7), frames=96)
    right = mp.run(graph, x)["logits"]
    yardstick = 10 * float(np.abs(mp.run(graph, x, arithmetic="native")["logits"] - right).max())
    for name, module in networks():
        with torch.inference_mode():
            effect = float(np.abs(module(torch.from_numpy(x)).numpy() - right).max())
        found = mp.check(graph, module, inputs={"image": x}, explain=600.0)
        _counted(count, "network", Port(name, None, ()), found, effect, yardstick)
    return count


def judged_verdicts() -> Counter[str]:
    """Confidences that tell: ties, a first window that is a call, calls that lie alone."""
    pipeline, count = mp.pipeline("orca/detector"), Counter[str]()
    c = np.array([0.9, 0.2, 0.8, 0.25, 0.75, 0.1, 0.05, 0.6, 0.4, 0.3, 0.1, 0.95], np.float32)
    changes = (
        {"smooth": False},
        {"smoothing": "first-nothing"},
        {"smoothing": "last-left-out"},
        {"smoothing": "centred"},
        {"ties": True},
        {"rule": "aggregate"},
        {"rule": "port"},
    )
    for settings in changes:
        theirs = pipeline.with_settings(**settings).run(confidences=c)["verdict"]
        found = pipeline.check(confidences=c, verdict=theirs, explain=60.0)["verdict"]
        # What is at a threshold to the last bit may go either way: rounding of the confidences decides it.
        effect = 0.0 if "ties" in settings else 1.0
        keys = tuple(f"setting {name}={value!r}" for name, value in settings.items())
        _counted(count, "verdict", Port(str(settings), theirs, keys), found, effect, 0.0)
    return count


def judged_same() -> Counter[str]:
    """Changes that compute the same: none may be an alarm."""
    count, x = Counter[str](), image(0, 3, 96)[..., :96]
    graph = graph_of(SMALL, seeded(SMALL, 7), frames=96)

    def without_dropout(m: Any) -> Any:
        m.model.fc[2], m.model.fc[6] = nn.Identity(), nn.Identity()
        return m

    def zeros_around(m: Any) -> Any:
        m.model.maxpool = nn.Sequential(nn.ZeroPad2d(1), nn.MaxPool2d(3, 2))
        return m

    def folded(m: Any) -> Any:
        fuse = torch.nn.utils.fusion.fuse_conv_bn_eval
        for b in (one for one in m.modules() if isinstance(one, Bottleneck)):
            for conv, norm in (("conv1", "bn1"), ("conv2", "bn2"), ("conv3", "bn3")):
                setattr(b, conv, fuse(getattr(b, conv), getattr(b, norm)))
                setattr(b, norm, nn.Identity())
        return m

    def no_counts(m: Any) -> Any:
        for norm in (one for one in m.modules() if isinstance(one, nn.BatchNorm2d)):
            norm.num_batches_tracked = None
        return m

    changes: dict[str, Callable[[Any], Any]] = {
        "dropout removed": without_dropout,
        "zeros around the max pool": zeros_around,
        "no counts of steps": no_counts,
        "BatchNorm folded": folded,
        "channels last in memory": lambda m: m.to(memory_format=torch.channels_last),
    }
    for name, change in changes.items():
        found = mp.check(graph, change(module_of(SMALL, seeded(SMALL, 7))), inputs={"image": x})
        count["made"] += 1
        count["alarms"] += not found.ok
        print(f"same      {name:42} {found.band} {found.floors:.2g}", flush=True)
    return count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    asked = parser.parse_args().parts
    judged = {"frontend": judged_front_ends, "network": judged_networks, "verdict": judged_verdicts}
    total: Counter[str] = Counter()
    for part, judge in judged.items():
        if part in asked:
            count = judge()
            print(part, _told(count))
            total += count
    print("all:", _told(total))
    if "same" in asked:
        same = judged_same()
        print(f"{same['made']} changes that compute the same: {same['alarms']} alarms")


def _told(count: Counter[str]) -> str:
    return (
        f"{count['made']} mistakes; of {count['above']} with an effect above the yardstick, "
        f"{count['caught']} caught, {count['named']} named"
    )


if __name__ == "__main__":
    main()
