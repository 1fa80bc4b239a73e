"""Where the words of the glossary occur in running text, for Python and for the browser alike.

A term is found under its name and its other names. Names that are ordinary words in other places
("weight", "outcome", "overlap") would send readers astray, so some terms have their own pattern,
and a few are looked for nowhere. Patterns use only what Python's and the browser's regular
expressions share.
"""

from __future__ import annotations

import re
from functools import cache
from urllib.parse import quote

from ipt_evidence.analyses.glossary import GLOSSARY, Term

__all__ = ["browser_terms", "glossary_address", "occurrences", "pattern"]

_GAP = "[ \u00a0]"  # numbers are kept with their name by a no-break space
OWN_PATTERNS = {
    "blinding": "[Bb]lind(?:ing|ed)",
    "che": "CHE|[Tt]hree-level model",
    "fixed_effects": "(?:[Ff]ixed|[Ee]qual|[Cc]ommon)(?: |-)effects?",
    "g": f"Hedges[’']?{_GAP}g|g(?={_GAP}(?:−|\\d))|[Ss]tandardi[sz]ed mean differences?|SMD"
    "|[Ee]ffect sizes?",
    "grade": "GRADE|[Cc]ertainty of (?:the )?evidence",
    "i2": "I²",
    "k": f"k(?={_GAP}=)|[Nn]umber of trials",
    "leave_one_out": "[Ll]eave-one-out",
    "maintenance": "[Mm]aintenance treatments?|[Rr]elapse prevention",
    "meta_analysis": "[Mm]eta-analys[ei]s",
    "moderator": "[Mm]oderators?|[Mm]eta-regressions?|[Ss]ubgroup analys[ei]s",
    "odds_ratio": "[Oo]dds ratios?",
    "p_value": f"p(?={_GAP}(?:=|<|[.]))|[Pp](?: |-)values?",
    "prediction_interval": "[Pp]rediction intervals?",
    "q": f"Q(?={_GAP}(?:=|\\d))|Cochran['’]s Q",
    "rho": "ρ",
    "robust": "[Rr]obust (?:standard )?errors|[Cc]luster-robust|CR2",
    "se": "[Ss]tandard errors?",
    "sd": "[Ss]tandard deviations?|SDs?",
    "size": "(?:[Ss]mall|[Mm]oderate|[Ll]arge)(?= effect)",
    "small_study_effect": "[Ss]mall-study effects?",
    "tau": "τ²?|[Bb]etween-study variance",
    "trial": "[Rr]andomi[sz]ed (?:controlled )?trials?|RCTs?",
    "usual_care": "(?:[Uu]sual care|(?:[Cc]are|[Tt]reatment) as usual|TAU)",
    "waiting_list": "[Ww]ait(?:ing)?(?: |-)?lists?",
}
# Ordinary words: only the glossary itself and the figures' captions explain them.
NOT_LOOKED_FOR = ("control", "outcome", "overlap", "weight")
MIN_WORD = 5  # shorter names are abbreviations, which keep their capitals


def pattern(key: str) -> str:
    """The regular expression that finds the term ``key``; "" where it is not looked for."""
    if key in NOT_LOOKED_FOR:
        return ""
    if key in OWN_PATTERNS:
        return OWN_PATTERNS[key]
    term = GLOSSARY[key]
    return "|".join(_named(name) for name in (term.name, *term.also))


def _named(name: str) -> str:
    literal = re.sub(r"([.*+?^${}()|\[\]\\])", r"\\\1", name)
    if len(name) < MIN_WORD or name[1:] != name[1:].lower():
        return literal
    return f"[{name[0].upper()}{name[0].lower()}]{literal[1:]}s?"


def glossary_address(term: Term) -> str:
    """The address of ``term`` in the glossary, from any page of the app."""
    return f"learn?topic=glossary&q={quote(term.name)}"


@cache
def browser_terms() -> list[dict[str, str]]:
    """What the browser needs to find and explain each term; plain text throughout."""
    return [
        {
            "name": term.name,
            "pattern": pattern(key),
            "meaning": term.meaning,
            "address": glossary_address(term),
            "topic": term.topic,
        }
        for key, term in GLOSSARY.items()
        if pattern(key)
    ]


@cache
def _finder(escaped: bool) -> re.Pattern[str]:
    parts = [f"(?P<{key}>{pattern(key)})" for key in GLOSSARY if pattern(key)]
    found = "|".join(parts)
    if escaped:  # Markdown, in which signs may stand behind a backslash
        found = found.replace("-", r"\\?-").replace(_GAP, _GAP + r"\\?")
    return re.compile(rf"(?<![\w\-])(?:{found})(?!\w)")


def occurrences(text: str, *, markdown: bool = False) -> list[tuple[str, int, int]]:
    """Find the first place of each term in ``text``: its key, where it starts and ends."""
    first: dict[str, tuple[str, int, int]] = {}
    for match in _finder(markdown).finditer(text):
        key = str(match.lastgroup)
        first.setdefault(key, (key, match.start(), match.end()))
    return sorted(first.values(), key=lambda found: found[1])
