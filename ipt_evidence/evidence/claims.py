"""The audit: what an article says, what it cites for that, and whether the citation carries it."""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, TypeVar

from ipt_evidence.errors import DataError

__all__ = ["Audit", "AuditedReference", "BetterEvidence", "Claim", "load_audit", "read_toml"]

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
        """How many references carry their claim, carry part of it, or do not carry it."""
        counts = Counter(reference.verdict for reference in self.references)
        return {verdict: counts[verdict] for verdict in VERDICTS}

    def conditions_without_evidence(self) -> tuple[str, ...]:
        """Conditions with claims of which no cited study of IPT carries even a part."""
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
        _build(AuditedReference, entry, f"{path}: reference {entry.get('number', '?')}")
        for entry in document.get("references", [])
    )
    claims = tuple(
        _build(Claim, entry, f"{path}: claim {entry.get('id', '?')}")
        for entry in document.get("claims", [])
    )
    numbers = {reference.number for reference in references}
    for claim in claims:
        for number in claim.references:
            if number not in numbers:
                raise DataError(
                    f"{path}: claim {claim.id} cites reference {number}, which is not listed. "
                    "Add the reference or correct the number"
                )
    return Audit(references, claims, document.get("article", {}))


def read_toml(path: Path) -> dict[str, Any]:
    """The document in ``path``; DataError with place and remedy when it cannot be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(
            f"{path} is missing. Restore it, or name another evidence base with --data DIR"
        ) from None
    except UnicodeDecodeError as err:
        raise DataError(f"{path} is not UTF-8 (byte {err.start}). Save it as UTF-8") from err
    except tomllib.TOMLDecodeError as err:
        raise DataError(f"{path} is not valid TOML: {err}") from err
    except OSError as err:
        raise DataError(f"{path} cannot be read: {err.strerror}") from err


_Entry = TypeVar("_Entry", AuditedReference, Claim)


def _build(kind: type[_Entry], entry: dict[str, Any], place: str) -> _Entry:
    known = {f.name for f in fields(kind)}
    values = {name: value for name, value in entry.items() if name in known}
    for name in ("references", "citation_errors"):
        if name in values:
            values[name] = tuple(values[name])
    if "better_evidence" in values:
        values["better_evidence"] = tuple(
            BetterEvidence(**{k: str(v) for k, v in item.items() if k in ("text", "url", "key")})
            for item in values["better_evidence"]
        )
    try:
        built = kind(**values)
    except TypeError as err:
        raise DataError(f"{place}: {err}. Fill in what is missing") from err
    if built.verdict not in VERDICTS:
        raise DataError(
            f"{place}: verdict {built.verdict!r} is unknown. Use one of {', '.join(VERDICTS)}"
        )
    return built
