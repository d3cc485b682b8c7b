# SPDX-License-Identifier: Apache-2.0
"""Hardware descriptions."""
from __future__ import annotations

import json
import os
from typing import Any, Mapping

from . import _cimcycle
from .types import Path, plain


class Hardware:
    """A chip: every key of docs/formats/hardware.md, checked. Objects do not change; `set` gives a new one."""

    def __init__(self, name: str, overrides: tuple[str, ...] = ()) -> None:
        self._file = name
        self._overrides = overrides
        self._handle = _cimcycle.load_hardware(name, list(overrides))

    @classmethod
    def load(cls, name: Path) -> "Hardware":
        """A hardware file, or a shipped chip by its name in tech/chips ("ou16-adc5-22nm")."""
        return cls(os.fspath(name))

    def set(self, key: str | Mapping[str, Any], value: Any = None) -> "Hardware":
        """A chip that differs in one key, e.g. set("adc.bits", 4), or in several that only go together, e.g.
        set({"ou.rows": 32, "ou.cols": 32}). The same as --set: the same values and the same messages."""
        keys = {key: value} if isinstance(key, str) else key
        texts = tuple(_cimcycle.override_text(k, json.dumps(v, default=plain, allow_nan=False)) for k, v in keys.items())
        return Hardware(self._file, self._overrides + texts)

    @property
    def name(self) -> str:
        return self._handle.name

    def to_dict(self) -> dict[str, Any]:
        """Every key with its resolved value, as in report.json: {"adc": {"bits": 5, ...}, ...}."""
        return json.loads(self._handle.json())

    def __repr__(self) -> str:
        sets = "".join(f".set({key!r}, {value!r})" for key, _, value in (t.partition("=") for t in self._overrides))
        return f"Hardware.load({self._file!r}){sets}"
