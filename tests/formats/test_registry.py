"""Which format a file is of: by content first, by name where content cannot tell, and clearly when none fits."""

from __future__ import annotations

from pathlib import Path

import pytest

import modelparity as mp
from modelparity.errors import ArtefactError, ConversionError, UnsafePickleError
from modelparity.formats.registry import Format, for_suffix, formats, named

FIXTURES = Path(__file__).parents[2] / "fixtures"


def test_formats_are_found_by_listing_the_package() -> None:
    assert "madmom" in formats()
    for name, one in formats().items():
        assert isinstance(one, Format)
        assert one.name == name
        assert one.read or one.write or one.build


@pytest.mark.parametrize("name", ["blstm", "bgru", "crf"])
def test_content_decides_not_the_suffix(name: str, tmp_path: Path) -> None:
    for suffix in ("", ".bin", ".json", ".onnx"):
        copy = tmp_path / f"model{suffix}"
        copy.write_bytes((FIXTURES / f"{name}.pkl").read_bytes())
        assert mp.load(copy).hash == mp.load(str(FIXTURES / f"{name}.pkl")).hash


def test_where_two_formats_claim_a_file_its_suffix_decides(tmp_path: Path, monkeypatch) -> None:
    empty = mp.Graph("", (mp.TensorSpec("x", ()),), ("x",), (), {})
    claims = {
        name: Format(
            name,
            (f".{name}",),
            lambda head, path: True,
            read=lambda path, name=name: empty.changed(name=name),
        )
        for name in ("one", "two")
    }
    monkeypatch.setattr("modelparity.formats.registry.formats", lambda: claims)
    for name in claims:
        (tmp_path / f"net.{name.upper()}").write_bytes(b"x")
        assert mp.load(tmp_path / f"net.{name.upper()}").name == name


def test_a_graph_passes_through() -> None:
    graph = mp.load(FIXTURES / "rnn.pkl")
    assert mp.load(graph) is graph


def test_a_foreign_pickle_is_refused_as_unsafe(tmp_path: Path) -> None:
    path = tmp_path / "foreign.pkl"
    path.write_bytes(b"\x80\x02cos\nsystem\nU\x04true\x85R.")
    with pytest.raises(UnsafePickleError, match=r"os\.system"):
        mp.load(path)


@pytest.mark.parametrize("content", [b"", b"hello", b"\x00" * 100], ids=["empty", "text", "zeros"])
def test_unknown_content_names_what_is_known(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "thing.xyz"
    path.write_bytes(content)
    with pytest.raises(ArtefactError, match="no format recognises") as error:
        mp.load(path)
    assert "madmom (.pkl .pickle)" in str(error.value)


def test_missing_and_impossible_sources(tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match="no such file"):
        mp.load(tmp_path / "nowhere.pkl")
    with pytest.raises(ArtefactError, match="no format recognises"):
        mp.load(tmp_path)
    with pytest.raises(ArtefactError):
        mp.load(tmp_path, format="madmom")
    with pytest.raises(ArtefactError, match="no format loads an object of type int"):
        mp.load(3)  # type: ignore[arg-type]


def test_unknown_names_list_the_known() -> None:
    with pytest.raises(ConversionError, match=r"(?s)unknown format 'keras'.*madmom"):
        mp.load(FIXTURES / "rnn.pkl", format="keras")
    with pytest.raises(ConversionError, match=r"(?s)suffix.*\.nope.*\.onnx"):
        for_suffix(Path("x.nope"))
    assert named("madmom") is for_suffix(Path("x.PKL"))


def test_a_format_that_is_only_written_says_so() -> None:
    only = [one for one in formats().values() if one.read is None]
    for one in only:
        with pytest.raises(ArtefactError, match="does not read"):
            mp.load(FIXTURES / "rnn.pkl", format=one.name)
