"""People's names as bibliographies write them → family and given names.

``Family, Given`` is read here; every other shape (``Given von Family``, ``von Family, Jr, Given``,
braces inside) by bibtexparser, which follows BibTeX's own rules.
"""

from __future__ import annotations

import re

from bibtexparser.middlewares.names import (
    parse_single_name_into_parts,
    split_multiple_persons_names,
)

from ipt_evidence.citations.latex import decode, decode_accents
from ipt_evidence.citations.memo import Memo
from ipt_evidence.citations.records import Person, normal_space

__all__ = ["parse_names"]

_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
_CAPITAL_AND = re.compile(r" (?:A[Nn][Dd]|a[nN]D|aN[dD]) |^and | and$")
_UNUSUAL = re.compile(r"[{}\\=~]")
_OTHERS = re.compile(r"(?:^|[\s,]+)(?:\{?others\}?|et\.?\s+al\b\.?)\s*$", re.IGNORECASE)
_LABELLED = re.compile(r"\b(family|given|prefix|suffix)(?:-i)?\s*=\s*\"?([^,\"]+)\"?")
_MAX_NAME = 2_000
_MAX_LIST = 100_000


def parse_names(text: str) -> tuple[list[Person], bool]:
    """The people of a BibTeX name list, and whether it ends in ``and others``.

    Particles stay with the family name. A name in braces of its own is a body: it becomes a
    family name without a given name. Names that hold no letter or digit are left out.
    """
    text = normal_space(text)
    names = text.split(" and ")
    simple = len(text) < _MAX_LIST and text.lower().count(" and ") == len(names) - 1
    if simple and not text.startswith("and ") and not text.endswith(" and"):
        if "{" not in text or all(name.count("{") == name.count("}") for name in names):
            return _of_each(names)
    return _parse_list(text)


def _of_each(names: list[str]) -> tuple[list[Person], bool]:
    """The people of names that stand apart; what was parsed once is remembered."""
    people = list(map(_ONE_PERSON.__getitem__, names))
    if all(people):
        return people[:], False  # without the room that a growing list keeps
    others = False
    several: list[Person] = []
    for name, person in zip(names, people, strict=True):
        if not person:
            person, more = _person_of(name)
            others = others or more
        if person:
            several.append(person)
    return several, others


def _person_of(name: str) -> tuple[Person, bool]:
    """The person of one name, empty when it names none, and whether there are more."""
    people, others = _parse_list(name)
    return (people[0] if people and people[0]["family"] else {}), others


def _one_person(name: str) -> Person:
    """The person of a name; empty where that is not all that can be said about it."""
    person, more = _person_of(name)
    return {} if more else person


_ONE_PERSON = Memo(_one_person)
"""A person is one object wherever the name occurs again: it is to be read, not changed."""


def _parse_list(text: str) -> tuple[list[Person], bool]:
    text = normal_space(decode_accents(text))
    if not _UNUSUAL.search(text):
        names = _AND.split(text) if _CAPITAL_AND.search(text) else text.split(" and ")
    elif "{" in text and text.count("{") == text.count("}"):
        names = split_multiple_persons_names(text)
    else:
        names = _AND.split(text)
    people: list[Person] = []
    others = False
    may_be_cut = "thers" in text or " al" in text.lower()
    plain = not _UNUSUAL.search(text)
    for name in names:
        if may_be_cut and _OTHERS.search(name):
            others = True
            name = _OTHERS.sub("", name)
        person = _parse_name(name, plain)
        if person is not None:
            people.append(person)
    return people, others


def _parse_name(name: str, plain: bool) -> Person | None:
    family, comma, given = name.partition(",")
    if comma and "," not in given and (plain or not _UNUSUAL.search(name)):
        family, given = family.strip(), given.strip()
        if family and given:
            return {"family": family, "given": given}
        return _person(family or given, "", "")
    return _parse_unusual(name)


def _parse_unusual(name: str) -> Person | None:
    name = name.strip().rstrip(",").strip()
    if not name or len(name) > _MAX_NAME:
        return _body(name)
    if name[0] == "{" and name[-1] == "}" and _is_one_group(name):
        return _body(name)
    labels = dict(_LABELLED.findall(name)) if "=" in name else {}
    if "family" in labels:  # biblatex: family=Berg, prefix=van der, given=Hans
        family = decode(f"{labels.get('prefix', '')} {labels['family']}")
        return _person(family, decode(labels.get("given", "")), decode(labels.get("suffix", "")))
    parts = parse_single_name_into_parts(name, strict=False)
    family = decode(" ".join([*parts.von, *parts.last]))
    given = decode(" ".join(parts.first))
    return _person(family or given, given if family else "", decode(" ".join(parts.jr)))


def _person(family: str, given: str, suffix: str) -> Person | None:
    if not any(sign.isalnum() for sign in family + given):
        return None
    person = {"family": family, "given": given}
    if suffix:
        person["suffix"] = suffix
    return person


def _body(name: str) -> Person | None:
    return _person(decode(name), "", "")


def _is_one_group(name: str) -> bool:
    """Whether the brace that opens ``name`` is closed by its last character."""
    depth = 0
    for position, sign in enumerate(name):
        depth += (sign == "{") - (sign == "}")
        if depth == 0:
            return position == len(name) - 1
    return False
