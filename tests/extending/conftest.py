"""The examples of docs/extending, taken from the pages and installed as packages of their own."""

from __future__ import annotations

import re
import shutil
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = {
    page.stem: page for page in sorted((ROOT / "docs" / "extending").glob("*.md")) if page.stem.islower()
}
Files = Mapping[str, str]


def example(page: str) -> dict[str, str]:
    """{file: text} of the blocks of code on a page that begin with a file's name."""
    blocks = re.findall(r"^```(?:python|toml)\n# (\S+)\n(.*?)^```$", PAGES[page].read_text(), re.M | re.S)
    return dict(blocks)


def write(folder: Path, files: Files) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def install(site: Path, files: Files) -> None:
    """Modules, and what pyproject.toml says of entry points, as an installer leaves them."""
    told = tomllib.loads(files["pyproject.toml"])["project"]
    write(site, {name: text for name, text in files.items() if name.endswith(".py")})
    info = f"{told['name'].replace('-', '_')}-{told['version']}.dist-info"
    points = "".join(
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in found.items())
        for group, found in told["entry-points"].items()
    )
    about = f"Metadata-Version: 2.1\nName: {told['name']}\nVersion: {told['version']}\n"
    write(site, {f"{info}/METADATA": about, f"{info}/entry_points.txt": points})


def one(name: str, group: str, point: str, code: str, target: str = "MADE", version: str = "1.5") -> Files:
    """A package of one module and one entry point."""
    module = name.replace("-", "_")
    project = f'[project]\nname = "{name}"\nversion = "{version}"\n'
    points = f'[project.entry-points."{group}"]\n{point} = "{module}{":" if target else ""}{target}"\n'
    return {f"{module}.py": code, "pyproject.toml": project + points}


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the packages of all pages in it."""
    made = tmp_path_factory.mktemp("site")
    for page in PAGES:
        install(made, example(page))
    return made


@pytest.fixture(scope="module")
def examples(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Those packages, importable, and a home folder with the models that one of them looks for there."""
    home = tmp_path_factory.mktemp("home")
    (home / "my-models").mkdir()
    for name in ("drums_v1", "drums_v2"):
        shutil.copy(ROOT / "fixtures" / "rnn.pkl", home / "my-models" / f"{name}.pkl")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        patch.syspath_prepend(str(site))
        yield site


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Files], None]]:
    """Installs packages that are gone after the test."""
    home = tmp_path / "site"
    home.mkdir()
    monkeypatch.syspath_prepend(str(home))
    before = set(sys.modules)
    yield lambda files: install(home, files)
    for name in set(sys.modules) - before:
        if (home / f"{name}.py").exists():
            del sys.modules[name]
