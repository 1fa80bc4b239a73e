"""Words of meta-analysis in plain English, searchable; a quoted convention names its source."""

from __future__ import annotations

import unicodedata

from ipt_evidence.analyses.glossary.terms import TERMS, Term

__all__ = ["GLOSSARY", "TITLE", "Term", "count_words", "find_terms"]

TITLE = "Glossary"
GLOSSARY = dict(sorted(TERMS.items(), key=lambda item: item[1].name.casefold()))


def _fold(text: str) -> str:
    """Write text without accents, case, hyphens and superscripts, so that "i2" finds I²."""
    plain = unicodedata.normalize("NFKD", text).casefold().replace("-", " ")
    return "".join(one for one in plain if not unicodedata.combining(one))


def find_terms(query: str) -> dict[str, Term]:
    """Terms in which every word of ``query`` occurs; those so named come before the others."""
    words = _fold(query).split()
    found = {
        key: term
        for key, term in GLOSSARY.items()
        if all(word in _fold(" ".join((term.name, *term.also, term.meaning))) for word in words)
    }
    if not words:
        return found
    named = {
        key: any(_fold(name).startswith(" ".join(words)) for name in (term.name, *term.also))
        for key, term in found.items()
    }
    return dict(sorted(found.items(), key=lambda item: not named[item[0]]))


def count_words(found: int) -> str:
    """How many terms are shown: "3 of 50 terms"."""
    if not found:
        return "No term fits. Try a shorter word, or empty the search to see all."
    return f"{found} of {len(GLOSSARY)} terms" if found < len(GLOSSARY) else f"{found} terms"
