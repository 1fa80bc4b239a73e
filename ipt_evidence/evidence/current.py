"""The evidence base of this process: read once, and again when a file of it changes."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from ipt_evidence.evidence.base import DATA_FILES, EvidenceBase
from ipt_evidence.paths import default_data_folder

__all__ = ["base_of", "current_base", "stamp"]


def current_base() -> EvidenceBase:
    """The base in the default data folder, shared by everybody who asks; it is read-only."""
    folder = default_data_folder()
    return base_of(str(folder), stamp(folder))


def stamp(folder: Path) -> tuple[int, ...]:
    """Modification times of the files of a base, so that an edit is noticed."""
    paths = (folder / name for name in DATA_FILES)
    return tuple(path.stat().st_mtime_ns if path.exists() else 0 for path in paths)


@lru_cache(maxsize=2)
def base_of(folder: str, stamp: tuple[int, ...]) -> EvidenceBase:
    """The base in ``folder`` in the state that ``stamp`` names."""
    return EvidenceBase.load(folder)
