"""PyTorch on the CPU: runs modules and exported programs; files in a process of their own."""

from __future__ import annotations

import contextlib
import inspect
import itertools
import os
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError, Unavailable
from ..formats.torch import is_object
from ..formats.torch.naming import by_position, results
from ..graph import Array
from . import _torch_modes as modes
from ._kept_files import stamped
from ._nested import together
from ._torch_types import half, in_own_type
from .base import Runtime, Variant
from .process import Child

#: Seconds for one answer, the loading of the file included.
LIMIT = 300.0
#: One process for all files, whatever the settings: it keeps programs, not this one.
_child = Child.of(
    "modelparity.runtimes._torch_child",
    label="PyTorch",
    limit=LIMIT,
    advice="other cases go on in a new process; `modelparity inspect` reads the file without running it; export it "
    "another way, or try another version of torch",
)
#: Numbers of sessions there.
_numbers = itertools.count(1)


class Torch(Runtime):
    """Runs a copy of a module in eval mode without gradients, an exported program, or the .pt2 archive of one.

    What lives in this process runs in it, and takes it along if it crashes. An archive runs in a process of its own:
    then the crash is an error, and so is an answer that takes longer than ``limit`` seconds.

    A module built by this package knows the names of its inputs and outputs. Any other is called with its
    parameters' names if they are the inputs' names (``states.0`` is the first of what the parameter ``states``
    holds), or with a single array by position; a result without names is called ``output``, or ``output_0``,
    ``output_1`` and so on, and what stands deeper ``output_1.0``. ``threads`` holds for the run alone (None:
    PyTorch's own number). It is 1 unless told otherwise: on the small products of a recurrent step, threads that
    wait for each other cost far more than they save, above all beside other processes. Without ``compiled`` what was
    compiled runs as it was written, and without ``autocast`` no operation is done in a narrower type by itself.
    """

    name = "torch"
    format = "torch"

    def __init__(
        self,
        *,
        threads: int | None = 1,
        limit: float = LIMIT,
        compiled: bool = True,
        autocast: bool = True,
    ) -> None:
        self.threads, self.limit = threads, limit
        self.compiled, self.autocast = compiled, autocast

    def missing(self) -> str | None:
        """Why it cannot run here; None if it can."""
        if find_spec("torch") is None:
            return "torch is not installed: pip install 'modelparity[torch]'"
        return None

    def accepts(self, artefact: object) -> bool:
        """True for a ``torch.nn.Module``, a ``torch.export.ExportedProgram`` and the path of a .pt2 archive."""
        if isinstance(artefact, str | os.PathLike):
            return Path(artefact).suffix.lower() == ".pt2" and self.missing() is None
        return is_object(artefact) and self.missing() is None

    def run(self, artefact: object, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """{output name: array}, in the types that the module returns. The module itself stays as it was."""
        if isinstance(artefact, str | os.PathLike):
            return self._results("run", artefact, feeds)
        module, result = self._ran(artefact, feeds)
        return {name: _array(name, value) for name, value in _named(module, result).items()}

    @contextlib.contextmanager
    def session(self, artefact: object) -> Iterator[Callable[[Mapping[str, Array]], dict[str, Array]]]:
        """Runs of one copy in a row: buffers and attributes stay as the run before left them."""
        if isinstance(artefact, str | os.PathLike):
            with self._apart(artefact) as push:
                yield push
            return
        from ..formats.torch.copying import apart

        module = self._module(artefact)
        with apart(module) as other:

            def run(feeds: Mapping[str, Array]) -> dict[str, Array]:
                named = _named(module, self._result(other, feeds))
                return {name: np.array(_array(name, value)) for name, value in named.items()}

            yield run

    def kept(self, artefact: object, feeds: Mapping[str, Array]) -> tuple[str, ...]:
        """Buffers and attributes that a run changes, if a run after it gives something else for it."""
        if isinstance(artefact, str | os.PathLike):
            return tuple(self._asked("kept", artefact, feeds)[0]["kept"])
        from ..formats.torch.copying import apart, changing

        module = self._module(artefact)
        with apart(module) as other:
            changed = changing(other, lambda: self._result(other, feeds))
        if not changed:
            return ()
        with self.session(artefact) as run:
            first, *others = (run(feeds) for _ in range(3))
        differs = any(not np.array_equal(first[name], one[name]) for one in others for name in first)
        return changed if differs else ()

    def taps(self, artefact: object, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """What every submodule returned, by its path; ``encoder.0`` where one returns several.

        A later call of the same module has its number behind the path: ``encoder:1``. Results that are no tensors
        are left out. Paths are those that the origins of a graph read from the module begin with.
        """
        if isinstance(artefact, str | os.PathLike):
            return self._results("taps", artefact, feeds)
        found: dict[str, Array] = {}

        def hook(path: str) -> Callable[..., None]:
            def seen(one: Any, arguments: Any, result: Any) -> None:
                made = {
                    name.removeprefix("output").lstrip("_"): leaf for name, leaf in results(result).items()
                }
                calls = sum(key.split(":")[0] == path or key.startswith(f"{path}:") for key in found)
                again = f":{calls}" if calls and len(made) == 1 else ""
                for name, leaf in made.items():
                    if type(leaf).__module__.startswith("torch"):
                        found[f"{path}{again}{'.' if name else ''}{name}"] = _array(path, leaf)

            return seen

        self._ran(artefact, feeds, hook)
        return found

    def _ran(
        self, artefact: object, feeds: Mapping[str, Array], hook: Callable[[str], Any] | None = None
    ) -> tuple[Any, Any]:
        """The module and what a copy of it returned; ``hook`` makes what each submodule is to call."""
        from ..formats.torch.copying import apart

        module = self._module(artefact)
        with apart(module) as other:
            if hook is not None:
                for path, one in other.named_modules():
                    if path:
                        one.register_forward_hook(hook(path))
            return module, self._result(other, feeds)

    def _result(self, module: Any, feeds: Mapping[str, Array]) -> Any:
        import torch

        tensors = {name: torch.from_numpy(np.array(a)) for name, a in feeds.items()}
        threads = torch.get_num_threads()
        if self.threads is not None:
            torch.set_num_threads(self.threads)
        with contextlib.suppress(NotImplementedError):  # a program has no modes, and refuses to be asked
            module.eval()
        try:
            with torch.no_grad(), modes.settings(compiled=self.compiled, autocast=self.autocast):
                try:
                    return _called(module, tensors)
                except RuntimeError:
                    if (own := in_own_type(module, tensors)) is None:
                        raise
                    return _called(module, own)
        except (RuntimeError, TypeError, ValueError, IndexError, AssertionError) as error:
            raise InputError(
                "PyTorch refuses to run this",
                where=type(module).__name__,
                found=(str(error) or type(error).__name__).splitlines()[0],
                expected=", ".join(f"{name} {tuple(t.shape)} {t.dtype}" for name, t in tensors.items()),
                fix=half(module),
            ) from error
        finally:
            torch.set_num_threads(threads)

    def parameters(self, artefact: object) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
        """Names of what the module must be called with, and may be; None if its signature does not tell."""
        if isinstance(artefact, str | os.PathLike):
            told = self._asked("parameters", artefact)[0]["parameters"]
            return None if told is None else (tuple(told[0]), tuple(told[1]))
        module = self._module(artefact)
        if (names := getattr(module, "every_name", None) or getattr(module, "input_names", None)) is not None:
            return tuple(names), ()
        if hasattr(module.forward, "schema"):
            return tuple(_parameters(module)), ()
        known = inspect.signature(module.forward).parameters.values()
        if any(one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD) for one in known):
            return None
        needed = tuple(one.name for one in known if one.default is one.empty)
        return needed, tuple(one.name for one in known if one.name not in needed)

    def describe(self) -> dict[str, str]:
        """Version and threads."""
        import torch

        threads = torch.get_num_threads() if self.threads is None else self.threads
        return {"version": str(torch.__version__), "threads": str(threads), "device": "cpu"}

    def variants(self, artefact: object) -> tuple[Variant, ...]:
        """For what lives in this process: without compilation, if anything is compiled, and without autocast."""
        if isinstance(artefact, str | os.PathLike) or not hasattr(artefact, "modules"):
            return ()
        found = []
        if self.autocast:
            own = Torch(threads=self.threads, limit=self.limit, compiled=self.compiled, autocast=False)
            found.append(Variant("autocast off", own, "torch.autocast(..., enabled=False)"))
        if self.compiled and modes.is_compiled(artefact):
            own = Torch(threads=self.threads, limit=self.limit, compiled=False, autocast=self.autocast)
            found.append(Variant("eager mode", own, 'torch.compiler.set_stance("force_eager")'))
        return tuple(found)

    def weights(self, artefact: object) -> dict[str, Array]:
        """Parameters and buffers by name; bfloat16 comes as float32, which holds every value of it."""
        if isinstance(artefact, str | os.PathLike):
            return self._results("weights", artefact)
        import torch

        found = {}
        for name, tensor in self._module(artefact).state_dict().items():
            tensor = tensor.detach().cpu()
            found[name] = (tensor.float() if tensor.dtype is torch.bfloat16 else tensor).numpy()
        return found

    @contextlib.contextmanager
    def _apart(
        self, path: str | os.PathLike[str]
    ) -> Iterator[Callable[[Mapping[str, Array]], dict[str, Array]]]:
        """A session in the process of files, which keeps its copy until it is closed."""
        number, begun = next(_numbers), False

        def push(feeds: Mapping[str, Array]) -> dict[str, Array]:
            nonlocal begun
            found = self._results("push", path, feeds, session=number, begun=begun)
            begun = True
            return found

        try:
            yield push
        finally:
            if begun:
                self._asked("end", path, session=number)

    def _results(
        self,
        do: str,
        path: str | os.PathLike[str],
        arrays: Mapping[str, Array] | None = None,
        **about: Any,
    ) -> dict[str, Array]:
        told, results = self._asked(do, path, arrays, **about)
        found: dict[str, Array] = together(told["results"], results)
        return found

    def _asked(
        self,
        do: str,
        path: str | os.PathLike[str],
        arrays: Mapping[str, Array] | None = None,
        **about: Any,
    ) -> tuple[dict[str, Any], dict[str, Array]]:
        self._check(path)
        place, stamp = stamped(path)
        request = {"do": do, "path": place, "stamp": stamp, "threads": self.threads, **about}
        given = {name: np.asarray(array) for name, array in (arrays or {}).items()}
        return _child.call(request, given, where=Path(path).name, limit=self.limit)

    def _check(self, artefact: object) -> None:
        if (reason := self.missing()) is not None:
            raise Unavailable(reason, where=self.name)
        if not self.accepts(artefact):
            raise InputError("not a module", found=type(artefact).__name__, expected="a torch.nn.Module")

    def _module(self, artefact: object) -> Any:
        self._check(artefact)
        return _callable(artefact) if hasattr(artefact, "graph_signature") else artefact


def loaded(path: Path) -> Any:
    """The program of a .pt2 archive as a module, in this process. Raises as the archive's reader does."""
    from ..formats.torch.read.archive import program

    return _callable(program(path))


def _callable(program: Any) -> Any:
    """A program's module, which takes by position what the export's example gave by position."""
    module = program.module()
    entry = program.module_call_graph[0].signature
    names = getattr(entry, "forward_arg_names", None) or _parameters(module)
    module.every_name = names
    module.by_position = names[: len(program.call_spec.in_spec.child(0).children())]
    return module


def _called(module: Any, tensors: dict[str, Any]) -> Any:
    names = getattr(module, "input_names", None)
    if names is None:
        parameters = _parameters(module)
        given = _nested(tensors)
        first = getattr(module, "by_position", None)
        if first is not None:
            args = [given.pop(name, None) for name in first]
            return module(*args, **given)
        known = [] if hasattr(module.forward, "schema") else _signature(module)
        if collected := by_position(known, given):
            return module(*[given.pop(name) for name in collected], **given)
        passed_on = len(given) > 1 and any(one.kind is one.VAR_KEYWORD for one in known)
        if set(given) <= set(parameters) or passed_on:
            return module(**given)
        if len(tensors) > 1:
            raise InputError(
                "the module's parameters are not the inputs",
                where=type(module).__name__,
                found=", ".join(parameters),
                expected=", ".join(tensors),
            )
        return module(*tensors.values())
    if set(names) != set(tensors):
        raise InputError(
            "input names do not match",
            where=type(module).__name__,
            found=", ".join(sorted(tensors)) or "none",
            expected=", ".join(sorted(names)),
        )
    return module(*(tensors[name] for name in names))


def _signature(module: Any) -> list[inspect.Parameter]:
    return [*inspect.signature(module.forward).parameters.values()]


def _parameters(module: Any) -> list[str]:
    """Names of what a module is called with."""
    if hasattr(module.forward, "schema"):  # of TorchScript
        return [one.name for one in module.forward.schema.arguments[1:]]
    return list(inspect.signature(module.forward).parameters)


def _nested(tensors: Mapping[str, Any]) -> dict[str, Any]:
    """``states.0`` and ``states.1`` as a tuple called ``states``; keys that are no numbers make a dict."""
    groups: dict[str, dict[str, Any]] = {}
    for name, tensor in tensors.items():
        root, _, rest = name.partition(".")
        groups.setdefault(root, {})[rest] = tensor
    made: dict[str, Any] = {}
    for root, parts in groups.items():
        if set(parts) == {""}:
            made[root] = parts[""]
            continue
        inner = _nested(parts)
        made[root] = tuple(inner.values()) if all(key.isdigit() for key in inner) else inner
    return made


def _array(name: str, value: Any) -> Array:
    try:
        value = value.detach().cpu()
        array: Array = (value.float() if str(value.dtype) == "torch.bfloat16" else value).numpy()
    except (AttributeError, TypeError) as error:  # no tensor, or of a type that numpy lacks
        raise InputError(
            f"output {name!r} is not a tensor that numpy holds",
            found=getattr(value, "dtype", type(value).__name__),
            fix="let the module return tensors that numpy can hold, bfloat16 by way of .float()",
        ) from error
    return array


def _named(module: Any, result: Any) -> dict[str, Any]:
    names = getattr(module, "output_names", None)
    if names is not None and not isinstance(result, Mapping):
        return dict(zip(names, result if isinstance(result, tuple | list) else [result], strict=True))
    return results(result)


RUNTIME = Torch()
