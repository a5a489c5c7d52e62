"""docs/faults.md: every known conversion mistake, how it comes about and how to repair it."""

from __future__ import annotations

from modelparity.verdict.faults import Fault, faults, fitted

#: Names of formats, converters and frameworks as the page has them.
NAMES = {
    "onnx": "ONNX",
    "coreml": "Core ML",
    "rtneural": "RTNeural",
    "torch": "PyTorch",
    "keras": "Keras",
    "madmom": "madmom",
}
HEAD = """# Known conversion mistakes

Made by `python docs/generate.py` from the catalogue, `src/modelparity/verdict/faults/`: {count} mistakes that people
make when they move networks between frameworks, each as a change of a graph. The same catalogue finds the cause of a
difference (a mistake that is made to the reference makes it compute what the candidate computes) and proves that
differences are found (it is made on purpose). Kinds stand in the order in which they are tried, likelier ones first.

Each is made at every node where it applies, in every way that there is ("r and z", "axis 0"), at one node, at all
nodes alike, or with another one. {fitted} have numbers of their own (a factor, a lag, an order of channels), which
are taken from what the candidate has at a node and must hold on another input.

| kind | mistakes |
|---|---|
"""


def page() -> str:
    """The page."""
    groups: dict[str, list[Fault]] = {}
    for one in faults():
        groups.setdefault(one.group.title, []).append(one)
    text = HEAD.format(count=len(faults()), fitted=len(fitted()))
    text += "".join(f"| [{title}](#{anchor(title)}) | {len(found)} |\n" for title, found in groups.items())
    for title, found in groups.items():
        text += f"\n## {title}\n" + "".join(section(one) for one in found)
    return text


def section(one: Fault) -> str:
    """What is said of one."""
    repairs = [f"- {NAMES[name]}: {words}\n" for name, words in one.repairs.items()]
    random = "" if one.guessed else "It can be made, and not found by trying.\n"
    return (
        f"\n### {one.id}\n{one.text}\n\n*Where*: {one.where}.\n{random}\n*How it comes about*: {one.happens}\n\n"
        f"*Repair*: {one.repair}\n" + ("\n" + "".join(repairs) if repairs else "")
    )


def anchor(title: str) -> str:
    """A heading as a link names it."""
    return "".join(letter for letter in title.lower().replace(" ", "-") if letter.isalnum() or letter == "-")
