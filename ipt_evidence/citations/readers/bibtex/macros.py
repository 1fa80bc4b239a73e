"""BibTeX's macros: months, and what a file defines with ``@string``."""

from __future__ import annotations

__all__ = ["MONTHS", "Concatenation", "Macros", "resolve", "resolve_macros"]

MONTHS = {
    "jan": "January",
    "feb": "February",
    "mar": "March",
    "apr": "April",
    "may": "May",
    "jun": "June",
    "jul": "July",
    "aug": "August",
    "sep": "September",
    "oct": "October",
    "nov": "November",
    "dec": "December",
}
MAX_MACRO_CHARACTERS = 2_000
"""A @string is a name or an address; longer ones are cut."""

MAX_VALUE_CHARACTERS = 100_000
"""A value put together with ``#`` is not made longer than this."""

Macros = dict[str, str]
Concatenation = list[tuple[str, bool]]
"""Pieces of a value as (text, whether it is the name of a macro)."""


def resolve_macros(definitions: dict[str, Concatenation]) -> Macros:
    """Texts of the macros, in which macros may stand; unknown names stay as they are."""
    macros = dict(MONTHS)
    for name, pieces in definitions.items():
        macros[name] = resolve(pieces, macros)[0][:MAX_MACRO_CHARACTERS]
    return macros


def resolve(pieces: Concatenation, macros: Macros) -> tuple[str, list[str]]:
    """Text of a value and the macro names in it that nobody has defined (kept as they stand).

    A value stops growing at `MAX_VALUE_CHARACTERS`: macros of macros could fill the memory.
    """
    texts: list[str] = []
    unknown: list[str] = []
    length = 0
    for text, is_name in pieces:
        if is_name and text.lower() not in macros:
            unknown.append(text)
        elif is_name:
            text = macros[text.lower()]
        length += len(text)
        if length > MAX_VALUE_CHARACTERS and len(texts):
            break
        texts.append(text)
    return "".join(texts), unknown
