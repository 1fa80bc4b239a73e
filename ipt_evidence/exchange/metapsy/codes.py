"""The short codes of Metapsy databases in the words of our schema."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ipt_evidence.exchange.metapsy.dialect import Row

__all__ = ["Arm", "age_group", "arm_of", "conditions_of", "delivery", "rater", "risk_of_bias"]


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
_DIAGNOSES = {"mdd": "major_depression", "chr": "persistent_depression"}


def arm_of(row: Row, arm: int) -> Arm | None:
    """The arm in our words; None where its code says nothing that we know."""
    ours = {"comparator", "comparator_type"} & set(row.cells)  # a file that we wrote ourselves
    if arm == 2 and ours:
        words = row.text("comparator") or row.text("condition_arm2")
        return Arm(row.text("comparison"), row.text("comparator_type"), words)
    code = row.text(f"condition_arm{arm}").strip().lower()
    detail = row.text(f"detail_arm{arm}") or row.text(f"multi_arm{arm}")
    found = _ARMS.get(code)
    if found is None and code in _THERAPIES:
        return Arm("other_psychotherapy", "other_psychotherapy", _THERAPIES[code])
    if found is not None:
        return found
    named = _ARMS.get(re.sub(r"\s*\(.*\)$", "", detail).strip().lower())
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
    """How the treatment was delivered, or an empty text where the code does not say."""
    codes = {
        "ind": "individual", "individual": "individual", "grp": "group", "group": "group",
        "tel": "telephone", "gsh": "internet", "cpl": "couple_or_family",
        "couple": "couple_or_family", "mixed": "mixed",
    }  # fmt: skip
    found = codes.get(text.lower(), "")
    return "" if text.lower() == "gsh" else found  # guided self-help may be a book


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
