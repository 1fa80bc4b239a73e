"""The style sheet of every page, in the colours of the reader's theme.

Its rules are a file that the browser fetches once. Within the element, Streamlit would look through
all of them at every click, and send them again to each new reader.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

from ipt_evidence.figures.template import FONT, HEADING_FONT, palette

__all__ = ["rules_address", "style_sheet"]

_RULES = Path(__file__).parents[1] / "static" / "style.css"


@cache
def rules_address() -> str:
    """Where the browser finds the rules, as seen from a page; another one when they change."""
    return f"app/static/{_RULES.name}?{sha256(_RULES.read_bytes()).hexdigest()[:12]}"


@cache
def style_sheet(dark: bool) -> str:
    """Give the style as an HTML element, which is the same at each run."""
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
    return f'<style>@import url("{rules_address()}"); :root {{ {variables} }}</style>'
