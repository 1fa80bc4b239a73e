"""What an entry takes from others: ``crossref`` (BibTeX, biblatex) and ``xdata`` (biblatex).

A chapter's own title stays its own: the parent's ``title`` becomes its ``booktitle``, the parent's
``subtitle`` its ``booksubtitle``, as biblatex does (manual, appendix B, "Default inheritance
setup"). Fields that an entry has are never replaced.
"""

from __future__ import annotations

from ipt_evidence.citations.readers.bibtex.splitting import Block

__all__ = ["inherit"]

_CHAPTER_TYPES = frozenset(
    "inbook incollection inproceedings conference bookinbook suppbook suppcollection "
    "inreference".split()
)
_ARTICLE_TYPES = frozenset({"article", "suppperiodical"})
_IN_BOOK = {"title": "booktitle", "subtitle": "booksubtitle", "titleaddon": "booktitleaddon"}
_IN_JOURNAL = {"title": "journaltitle", "subtitle": "journalsubtitle"}
_NEVER = frozenset(
    "crossref xdata xref ids key keywords abstract annote annotation note file doi eprint pmid url "
    "urldate shorthand label options presort sortkey entryset relatedtype related langid".split()
)
_MAX_GENERATIONS = 8


def inherit(blocks: list[Block]) -> dict[int, dict[str, str]]:
    """Position in ``blocks`` → all fields, own and inherited, where an entry names a parent.

    A parent that the file does not hold is noted on the entry; circles end where they close.
    """
    by_key: dict[str, Block] = {}
    for block in blocks:
        by_key.setdefault(block.key.lower(), block)
    completed: dict[int, dict[str, str]] = {}
    for position, block in enumerate(blocks):
        if block.fields and ("crossref" in block.fields or "xdata" in block.fields):
            completed[position] = _complete(block, by_key, {block.key.lower()}, note=True)
    return completed


def _complete(
    block: Block, by_key: dict[str, Block], seen: set[str], *, note: bool = False
) -> dict[str, str]:
    own = dict(block.fields or {})
    for field_name in ("xdata", "crossref"):
        for key in own.get(field_name, "").split(","):
            wanted = key.strip().lower()
            if not wanted or wanted in seen or len(seen) > _MAX_GENERATIONS:
                continue
            parent = by_key.get(wanted)
            if parent is None or parent.fields is None:
                if note:
                    block.notes.append(f"{field_name} {key.strip()} is not in this file")
                continue
            inherited = _complete(parent, by_key, {*seen, wanted})
            _pass_on(inherited, own, block.type, whole=field_name == "xdata")
    return own


def _pass_on(parent: dict[str, str], child: dict[str, str], kind: str, *, whole: bool) -> None:
    becomes: dict[str, str] = {}
    if not whole and "title" in parent and "title" in child:
        if kind in _CHAPTER_TYPES:
            becomes = _IN_BOOK
        elif kind in _ARTICLE_TYPES:
            becomes = _IN_JOURNAL
    named = {"journal", "journaltitle"} & (child.keys() | parent.keys())
    for name, value in parent.items():
        if name in becomes and becomes[name] not in parent:
            if not (named and becomes[name] == "journaltitle"):
                child.setdefault(becomes[name], value)
        elif name not in becomes and (whole or name not in _NEVER):
            child.setdefault(name, value)
