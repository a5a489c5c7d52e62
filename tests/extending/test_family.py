"""A family of another package, as its page has it."""

from __future__ import annotations

import pytest

import modelparity as mp
from modelparity.cli import main
from modelparity.errors import Unavailable

pytestmark = pytest.mark.usefixtures("examples")


def test_its_models_are_there():
    models = mp.families()["my-models"].models()
    assert [model.key for model in models] == ["drums_v1", "drums_v2"]
    assert models[0].load().outputs == ("y",)


def test_one_that_is_not_here_says_where_to_put_it(tmp_path, monkeypatch):
    import my_models.parity

    monkeypatch.setattr(my_models.parity, "FOLDER", tmp_path)
    with pytest.raises(Unavailable, match=r"(?s)drums_v2 is not here.*put it at"):
        mp.families()["my-models"].models()[1].load()


def test_the_command_line_lists_them(capsys):
    assert main(["list", "my-models"]) == 0
    assert "drums_v2" in capsys.readouterr().out
