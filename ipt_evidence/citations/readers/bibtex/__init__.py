"""BibTeX and biblatex: Zotero, Better BibTeX, Mendeley, JabRef, EndNote, Scopus, Google Scholar.

splitting.py    text → entries; well-formed ones are tokenised on the way
repair.py       entries that are not: bibtexparser, then field by field, with notes
inheritance.py  crossref and xdata
conversion.py   fields → record (LaTeX, names, DOI, ...)
"""

from __future__ import annotations

import re

from ipt_evidence.citations.keys import invented_key
from ipt_evidence.citations.readers.bibtex.conversion import to_record
from ipt_evidence.citations.readers.bibtex.inheritance import inherit
from ipt_evidence.citations.readers.bibtex.repair import repair_block
from ipt_evidence.citations.readers.bibtex.splitting import Block, Macros, resolve, split_blocks
from ipt_evidence.citations.records import ReadResult, Rejected, Repaired

__all__ = ["looks_like_bibtex", "read_bibtex"]

_ENTRY_START = re.compile(r"^[ \t]*@[ \t]*[^\W\d_]+[ \t\n]*[{(]", re.MULTILINE)
_MAX_SHOWN = 2_000


def looks_like_bibtex(text: str) -> bool:
    """Whether an entry starts in the first part of ``text``."""
    return _ENTRY_START.search(text[:200_000]) is not None


def read_bibtex(text: str) -> ReadResult:
    """Records of a BibTeX text, entries that are beyond repair, and what was repaired.

    Every entry (``@type{...}`` other than comment, preamble and string) becomes a record or a
    rejected row.
    """
    result = ReadResult()
    blocks, macros = split_blocks(text)
    kept: list[Block] = []
    for block in blocks:
        if block.fields is None:
            reason = repair_block(block)
            if reason is not None:
                result.rejected.append(
                    Rejected(block.line, block.text.strip()[:_MAX_SHOWN], reason)
                )
                continue
        if block.waiting:
            _resolve_waiting(block, macros)
        kept.append(block)
    completed = inherit(kept)
    for position, block in enumerate(kept):
        own = block.fields or {}
        record = to_record(block.type, block.key, block.line, completed.get(position, own), own)
        if not record.key:
            record.key = invented_key(record)
            block.notes.append("the entry has no key; one was made from its first author and year")
        for note in block.notes:
            result.repaired.append(Repaired(block.line, record.key, note))
        result.records.append(record)
    return result


def _resolve_waiting(block: Block, macros: Macros) -> None:
    fields = block.fields
    if fields is None:
        return
    for name, pieces in block.waiting.items():
        fields[name], unknown = resolve(pieces, macros)
        for macro in unknown:
            block.notes.append(f"@string {macro} is not defined; its name is used in {name}")
