"""Directions of recurrent layers: not reversed, not turned back, in each other's place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ....graph import Node
from ..edit import ArrayChange, Edit
from ..fault import by_format
from ..making import (
    NodeFault,
    Way,
    Written,
    behind,
    dropped,
    with_arrays,
    with_attrs,
)
from ..view import At, facts
from .recurrence import GROUP, LAYERS

#: Nodes between a sequence that is turned round and what turns it back.
AWAY = 8


class LastOutputForState(NodeFault):
    id = "last-state-of-wrong-direction"
    group = GROUP
    ops = LAYERS
    where = "bidirectional layers whose last states are used"
    text = "The last states of the two directions have changed places."
    happens = (
        "A port takes the first half for the backward direction, or the backward direction's state at "
        "the other end."
    )
    repair = "Take direction 0 for forward, 1 for backward."

    def ways(self, at: At) -> Iterator[Way]:
        if at.attrs["direction"] != "bidirectional":
            return
        for place, name in enumerate(at.node.outputs[1:], 1):
            if at.view.users.get(name) or name in at.view.outputs:
                yield Way(
                    f"state {place}",
                    f"the last states of the directions of {at.name} have changed places",
                    behind(at, self.id, lambda w, x: w("reverse", x, axes=(0,)), place),
                )


class DirectionWrong(NodeFault):
    id = "direction-not-reversed"
    group = GROUP
    ops = (*LAYERS, "reverse")
    where = "backward and bidirectional recurrent layers; forward ones are run backwards"
    text = (
        "A direction of a recurrent layer runs the other way: a backward one forwards, or a forward one "
        "backwards."
    )
    happens = (
        "go_backwards, direction or reverse was not read, or the backward direction is given the "
        "sequence as it is."
    )
    repair = "Run the backward direction over the reversed sequence and reverse what it gives."
    repairs = by_format(
        onnx='Set the node\'s attribute direction to "forward", "reverse" or "bidirectional".',
        keras=(
            "go_backwards=True returns its outputs in reversed order: Bidirectional turns them back, a "
            "lone layer does not."
        ),
        coreml=(
            'Give the layer reverseInput, or the direction "reverse"; a bidirectional one has its own layer.'
        ),
    )

    def ways(self, at: At) -> Iterator[Way]:
        if at.node.op == "reverse":
            later = _turned_back(at)
            if later is not None:
                text = f"neither {at.name} nor {later.node.name!r} turns a sequence round"
                yield Way("not turned", text, dropped(at) | dropped(later), (at.node.name, later.node.name))
            return
        direction = at.attrs["direction"]
        if direction == "bidirectional":
            yield Way(
                "backward",
                f"{at.name} runs both directions forwards",
                _apart(at, self.id, ("forward", "forward")),
            )
        else:
            other = "forward" if direction == "reverse" else "reverse"
            yield Way(
                other,
                f"{at.name} runs {'forwards' if other == 'forward' else 'backwards'}",
                with_attrs(at, direction=other),
            )


def _turned_back(at: At) -> At | None:
    """What turns back the result of a recurrent layer for which a node turned round what it is given."""
    here, inside = at, False
    for _ in range(AWAY):
        user = here.only_user() if here.node.op not in LAYERS else _reader(here)
        if user is None:
            return None
        here = at.of(user)
        if user.op == "reverse":
            return here if inside else None
        inside = inside or user.op in LAYERS
        if user.op not in LAYERS and not facts(user).moves:
            return None
    return None


def _reader(at: At) -> Node | None:
    """The one node that reads all steps of a recurrent layer."""
    users = at.view.users.get(at.node.outputs[0], [])
    return users[0] if len(users) == 1 else None


class DirectionNotRestored(NodeFault):
    id = "backward-not-restored"
    group = GROUP
    ops = (*LAYERS, "reverse")
    where = "backward and bidirectional recurrent layers"
    text = "The backward direction's results stay in the order in which they were computed."
    happens = (
        "Keras' go_backwards=True and hand-written loops reverse what goes in and forget to reverse what "
        "comes out."
    )
    repair = "Reverse what the backward direction gives along time, before it is joined."
    repairs = by_format(keras="Use Bidirectional, or reverse the layer's result: tf.reverse(y, [1]).")

    def ways(self, at: At) -> Iterator[Way]:
        if at.node.op == "reverse":
            yield Way("left out", f"what {at.name} turns round is left as it is", dropped(at))
            return
        direction = at.attrs["direction"]
        if direction == "reverse":
            yield Way("", f"{at.name} is not turned back in time", behind(at, self.id, _backwards))
        elif direction == "bidirectional":
            edit = _apart(at, self.id, ("forward", "reverse"), restored=False)
            yield Way("", f"the backward half of {at.name} is not turned back in time", edit)


def _backwards(w: Written, x: str) -> str:
    return w("slice", x, starts=(-1,), ends=(None,), axes=(0,), steps=(-1,))


def _apart(at: At, fault: str, directions: tuple[str, str], *, restored: bool = True) -> Edit:
    """A bidirectional layer as two, each of its direction; the second one's results backwards if not ``restored``."""
    w = Written(f"{at.key}~{fault}.for")
    given: list[tuple[str, ...]] = []
    for side in range(2):
        names = []
        for parameter, name in at.tensors.items():
            if parameter == "x":
                continue
            array = at.array(parameter)
            if array is not None:
                names.append((name, w.constant(array[side : side + 1])))
            else:
                names.append((name, w("slice", name, starts=(side,), ends=(side + 1,), axes=(0,))))
        own = dict(names)
        given.append(tuple(own.get(name, name) for name in at.node.inputs))

    def change(node: Node) -> tuple[Node, ...]:
        layers = []
        for side, direction in enumerate(directions):
            outputs = tuple(f"{w.prefix}.{side}.{k}" for k in range(len(node.outputs)))
            layers.append(
                replace(
                    node,
                    name=node.name if side == 0 else f"{node.name}~{side}",
                    inputs=given[side],
                    outputs=outputs,
                    attrs={**node.attrs, "direction": direction},
                )
            )
        joining = Written(f"{w.prefix}.joined")
        for place, name in enumerate(node.outputs):
            one, two = (layer.outputs[place] for layer in layers)
            if place == 0 and not restored:
                two = _backwards(joining, two)
            joining.nodes.append(
                Node(f"{name}~{fault}", "concat", (one, two), (name,), {"axis": 0 if place else -1})
            )
        return (*w.nodes, *layers, *joining.nodes)

    return Edit({at.key: change}, w.arrays)


class DirectionsSwapped(NodeFault):
    id = "directions-swapped"
    group = GROUP
    ops = LAYERS
    where = "bidirectional recurrent layers: their weights, or the halves of what they give"
    text = "The two directions of a layer have changed places."
    happens = "Weights are listed backward first, or the results are joined backward first."
    repair = "Let the forward direction be the first, in weights and in what is joined."
    repairs = by_format(onnx="In W, R, B, P and the initial states direction 0 is forward.")

    def ways(self, at: At) -> Iterator[Way]:
        if at.attrs["direction"] != "bidirectional":
            return
        parameters = [one for one in at.tensors if one != "x"]
        edit = with_arrays(at, dict.fromkeys(parameters, lambda array: array[::-1]))
        yield Way("weights", f"the directions of {at.name} have each other's weights", edit)
        recurrent = at.array("projection") if "projection" in at.tensors else at.array("recurrent")
        if recurrent is not None:
            hidden = recurrent.shape[-1] if "projection" in at.tensors else recurrent.shape[-2]
            yield Way(
                "results",
                f"{at.name} gives its backward half first",
                behind(at, self.id, lambda w, x: _halves(w, x, hidden)),
            )


def _halves(w: Written, x: str, width: int) -> str:
    front = w("slice", x, starts=(0,), ends=(width,), axes=(-1,))
    back = w("slice", x, starts=(width,), ends=(None,), axes=(-1,))
    return w("concat", back, front, axis=-1)


class OneDirectionForBoth(NodeFault):
    id = "one-direction-for-both"
    group = GROUP
    ops = LAYERS
    where = "bidirectional recurrent layers"
    text = "Both directions of a layer have the weights of one."
    happens = "The weights named *_reverse are not read, or the first direction's are written twice."
    repair = "Give the backward direction its own weights."
    repairs = by_format(torch="Copy weight_ih_l*_reverse, weight_hh_l*_reverse and both biases as well.")

    def ways(self, at: At) -> Iterator[Way]:
        if at.attrs["direction"] != "bidirectional":
            return
        parameters = [one for one in at.tensors if one not in ("x", "h0", "c0")]
        for side, words in enumerate(("forward", "backward")):
            edit = with_arrays(at, dict.fromkeys(parameters, _only(side)))
            yield Way(words, f"both directions of {at.name} have the {words} one's weights", edit)


def _only(side: int) -> ArrayChange:
    return lambda array: np.repeat(array[side : side + 1], len(array), axis=0)
