"""What citeproc-py (0.11) looks up in a style again and again, looked up once.

For every reference it searches the style's XML for macros, terms and parents by XPath, and asks
every branch whether it could call a variable. Both depend on the style alone, which never changes
once it is read; remembered, an APA reference is set about three times as fast.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from citeproc import model  # type: ignore[import-untyped, unused-ignore]

__all__ = ["remember_lookups"]

_DONE = "remembers_its_lookups"


def remember_lookups() -> None:
    """Have the processor's elements remember their searches; a second call does nothing."""
    element = model.CitationStylesElement
    if getattr(element, _DONE, False):
        return
    element.xpath_search = _remembered_search(element.xpath_search)
    for kind in vars(model).values():
        if isinstance(kind, type) and "calls_variable" in vars(kind):
            kind.calls_variable = _remembered(vars(kind)["calls_variable"])  # type: ignore[attr-defined]
    setattr(element, _DONE, True)


def _remembered_search(search: Callable[[Any, str], list[Any]]) -> Callable[[Any, str], list[Any]]:
    found: dict[tuple[Any, str], list[Any]] = {}

    def xpath_search(self: Any, expression: str) -> list[Any]:
        place = (self, expression)
        if place not in found:
            found[place] = search(self, expression)
        return found[place]

    return xpath_search


def _remembered(ask: Callable[[Any], bool]) -> Callable[[Any], bool]:
    found: dict[Any, bool] = {}

    def calls_variable(self: Any) -> bool:
        if self not in found:
            found[self] = ask(self)
        return found[self]

    return calls_variable
