"""Names of scales as databases write them, matched to the instruments of an evidence base."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pandas as pd

__all__ = ["InstrumentNames", "slug"]

_SAME = {
    "hamd": "hdrs", "hamd17": "hdrs-17", "hamd24": "hdrs-24", "hrsd": "hdrs", "hrsd17": "hdrs-17",
    "bdiii": "bdi-2", "bdii": "bdi-2", "bdi1a": "bdi-1", "cesd": "ces-d", "phq": "phq-9",
    "fneb": "bfne", "lsassr": "lsas-sr",
}  # fmt: skip
"""Other spellings (letters and digits only) → id in instruments.csv."""


class InstrumentNames:
    """Which instrument of the base a name in a database means."""

    def __init__(self, instruments: pd.DataFrame) -> None:
        keys = [str(key) for key in instruments["instrument_id"]]
        self._ids: dict[str, str] = {_plain(key): key for key in keys}  # an id before any label
        for key, label in zip(keys, instruments["label"], strict=True):
            self._ids.setdefault(_plain(str(label)), key)
        known = set(instruments["instrument_id"])
        self._ids |= {name: found for name, found in _SAME.items() if found in known}
        self._directions: dict[str, str] = dict(zip(keys, instruments["direction"], strict=True))

    def find(self, name: str) -> str:
        """The instrument's id; empty where the base does not know it."""
        return self._ids.get(_plain(name), "")

    def directions(self, names: Iterable[str]) -> dict[str, str]:
        """``lower_better`` or ``higher_better`` of those names that the base knows as scales."""
        found = {name: self._directions.get(self.find(name), "") for name in set(names)}
        return {
            name: way for name, way in found.items() if way in ("lower_better", "higher_better")
        }


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def slug(name: str) -> str:
    """A name as part of a key: lower case, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
