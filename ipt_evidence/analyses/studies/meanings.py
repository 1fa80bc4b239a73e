"""Words that mean the same to somebody who searches, and the forms of one word."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["Alternatives", "alternatives"]

Alternatives = tuple[tuple[str, ...], ...]
"""Ways in which one thing may be written: each is a list of beginnings that must all occur."""

# Folded as texts are: no case, no accents, no hyphens. A group holds names of one thing.
SAME = (
    ("cbt", "cognitive behavioural therapy", "cognitive behavioral therapy",
     "cognitive behaviour therapy", "cognitive behavior therapy"),
    ("ipt", "interpersonal psychotherapy", "interpersonal therapy"),
    ("ipc", "interpersonal counselling", "interpersonal counseling"),
    ("adolescents", "adolescence", "teenagers", "teens", "youth", "youths", "young people"),
    ("older adults", "older people", "old people", "elderly", "later life", "late life",
     "geriatric", "seniors"),
    ("children", "child", "kids"),
    ("women", "woman", "female"),
    ("men", "man", "male"),
    ("postpartum", "postnatal", "after childbirth", "after birth", "new mothers", "new mums",
     "baby blues"),
    ("pregnant", "pregnancy", "antenatal", "prenatal", "antepartum"),
    ("medication", "pharmacotherapy", "antidepressants", "drug treatment", "pills", "tablets"),
    ("usual care", "care as usual", "treatment as usual", "tau"),
    ("waiting list", "waitlist", "wait list"),
    ("ptsd", "post traumatic stress", "posttraumatic stress"),
    ("gad", "generalised anxiety", "generalized anxiety"),
    ("social anxiety", "social phobia", "shyness", "shy"),
    ("depression", "depressive", "depressed", "low mood", "sadness", "feeling low"),
    ("veterans", "soldiers", "military", "armed forces"),
    ("binge", "overeating"),
    ("couples", "spouses", "marital", "marriage"),
    ("refugees", "displaced", "asylum seekers"),
    ("grief", "bereavement", "bereaved", "mourning", "losing somebody", "loss of a partner"),
    ("telephone", "phone"),
    ("internet", "online", "web based"),
    ("rct", "randomised controlled trial", "randomized controlled trial"),
    ("bdi", "beck depression inventory"),
    ("hdrs", "hamd", "ham d", "hamilton"),
    ("epds", "edinburgh postnatal"),
    ("africa", "african"),
    ("usa", "united states"),
    ("uk", "united kingdom", "england", "scotland", "wales"),
)  # fmt: skip
LONGEST = 4  # words of a name in these groups

# Endings of English words that a search looks past, the longest first.
_ENDINGS = ("ations", "ation", "ities", "ingly", "ings", "ity", "ing", "ion", "ies", "ers", "er",
            "ed", "es", "al", "s", "y", "e")  # fmt: skip
_STEM = 5  # letters that must be left


def alternatives(wanted: Sequence[str]) -> tuple[Alternatives, ...]:
    """For each thing that is looked for, the ways in which it may be written.

    ``wanted`` are folded words and phrases, as `search.parse_query` gives them. Single words that
    together are a name, like "cognitive behavioural therapy", are one thing.
    """
    found: list[Alternatives] = []
    place = 0
    while place < len(wanted):
        used, same = _named(wanted[place : place + LONGEST])
        one = tuple(wanted[place : place + used])
        own = tuple(form for word in one for form in (_form(word) if used == 1 else (word,)))
        ways = [(form,) for form in own] if used == 1 else [one]
        found.append(tuple(dict.fromkeys([*ways, *((name,) for name in same)])))
        place += used
    return tuple(found)


def _named(words: Sequence[str]) -> tuple[int, tuple[str, ...]]:
    """How many of the first words are a name, and the other names of that thing."""
    for used in range(len(words), 0, -1):
        said = " ".join(words[:used])
        for group in SAME:
            if said in group:
                return used, tuple(name for name in group if name != said)
    return 1, ()


def _form(word: str) -> tuple[str, ...]:
    """Beginnings shared by the forms of a word: "suicid" for suicide, suicides and suicidal."""
    if not word.isalpha():  # a phrase, or a number of a register
        return (word,)
    stem = next(
        (word[: -len(end)] for end in _ENDINGS
         if word.endswith(end) and len(word) - len(end) >= _STEM),
        word,
    )  # fmt: skip
    if stem != word and re.search(r"([^aeiou])\1$", stem):  # counselling: counsel
        stem = stem[:-1]
    american, british = re.sub("is$", "iz", stem), re.sub("iz$", "is", stem)
    return tuple(dict.fromkeys((stem, stem.replace("our", "or"), american, british)))
