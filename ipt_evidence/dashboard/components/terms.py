"""Words of the trade, explained where they stand.

Three ways lead to the same short explanation. In running text the browser underlines each word of
the glossary with dots, once a page, and explains it on a click, without any word from the page's
code (``page/words.js``). Where a word carries the sentence, `explain` makes it a link that the
keyboard reaches. And each page ends in the list of the words it uses.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ipt_evidence.analyses.glossary import GLOSSARY
from ipt_evidence.analyses.glossary.matching import glossary_address, occurrences
from ipt_evidence.dashboard.components.page import tool

__all__ = ["explain", "words_on_this_page"]

# Not inside links, addresses, code, or directives of Streamlit.
_LEAVE = re.compile(r"!?\[[^\]]*\]\([^)]*\)|`[^`]*`|https?://\S+|:[a-z-]+\[[^\]]*\]|<[^>]*>")

_component = tool("words")


@lru_cache(maxsize=1024)
def explain(markdown: str) -> str:
    """Link the first use of each glossary word in ``markdown``, which is already escaped.

    A click opens the explanation in place; without scripts the link leads to the glossary.
    """
    taken = [match.span() for match in _LEAVE.finditer(markdown)]
    pieces: list[str] = []
    end = 0
    for key, start, stop in occurrences(markdown, markdown=True):
        if any(start < high and stop > low for low, high in taken):
            continue
        pieces += [markdown[end:start], f"[{markdown[start:stop]}]({_address(key)})"]
        end = stop
    return "".join([*pieces, markdown[end:]])


def _address(key: str) -> str:
    return glossary_address(GLOSSARY[key]).replace("(", "%28").replace(")", "%29")


def words_on_this_page() -> None:
    """End the page with the words of the glossary that occur on it, each one a button."""
    _component()
