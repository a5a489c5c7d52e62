"""What a family and a model have without saying so: every later member has a default."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

import modelparity as mp
from modelparity.describe.summary import summary
from modelparity.errors import FamilyError, Unavailable
from modelparity.family import Family, Model, Training
from modelparity.inputs import recipes

FIXTURES = Path(__file__).parents[2] / "fixtures"


class Plain(Family):
    """Says its name and nothing else."""

    name = "plain"


def test_a_family_needs_a_name_alone() -> None:
    family = Plain()
    assert (family.models(), family.commands(), family.recipes(), family.faults()) == ((), (), (), ())
    assert (family.notice, list(family.remarks()), dict(family.pipelines())) == ("", [], {})
    assert (family.fetch(), family.training, family.spec_file) == (None, None, None)


def test_a_model_needs_a_key_and_its_familys_name_alone() -> None:
    model = Model("a/b", "plain")
    assert (model.group, model.file, model.fetched) == ("", None, False)
    assert (model.anchor(), model.candidate("torch"), model.example(), list(model.remarks())) == (
        None,
        None,
        None,
        [],
    )
    assert model.recipes == recipes()
    assert "the place of this model's file is not known" in (model.missing() or "")
    with pytest.raises(Unavailable, match="give the model a locate="):
        model.load()


def test_a_model_with_a_file_is_read_by_content() -> None:
    model = Model("rnn", "plain", locate=lambda: FIXTURES / "rnn.pkl")
    assert model.missing() is None
    assert model.load().hash == mp.load(FIXTURES / "rnn.pkl").hash


def test_an_example_says_that_it_is_untrained() -> None:
    def seeded(seed: int) -> mp.Graph:
        graph = mp.load(FIXTURES / "rnn.pkl")
        generator = np.random.default_rng(seed)
        own = {
            name: generator.standard_normal(array.shape).astype(array.dtype)
            for name, array in graph.constants.items()
        }
        return graph.changed(constants=own)

    model = Model("rnn", "plain", seeded=seeded)
    example, other = model.example(), model.example(1)
    assert example is not None
    assert other is not None
    assert example.source is not None
    assert (example.source.format, example.source.path, example.source.seed) == ("untrained", "plain/rnn", 0)
    assert example.structure == other.structure
    assert example.hash != other.hash
    assert "untrained plain/rnn" in summary(example)
    assert "weights made from seed 1" in summary(other)


def test_a_training_without_a_way_says_so() -> None:
    training = Training()
    assert (training.models(), training.settings()) == ((), "")
    with pytest.raises(FamilyError, match="no model 'a' to train") as refused:
        training.train("a", FIXTURES)
    assert refused.value.expected == "none: there is nothing to choose from"


def test_a_training_that_lists_models_only_says_what_is_missing() -> None:
    class Listed(Training):
        def models(self) -> tuple[str, ...]:
            return ("small", "large")

    with pytest.raises(FamilyError, match="no model 'smal' to train") as refused:
        Listed().train("smal", FIXTURES)
    assert "small" in str(refused.value.expected)
    with pytest.raises(FamilyError, match="nothing says how 'small' is trained") as missing:
        Listed().train("small", FIXTURES)
    assert missing.value.where == "Listed"
    assert "method train()" in str(missing.value.fix)


#: Rooms that deal with families and models; what they may need is named by the base classes.
ROOMS = ("commands", "family", "plugin", "report")
SOURCES = Path(mp.__file__).parent


@pytest.mark.parametrize(
    "path",
    [
        *(path for room in ROOMS for path in sorted((SOURCES / room).rglob("*.py"))),
        *sorted((SOURCES.parent / "modelparity_families").rglob("*.py")),
    ],
    ids=lambda path: str(path.relative_to(SOURCES.parent)),
)
def test_nobody_is_asked_what_it_has(path: Path) -> None:
    asked = [
        f"line {node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("getattr", "hasattr")
        # An error of the system has a text or none, and pytest's configuration is of a worker or not.
        and ast.unparse(node.args[0]) not in ("error", "self.config")
    ]
    assert not asked, "\n".join(asked)
