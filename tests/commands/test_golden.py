"""``modelparity golden``: record, status, update, bundle, for files and families."""

from __future__ import annotations

import json
import zipfile

import pytest

from modelparity import check, load
from modelparity.commands import golden as command
from modelparity.family.folder import Folder
from modelparity.goldens import unbundle

from .conftest import FIXTURES


@pytest.fixture
def nets(monkeypatch, tmp_path):
    """A family of two of the fixtures, copied so that a test may change one."""
    folder = tmp_path / "nets"
    folder.mkdir()
    for name in ("dnn", "rnn"):
        (folder / f"{name}.pkl").write_bytes((FIXTURES / f"{name}.pkl").read_bytes())
    family = Folder("nets", folder)
    monkeypatch.setattr("modelparity.family.families", lambda: {"nets": family})
    return folder


def files(tmp_path):
    return sorted(
        p.relative_to(tmp_path / "golden").as_posix() for p in tmp_path.glob("golden/**/*.safetensors")
    )


def test_a_file_is_recorded_once(modelparity, dnn, tmp_path):
    done = modelparity("golden", dnn)
    assert done.code == 0
    assert "1 golden written to golden" in done.out
    assert files(tmp_path) == ["paths/dnn.pkl/noise-s0-l100.safetensors"]
    assert "0 goldens written" in modelparity("golden", dnn).out


def test_recipe_seed_length_and_folder(modelparity, dnn, tmp_path):
    arguments = (
        "golden",
        dnn,
        "--recipe",
        "silence",
        "--recipe",
        "noise",
        "--seed",
        5,
        "--length",
        9,
        "--dir",
        "golden/x",
    )
    assert modelparity(*arguments).code == 0
    assert files(tmp_path) == [
        f"x/paths/dnn.pkl/{recipe}-s5-l9.safetensors" for recipe in ("noise", "silence")
    ]


def test_a_family_and_its_status(modelparity, nets, tmp_path):
    done = modelparity("golden", "nets", "--recipe", "noise", "--status")
    assert (done.code, done.out.splitlines()[-1]) == (0, "2 missing")
    assert files(tmp_path) == []
    assert modelparity("golden", "nets", "--recipe", "noise").code == 0
    done = modelparity("golden", "nets", "--recipe", "noise", "--status")
    assert (done.code, done.out) == (0, "2 fresh\n")


def test_stale_goldens_are_1_until_updated(modelparity, nets, tmp_path):
    modelparity("golden", "nets", "--recipe", "noise")
    (nets / "rnn.pkl").write_bytes((FIXTURES / "lstm.pkl").read_bytes())
    done = modelparity("golden", "nets", "--recipe", "noise", "--status")
    assert done.code == 1
    assert "stale" in done.out
    assert "nets/rnn noise-s0-l100" in done.out
    done = modelparity("golden", "nets", "--recipe", "noise")
    assert done.out.startswith("0 goldens")
    assert done.code == 1
    assert "stale, left as it is: nets/rnn noise-s0-l100" in done.err
    assert modelparity("golden", "nets", "--recipe", "noise", "--update").out.startswith("1 golden ")
    assert modelparity("golden", "nets", "--recipe", "noise", "--status").code == 0


def test_an_orphan_is_1_and_never_deleted(modelparity, nets, tmp_path):
    modelparity("golden", "nets", "--recipe", "noise")
    (nets / "rnn.pkl").unlink()
    for extra in ((), ("--update",), ("--status",)):
        done = modelparity("golden", "nets", "--recipe", "noise", *extra)
        assert len(files(tmp_path)) == 2
    assert done.code == 1
    assert "orphan" in done.out


def test_patterns(modelparity, nets, tmp_path):
    assert modelparity("golden", "nets", "--model", "dn*", "--recipe", "noise").code == 0
    assert files(tmp_path) == ["nets/dnn/noise-s0-l100.safetensors"]
    done = modelparity("golden", "nets", "--model", "cnn")
    assert done.code == 2
    assert "nets/dnn, nets/rnn" in done.err


def test_a_bundle(modelparity, nets, tmp_path):
    assert modelparity("golden", "bundle", "nets", "--to", "b.zip").code == 2
    modelparity("golden", "nets", "--recipe", "noise")
    done = modelparity("golden", "bundle", "nets", "--recipe", "noise", "--to", "b.zip")
    assert done.code == 0
    assert done.out == "b.zip: 2 goldens of 2 models\n"
    assert zipfile.ZipFile(tmp_path / "b.zip").testzip() is None
    found = unbundle(tmp_path / "b.zip")
    assert sorted(found) == ["nets/dnn", "nets/rnn"]
    assert all(sorted(one.terms.halves) == ["bfloat16", "float16"] for ones in found.values() for one in ones)


def test_a_bundle_says_what_it_left_out(modelparity, nets, tmp_path):
    modelparity("golden", "nets", "--recipe", "noise", "--model", "dnn")
    done = modelparity("golden", "bundle", "nets", "--recipe", "noise", "--to", "b.zip")
    assert done.code == 1
    assert "not packed, missing: nets/rnn noise" in done.err


def test_a_bundle_with_core_ml_files(modelparity, nets, tmp_path):
    pytest.importorskip("coremltools")
    (nets / "crf.pkl").write_bytes((FIXTURES / "crf.pkl").read_bytes())
    modelparity("golden", "nets", "--recipe", "noise")
    done = modelparity("golden", "bundle", "nets", "--recipe", "noise", "--to", "b", "--models", "coreml")
    assert done.code == 0
    assert "3 goldens of 3 models, 2 as Core ML files" in done.out
    assert "no Core ML file: nets/crf: " in done.err
    manifest = json.loads((tmp_path / "b" / "manifest.json").read_text())
    assert manifest["models"]["nets/crf"]["coreml"] is None
    assert manifest["models"]["nets/dnn"]["coreml"] == "models/nets/dnn.mlpackage"
    assert manifest["models"]["nets/dnn"]["outputs"]["y"]["dtype"] == "float32"
    for golden in unbundle(tmp_path / "b")["nets/dnn"]:
        graph = load(tmp_path / "b" / "models/nets/dnn.mlpackage")
        verdict = check(FIXTURES / "dnn.pkl", graph, golden=golden)
        assert verdict.ok, verdict
    alone = ("--model", "crf", "--recipe", "noise", "--to", "c", "--models", "coreml")
    only = modelparity("golden", "bundle", "nets", *alone)
    assert "not packed" not in only.err
    assert (only.code, "1 golden of 1 model, 0 as Core ML files" in only.out) == (1, True)


def test_nothing_to_pack_says_what_to_record(modelparity, nets):
    done = modelparity("golden", "bundle", "nets", "--to", "b")
    assert done.code == 2
    assert "record them first: modelparity golden nets" in done.err
    assert not list(nets.parent.glob("b*"))


def test_a_bundle_of_a_model_that_is_not_here_has_its_goldens(modelparity, nets, tmp_path):
    modelparity("golden", "nets", "--recipe", "noise")
    (nets / "rnn.pkl").write_bytes(b"\x80\x02broken")
    done = modelparity("golden", "bundle", "nets", "--recipe", "noise", "--to", "b.zip")
    assert done.code == 0
    found = unbundle(tmp_path / "b.zip")
    assert found["nets/rnn"][0].terms is None
    assert found["nets/dnn"][0].terms is not None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("bundle", "nets"), "bundle: where to?"),
        (("bundle", "--to", "b.zip"), "bundle: what?"),
        (("bundle", "nets", "--to", "b.zip", "--update"), "neither --update nor --status"),
        (("bundle", "nets", "--to", "b.zip", "--status"), "neither --update nor --status"),
        (("nets", "--to", "b.zip"), "modelparity golden bundle nets --to FILE.zip"),
        (("nets", "--models", "coreml"), "--to and --models are for bundles"),
    ],
)
def test_what_a_bundle_needs(modelparity, nets, tmp_path, arguments, message):
    done = modelparity("golden", *arguments)
    assert done.code == 2
    assert message in done.err
    assert files(tmp_path) == []


def test_a_model_that_is_not_here_is_2_and_named(modelparity, nets, tmp_path):
    (nets / "rnn.pkl").write_bytes(b"\x80\x02broken")
    done = modelparity("golden", "nets", "--recipe", "noise")
    assert done.code == 2
    assert "not recorded: nets/rnn" in done.err
    assert files(tmp_path) == ["nets/dnn/noise-s0-l100.safetensors"]


def test_neither_family_nor_file_is_2(modelparity, nets):
    done = modelparity("golden", "nots")
    assert done.code == 2
    assert "one of nets" in done.err


def test_a_familys_name_wins_over_a_folder_of_that_name(modelparity, nets, tmp_path):
    assert (tmp_path / "nets").is_dir()
    found = command._families(type("Args", (), {"targets": ["nets"]}))
    assert [family.name for family in found] == ["nets"]
