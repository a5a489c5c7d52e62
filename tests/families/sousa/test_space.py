"""The Space: as the hub wants it, gathered with what it needs and no more, run by itself, and seen in a browser."""

from __future__ import annotations

import ast
import io
import re
import shutil
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from modelparity.errors import ArtefactError, InputError
from modelparity_families.sousa.demo import gathering
from modelparity_families.sousa.demo.gathering import gathered, modules

pytest.importorskip("librosa")
soundfile = pytest.importorskip("soundfile")
ROOT = Path(__file__).parents[3]
SPACE = ROOT / "spaces" / "sousa"
#: Programs that playwright can drive, by name.
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def metadata() -> dict[str, str]:
    """What stands in the block above the Space's page, line by line."""
    block = (SPACE / "README.md").read_text("utf-8").split("---\n")[1]
    return dict(re.findall(r"^(\w+): (.*)$", block, re.MULTILINE))


def requirements() -> list[str]:
    """What the Space asks for."""
    lines = (SPACE / "requirements.txt").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, weights: Callable[..., dict[str, Any]]) -> Path:
    """A folder of the recorded weights."""
    made = tmp_path_factory.mktemp("weights")
    for name, file in (("onset", "onset_transformer"), ("inference", "feature_inference")):
        save_file(weights("trained", name), made / f"{file}.safetensors")
    return made


@pytest.fixture(scope="module")
def space(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gathered Space."""
    to = tmp_path_factory.mktemp("space") / "gathered"
    gathered(folder, to)
    return to


@pytest.fixture(scope="module")
def page(space: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The Space, running by itself in a clean environment."""
    pytest.importorskip("gradio")
    from . import served

    place = tmp_path_factory.mktemp("served")
    gradio = f"gradio=={metadata()['sdk_version']}"
    environment = served.linked([*requirements(), gradio], place / "environment")
    with served.served(space, environment, place / "home") as running:
        yield running


def wav(audio: Any, rate: int) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, audio, rate, format="WAV", subtype="PCM_16")
    return file.getvalue()


def clip(recorded: Callable[[str], Any], name: str = "paradiddle_120_22050") -> tuple[Any, bytes]:
    """What was recorded of a clip, and the clip as a file."""
    found = recorded(f"clips/{name}")
    return found, wav(found["audio"], int(found["sample_rate"]))


def test_the_block_above_the_page_is_what_the_hub_reads() -> None:
    block = metadata()
    assert (block["sdk"], block["app_file"], block["license"]) == ("gradio", "app.py", "mit")
    assert (SPACE / block["app_file"]).is_file()
    assert len(block["short_description"]) <= 60
    colours = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}
    assert {block["colorFrom"], block["colorTo"]} <= colours
    kept = re.findall(r"^gradio==(\S+)\.\*$", (ROOT / "constraints.txt").read_text("utf-8"), re.MULTILINE)
    assert [block["sdk_version"].rpartition(".")[0]] == kept
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["requires-python"] == ">=" + block["python_version"].strip('"')
    extras = [
        *project["dependencies"],
        *(one for extra in project["optional-dependencies"].values() for one in extra),
    ]
    assert set(requirements()) <= set(extras)


def test_the_space_is_gathered_and_nothing_else(space: Path, folder: Path) -> None:
    files = {path.relative_to(space).as_posix() for path in space.rglob("*") if path.is_file()}
    sources = {name for name in files if name.startswith("modelparity")}
    weights = {f"weights/{name}{end}" for name in WEIGHTS for end in (".safetensors", "_config.json")}
    assert files == sources | weights | {"README.md", "requirements.txt", "app.py"}
    parts = {Path(name).parts[1] for name in sources if name.startswith("modelparity_families/")}
    assert parts == {"__init__.py", "hub.py", "sousa", "state_dict_graphs.py", "training"}
    rooms = {Path(name).parts[1] for name in sources if name.startswith("modelparity/")}
    assert not rooms & {
        "cli.py",
        "commands",
        "plugin",
        "pytest_plugin.py",
        "conversion",
        "repairing",
        "audit",
    }
    assert "modelparity/ops/softmax.py" in sources
    assert "modelparity/ops/lstm.py" not in sources
    for name in WEIGHTS:
        found, own = (load_file(one / f"{name}.safetensors") for one in (folder, space / "weights"))
        assert all(np.array_equal(found[key], own[key]) for key in found.keys() | own.keys())


WEIGHTS = ("feature_inference", "onset_transformer")


def test_what_a_module_imports_comes_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "SOURCES", tmp_path)
    sources = {
        "modelparity/__init__.py": "",
        "modelparity/first.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from . import typed\n"
        "def late():\n    from .room import inner, name\n",
        "modelparity/typed.py": "",
        "modelparity/room/__init__.py": "from ..other import name\n",
        "modelparity/room/inner.py": "import modelparity.last as last, numpy\n",
        "modelparity/other.py": "from . import first\n",
        "modelparity/last.py": "",
        "modelparity/unused.py": "",
    }
    for name, source in sources.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(source, "utf-8")
    found = {path.relative_to(tmp_path).as_posix() for path in modules(["modelparity.first"])}
    assert found == sources.keys() - {"modelparity/typed.py", "modelparity/unused.py"}


def test_it_is_gathered_into_a_new_folder_of_whole_weights(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", "utf-8")
    with pytest.raises(InputError, match=r"(?s)not empty.*mine\.txt"):
        gathered(folder, tmp_path)
    half = tmp_path / "half"
    half.mkdir()
    shutil.copy(folder / "onset_transformer.safetensors", half)
    with pytest.raises(ArtefactError, match="no weights of feature_inference"):
        gathered(half, tmp_path / "to")
    assert not (tmp_path / "to").exists()


def test_nothing_is_loaded_before_the_page_is_served() -> None:
    """Importing the Space's program runs nothing, so that whoever looks at it downloads nothing."""
    tree = ast.parse((SPACE / "app.py").read_text("utf-8"))
    kinds = {type(node).__name__ for node in tree.body[1:]}
    assert kinds == {"ImportFrom", "If"}
    assert ast.unparse(tree.body[-1]).startswith("if __name__ == '__main__':")


def test_the_gathered_space_answers_by_itself(page: Any, recorded: Callable[[str], Any]) -> None:
    found, file = clip(recorded)
    text, column, label, strokes, *pictures = page.classify(file)
    assert text.startswith("24 strokes in 3.0 s, about 123 beats a minute.")
    assert column["visible"]
    assert label["label"] == found["top5"][0]
    assert [one["label"] for one in label["confidences"]] == found["top5"].tolist()
    shares = [one["confidence"] for one in label["confidences"]]
    np.testing.assert_allclose(shares, found["top5_confidence"], rtol=1e-4)
    np.testing.assert_allclose([row[1] for row in strokes["data"]], found["onset_times"], atol=6e-4)
    assert all(one["plot"].startswith("data:image/png;base64,") for one in pictures)
    text, column, label, *_ = page.classify(wav(np.zeros(0, np.int16), 44_100))
    assert text.startswith("This clip is empty (0.00 s).")
    assert not column["visible"]
    assert not label
    text, *_ = page.classify(b"no sound at all", "notes.txt")
    assert text.startswith("Not a sound file that can be read")
    assert page.classify(None)[0] == ""


def browser() -> str:
    """The program of a browser. Skips, for all to see, where there is none."""
    pytest.importorskip("playwright", reason="the page was NOT looked at: pip install playwright")
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip("the page was NOT looked at, there is no browser: apt-get install chromium")
    return found


def test_the_page_in_a_browser(page: Any, recorded: Callable[[str], Any]) -> None:
    program = browser()
    from playwright.sync_api import expect, sync_playwright

    _, file = clip(recorded)
    with sync_playwright() as playwright:
        flags = ["--no-sandbox"] if sys.platform == "linux" else []
        with playwright.chromium.launch(executable_path=program, args=flags) as chromium:
            tab = chromium.new_page(viewport={"width": 1280, "height": 900})
            tab.set_default_timeout(60_000)
            expect.set_options(timeout=60_000)
            tab.goto(page.address)
            upload = tab.locator("#clip input[type=file]")
            upload.set_input_files({"name": "clip.wav", "mimeType": "audio/wav", "buffer": file})
            expect(tab.locator("#label")).to_contain_text("double-stroke-open-roll")
            expect(tab.locator("#label")).to_contain_text("83%")
            expect(tab.locator("#told")).to_contain_text("24 strokes in 3.0 s")
            expect(tab.locator("#strokes")).to_contain_text("0.232")
            expect(tab.locator("#untrained")).to_have_count(0)
            for name in ("timeline", "heat-map", "notation"):
                picture = tab.locator(f"#{name} img")
                expect(picture).to_be_visible()
                assert picture.evaluate("one => one.complete && one.naturalWidth") >= 400
            tab.set_viewport_size({"width": 420, "height": 800})
            wide = "document.documentElement.scrollWidth"
            tab.wait_for_function(f"{wide} <= 420")  # pictures are scrolled, the page is not
            assert tab.locator("#timeline img").bounding_box()["height"] > 200
            tab.locator("#clip button[aria-label=Clear]").click()
            expect(tab.locator("#label")).to_be_hidden()
            expect(tab.locator("#told")).not_to_contain_text("strokes")
            silence = wav(np.zeros(0, np.int16), 44_100)
            upload.set_input_files({"name": "empty.wav", "mimeType": "audio/wav", "buffer": silence})
            expect(tab.locator("#told")).to_contain_text("This clip is empty (0.00 s).")
            expect(tab.locator("#label")).to_be_hidden()
