"""``modelparity sousa train``, ``demo`` and ``deploy``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from modelparity.family import Command

from .models import NAME, VARIABLE
from .training.command import TRAIN


def commands() -> tuple[Command, ...]:
    """The family's verbs."""
    return TRAIN, DEMO, DEPLOY


def _weights(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--weights", metavar="FOLDER|REPOSITORY", help=f"default: {VARIABLE}, or what was trained here"
    )


def _demo_arguments(parser: ArgumentParser) -> None:
    _weights(parser)
    parser.add_argument("--untrained", action="store_true", help="with seeded weights, to try the page")
    parser.add_argument("--port", type=int, metavar="N", help="default: a free one from 7860 on")


def _demo(args: Namespace) -> int:
    """Serve the page until it is interrupted."""
    from .demo.serving import serve
    from .demo.weights import chosen

    serve(None if args.untrained else chosen(args.weights, what=f"{NAME} demo"), port=args.port)
    return 0


def _deploy_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--to",
        required=True,
        metavar="SPACE|FOLDER",
        help="OWNER/NAME, or a path with a slash at an end",
    )
    _weights(parser)
    parser.add_argument("--dry-run", action="store_true", help="list what would go, and send nothing")


def _deploy(args: Namespace) -> int:
    """Gather the Space, list it, and send it unless this is a dry run."""
    import tempfile

    from modelparity_families.hub import is_folder, listed, sent

    from .demo.gathering import OWNED, gathered
    from .demo.weights import chosen

    weights = chosen(args.weights, what=f"{NAME} deploy")
    local = is_folder(args.to)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(args.to).expanduser() if local and not args.dry_run else Path(scratch)
        print("\n".join(listed(gathered(weights, folder), folder)))
        if args.dry_run:
            print(f"nothing was sent; these would go to {args.to}")
            return 0
        print(folder if local else sent(folder, args.to, family="demo", kind="space", owned=OWNED))
    return 0


DEMO = Command(
    "demo",
    "a page that names the rudiment of a recording, on this machine",
    _demo_arguments,
    _demo,
    "It is served to this machine alone, until it is interrupted. exit codes: 0 done, 2 bad input or usage",
)
DEPLOY = Command(
    "deploy",
    "gather that page as a Space, and send it to huggingface.co",
    _deploy_arguments,
    _deploy,
    "No token is read before files are sent. exit codes: 0 done, 2 bad input or usage",
)
