"""What a row's codes and names mean: which arm is IPT, what it is compared with, on which scale.

IPT hides under several labels, and "interpersonal" stands in the names of other therapies. The
order of the rules: what the arm is called, then what its free text says, then the reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from ipt_evidence.exchange.metapsy.database import Row

__all__ = [
    "Arm",
    "InstrumentNames",
    "Verdict",
    "age_group",
    "arm_of",
    "conditions_of",
    "delivery",
    "judge",
    "rater",
    "risk_of_bias",
    "slug",
]

_SAME = {
    "hamd": "hdrs", "hamd17": "hdrs-17", "hamd24": "hdrs-24", "hrsd": "hdrs", "hrsd17": "hdrs-17",
    "bdiii": "bdi-2", "bdii": "bdi-2", "bdi1a": "bdi-1", "cesd": "ces-d", "phq": "phq-9",
    "fneb": "bfne", "lsassr": "lsas-sr",
}  # fmt: skip
"""Other spellings (letters and digits only) → id in instruments.csv."""


class InstrumentNames:
    """Which instrument of the base a name in a database means."""

    def __init__(self, instruments: pd.DataFrame) -> None:
        keys = [str(key) for key in instruments["instrument_id"]]
        self._ids: dict[str, str] = {_plain(key): key for key in keys}  # an id before any label
        for key, label in zip(keys, instruments["label"], strict=True):
            self._ids.setdefault(_plain(str(label)), key)
        known = set(instruments["instrument_id"])
        self._ids |= {name: found for name, found in _SAME.items() if found in known}
        self._directions: dict[str, str] = dict(zip(keys, instruments["direction"], strict=True))

    def find(self, name: str) -> str:
        """The instrument's id; empty where the base does not know it."""
        return self._ids.get(_plain(name), "")

    def directions(self, names: Iterable[str]) -> dict[str, str]:
        """``lower_better`` or ``higher_better`` of those names that the base knows as scales."""
        found = {name: self._directions.get(self.find(name), "") for name in set(names)}
        return {
            name: way for name, way in found.items() if way in ("lower_better", "higher_better")
        }


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def slug(name: str) -> str:
    """A name as part of a key: lower case, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


@dataclass(frozen=True, slots=True)
class Arm:
    """A comparison arm: our comparison, kind of comparator (empty if unknown), and words."""

    comparison: str
    kind: str
    words: str


_WAITLIST = Arm("control", "waitlist", "waiting list")
_USUAL = Arm("control", "care_as_usual", "usual care")
_ARMS = {
    **dict.fromkeys(("wl", "wlc", "waitlist", "waiting list", "waitlist control"), _WAITLIST),
    **dict.fromkeys(("cau", "tau", "usual care", "treatment as usual"), _USUAL),
    **dict.fromkeys(("plac", "pla", "placebo", "pill placebo"),
                    Arm("control", "placebo", "placebo")),
    **dict.fromkeys(("nt", "no treatment"), Arm("control", "no_treatment", "no treatment")),
    "minimal attention": Arm("control", "active_control", "minimal attention"),
    **dict.fromkeys(("pha", "adm", "pharmacotherapy", "medication"),
                    Arm("pharmacotherapy", "pharmacotherapy", "medication")),
    **dict.fromkeys(("cbt", "ct", "cognitive behavior therapy"),
                    Arm("other_psychotherapy", "cbt", "cognitive behaviour therapy")),
}  # fmt: skip
_THERAPIES = {
    "3rd": "third-wave therapy", "bat": "behavioural activation", "dyn": "psychodynamic therapy",
    "pst": "problem-solving therapy", "sup": "supportive therapy", "lrt": "life review therapy",
    "other psy": "another psychotherapy", "dbt": "dialectical behaviour therapy",
    "pdp": "psychodynamic psychotherapy", "sft": "schema therapy", "exposure": "exposure therapy",
    "emdr": "eye movement desensitisation and reprocessing", "oth": "another psychotherapy",
    "other psychological treatment": "another psychological treatment",
}  # fmt: skip
_DISORDERS = (
    (r"inpatient", "inpatient_depression"), (r"social anxiety|\bsad\b", "social_anxiety"),
    (r"borderline", "borderline"), (r"ptsd|post-?traumatic", "ptsd"),
    (r"generali[sz]ed|\bgad\b", "generalised_anxiety"), (r"panic", "panic"),
    (r"bulimi", "bulimia"), (r"binge", "binge_eating"), (r"anorexi", "anorexia"),
    (r"eating|\bed\b", "eating_disorders"), (r"perinatal", "perinatal_depression"),
    (r"depress", "depression"), (r"anxiety", "anxiety"), (r"bipolar", "bipolar"),
)  # fmt: skip
_DELIVERIES = {
    "ind": "individual", "individual": "individual", "grp": "group", "group": "group",
    "tel": "telephone", "cpl": "couple_or_family", "couple": "couple_or_family", "mixed": "mixed",
}  # fmt: skip
_DIAGNOSES = {"mdd": "major_depression", "chr": "persistent_depression"}


def arm_of(row: Row, arm: int) -> Arm | None:
    """The arm in our words; None where its code says nothing that we know."""
    ours = {"comparator", "comparator_type"} & set(row.cells)  # a file that we wrote ourselves
    if arm == 2 and ours:
        words = row.text("comparator") or row.text("condition_arm2")
        return Arm(row.text("comparison"), row.text("comparator_type"), words)
    code = row.text(f"condition_arm{arm}").strip().lower()
    detail = row.text(f"detail_arm{arm}") or row.text(f"multi_arm{arm}")
    if code in _THERAPIES:
        return Arm("other_psychotherapy", "other_psychotherapy", _THERAPIES[code])
    named = _ARMS.get(code) or _ARMS.get(re.sub(r"\s*\(.*\)$", "", detail).strip().lower())
    if named is not None:
        return named
    if code in ("other ctr", "control", "other"):
        words = detail or f"control (database code {code!r})"
        return Arm("control", "", words)
    contrast = row.text("comparison").lower()
    words = detail or row.text(f"condition_arm{arm}")
    if "ctr" in contrast:
        return Arm("control", "", words)
    if contrast.count("psy") == 2:
        return Arm("other_psychotherapy", "other_psychotherapy", words)
    return None


def conditions_of(row: Row, shorthand: str) -> tuple[str, ...]:
    """Ids of our taxonomy for a row: its own disorder, or that of the database's name."""
    if ours := row.text("conditions"):  # a file that we wrote ourselves
        return tuple(name.strip() for name in ours.split(","))
    text = row.text("disorder") or shorthand.replace("-", " ")
    found = next((name for pattern, name in _DISORDERS if re.search(pattern, text, re.I)), "")
    if not found:
        return ()
    if found != "depression":
        return (found,)
    target = row.text("target_group").lower()
    own = [_DIAGNOSES.get(row.text("diagnosis").lower(), "depression")]
    if target.startswith("ppd") or "postpartum" in target or "perinatal" in target:
        return ("perinatal_depression", "depression")
    if row.text("age_group").lower().startswith("old") or target.startswith("old"):
        own.append("late_life_depression")
    return tuple(dict.fromkeys(own))


def rater(text: str) -> str:
    """Who rated, or an empty text."""
    lower = text.lower()
    if lower.startswith("self") or lower == "sr":
        return "self_report" if "clin" not in lower else "other"
    return "clinician" if lower in ("clinician", "cr", "clinician-rated") else ""


def delivery(text: str) -> str:
    """How the treatment was delivered, or an empty text where the code does not say.

    Guided self-help ("gsh") may be a book or a website, so it says nothing.
    """
    return _DELIVERIES.get(text.lower(), "")


def age_group(row: Row) -> str:
    """The age group in our words, or an empty text."""
    code = row.text("age_group").lower()
    if code.startswith("old"):
        return "older_adults"
    if code in ("adol", "adolescents"):
        return "adolescents"
    return "adults" if code in ("adul", "yadul") else ""


def risk_of_bias(row: Row) -> tuple[str, str]:
    """Level in our words, and the rating as the database gives it; both empty where none.

    Counts of criteria met (0 to 4, Cochrane tool version 1): 4 low, 2 to 3 some concerns, else
    high. Words of version 2 are taken over.
    """
    for column in ("rob_words", "rob"):
        text = row.text(column)
        words = text.lower().replace(" ", "_")
        if words in ("low", "some_concerns", "high", "unclear"):
            return words, f"{column} {text}"
        if column == "rob" and re.fullmatch(r"[0-4]", text):
            level = {"4": "low", "3": "some_concerns", "2": "some_concerns"}.get(text, "high")
            return (
                level,
                f"{text} of 4 criteria met; here 4 = low, 2 to 3 = some concerns, else high",
            )
    return "", ""


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
