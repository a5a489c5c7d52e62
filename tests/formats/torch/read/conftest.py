"""An archive to read, and the means to spoil it."""

from __future__ import annotations

import json
import zipfile

import pytest
import torch


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = torch.nn.Linear(3, 4)
        self.norm = torch.nn.BatchNorm1d(4)
        self.register_buffer("shift", torch.linspace(-1, 1, 4))
        self.constant = torch.tensor([0.5, 2.0])

    def forward(self, x):
        y = self.norm(self.inner(x).transpose(1, 2))[:, :, : x.shape[1] // 2]
        y += self.shift[:, None]
        return {"y": torch.relu_(y), "c": self.constant * 2}


@pytest.fixture(scope="session")
def net():
    """A module with every kind of weight, in eval mode."""
    torch.manual_seed(1)
    module = Net().eval()
    with torch.no_grad():
        module.norm.running_mean.normal_()
        module.norm.running_var.uniform_(0.5, 2)
    return module


@pytest.fixture(scope="session")
def saved(net, tmp_path_factory):
    """Its program as `torch.export.save` writes it, time being free."""
    path = tmp_path_factory.mktemp("saved") / "net.pt2"
    free = {"x": {1: torch.export.Dim.DYNAMIC}}
    program = torch.export.export(net, (torch.zeros(2, 6, 3),), dynamic_shapes=free)
    torch.export.save(program, path)
    return path


@pytest.fixture
def spoiled(saved, tmp_path):
    """``spoiled(change)``: the archive with its files ({name: bytes}) changed; JSON by ``edit``."""

    def spoil(change, **how):
        with zipfile.ZipFile(saved) as archive:
            files = {one.filename: archive.read(one) for one in archive.infolist()}
        change(files)
        path = tmp_path / "spoiled.pt2"
        with zipfile.ZipFile(path, "w", **how) as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        return path

    return spoil


@pytest.fixture
def edited(spoiled):
    """``edited(change)``: the archive with ``change`` applied to the parsed description of its program."""

    def edit(change, file="net/models/model.json"):
        def apply(files):
            description = json.loads(files[file])
            change(description)
            files[file] = json.dumps(description).encode()

        return spoiled(apply)

    return edit
