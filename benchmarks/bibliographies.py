"""Seeded bibliographies for the benchmarks: the same records in BibTeX, RIS and nbib.

A record has five authors with accents, a title, a journal, an abstract of about 1.2 kB, a DOI and
five keywords: what a search in a bibliographic database gives.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

__all__ = ["FORMATS", "bibliography", "records"]

_FAMILIES = (
    ('M{\\"u}ller', "Müller"),
    ("Garc{\\'i}a", "García"),
    ("S{\\o}rensen", "Sørensen"),
    ("Nov{\\'a}k", "Novák"),
    ("Dvo{\\v{r}}{\\'a}k", "Dvořák"),
    ("Fran{\\c{c}}ois", "François"),
    *((name, name) for name in "Smith Jones Weissman Markowitz Cuijpers Andersson Nguyen".split()),
    *((name, name) for name in "Okafor Kim Tanaka Rossi Silva D'Aiuto Lindqvist".split()),
)
_GIVEN = (
    ("Jos{\\'e}", "José"),
    ('Bj{\\"o}rn', "Björn"),
    ("Ren{\\'e}e", "Renée"),
    ('Chlo{\\"e}', "Chloë"),
    *((name, name) for name in "Anna Myrna Gerald Pim John Li Wei Amina Sofia".split()),
)
_WORDS = (
    "interpersonal psychotherapy depression randomized controlled trial patients treatment group "
    "usual care symptoms outcome women postpartum adolescents anxiety disorder eating weekly "
    "sessions compared with waitlist significant improvement follow-up months effect size "
    "confidence interval and the of in for to"
).split()
_JOURNALS = (
    "Journal of Affective Disorders",
    "American Journal of Psychiatry",
    "Psychological Medicine",
)
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


@dataclass(frozen=True, slots=True)
class Reference:
    """One made-up record; people as (LaTeX family, family, LaTeX given, given, initial)."""

    number: int
    people: tuple[tuple[str, str, str, str, str], ...]
    title: str
    journal: str
    year: int
    volume: int
    issue: int
    page: int
    keywords: tuple[str, ...]
    words: tuple[str, ...]


def records(count: int, seed: int) -> Iterator[Reference]:
    """``count`` records; the same for the same seed."""
    chance = random.Random(seed)
    for number in range(count):
        people = tuple(
            (*chance.choice(_FAMILIES), *chance.choice(_GIVEN), chance.choice("ABCDEFGH"))
            for _ in range(5)
        )
        yield Reference(
            number=number,
            people=people,
            title=" ".join(chance.choices(_WORDS, k=12)).capitalize(),
            journal=chance.choice(_JOURNALS),
            year=chance.randrange(1975, 2026),
            volume=chance.randrange(1, 300),
            issue=chance.randrange(1, 12),
            page=chance.randrange(1, 900),
            keywords=tuple(chance.choices(_WORDS[:14], k=5)),
            words=tuple(chance.choices(_WORDS, k=163)),
        )


def _bibtex(item: Reference) -> str:
    people = " and ".join(f"{family}, {given} {sign}." for family, _, given, _, sign in item.people)
    words = " ".join(['na{\\"i}ve', *item.words, "30\\% ($p < .05$)"])
    number = item.number
    return f"""@article{{key{number:07d},
  author = {{{people}}},
  title = {{{{{item.title}}}}},
  journal = {{{item.journal}}},
  year = {{{item.year}}},
  volume = {{{item.volume}}},
  number = {{{item.issue}}},
  pages = {{{item.page}--{item.page + 9}}},
  doi = {{10.1000/J.{number:07d}}},
  issn = {{0165-{number % 10000:04d}}},
  url = {{https://doi.org/10.1000/j.{number:07d}}},
  keywords = {{{", ".join(item.keywords)}}},
  publisher = {{Elsevier {{BV}}}},
  abstract = {{{words}}}
}}

"""


def _ris(item: Reference) -> str:
    people = "\n".join(
        f"AU  - {family}, {given} {sign}." for _, family, _, given, sign in item.people
    )
    keywords = "\n".join(f"KW  - {word}" for word in item.keywords)
    words = " ".join(["naïve", *item.words, "30% (p < .05)"])
    return f"""TY  - JOUR
{people}
TI  - {item.title}
T2  - {item.journal}
PY  - {item.year}
VL  - {item.volume}
IS  - {item.issue}
SP  - {item.page}
EP  - {item.page + 9}
DO  - 10.1000/J.{item.number:07d}
SN  - 0165-{item.number % 10000:04d}
UR  - https://doi.org/10.1000/j.{item.number:07d}
PB  - Elsevier BV
{keywords}
AB  - {words}
ER  -

"""


def _nbib(item: Reference) -> str:
    people = "\n".join(
        f"FAU - {family}, {given} {sign}\nAU  - {family} {given[0]}{sign}"
        for _, family, _, given, sign in item.people
    )
    keywords = "\n".join(f"OT  - {word}" for word in item.keywords)
    words = ["naïve", *item.words, "30% (p < .05)"]
    lines = "\n      ".join(" ".join(words[n : n + 12]) for n in range(0, len(words), 12))
    return f"""PMID- {10_000_000 + item.number}
OWN - NLM
STAT- MEDLINE
IS  - 0165-{item.number % 10000:04d} (Print)
VI  - {item.volume}
IP  - {item.issue}
DP  - {item.year} {_MONTHS[item.number % 12]}
TI  - {item.title}.
PG  - {item.page}-{item.page + 9}
LID - 10.1000/j.{item.number:07d} [doi]
AB  - {lines}
{people}
LA  - eng
PT  - Journal Article
PT  - Randomized Controlled Trial
JT  - {item.journal}
{keywords}
AID - 10.1000/j.{item.number:07d} [doi]
SO  - {item.journal}. {item.year};{item.volume}({item.issue}):{item.page}-{item.page + 9}.

"""


FORMATS: dict[str, tuple[str, Callable[[Reference], str]]] = {
    "bibtex": (".bib", _bibtex),
    "ris": (".ris", _ris),
    "nbib": (".nbib", _nbib),
}


def bibliography(format_name: str, count: int, seed: int) -> Iterator[str]:
    """The records of a bibliography as text, one by one."""
    write = FORMATS[format_name][1]
    return map(write, records(count, seed))
