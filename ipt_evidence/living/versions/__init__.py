"""Released versions of the data: what a number was, what it is, and why it moved.

snapshots.py   a version in small: every estimate with its trials, a hash of every row
comparing.py   two versions side by side
releasing.py   a new version: its number, its snapshot, its entry in CHANGES.md
"""

from __future__ import annotations

from ipt_evidence.evidence.version_names import name_of, newest, released_names
from ipt_evidence.living.versions.comparing import (
    CellChange,
    Comparison,
    FieldChange,
    RowChange,
    TrialChange,
    compare,
    compare_bases,
)
from ipt_evidence.living.versions.snapshots import (
    CellSnapshot,
    EffectSnapshot,
    Snapshot,
    StudySnapshot,
    find,
    released,
    take,
)

__all__ = [
    "CellChange",
    "CellSnapshot",
    "Comparison",
    "EffectSnapshot",
    "FieldChange",
    "RowChange",
    "Snapshot",
    "StudySnapshot",
    "TrialChange",
    "compare",
    "compare_bases",
    "find",
    "name_of",
    "newest",
    "released",
    "released_names",
    "take",
]
