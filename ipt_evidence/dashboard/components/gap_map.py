"""The gap map on the screen: a real table of links, wide or narrow, by mouse or keyboard."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from pathlib import Path

import streamlit as st

from ipt_evidence.analyses.gap_map.panel import Column, GapRow
from ipt_evidence.dashboard import navigation
from ipt_evidence.dashboard.components import address
from ipt_evidence.dashboard.components.packing import packed
from ipt_evidence.figures.template import condition_colour

__all__ = ["gap_map", "packed_map"]

_HERE = Path(__file__).parent

_component = st.components.v2.component(
    "ipt_gap_map",
    css=(_HERE / "gap_map.css").read_text(encoding="utf-8"),
    js=(_HERE / "gap_map.js").read_text(encoding="utf-8"),
)


def packed_map(
    rows: Sequence[GapRow],
    columns: Sequence[Column],
    label: str,
    opened: Collection[str] = (),
    *,
    dark: bool,
) -> bytes:
    """The map, a table named ``label``, as `gap_map` shows it; rows ``opened`` can be closed."""
    return packed(
        {
            "label": label,
            "columns": [asdict(column) for column in columns],
            "rows": [
                {
                    **asdict(row),
                    "opened": row.condition in opened,
                    "colour": condition_colour(row.parent or row.condition, dark),
                }
                for row in rows
            ],
        }
    )


def gap_map(data: bytes, *, key: str) -> None:
    """Show a packed map; a click or Enter on a cell opens what it leads to.

    The heading of a row with narrower conditions opens and closes them: ``key`` of the session
    holds the conditions that are open.
    """

    def turned() -> None:
        address.by_reader()
        condition = str(st.session_state["gap_map"]["turned"])
        opened = list(st.session_state[key])
        st.session_state[key] = (
            [one for one in opened if one != condition]
            if condition in opened
            else [*opened, condition]
        )

    result = _component(
        key="gap_map", data=data, on_opened_change=lambda: None, on_turned_change=turned
    )
    if result.opened:
        asked = result.opened["query"].items()
        query = {str(name): _texts(value) for name, value in asked}
        navigation.go(str(result.opened["page"]), **query)


def _texts(value: object) -> str | list[str]:
    return [str(one) for one in value] if isinstance(value, list) else str(value)
