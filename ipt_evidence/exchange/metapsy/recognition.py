"""Which rows are trials of IPT: a verdict with its reason for every row that comes near.

IPT hides under several labels, and "interpersonal" stands in the names of other therapies. The
order of the rules: what the arm is called, then what its free text says, then the reference.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from ipt_evidence.exchange.metapsy.dialect import Row

__all__ = ["Verdict", "judge"]

Decision = Literal["ipt", "unsure", "excluded"]

_IPT_WORDS = r"(?:interpersonal (?:psycho)?therapy|interpersonal psychotherapies)"
_EXACT = re.compile(
    r"(?:(?:group|individual|brief|telephone|internet|adapted|culturally adapted|modified)[\s,-]+)*"
    rf"(?:ipt(?:-\w+)?|{_IPT_WORDS})(?:\s*\((?:ipt(?:-\w+)?|{_IPT_WORDS})\))?",
    re.IGNORECASE,
)
_COUNSELLING = re.compile(r"interpersonal counsell?ing(?:\s*\(IPC\))?|ipc", re.IGNORECASE)
_NAMED = re.compile(rf"\b(?:{_IPT_WORDS}|interpersonal counsell?ing|ipt)\b", re.IGNORECASE)
_NEAR = re.compile(r"interpersonal|\bipt\b", re.IGNORECASE)
_TITLE = re.compile(rf"\b(?:{_IPT_WORDS})\b", re.IGNORECASE)

_OTHERS = (
    (re.compile(r"affect(?:ive)?\s+(?:and|&)\s+interpersonal regulation|\bSTAIR\b", re.IGNORECASE),
     "skills training in affective and interpersonal regulation (STAIR), not IPT"),
    (re.compile(r"dynamic interpersonal therapy", re.IGNORECASE),
     "dynamic interpersonal therapy, a psychodynamic treatment, not IPT"),
    (re.compile(r"interpersonal support", re.IGNORECASE),
     "an interpersonal support intervention, not IPT"),
    (re.compile(r"psychodynamic interpersonal|psychodynamic-interpersonal", re.IGNORECASE),
     "psychodynamic interpersonal therapy, not IPT"),
    (re.compile(r"cognitive[- ]interpersonal|interpersonal cognitive", re.IGNORECASE),
     "a cognitive-interpersonal treatment, not IPT"),
    (re.compile(r"interpersonal (?:trauma|violence)", re.IGNORECASE),
     "“interpersonal” describes the trauma, not the treatment"),
)  # fmt: skip
"""Other treatments and other uses of the word, with what they are."""

_VAGUE = re.compile(r"other|mixed|non-trauma|^psychotherapy$|^psy$", re.IGNORECASE)
_ARM_TEXTS = ("condition_arm{}", "multi_arm{}", "detail_arm{}")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a row is about IPT: in which arm, why, and in which column the words stand."""

    decision: Decision
    reason: str
    column: str
    arm: int = 1
    variant: str = "ipt"


def judge(row: Row) -> Verdict | None:
    """The verdict on a row; None where nothing in it comes near IPT."""
    for arm in (1, 2):
        found = _named_arm(row, arm)
        if found:
            return found
    return _label(row) or _combined(row) or _free_text(row) or _by_reference(row)


def _named_arm(row: Row, arm: int) -> Verdict | None:
    """An arm whose code or description is IPT and nothing else."""
    code = row.text(f"condition_arm{arm}")
    for template in _ARM_TEXTS:
        column = template.format(arm)
        text = row.text(column)
        variant = "interpersonal_counselling" if _COUNSELLING.fullmatch(text) else "ipt"
        if not (_EXACT.fullmatch(text) or variant != "ipt"):
            continue
        reason = f"{column} is {text!r}"
        if column != f"condition_arm{arm}" and code:
            reason += f", although condition_arm{arm} is {code!r}"
        return Verdict("ipt", reason, column, arm, variant)
    return None


def _label(row: Row) -> Verdict | None:
    """A row label that ends in the arm's name, like "Stangier, 2011 - ipt"."""
    label = row.text("row_label")
    if re.search(r"[-–]\s*ipt$", label, re.IGNORECASE):
        reason = f"the row is named {label!r}, although its therapy is coded "
        return Verdict("ipt", reason + repr(row.text("condition_arm1")), "study.es")
    return None


def _combined(row: Row) -> Verdict | None:
    """IPT beside another treatment in the description of one arm."""
    for arm in (1, 2):
        for template in _ARM_TEXTS:
            column = template.format(arm)
            text = row.text(column)
            if _NAMED.search(text) and not any(pattern.search(text) for pattern, _ in _OTHERS):
                reason = f"{column} names IPT beside something else: {text!r}. Read the report"
                return Verdict("unsure", reason, column, arm)
    return None


def _free_text(row: Row) -> Verdict | None:
    """The word somewhere in the row but in no name of an arm."""
    for column, text in row.cells.items():
        if column in ("full_ref", ".id") or not _NEAR.search(text):
            continue
        other = next((words for pattern, words in _OTHERS if pattern.search(text)), "")
        reason = other or "the word stands in a text, and neither arm is named IPT"
        start = max(0, (_NEAR.search(text) or re.match("", text)).start() - 40)  # type: ignore[union-attr]
        return Verdict("excluded", f"{reason} ({column}: “…{text[start : start + 90]}…”)", column)
    return None


def _by_reference(row: Row) -> Verdict | None:
    text = row.text("full_ref")
    if not _NEAR.search(text):
        return None
    code = row.text("condition_arm1")
    other = next((words for pattern, words in _OTHERS if pattern.search(text)), "")
    if other:
        return Verdict("excluded", f"the reference names {other}", "full_ref")
    if _TITLE.search(text) and _VAGUE.search(code):
        reason = f"only the reference names IPT; the arm is coded {code!r}. Read the report"
        return Verdict("unsure", reason, "full_ref")
    return Verdict("excluded", f"only the reference names it; this arm is {code!r}", "full_ref")
