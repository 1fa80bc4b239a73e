"""``README.md`` of a bundle: for a stranger who knows nothing of us."""

from __future__ import annotations

from importlib import resources

from ipt_evidence.analyses.answer import answer_sentence
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.exchange.shown import Shown

__all__ = ["readme"]

_TEMPLATE = resources.files("ipt_evidence.exchange") / "bundle_readme.md"


def readme(base: EvidenceBase, answer: Estimate, facts: Shown) -> str:
    """The text of the bundle's README."""
    return _TEMPLATE.read_text(encoding="utf-8").format(
        title=facts.title,
        answer=answer_sentence(base, answer),
        sandwich=" and clubSandwich" if facts.che else "",
        python="with the explorer's package" if facts.che else "with NumPy and SciPy",
        n_effects=facts.n_effects,
        k=facts.k,
        sources="\n".join(_sources(base, answer)),
        version=facts.data_version,
        address=facts.address,
    )


def _sources(base: EvidenceBase, answer: Estimate) -> list[str]:
    lines = []
    for source_id, k in answer.studies_per_source.items():
        source = base.sources[source_id]
        facts = [f"{k} trials" if k > 1 else "1 trial"]
        facts += [f"searched up to {source.last_search}"] if source.last_search else []
        facts += [f"licence {source.licence}"] if source.licence else []
        facts += [source.address] if source.address else []
        lines.append(f"- {source.label}: {', '.join(facts)}. {source.attribution}".rstrip())
    return lines
