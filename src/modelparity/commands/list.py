"""List families, their models and whether they are here; formats, runtimes and recipes too

With a family's name it lists that family's models.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ..errors import ModelparityError
from ._selection import chosen

if TYPE_CHECKING:
    from ..family import Model


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("family", metavar="FAMILY", nargs="?", help="a family's name")


def run(args: argparse.Namespace) -> int:
    """Print one table a topic."""
    from ..describe.text_table import layout

    tables = [_models(args.family)] if args.family else [_families(), _formats(), _runtimes(), _recipes()]
    print("\n\n".join("\n".join(layout(table)) for table in tables))
    return 0


def _models(name: str) -> list[list[str]]:
    rows = [["model", "here", "anchored", "recipes", "candidates"]]
    for model in sorted(chosen([name])[0].models(), key=lambda model: model.key):
        anchored = "yes" if model.anchor() is not None else "UNANCHORED"
        rows.append(
            [model.key, _state(model), anchored, ", ".join(model.recipes), ", ".join(model.candidates)]
        )
    return rows


def _families() -> list[list[str]]:
    from ..family import families

    rows = [["family", "models", "here", "anchored"]]
    for name, family in sorted(families().items()):
        models = family.models()
        here = [model for model in models if _state(model) == "yes"]
        anchored = [model for model in models if model.anchor() is not None]
        note = "" if len(here) == len(models) else f"; modelparity fetch {name}"
        rows.append([name, str(len(models)), f"{len(here)}{note}", str(len(anchored))])
    return rows


def _recipes() -> list[list[str]]:
    """Every recipe, and what asks for it where nobody names one."""
    from ..inputs import LENGTHS
    from ..inputs.kinds import ASKED
    from ..inputs.recipes import RECIPES
    from ..inputs.special import SPECIAL

    asking = {name: kind for kind, names in ASKED.items() for name in names}
    rows = [["recipe", "what", "asked without options"]]
    for one in (*RECIPES.values(), *SPECIAL.values()):
        rows.append([one.name, one.about, "yes" if one.name in LENGTHS else asking.get(one.name, "")])
    return rows


def _formats() -> list[list[str]]:
    from ..formats.registry import formats

    rows = [["format", "suffixes", "can"]]
    for one in formats().values():
        abilities = {"read": one.read, "write": one.write, "build": one.build}
        rows.append(
            [one.name, " ".join(one.suffixes) or "-", ", ".join(k for k, v in abilities.items() if v)]
        )
    return rows


def _runtimes() -> list[list[str]]:
    from ..runtimes.registry import runtime, runtimes

    rows = [["runtime", "here"]]
    for name in runtimes():
        missing = runtime(name).missing()
        rows.append(
            [
                name,
                "yes " + runtime(name).describe().get("version", "") if missing is None else f"no: {missing}",
            ]
        )
    return rows


def _state(model: Model) -> str:
    try:
        return "yes" if model.missing() is None else "no"
    except ModelparityError as error:
        return f"broken: {error.what}"
