"""To cite a view, and to see how a number that somebody cited stands today.

The address of a cited view carries the data version and the number as printed, so that nothing
has to be stored anywhere: ``…&cited=26.1.0&was=34_0.50_0.34_0.65`` (k, estimate, interval).
"""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

import pandas as pd

from ipt_evidence.about import AUTHORS, PRODUCT, VERSION
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import TOO_FEW, Estimate
from ipt_evidence.evidence.package import released_names
from ipt_evidence.evidence.view import View, parameters
from ipt_evidence.living.snapshots import Snapshot, find
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import counted, upper_first
from ipt_evidence.wording.plain import safe_url
from ipt_evidence.wording.sentences import in_short

__all__ = [
    "CITED_WORDS",
    "PUBLIC_VARIABLE",
    "Citation",
    "Cited",
    "cite",
    "cited_words",
    "moved",
    "moved_sentence",
    "public_page",
    "read_cited",
]

PUBLIC_VARIABLE = "IPT_EVIDENCE_PUBLIC_URL"
CITED_WORDS = ("cited", "was")
_LONGEST = 64  # characters of a value; what is longer was not written by us
_SMALLEST = 1e-6  # a number that moved by less did not move


@dataclass(frozen=True, slots=True)
class Cited:
    """A number as it was cited: effects in standard deviations, to the two decimals printed."""

    version: str
    k: int
    estimate: float
    ci_lower: float
    ci_upper: float


@dataclass(frozen=True, slots=True)
class Moved:
    """How a cited number stands today.

    ``same_data``: the data have the cited version. ``same_number``: it reads as it did. ``came``,
    ``gone`` and ``changed`` name trials of the view by their labels; they are empty, and
    ``version_known`` is False, when the cited version is not among the released ones.
    """

    cited: Cited
    same_data: bool
    same_number: bool
    version_known: bool
    came: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


def cited_words(base: EvidenceBase, answer: Estimate) -> dict[str, tuple[str, ...]]:
    """The words that a citation adds to a view's address; none where nothing was pooled."""
    if answer.pooled is None:
        return {"cited": (base.version,)}
    pooled = answer.pooled
    numbers = (f"{value:.2f}" for value in (pooled.estimate, pooled.ci_lower, pooled.ci_upper))
    return {"cited": (base.version,), "was": ("_".join([str(answer.k), *numbers]),)}


def read_cited(words: Mapping[str, Sequence[str]]) -> Cited | None:
    """The citation in an address; None where there is none or it cannot be read."""
    version, was = (next(iter(words.get(word, ())), "")[:_LONGEST] for word in CITED_WORDS)
    parts = was.split("_")
    if not version or len(parts) != 4:
        return None
    try:
        k, numbers = int(parts[0]), [float(part) for part in parts[1:]]
    except ValueError:
        return None
    if k < 1 or not all(math.isfinite(number) for number in numbers):
        return None
    return Cited(version, k, *numbers)


def moved(base: EvidenceBase, answer: Estimate, cited: Cited) -> Moved:
    """Set the cited number beside today's answer to the same view."""
    pooled = answer.pooled
    now = None
    if pooled is not None:
        now = (answer.k, *(round(value, 2) for value in (
            pooled.estimate, pooled.ci_lower, pooled.ci_upper)))  # fmt: skip
    was = (cited.k, cited.estimate, cited.ci_lower, cited.ci_upper)
    same_number, same_data = now == was, cited.version == base.version
    release = cited.version.partition("+")[0]  # an unreleased state is held against its release
    if same_data or release not in released_names(base.folder):
        return Moved(cited, same_data, same_number, version_known=same_data)
    then = find(base, release)
    return Moved(
        cited,
        same_data=False,
        same_number=same_number,
        version_known=True,
        came=_labels(base, [s for s in answer.trials["study_id"] if not _held(then, s)]),
        gone=tuple(then.studies[s].label for s in _gone(then, answer)),
        changed=_labels(base, [s for s in answer.trials["study_id"] if _changed(then, answer, s)]),
    )


def _held(then: Snapshot, study: str) -> bool:
    """The released version could pool this study."""
    return any(effect.study_id == study and effect.include for effect in then.effects.values())


def _gone(then: Snapshot, answer: Estimate) -> list[str]:
    """Trials that answered this condition and comparison then, and cannot now."""
    question = answer.selection.question
    cell = then.cell(str(question.condition), str(question.comparison))
    usable = answer.selection.left_out
    usable = usable.loc[usable["include"].astype(bool)] if len(usable) else usable
    now = {*answer.trials["study_id"], *usable.get("study_id", ())}
    return [] if cell is None else [study for study in cell.trials if study not in now]


def _changed(then: Snapshot, answer: Estimate, study: str) -> bool:
    """An effect of this trial is new, or has another number than it had."""
    if not _held(then, study):
        return False
    effects = answer.selection.effects
    own = effects.loc[effects["study_id"] == study]
    for effect_id, *now in zip(own["effect_id"], own["yi"], own["vi"], strict=True):
        old = then.effects.get(effect_id)
        if old is None or not old.include or old.yi is None or old.vi is None:
            return True
        if max(abs(old.yi - now[0]), abs(old.vi - now[1])) > _SMALLEST:
            return True
    return False


def _labels(base: EvidenceBase, study_ids: Sequence[str]) -> tuple[str, ...]:
    labels: pd.Series[str] = base.studies.set_index("study_id")["label"]
    return tuple(str(labels[study]) for study in study_ids)


@dataclass(frozen=True, slots=True)
class Citation:
    """One view as others cite it: its whole address, a printed reference, a BibTeX entry.

    ``address`` is empty where the explorer has no public address.
    """

    address: str
    text: str
    bibtex: str


def public_page(page: str) -> str:
    """The public address of ``page`` (like ``anxiety``); empty where none is set.

    Whoever runs the explorer for others sets it (`PUBLIC_VARIABLE`); the address of somebody's
    own machine would lead a reader nowhere.
    """
    base = safe_url(os.environ.get(PUBLIC_VARIABLE, "").strip()) or ""
    return f"{base.rstrip('/')}/{page}" if base else ""


def cite(base: EvidenceBase, answer: Estimate, title: str, page: str, on: date) -> Citation:
    """How to cite ``answer`` as shown on ``page`` on the day ``on``.

    The view is given by its words (filters, model, data version, the number and nothing else),
    with the public address in front of them where there is one.
    """
    words = parameters(View(answer.selection.question, answer.model)) | cited_words(base, answer)
    view = urlencode([(word, value) for word, values in words.items() for value in values])
    public = public_page(page)
    address = f"{public}?{view}" if public else ""
    what = f"{title} {_result(answer)}"
    where = (
        f"Retrieved {on:%Y-%m-%d} from {address}"
        if address
        else (f"Retrieved {on:%Y-%m-%d}. View: {page}?{view}")
    )
    text = (
        f"{AUTHORS} ({on.year}). {what} {PRODUCT}, version {VERSION}, data version "
        f"{base.version}. {where}"
    )
    return Citation(address, text, _bibtex(base, what, address or f"{page}?{view}", on))


def _result(answer: Estimate) -> str:
    pooled = answer.pooled
    if pooled is None:
        return "[no trial with a usable result]."
    return f"[{in_short(pooled, answer.trials)}]."


def _bibtex(base: EvidenceBase, what: str, where: str, on: date) -> str:
    key = f"iptevidence{on.year}{hashlib.sha256(where.encode()).hexdigest()[:6]}"
    note = f"Version {VERSION}, data version {base.version}"
    place = {"note": note, "url": where} if safe_url(where) else {"note": f"{note}, view {where}"}
    # Braces would end a field; the title comes from data.
    title = what.rstrip(".").replace("{", "(").replace("}", ")").replace("\\", "/")
    fields = {
        "author": f"{{{AUTHORS}}}",
        "title": title,
        "howpublished": PRODUCT,
        **place,
        "year": str(on.year),
        "urldate": f"{on:%Y-%m-%d}",
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
    return f"@misc{{{key},\n{lines}}}\n"


def moved_sentence(base: EvidenceBase, answer: Estimate, moved: Moved) -> str:
    """The sentence for a reader who follows a citation; empty when nothing moved at all."""
    if moved.same_data and moved.same_number:
        return ""
    cited = moved.cited
    was = _numbers(cited.k, cited.estimate, cited.ci_lower, cited.ci_upper)
    pooled = answer.pooled
    if pooled is None:
        now = "no trial answers this view"
    else:
        now = _numbers(answer.k, pooled.estimate, pooled.ci_lower, pooled.ci_upper)
    start = f"This view was cited under data version {cited.version} with {was}. "
    if moved.same_number:
        return f"{start}Under today's version {base.version} it is the same."
    return f"{start}Under today's version {base.version} it is {now}. {_why(moved)}"


def _numbers(k: int, estimate: float, lower: float, upper: float) -> str:
    if k == TOO_FEW:
        return "two trials, too few to pool"
    numbers = tables.estimate_with_interval(estimate, lower, upper)
    return f"g {numbers} from {counted(k)}"


def _why(moved: Moved) -> str:
    if moved.same_data:
        return (
            "The data are those of the citation, so the address was changed, or the software "
            "computes otherwise: see the change log."
        )
    if not moved.version_known:
        return "That version is not among the released ones here, so which trials moved is unknown."
    parts = [
        f"{words}: {', '.join(labels)}"
        for words, labels in (
            ("trials that came", moved.came),
            ("trials that went", moved.gone),
            ("trials whose numbers were corrected", moved.changed),
        )
        if labels
    ]
    if not parts:
        return "The trials' numbers are the same; what changed is how trials are chosen or pooled."
    return upper_first("; ".join(parts)) + "."
