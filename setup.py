# SPDX-License-Identifier: Apache-2.0
"""Packs the Python module; its extension is built with CMake. In an environment that sees Debian's pybind11 and NumPy:

    pip install --no-build-isolation .
"""
import os
import re
import subprocess
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

SOURCE = Path(__file__).resolve().parent


class CMakeBuild(build_ext):
    """One target of the project's own build and its install component: the extension, tech/ and models/."""

    def build_extension(self, extension):
        build = Path(self.build_temp).resolve()
        for command in (
            ["cmake", "-S", SOURCE, "-B", build, "-DCMAKE_BUILD_TYPE=Release", "-DCIMCYCLE_TESTS=OFF",
             "-DCIMCYCLE_PYTHON=ON", f"-DPython_EXECUTABLE={sys.executable}"],
            # A number, because make without one starts every compiler at once.
            ["cmake", "--build", build, "--target", "cimcycle_python", "--parallel", os.cpu_count() or 1],
            ["cmake", "--install", build, "--component", "python", "--prefix", Path(self.build_lib).resolve()],
        ):
            subprocess.run([str(word) for word in command], check=True)


setup(
    version=re.search(r"project\(cimcycle VERSION ([0-9.]+)", (SOURCE / "CMakeLists.txt").read_text()).group(1),
    packages=["cimcycle"],
    package_dir={"": "python"},
    package_data={"cimcycle": ["py.typed"]},
    ext_modules=[Extension("cimcycle._cimcycle", sources=[])],
    cmdclass={"build_ext": CMakeBuild},
)
