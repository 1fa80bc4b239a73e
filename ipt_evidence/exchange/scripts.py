"""The scripts of a bundle, ``analysis.R`` and ``analysis.py``, which compute an estimate again."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from importlib import resources
from typing import Any

from jinja2 import Environment, StrictUndefined, select_autoescape

from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.view import View, query

__all__ = ["Shown", "filled", "python_script", "r_script", "shown"]

# Iterative estimators of two programs stop at slightly different places.
TOLERANCE, TOLERANCE_CHE = 1e-5, 1e-4


@dataclass(frozen=True, slots=True)
class Shown:
    """One estimate as it stood on the screen.

    ``numbers`` are those a script compares itself with: estimate, ci_lower, ci_upper and, where
    they exist, pi_lower, pi_upper and tau2. ``method`` is metafor's name of the estimator.
    """

    title: str
    address: str
    data_version: str
    k: int
    n_effects: int
    method: str
    test: str
    rho: float
    level: str
    che: bool
    numbers: dict[str, float]

    @property
    def tolerance(self) -> float:
        """How far another program's number may lie from ours and still be called the same."""
        return TOLERANCE_CHE if self.che else TOLERANCE


def shown(base: EvidenceBase, answer: Estimate, title: str) -> Shown:
    """Take from ``answer`` what a script needs; without a pooled effect ``numbers`` is empty."""
    pooled, model = answer.pooled, answer.model
    che = pooled is not None and pooled.method == "CHE"
    names = ["estimate", "ci_lower", "ci_upper"]
    if answer.k > 1:
        names += ["tau2"] if che else ["pi_lower", "pi_upper", "tau2"]
    numbers = {} if pooled is None else {name: getattr(pooled, name) for name in names}
    return Shown(
        title=_one_plain_line(title),
        address=query(View(answer.selection.question, model)),
        data_version=base.version,
        k=answer.k,
        n_effects=len(answer.selection.effects),
        method=model.method,
        test=model.test,
        rho=model.rho,
        level=f"{model.level:g}",
        che=che,
        numbers={name: float(value) for name, value in numbers.items() if value is not None},
    )


def _one_plain_line(title: str) -> str:
    """``title`` as it may stand in a comment of a program: it must not end it and become code."""
    return " ".join(title.split()).replace("\\", "/").replace('"', "'")


def r_script(shown: Shown) -> str:
    """The text of ``analysis.R`` for what stands on the screen."""
    return filled("analysis.R.jinja", shown)


def python_script(shown: Shown) -> str:
    """The text of ``analysis.py``: a page of NumPy that needs nothing of ours, but for CHE."""
    return filled("analysis.py.jinja", shown)


def filled(template: str, shown: Shown, **more: Any) -> str:
    """The ``template`` of this folder for what stands on the screen, and what ``more`` it needs."""
    environment = Environment(
        autoescape=select_autoescape(default_for_string=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    text = (resources.files(__package__) / template).read_text(encoding="utf-8")
    facts = {**asdict(shown), "tolerance": shown.tolerance, **more}
    return environment.from_string(text).render(facts)
