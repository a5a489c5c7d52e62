"""What pyproject.toml cannot say: Swift sources and the Space, which stand at the top, travel inside the packages."""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
PACKED = Path("modelparity", "runtimes", "bridge", "package")
SPACE = Path("modelparity_families", "sousa", "demo", "space")


class WithWhatStandsAtTheTop(build_py):
    """As setuptools does, and then Package.swift, swift/ and spaces/sousa as they are.

    An editable install uses the checkout's.
    """

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            target = Path(self.build_lib) / PACKED
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(ROOT / "swift", target / "swift")
            shutil.copy2(ROOT / "Package.swift", target)
            shutil.copytree(ROOT / "spaces" / "sousa", Path(self.build_lib) / SPACE, dirs_exist_ok=True)


setup(cmdclass={"build_py": WithWhatStandsAtTheTop})
