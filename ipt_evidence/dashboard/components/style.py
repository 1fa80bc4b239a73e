"""The style sheet of every page, in the colours of the reader's theme."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ipt_evidence.figures.template import FONT, HEADING_FONT, palette

__all__ = ["style_sheet"]

_SHEET = Path(__file__).parent / "style.css"


@cache
def style_sheet(dark: bool) -> str:
    """Give the style as an HTML element; it never changes, so a browser gets it once."""
    colours = palette(dark)
    values = {
        "ink": colours.ink,
        "muted": colours.muted,
        "paper": colours.paper,
        "panel": colours.panel,
        "link": colours.accent,
        "line": "#353D49" if dark else "#D8CFC0",  # borders, as in .streamlit/config.toml
        "grid": colours.grid,
        "font": FONT,
        "heading": HEADING_FONT,
    }
    variables = " ".join(f"--ipt-{name}: {value};" for name, value in values.items())
    # In one line, because Streamlit looks through the lines of it at every click.
    rules = " ".join(_SHEET.read_text(encoding="utf-8").split())
    return f"<style>:root {{ {variables} }} {rules}</style>"
