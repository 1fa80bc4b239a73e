"""The audit: what an article says, what it cites for that, and whether the citation supports it."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from ipt_evidence.errors import DataError
from ipt_evidence.evidence.sources import build, entries, read_toml

__all__ = ["Audit", "AuditedReference", "BetterEvidence", "Claim", "load_audit"]

Verdict = Literal["supports", "partly", "does_not_support"]
VERDICTS: tuple[Verdict, ...] = ("supports", "partly", "does_not_support")


@dataclass(frozen=True, slots=True)
class BetterEvidence:
    """A paper or finding that answers the statement better than the reference cited."""

    text: str
    url: str = ""
    key: str = ""  # in references.bib, where the base holds the record


@dataclass(frozen=True, slots=True)
class AuditedReference:
    """One reference of the article: as printed, what it is, and the verdict on its use."""

    number: int
    key: str
    printed: str
    verdict: Verdict
    about_ipt: bool
    design: str
    reason: str
    condition: str = ""
    population: str = ""
    what_it_is: str = ""
    finding: str = ""
    design_tier: str = ""
    certainty: str = ""
    directness: str = ""
    acronym_collision: bool = False
    acronym_note: str = ""  # what the letters IPT stand for in this reference, in plain text
    citation_errors: tuple[str, ...] = ()
    better_evidence: tuple[BetterEvidence, ...] = ()
    quote: str = ""
    source_url: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement of the article, in our words, with the references it cites.

    ``section`` is the condition under which the article makes it; ``marker`` the citation as it
    is printed, ``marker_note`` says when that print is faulty.
    """

    id: str
    section: str
    statement: str
    references: tuple[int, ...]
    verdict: Verdict
    reason: str
    sub_condition: str = ""
    marker: str = ""
    marker_note: str = ""
    better_evidence: tuple[BetterEvidence, ...] = ()

    @property
    def condition(self) -> str:
        """The most specific condition of the taxonomy that the statement is about."""
        return self.sub_condition or self.section


@dataclass(frozen=True, slots=True)
class Audit:
    """All claims and all references of one article."""

    references: tuple[AuditedReference, ...] = ()
    claims: tuple[Claim, ...] = ()
    article: dict[str, str] = field(default_factory=dict)

    def reference(self, number: int) -> AuditedReference:
        """The reference that the article prints as ``number``; KeyError when there is none."""
        for reference in self.references:
            if reference.number == number:
                return reference
        raise KeyError(number)

    def verdict_counts(self) -> dict[str, int]:
        """How many references support their claim, support part of it, or do not carry it."""
        counts = Counter(reference.verdict for reference in self.references)
        return {verdict: counts[verdict] for verdict in VERDICTS}

    def conditions_without_evidence(self) -> tuple[str, ...]:
        """Conditions with claims of which no cited study of IPT supports even a part."""
        carried: dict[str, bool] = {}
        for claim in self.claims:
            cited = [self.reference(number) for number in claim.references]
            useful = any(r.about_ipt and r.verdict != "does_not_support" for r in cited)
            carried[claim.condition] = carried.get(claim.condition, False) or useful
        return tuple(condition for condition, useful in carried.items() if not useful)

    def to_dict(self) -> dict[str, Any]:
        """Plain lists and dictionaries, as the command line prints them."""
        return asdict(self)


def load_audit(path: Path) -> Audit:
    """Read ``claims.toml``.

    Raises
    ------
    DataError
        When the file is not TOML, lacks a field, has an unknown verdict, or a claim cites a
        number that is not among the references.
    """
    document = read_toml(path)
    references = tuple(
        _reference(entry, f"{path}: reference {entry.get('number', '?')}")
        for entry in entries(document, "references", path)
    )
    claims = tuple(
        _claim(entry, f"{path}: claim {entry.get('id', '?')}")
        for entry in entries(document, "claims", path)
    )
    _no_repeats("reference", [reference.number for reference in references], path)
    _no_repeats("claim", [claim.id for claim in claims], path)
    numbers = {reference.number for reference in references}
    for claim in claims:
        for number in claim.references:
            if number not in numbers:
                raise DataError(
                    f"{path}: claim {claim.id} cites reference {number}, which is not listed. "
                    "Add the reference or correct the number"
                )
    return Audit(references, claims, document.get("article", {}))


def _reference(entry: dict[str, Any], place: str) -> AuditedReference:
    built = build(AuditedReference, _with_better(entry, place), place)
    _check_verdict(built.verdict, place)
    return built


def _claim(entry: dict[str, Any], place: str) -> Claim:
    built = build(Claim, _with_better(entry, place), place)
    _check_verdict(built.verdict, place)
    return built


def _with_better(entry: dict[str, Any], place: str) -> dict[str, Any]:
    """The entry with its better evidence built; each item is a table of its own."""
    named = f"{place}: better_evidence"
    found = entry.get("better_evidence", [])
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise DataError(f"{named} must be a list of tables with text, url and key")
    better = tuple(build(BetterEvidence, item, named) for item in found)
    return {**entry, "better_evidence": better}


def _check_verdict(verdict: str, place: str) -> None:
    if verdict not in VERDICTS:
        raise DataError(
            f"{place}: verdict {verdict!r} is unknown. Use one of {', '.join(VERDICTS)}"
        )


def _no_repeats(what: str, names: list[Any], path: Path) -> None:
    for name in names:
        if names.count(name) > 1:
            raise DataError(f"{path}: {what} {name} stands there twice. Keep one")
