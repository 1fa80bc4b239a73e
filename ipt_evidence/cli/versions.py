"""``diff`` and ``release``: versions of the data side by side, and a new one."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from ipt_evidence.cli.output import data_option, echo_json, json_option
from ipt_evidence.errors import DataError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.files import opened_folder, writing
from ipt_evidence.evidence.package import newest, released_names
from ipt_evidence.living import changes as words
from ipt_evidence.living.changes import (
    Comparison,
    compare,
    compare_bases,
    next_name,
    publish,
    since_release,
)
from ipt_evidence.living.snapshots import find, take
from ipt_evidence.paths import default_data_folder

__all__ = ["diff_command", "release_command"]

_MARKER = "sources.toml"


@click.command("diff")
@click.argument("old")
@click.argument("new", required=False)
@json_option
@data_option
def diff_command(old: str, new: str | None, as_json: bool, data: Path | None) -> None:
    """Say what changed from OLD to NEW, and what it did to each answer.

    OLD and NEW are folders or ZIP files of an evidence base, or released versions such as 26.1.0
    of the base in use. Without NEW, the base as it is now. Between two folders every field is
    compared; a released version keeps the estimates and a hash of every row.
    """
    with ExitStack() as stack:
        here = EvidenceBase.load(data)
        sides = [_side(text, here, stack) for text in (old, new) if text is not None]
        before, after = sides if len(sides) == 2 else (sides[0], here)
        if isinstance(before, EvidenceBase) and isinstance(after, EvidenceBase):
            changes = compare_bases(before, after)
        else:
            one, two = (take(s) if isinstance(s, EvidenceBase) else s for s in (before, after))
            changes = compare(one, two)
    if as_json:
        echo_json(_document(changes))
        return
    for line in words.report(changes, here.taxonomy):
        click.echo(line)


def _side(text: str, here: EvidenceBase, stack: ExitStack) -> Any:
    if not Path(text).exists() and text.partition("+")[0] in released_names(here.folder):
        return find(here, text)
    if not Path(text).exists():
        known = ", ".join(released_names(here.folder)) or "none"
        raise DataError(f"{text} is no folder, no ZIP file and no released version ({known})")
    return EvidenceBase.load(stack.enter_context(opened_folder(Path(text), _MARKER)))


def _document(changes: Comparison) -> dict[str, Any]:
    return {
        "old": changes.old,
        "new": changes.new,
        "numbers_changed": changes.numbers_changed,
        "answers": [
            {
                "condition": cell.condition,
                "comparison": cell.comparison,
                "old": cell.old,
                "new": cell.new,
                "flags": cell.flags,
                "trials": cell.trials,
            }
            for cell in changes.cells
        ],
        "rows": changes.rows,
    }


@click.command("release")
@click.option("--because", required=True, help="Why there is a new version, in a sentence.")
@click.option(
    "--date", "on", type=click.DateTime(["%Y-%m-%d"]),
    help="Date of the release, like 2026-11-23; today without it.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Show the entry and write nothing.")
@data_option
def release_command(because: str, on: datetime | None, dry_run: bool, data: Path | None) -> None:
    """Release the data as they are: a version, its snapshot, and its entry in CHANGES.md.

    The number follows from what changed: a new MINOR when a study or an effect came, went or
    moved, a new PATCH when no number changed.
    """
    with writing(data or default_data_folder()):
        day = (on or datetime.now(tz=UTC)).date()
        _release(EvidenceBase.load(data), because, day, dry_run=dry_run)


def _release(base: EvidenceBase, because: str, day: date, *, dry_run: bool) -> None:
    if base.problems:
        raise DataError(f"Nothing was released. First correct this: {base.problems[0]}")
    if base.version == newest(base.folder):
        raise DataError(f"Nothing changed since {base.version}: there is nothing to release")
    found = since_release(base)
    name = next_name(base, found, day.year)
    entry = words.entry(name, day.isoformat(), because, found, base.taxonomy)
    if dry_run:
        click.echo(entry)
        return
    publish(base, name, day.isoformat(), entry)
    click.echo(f"Released {name} in {base.folder}")
