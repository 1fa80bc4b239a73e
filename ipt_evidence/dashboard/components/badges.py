"""What a check of one reference found, as a small mark."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.living.panel import integrity_line

__all__ = ["integrity_note"]

_INTEGRITY_COLOURS = {
    "not_checked": ("gray", "help"),
    "unknown": ("gray", "help"),
    "no_notice": ("green", "verified"),
    "corrected": ("orange", "edit_note"),
    "expression_of_concern": ("orange", "warning"),
    "retracted": ("red", "block"),
}


def integrity_note(row: Mapping[str, Any]) -> str:
    """Markdown: what a check of one reference found, by whom and when; "not checked", too."""
    colour, icon = _INTEGRITY_COLOURS[str(row["status"])]
    return f":{colour}-badge[:material/{icon}: {escape(integrity_line(row))}]"
