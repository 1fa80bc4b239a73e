"""How wide text is, so that labels get the room they need before a browser has drawn them."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable

__all__ = ["escape", "hover", "line_breaks", "shorten", "text_width", "widest"]

# Advance widths of IBM Plex Sans Regular in thousandths of the type size, read from the font file
# in dashboard/static/fonts; its figures and the minus sign are all equally wide, so columns of
# numbers align.
ADVANCES = {
    character: width
    for width, characters in {
        118: "\u2009",
        236: " \u00a0",
        242: "'",
        250: "ij",
        272: ",.l\u2018\u2019",
        284: "!",
        292: ":;",
        317: "[]|",
        325: "f\u00b7",
        335: "()",
        345: "{}²",
        351: "t",
        367: "r",
        383: "/\\",
        400: '-I*"',
        464: "z",
        475: "\u201c\u201d?",
        487: "s",
        500: "vyLc",
        509: "xJ",
        528: "gk",
        540: "ae",
        560: "oFhnu_",
        575: "TZbdpqSE\u2013",
        593: "Y$",
        600: "+0123456789<=>^`~\u2212±×†",
        610: "PVXC",
        640: "KRA",
        660: "BDU",
        700: "&GHNOQ#",
        790: "w\u2014\u2026",
        812: "M",
        900: "m@W%\u2190\u2192",
    }.items()
    for character in characters
}
UNKNOWN_ADVANCE = 700  # a wide guess: better room to spare than a clipped label
BOLD = 1.06  # semi-bold is 4% wider on average, 10% at most
SAFETY = 1.04  # a fallback typeface before ours has loaded
ELLIPSIS = "\u2026"


def _advance(character: str) -> int:
    base = unicodedata.normalize("NFKD", character)[:1]
    return ADVANCES.get(character) or ADVANCES.get(base) or UNKNOWN_ADVANCE


def text_width(text: str, size: float = 13.0, *, bold: bool = False) -> float:
    """Measure plain text in pixels at ``size`` pixels, rounded up to the safe side."""
    thousandths = sum(_advance(character) for character in text)
    return thousandths * size / 1000 * SAFETY * (BOLD if bold else 1.0)


def widest(texts: Iterable[str], size: float = 13.0, *, bold: bool = False) -> float:
    """Measure the widest of some texts in pixels; 0 when there is none."""
    return max((text_width(text, size, bold=bold) for text in texts), default=0.0)


def shorten(text: str, room: float, size: float = 13.0, *, bold: bool = False) -> str:
    """Cut ``text`` to ``room`` pixels, ending in an ellipsis where something was left out."""
    if text_width(text, size, bold=bold) <= room:
        return text
    cut = text
    while cut and text_width(cut.rstrip() + ELLIPSIS, size, bold=bold) > room:
        cut = cut[:-1]
    return cut.rstrip(" ,;:-(") + ELLIPSIS


def escape(text: str) -> str:
    """Make text safe for Plotly, which reads a few HTML tags: a study's name is never markup."""
    return html.escape(re.sub(r"\s+", " ", text).strip(), quote=False)


def hover(head: object, *lines: str) -> str:
    """Text of a hover box: ``head`` in bold, then every line that is not empty."""
    return "<br>".join([f"<b>{escape(str(head))}</b>", *(escape(line) for line in lines if line)])


def line_breaks(text: str, room: float, size: float = 12.0) -> list[str]:
    """Break plain text into lines of at most ``room`` pixels; a longer word keeps its own line."""
    lines: list[str] = []
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(joined, size) <= room:
            lines[-1] = joined
        else:
            lines.append(word)
    return lines
