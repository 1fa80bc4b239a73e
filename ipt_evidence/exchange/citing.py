"""To cite a view: an address that needs no server's memory, a citation, a BibTeX entry."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.view import View, parameters
from ipt_evidence.exchange.cited import Moved, cited_words
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import spell, upper_first

__all__ = ["Citation", "cite", "moved_sentence"]

AUTHORS = "The IPT evidence explorer contributors"
PRODUCT = "The IPT evidence explorer"


@dataclass(frozen=True, slots=True)
class Citation:
    """One view as others cite it: its whole address, a printed reference, a BibTeX entry."""

    address: str
    text: str
    bibtex: str


def cite(base: EvidenceBase, answer: Estimate, title: str, page: str, on: date) -> Citation:
    """How to cite ``answer`` as shown at the address ``page`` (without a query) on the day ``on``.

    The address holds filters, model, data version and the number, nothing else.
    """
    words = parameters(View(answer.selection.question, answer.model)) | cited_words(base, answer)
    pairs = [(word, value) for word, values in words.items() for value in values]
    address = f"{page}?{urlencode(pairs)}"
    what = f"{title} {_result(answer)}"
    text = (
        f"{AUTHORS} ({on.year}). {what} {PRODUCT}, data version {base.version}. "
        f"Retrieved {on:%Y-%m-%d} from {address}"
    )
    return Citation(address, text, _bibtex(base, what, address, on))


def _result(answer: Estimate) -> str:
    pooled = answer.pooled
    if pooled is None:
        return "[no trial with a usable result]."
    numbers = tables.estimate_with_interval(
        pooled.estimate, pooled.ci_lower, pooled.ci_upper, pooled.level
    )
    return f"[{spell(answer.k)} {'trial' if answer.k == 1 else 'trials'}, g {numbers}]."


def _bibtex(base: EvidenceBase, what: str, address: str, on: date) -> str:
    key = f"iptevidence{on.year}{hashlib.sha256(address.encode()).hexdigest()[:6]}"
    # Braces would end a field; the title comes from data.
    title = what.rstrip(".").replace("{", "(").replace("}", ")").replace("\\", "/")
    fields = {
        "author": f"{{{AUTHORS}}}",
        "title": title,
        "howpublished": PRODUCT,
        "note": f"Data version {base.version}",
        "year": str(on.year),
        "url": address,
        "urldate": f"{on:%Y-%m-%d}",
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
    return f"@misc{{{key},\n{lines}}}\n"


def moved_sentence(base: EvidenceBase, answer: Estimate, moved: Moved) -> str:
    """What a reader who follows a citation is told; empty when nothing moved at all."""
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
    numbers = tables.estimate_with_interval(estimate, lower, upper)
    return f"g {numbers} from {spell(k)} {'trial' if k == 1 else 'trials'}"


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
