"""What reviewers decided about a record in a screening program, as its export tells it.

Rayyan writes decisions into a note: ``RAYYAN-INCLUSION: {"Ann"=>"Included"} | RAYYAN-LABELS: a |
RAYYAN-EXCLUSION-REASONS: b,c``. Covidence writes the reason of an exclusion into its notes, and the
decision into the name of the file. EPPI-Reviewer gives a status and codes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["DECISIONS", "Screened", "note_of", "screening_of"]

DECISIONS = ("included", "excluded", "maybe")
CONFLICT = "conflict"
NOTES = ("N1", "notes", "Notes", "note", "Note", "GN", "annote", "Extra", "extra")
"""What formats call the field that screening programs write into."""

_RAYYAN_PART = re.compile(r"\s*\|\s*")
# BibTeX has a backslash before some of these signs.
_VOTE = re.compile(
    r'\\?"([^"\\]+)\\?"\s*\\?=\\?>\s*\\?"?(included|excluded|maybe)\b', re.IGNORECASE
)
_REASON = re.compile(r"exclusion reason:\s*([^;\n|]+)", re.IGNORECASE)
_COVIDENCE_FILE = re.compile(r"_(included|excluded|irrelevant)_", re.IGNORECASE)
_EPPI = {"I": "included", "E": "excluded"}


@dataclass(frozen=True, slots=True)
class Screened:
    """Votes as (reviewer, one of `DECISIONS`), reasons of an exclusion, and labels."""

    votes: tuple[tuple[str, str], ...] = ()
    reasons: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()

    @property
    def decision(self) -> str:
        """One of `DECISIONS` where all reviewers agree, ``conflict``, or empty."""
        said = {vote for _, vote in self.votes}
        return said.pop() if len(said) == 1 else CONFLICT if said else ""

    def note(self) -> str:
        """As Rayyan writes it; what it uses to part one thing from the next is replaced."""
        votes = ", ".join(f'"{_plain(who)}"=>"{vote.title()}"' for who, vote in self.votes)
        parts = [f"RAYYAN-INCLUSION: {{{votes}}}"] if votes else []
        for name, values in (("LABELS", self.labels), ("EXCLUSION-REASONS", self.reasons)):
            if values:
                parts.append(f"RAYYAN-{name}: {','.join(map(_plain, values))}")
        return " | ".join(parts)


def _plain(text: str) -> str:
    return re.sub(r'[",|{}\s\\]+', " ", text).strip()


def note_of(raw: Mapping[str, str]) -> str:
    """The notes of a record as its file has them; empty without any."""
    return "\n".join(str(raw[name]) for name in NOTES if raw.get(name))


def screening_of(raw: Mapping[str, str], file: str = "") -> Screened | None:
    """The decisions in the original fields of a record; None where nobody decided.

    ``file`` is the name of its file, which says in Covidence's exports which list this is.
    """
    note = note_of(raw)
    if "RAYYAN-" in note:
        found = _rayyan(note)
    elif "ItemStatus" in raw:
        found = _eppi(raw)
    else:
        found = _covidence(raw, note, file)
    return found if found.votes or found.reasons or found.labels else None


def _rayyan(note: str) -> Screened:
    votes: list[tuple[str, str]] = []
    listed: dict[str, tuple[str, ...]] = {}
    for line in note.split("\n"):
        for part in _RAYYAN_PART.split(line):
            name, _, text = part.partition(":")
            name = name.strip().removeprefix("RAYYAN-")
            if name == "INCLUSION":
                votes += [(who.strip(), vote.lower()) for who, vote in _VOTE.findall(text)]
            elif name in ("LABELS", "EXCLUSION-REASONS"):
                listed[name] = _parts(text.strip(" |}"), ",")
    return Screened(tuple(votes), listed.get("EXCLUSION-REASONS", ()), listed.get("LABELS", ()))


def _covidence(raw: Mapping[str, str], note: str, file: str) -> Screened:
    reasons = tuple(dict.fromkeys(reason.strip() for reason in _REASON.findall(note)))
    lists = _COVIDENCE_FILE.search(file) if "Covidence #" in raw else None
    decision = "excluded" if reasons else ""
    if lists and not decision:
        decision = "included" if lists.group(1).lower() == "included" else "excluded"
    votes = (("Covidence", decision),) if decision else ()
    labels = _parts(raw.get("Tags", ""), ",;") if "Covidence #" in raw else ()
    return Screened(votes, reasons, labels)


def _eppi(raw: Mapping[str, str]) -> Screened:
    decision = _EPPI.get(raw["ItemStatus"])
    votes = (("EPPI-Reviewer", decision),) if decision else ()
    return Screened(votes, _parts(raw.get("Reasons", ""), "\n"), _parts(raw.get("Codes", ""), "\n"))


def _parts(text: str, signs: str) -> tuple[str, ...]:
    parts = (part.strip() for part in re.split(f"[{re.escape(signs)}]", text))
    return tuple(dict.fromkeys(part for part in parts if part))
