"""Text from data on its way to the screen: markup in it is shown, never obeyed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from ipt_evidence.wording.tables import is_missing, safe_url

__all__ = ["escape", "link", "links", "quote"]

_SPACE = re.compile(r"[ \t\r\n]+")  # no-break spaces are meant
_NUMBER = re.compile(r"\b(g|CI|k =|[Rr]eference) (?=[−\d])")  # a name and its number share a line
# Streamlit and GitHub Markdown rewrite these in text that is no longer marked up: arrows, ≥,
# dashes, icons, bare addresses. An invisible word joiner keeps each from being recognised.
_REWRITTEN = re.compile(
    r"(?<=:)(?=material/|[a-z_]+:)|(?<=<)(?=[-=])|(?<=>)(?==)|(?<=-)(?=[->])|(?<==)(?=>)"
    r"|(?<=http)(?=s?:)|(?<=www)(?=\.)|(?<=\w)(?=@\w)",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-.!|~<>$:&^=])")


def escape(value: object) -> str:
    """Write ``value`` so that Markdown, HTML, LaTeX and colour directives in it stay plain text."""
    return "not reported" if is_missing(value) else _escaped(str(value))


@lru_cache(maxsize=4096)
def _escaped(text: str) -> str:
    line = _SPACE.sub(" ", text).strip()
    line = _NUMBER.sub("\\1\u00a0", line)
    return _MARKUP.sub(r"\\\1", _REWRITTEN.sub("\u2060", line))


def link(label: object, url: object) -> str:
    """Link ``label`` to ``url`` where the address is safe to open, else the label alone."""
    address = safe_url(url)
    if address is None:
        return escape(label)
    for unsafe, encoded in (("(", "%28"), (")", "%29"), ("<", "%3C"), (">", "%3E")):
        address = address.replace(unsafe, encoded)
    return f"[{escape(label)}]({address})"


def links(places: Iterable[tuple[str, str]]) -> str:
    """Links to each of ``places`` (words and address), in their order."""
    return " · ".join(link(words, address) for words, address in places)


def quote(value: object) -> str:
    """Set a phrase of a source as a quotation."""
    return f"> {escape(value)}"
