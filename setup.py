"""What pyproject.toml cannot say: the bridge's Swift sources, which stand at the top, travel inside the package."""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
PACKED = Path("modelparity", "runtimes", "bridge", "package")


class WithSwift(build_py):
    """As setuptools does, and then Package.swift and swift/ as they are (an editable install uses the checkout's)."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            target = Path(self.build_lib) / PACKED
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(ROOT / "swift", target / "swift")
            shutil.copy2(ROOT / "Package.swift", target)


setup(cmdclass={"build_py": WithSwift})
