"""A new released version: which number it gets, and the files that remember it."""

from __future__ import annotations

from pathlib import Path

from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.package import write_atomically, write_descriptor
from ipt_evidence.evidence.version_names import newest, number
from ipt_evidence.living.versions.comparing import Comparison, compare
from ipt_evidence.living.versions.snapshots import Snapshot, find, take, write_snapshot

__all__ = ["CHANGES_FILE", "next_name", "publish", "since_release"]

CHANGES_FILE = "CHANGES.md"
_HEADING = (
    "# What changed in the data, and what it did to the conclusions\n\n"
    "Versions are YY.MINOR.PATCH: MINOR rises when a study or an effect comes, goes or moves,\n"
    "PATCH for corrections that change no number. Each entry is written by\n"
    "`python -m ipt_evidence release`.\n"
)


def since_release(base: EvidenceBase) -> Comparison | None:
    """What changed since the newest released version; None for a base that has none."""
    name = newest(base.folder)
    return compare(find(base, name), take(base)) if name else None


def next_name(base: EvidenceBase, changes: Comparison | None, year: int) -> str:
    """The name that a release of ``base`` gets in ``year`` (four digits), by what changed."""
    yy = year % 100
    if changes is None:
        return f"{yy}.1.0"
    old_yy, minor, patch = number(newest(base.folder))
    if not changes.numbers_changed:
        return f"{old_yy}.{minor}.{patch + 1}"
    return f"{yy}.{minor + 1}.0" if yy == old_yy else f"{yy}.1.0"


def publish(base: EvidenceBase, name: str, date: str, entry: str) -> Snapshot:
    """Write the snapshot of version ``name``, its entry in CHANGES.md, and the descriptor."""
    snapshot = take(base, name=name, date=date)
    write_snapshot(base.folder, snapshot)
    _prepend(base.folder / CHANGES_FILE, entry)
    write_descriptor(base.folder, base.sources)
    return snapshot


def _prepend(path: Path, entry: str) -> None:
    old = path.read_text(encoding="utf-8") if path.exists() else _HEADING
    heading, _, entries = old.partition("\n## ")
    rest = f"\n## {entries}" if entries else ""
    write_atomically(path, f"{heading.rstrip()}\n\n{entry.strip()}\n{rest}")
