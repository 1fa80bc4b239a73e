"""A view: the question and the model, and the words that name them in an address.

The dashboard, the REST interface, the command line and the reproduction bundle all name a view
with the same words, so that an address copied from one can be asked of another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from urllib.parse import urlencode

from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate, Model, estimate
from ipt_evidence.evidence.facets import FILTERS
from ipt_evidence.evidence.selection import Question
from ipt_evidence.evidence.time_points import TIME_POINTS
from ipt_evidence.meta_analysis.estimators import METHODS
from ipt_evidence.meta_analysis.models import TESTS

__all__ = [
    "DEFAULT_COMPARISON",
    "VIEW_WORDS",
    "View",
    "estimate_of",
    "known_values",
    "parameters",
    "query",
    "read_view",
]

DEFAULT_COMPARISON = "control"

# The word in an address, and the field of `Question` that it fills with any number of values.
_SEVERAL = {
    "source": "sources",
    **{facet.id: facet.filter.field for facet in FILTERS if facet.filter},
    "without": "without_flags",
    "excluded": "excluded",
}
_DEPENDENCE = ("aggregate", "che")
VIEW_WORDS = (
    "condition",
    "comparison",
    "time",
    *_SEVERAL,
    "double",
    "method",
    "test",
    "dependence",
    "rho",
    "outliers",
)
"""Every word that names a part of a view."""


@dataclass(frozen=True, slots=True)
class View:
    """What a reader looks at: which trials, pooled how."""

    question: Question
    model: Model = field(default_factory=Model)


@cached
def estimate_of(base: EvidenceBase, view: View) -> Estimate:
    """The estimate of a view; shared by everybody who asks for it, so read it only."""
    return estimate(base, view.question, view.model)


def parameters(view: View) -> dict[str, tuple[str, ...]]:
    """The words of an address for ``view``; what is at its default is left out.

    Condition and comparison are always there: a citation should say them.
    """
    question, model, usual, usual_time = view.question, view.model, Model(), Question().time
    words: dict[str, tuple[str, ...]] = {
        "condition": (str(question.condition),),
        "comparison": (str(question.comparison),),
    }
    words["time"] = (question.time,) if question.time != usual_time else ()
    words |= {word: getattr(question, name) for word, name in _SEVERAL.items()}
    words["double"] = ("1",) if question.only_double else ()
    for name in ("method", "test", "dependence"):
        value = getattr(model, name)
        words[name] = (value,) if value != getattr(usual, name) else ()
    words["rho"] = (f"{model.rho:g}",) if model.rho != usual.rho else ()
    words["outliers"] = ("1",) if model.without_outliers else ()
    return {word: values for word, values in words.items() if values}


def query(view: View) -> str:
    """``condition=depression&comparison=control&…``, always in the same order."""
    return urlencode([(word, value) for word, all_ in parameters(view).items() for value in all_])


def read_view(
    words: Mapping[str, Sequence[str]], base: EvidenceBase
) -> tuple[View, tuple[str, ...]]:
    """The view that ``words`` name, and those words that ``base`` does not know.

    An unknown word never raises: what it would have narrowed stays as wide as it was, and the
    caller says so. Words for something else than a view (``page``, ``study``) are passed over.
    """
    reader = _Reader(words, base)
    question = Question(
        condition=reader.one("condition", None),
        comparison=reader.one("comparison", DEFAULT_COMPARISON),
        time=reader.one("time", None) or Question().time,
        only_double=reader.switch("double"),
        **{name: reader.several(word) for word, name in _SEVERAL.items()},
    )
    usual = Model()
    model = Model(
        method=reader.one("method", usual.method) or usual.method,
        test=reader.one("test", usual.test) or usual.test,
        dependence=reader.one("dependence", usual.dependence) or usual.dependence,
        rho=reader.share("rho", usual.rho),
        without_outliers=reader.switch("outliers"),
    )
    return View(question, model), tuple(reader.ignored)


class _Reader:
    """Takes known values out of an address and remembers the others."""

    def __init__(self, words: Mapping[str, Sequence[str]], base: EvidenceBase) -> None:
        self._words = words
        self._known = known_values(base)
        self.ignored: list[str] = []

    def several(self, word: str) -> tuple[str, ...]:
        good = []
        for value in dict.fromkeys(self._words.get(word, ())):
            known = self._known[word]
            if known is None or value in known:
                good.append(value)
            else:
                self.ignored.append(f"{word}={value}")
        return tuple(good)

    def one(self, word: str, default: str | None) -> str | None:
        return next(iter(self.several(word)), default)

    def switch(self, word: str) -> bool:
        return list(self._words.get(word, ()))[:1] == ["1"]

    def share(self, word: str, default: float) -> float:
        for text in self._words.get(word, ()):
            try:
                value = float(text)
            except ValueError:
                value = -1.0
            if 0.0 <= value < 1.0:
                return value
            self.ignored.append(f"{word}={text}")
        return default


def known_values(base: EvidenceBase) -> dict[str, frozenset[str] | None]:
    """The values of each word; None where any value may stand."""
    studies = frozenset(base.studies["study_id"])
    known: dict[str, frozenset[str] | None] = {
        "condition": frozenset(condition.id for condition in base.taxonomy.conditions),
        "comparison": frozenset(comparison.id for comparison in base.taxonomy.comparisons),
        "source": frozenset(base.sources),
        **{facet.id: frozenset(facet.choices) for facet in FILTERS},
        "time": frozenset(TIME_POINTS),
        "without": None,
        "excluded": studies,
        "method": frozenset(METHODS),
        "test": frozenset(TESTS),
        "dependence": frozenset(_DEPENDENCE),
    }
    return known


def _check_complete() -> None:
    """A field added to `Question` without a word would silently be lost from every address."""
    words = {*_SEVERAL.values(), "condition", "comparison", "time", "only_double"}
    silent = {f.name for f in fields(Question)} - words
    if silent:
        raise TypeError(f"evidence/view.py has no word for {', '.join(sorted(silent))}")


_check_complete()  # once, when this module is loaded
