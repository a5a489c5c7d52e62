"""Which pipelines there are, what stages they have, and what each of those needs."""

from __future__ import annotations

from ..describe.text_table import layout
from ..errors import ModelparityError
from ..family import Model
from ..family.pipelines import pipeline, pipelines
from ..stages import Given, Networks, Pipeline

#: Said of networks that are all here.
HERE = "yes"


def listed(name: str | None) -> str:
    """All pipelines as a table; one with its stages, its settings and which of its networks are here."""
    if name is not None:
        found = pipeline(name)
        return "\n".join([found.describe(), *needed(found)])
    rows = [["pipeline", "given", "stages", "networks", "here"]]
    for key in pipelines():
        one = pipeline(key)
        given = [part.name for part in one.parts if isinstance(part, Given)]
        behind = [name for name in one.stages if name not in given]
        rows.append([key, ", ".join(given), " ".join(behind), *_networks(one)])
    if len(rows) == 1:
        return "no family here brings a pipeline"
    return "\n".join(
        [*layout(rows), "", "modelparity pipeline list NAME shows stages, settings and what is needed"]
    )


def needed(one: Pipeline) -> list[str]:
    """A sentence on what is given beside a stage, and one on each stage of networks that are not all here."""
    said = []
    for part in one.parts:
        if isinstance(part, Given) and part.beside:
            beside = ", ".join(f"{name} ({setting.told})" for name, setting in part.beside.items())
            said.append(f"beside {part.name}: {beside}")
        if isinstance(part, Networks):
            said += [f"{part.name}: {len(part.members)} networks, here: {_here(part)}"]
    return ["", *said] if said else []


def _networks(one: Pipeline) -> tuple[str, str]:
    """How many there are, stage by stage, and whether they are here."""
    parts = [part for part in one.parts if isinstance(part, Networks)]
    gone = [said for part in parts if (said := _here(part)) != HERE]
    return " + ".join(str(len(part.members)) for part in parts) or "-", gone[0] if gone else HERE


def _here(part: Networks) -> str:
    gone = [member for member in part.members if isinstance(member, Model) and _missing(member)]
    return HERE if not gone else f"no, {len(gone)} are missing: modelparity fetch {gone[0].family}"


def _missing(member: Model) -> bool:
    try:
        return member.missing() is not None
    except ModelparityError:  # damaged
        return True
