"""Residual connections: left out, doubled, begun elsewhere, or added where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ..fault import Group, by_format
from ..making import NodeFault, Way, Written, ahead, behind, dropped, with_inputs
from ..view import At, facts
from .arithmetic import computed

GROUP = Group("residuals", "Residual connections", 52)


class ResidualWrong(NodeFault):
    id = "residual-wrong"
    group = GROUP
    ops = ("add", "sub")
    where = "sums and differences of two computed tensors, skip connections among them"
    text = "A skip connection is left out, doubled, or the branch is."
    happens = (
        "The input is added inside a block that adds it already, or a model that predicts a residual is "
        "taken for one that gives the result."
    )
    repair = "Add the input once."

    def ways(self, at: At) -> Iterator[Way]:
        rest = computed(at)
        if at.node.op == "sub":
            if len(rest) == 2 and at.tensors[rest[0]] != at.tensors[rest[1]]:
                yield Way("difference left out", f"{at.name} subtracts nothing", dropped(at, rest[0]))
            return
        if len(rest) != 2 or at.tensors[rest[0]] == at.tensors[rest[1]]:
            return
        ranks = [at.rank(at.tensors[one]) for one in rest]
        depth = [
            at.view.places.get(m.outputs[0], 0) if (m := at.maker(one)) is not None else -1 for one in rest
        ]
        skip, branch = sorted(rest, key=lambda one: depth[rest.index(one)])
        yield Way("skip left out", f"{at.name} does not add its skip connection", dropped(at, branch))
        yield Way("branch left out", f"{at.name} adds no branch", dropped(at, skip))
        user = at.only_user()
        if user is not None and facts(user).elementwise and len(user.inputs) == 1:
            text = f"{user.op} {user.name!r} stands before the sum {at.name} instead of behind it"
            attrs = dict(user.attrs)
            inside = ahead(at, self.id, branch, lambda w, x: w(user.op, x, **attrs))
            yield Way("activation inside", text, dropped(at.of(user)) | inside, (at.node.name, user.name))
        if ranks[0] == ranks[1]:
            for one, other, words in ((skip, branch, "branch"), (branch, skip, "skip")):
                edit = with_inputs(at, {at.tensors[one]: at.tensors[other]})
                yield Way(f"{words} for both", f"{at.name} adds its {words} to itself", edit)
            for one, words in ((skip, "skip"), (branch, "branch")):
                edit = behind(at, self.id, partial(_plus, at.tensors[one]))
                yield Way(f"{words} twice", f"{at.name} adds its {words} twice", edit)


def _plus(tensor: str, w: Written, x: str) -> str:
    return w("add", x, tensor)


class ResidualPastNorm(NodeFault):
    id = "residual-past-norm"
    group = GROUP
    ops = ("add",)
    where = "skip connections around a block that begins with a normalisation, or that begin behind one"
    text = (
        "A skip connection begins behind the normalisation instead of before it, or the other way round: "
        "pre-norm for post-norm."
    )
    happens = "norm_first, BERT's post-norm and GPT's pre-norm are mixed up."
    repair = "Begin the skip connection where the source does."

    def ways(self, at: At) -> Iterator[Way]:
        norms = ("layer_norm", "rms_norm", "batch_norm", "normalize", "group_norm", "instance_norm")
        for parameter in computed(at):
            tensor = at.tensors[parameter]
            maker = at.view.makers.get(tensor)
            if maker is not None and maker.op in norms:
                given = maker.inputs[0]
                edit = with_inputs(at, {tensor: given})
                yield Way(
                    f"{parameter} before",
                    f"{at.name} adds what enters {maker.name!r} instead of what it gives",
                    edit,
                )
            for user in at.view.users.get(tensor, []):
                earlier = at.view.places.get(user.outputs[0], 0) < at.view.places[at.key]
                if user.op in norms and user.inputs[0] == tensor and earlier:
                    result = user.outputs[0]
                    edit = with_inputs(at, {tensor: result})
                    yield Way(
                        f"{parameter} behind",
                        f"{at.name} adds what {user.name!r} gives instead of what enters it",
                        edit,
                    )


class SkipAdded(NodeFault):
    id = "skip-added"
    group = GROUP
    ops = ("dense", "conv", "lstm", "gru", "rnn")
    where = (
        "layers that give as wide a result as they are given, and the network's output if it is as wide "
        "as its input"
    )
    text = "A layer's input is added to its result although it should not be."
    happens = (
        "RTNeural plug-ins and audio models have a residual flag (skip) that is read where there is none."
    )
    repair = "Do not add the input."
    repairs = by_format(rtneural='The "skip" of a GuitarML file says whether the input is added: 0 for no.')

    def ways(self, at: At) -> Iterator[Way]:
        weight = at.array("weight")
        if weight is None:
            return
        width = (
            weight.shape[-1]
            // {"lstm": 4, "gru": 3}.get(at.node.op, 1)
            * (len(weight) if at.node.op in ("lstm", "gru", "rnn") else 1)
        )
        if width == weight.shape[-2] * (at.attrs.get("groups") or 1):
            x = at.tensors["x"]
            yield Way(
                "", f"the input of {at.name} is added to its result", behind(at, self.id, partial(_plus, x))
            )
