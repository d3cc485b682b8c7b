#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the tests of this folder for CTest; exit code 77 (skipped) and a message where PyTorch is missing."""
import importlib.util
import os
import sys
import unittest

SKIPPED = 77

if importlib.util.find_spec("torch") is None:
    print(f"skipped: {sys.executable} has no PyTorch (Debian: python3-torch, /usr/bin/python3)")
    sys.exit(SKIPPED)
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
result = unittest.TextTestRunner().run(unittest.defaultTestLoader.discover(os.path.dirname(os.path.abspath(__file__))))
sys.exit(not result.wasSuccessful())
