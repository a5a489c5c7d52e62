"""``modelparity orca extract``, ``detect`` and ``publish``."""

from __future__ import annotations

import csv
import io
import json
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modelparity.errors import InputError, ModelparityError, Unavailable
from modelparity.family import Command, progress

from .models import FILE, NAME, VARIABLE, trained

if TYPE_CHECKING:
    from modelparity.stages import Pipeline

#: Columns of summary.csv, as upstream has them.
SUMMARY = (
    "file_path",
    "global_prediction",
    "global_confidence",
    "num_positive_segments",
    "num_total_segments",
)


def commands() -> tuple[Command, ...]:
    """The family's verbs."""
    return EXTRACT, DETECT, PUBLISH


def _extract_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="a state dict, or safetensors")
    parser.add_argument(
        "--to", type=Path, metavar="FOLDER", default=Path(), help=f"folder of {FILE} (default: here)"
    )


def _extract(args: Namespace) -> int:
    """Look at every name and shape, then write safetensors with the port's names."""
    from safetensors.numpy import save_file

    from .layers import Layers, counted_layers
    from .reading import contents, problems, read, renamed

    found = renamed(contents(args.file))
    lacks = problems(found, Layers())
    if lacks and counted_layers(found) == counted_layers(Layers().shapes):
        print(
            "\n".join([f"{args.file}: {len(lacks)} of the weights are not as the network has them:", *lacks])
        )
        return 1
    weights = read(args.file)
    args.to.mkdir(parents=True, exist_ok=True)
    save_file(weights, args.to / FILE, metadata={"format": "pt"})
    print(f"{len(weights)} arrays as the network has them: {args.to / FILE}")
    return 0


def _detect_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("place", type=Path, metavar="FILE|FOLDER", help="a sound file, or a folder of them")
    parser.add_argument(
        "--to", type=Path, metavar="FOLDER", default=Path(NAME), help=f"for results (default: {NAME})"
    )
    parser.add_argument(
        "--weights",
        metavar="FILE|FOLDER|REPOSITORY",
        help=f"default: {VARIABLE}",
    )
    parser.add_argument("--untrained", action="store_true", help="with seeded weights, to try the command")
    parser.add_argument("--config", type=Path, metavar="FILE.json", help="upstream's configuration")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a setting; repeatable",
    )
    parser.add_argument("--no-picture", action="store_true", help="no picture of each file")
    parser.add_argument(
        "--reaggregate",
        action="store_true",
        help="new verdicts of results that are there",
    )


def _detect(args: Namespace) -> int:
    """One JSON and one picture a file, and summary.csv of all."""
    pipeline = _pipeline(args)
    if args.reaggregate:
        results = [_again(path, pipeline) for path in _results(args.place)]
    else:
        results = _found(args, pipeline)
    table = io.StringIO()
    lines = csv.writer(table, lineterminator="\n")
    lines.writerow(SUMMARY)
    for one in results:
        if "error" not in one:
            rows = one["verdict"]["rows"]
            own = one["verdict"]
            positive = sum(row["prediction"] for row in rows)
            lines.writerow(
                (one["file"], own["global_prediction"], own["global_confidence"], positive, len(rows))
            )
    from modelparity.report import write_text

    where = args.place if args.reaggregate and args.place.is_dir() else args.to
    write_text(where / "summary.csv", table.getvalue())
    print(table.getvalue(), end="")
    errors = [one["error"] for one in results if "error" in one]
    print("\n".join(errors))
    return 2 if errors else 0


def _pipeline(args: Namespace) -> Pipeline:
    from . import configuration
    from .hub import from_pretrained
    from .models import model
    from .pipeline import detector

    chosen: dict[str, Any] = {}
    if args.config is not None:
        chosen |= {"order": "port_file", "rule": "aggregate"}
        chosen |= configuration.settings(configuration.read(args.config), args.config)
    for one in args.set:
        name, equals, value = one.partition("=")
        if not equals:
            raise InputError("not a setting", where="--set", found=one, expected="NAME=VALUE")
        chosen[name] = _value(value)
    if args.reaggregate or args.untrained:
        return detector().with_settings(**chosen)
    if args.weights is None:
        if trained() is None:
            raise Unavailable(
                "there are no trained weights on this machine",
                where=f"{NAME} detect",
                fix=f"--weights FILE, FOLDER or REPOSITORY, or {VARIABLE}=FILE; --untrained tries the command",
            )
        return detector().with_settings(**chosen)
    place = Path(args.weights).expanduser()
    if place.is_file():
        return detector(model(lambda: place)).with_settings(**chosen)
    return from_pretrained(args.weights).pipeline(**chosen)


def _value(text: str) -> Any:
    try:
        return json.loads(text.lower() if text in ("True", "False") else "null" if text == "None" else text)
    except ValueError:
        return text


def _found(args: Namespace, pipeline: Pipeline) -> list[dict[str, Any]]:
    from modelparity.report import to_json, write_text

    from .detection import detect, network_of
    from .files import sounds
    from .picture import svg

    files = sounds(args.place)
    runtime, network = network_of(pipeline)
    root = args.place if args.place.is_dir() else args.place.parent
    results: list[dict[str, Any]] = []
    with progress(f"{NAME} detect") as advance:
        for path in files:
            name = path.relative_to(root)
            try:
                found = detect(path, pipeline, network, advance)
            except ModelparityError as error:
                if len(files) == 1:
                    raise
                results.append({"error": str(error)})
                continue
            one = {
                "file": str(path),
                "seconds": found.seconds,
                "runtime": runtime,
                "trained": not args.untrained,
                "settings": dict(pipeline.settings),
                "confidences": [float(share) for share in found.confidences],
                "verdict": found.verdict.to_json(),
            }
            results.append(one)
            write_text((args.to / name).with_name(f"{name.name}.json"), to_json(one))
            if not args.no_picture:
                write_text(
                    (args.to / name).with_name(f"{name.name}.svg"),
                    svg(found, name.as_posix(), threshold=pipeline.settings["local_threshold"]),
                )
    return results


def _results(place: Path) -> list[Path]:
    found = sorted(place.rglob("*.json")) if place.is_dir() else [place]
    if not found:
        raise InputError(
            "no results below this folder", where=place, expected="JSON files of modelparity orca detect"
        )
    return found


def _again(path: Path, pipeline: Pipeline) -> dict[str, Any]:
    """The result in a file with a new verdict, written back. Raises `InputError` for a file that is none."""
    import numpy as np

    from modelparity.report import to_json, write_text

    try:
        one = json.loads(path.read_text("utf-8"))
        shares = np.asarray(one["confidences"], np.float32)
        kept = {name: one["settings"][name] for name in ("window", "hop")}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError("no result of modelparity orca detect", where=path, found=error) from error
    again = pipeline.with_settings(**kept)
    one["verdict"] = again.run(confidences=shares)["verdict"].to_json()
    one["settings"] |= dict(pipeline.chosen)
    write_text(path, to_json(one))
    return dict(one)


def _publish_arguments(parser: ArgumentParser) -> None:
    from . import configuration

    parser.add_argument("weights", type=Path, metavar="FILE", help="a state dict, or safetensors")
    parser.add_argument(
        "--to",
        required=True,
        metavar="FOLDER|REPOSITORY",
        help="a path with a slash at an end, or OWNER/NAME",
    )
    parser.add_argument(
        "--license", type=Path, required=True, metavar="FILE", help="what came with the weights"
    )
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE.json",
        default=configuration.DEFAULTS,
        help="upstream's configuration",
    )
    parser.add_argument("--dry-run", action="store_true", help="list what would go, and send nothing")


def _publish(args: Namespace) -> int:
    """Put a repository together, list it, and send it unless this is a dry run."""
    import tempfile

    from ..hub import is_folder, listed
    from .hub import prepared, publish
    from .reading import read

    weights = read(args.weights)
    local = is_folder(args.to)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(args.to).expanduser() if local and not args.dry_run else Path(scratch)
        files = prepared(weights, args.config, args.license, folder)
        print("\n".join(listed(files, folder)))
        if args.dry_run:
            print(f"nothing was sent; these would go to {args.to}")
            return 0
        print(folder if local else publish(files, args.to))
    return 0


EXTRACT = Command(
    "extract",
    "look at weights of the detector, and write them as safetensors",
    _extract_arguments,
    _extract,
    "A pickled learner is refused, with the line that exports it. exit codes: 0 written, 1 weights are not as the "
    "network has them, 2 bad input or usage",
)
DETECT = Command(
    "detect",
    "say where calls are in sound files",
    _detect_arguments,
    _detect,
    "exit codes: 0 all files were read, 2 one was not, or bad usage",
)
PUBLISH = Command(
    "publish",
    "put weights, configuration, license and a model card together as a repository",
    _publish_arguments,
    _publish,
    "No token is read before files are sent. exit codes: 0 done, 2 bad input or usage",
)
