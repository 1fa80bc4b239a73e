"""A view: the question and the model, and the words that name them in an address.

The dashboard, the REST interface, the command line and the reproduction bundle all name a view
with the same words, so that an address copied from one can be asked of another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import urlencode

from ipt_evidence.cache import cached
from ipt_evidence.errors import QuestionError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate, Model, estimate
from ipt_evidence.evidence.facets import FILTERS
from ipt_evidence.evidence.selection import Question
from ipt_evidence.evidence.time_points import TIME_POINTS
from ipt_evidence.meta_analysis.estimators import METHODS
from ipt_evidence.meta_analysis.models import TESTS

__all__ = [
    "DEFAULT_COMPARISON",
    "DEPENDENCE",
    "MODEL_WORDS",
    "SEVERAL_VALUES",
    "SWITCHES",
    "VIEW_WORDS",
    "View",
    "estimate_of",
    "known_values",
    "parameters",
    "query",
    "read_model",
    "read_view",
    "view_of",
]

DEFAULT_COMPARISON = "control"

# The word in an address, and the field of `Question` that it fills with any number of values.
_SEVERAL = {
    "source": "sources",
    **{facet.id: facet.filter.field for facet in FILTERS if facet.filter},
    "without": "without_flags",
    "omit": "without_conditions",
    "excluded": "excluded",
}
# The word that is on with the value 1, and the field of `Question` that it sets.
_SWITCHED = {
    "double": "only_double",
    "printed": "only_printed",
    "doubtful": "doubtful_moved",
}
DEPENDENCE = ("aggregate", "che")
"""What may become of several effects of one study, see `estimation.Model`."""

MODEL_WORDS = ("method", "test", "dependence", "rho", "outliers")
"""The words that say how a view is pooled; the others say which trials."""

VIEW_WORDS = ("condition", "comparison", "time", *_SEVERAL, *_SWITCHED, *MODEL_WORDS)
"""Every word that names a part of a view."""

SEVERAL_VALUES = tuple(_SEVERAL)
"""The words that may have more than one value."""

SWITCHES = (*_SWITCHED, "outliers")
"""The words that are on with the value 1."""

_OF_MODEL = {"method": METHODS, "test": TESTS, "dependence": DEPENDENCE}


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
    words |= {word: ("1",) if getattr(question, name) else () for word, name in _SWITCHED.items()}
    for name in ("method", "test", "dependence"):
        value = getattr(model, name)
        words[name] = (value,) if value != getattr(usual, name) else ()
    words["rho"] = (str(model.rho),) if model.rho != usual.rho else ()
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
    reader = _Reader(words, known_values(base))
    named: dict[str, Any] = {
        **{name: reader.several(word) for word, name in _SEVERAL.items()},
        **{name: reader.switch(word) for word, name in _SWITCHED.items()},
    }
    question = Question(
        condition=reader.one("condition", None),
        comparison=reader.one("comparison", DEFAULT_COMPARISON),
        time=reader.one("time", None) or Question().time,
        **named,
    )
    model = _model(reader)
    return View(question, model), tuple(f"{word}={value}" for word, value in reader.ignored)


def view_of(words: Mapping[str, Sequence[str]], base: EvidenceBase) -> View:
    """The view that ``words`` name, for whoever asks once and reads no notice beside the answer.

    Raises
    ------
    QuestionError
        When `read_view` would pass over a value; the message says which are known.
    """
    view, ignored = read_view(words, base)
    if ignored:
        raise QuestionError(_not_known(ignored, known_values(base)))
    return view


def read_model(words: Mapping[str, Sequence[str]]) -> Model:
    """The model that ``words`` name, for effects that come from no evidence base.

    Raises
    ------
    QuestionError
        When a value is not known; the message says which are.
    """
    known = {word: frozenset(values) for word, values in _OF_MODEL.items()}
    reader = _Reader(words, known)
    model = _model(reader)
    if reader.ignored:
        raise QuestionError(_not_known([f"{w}={value}" for w, value in reader.ignored], known))
    return model


def _model(reader: _Reader) -> Model:
    usual = Model()
    return Model(
        method=reader.one("method", usual.method) or usual.method,
        test=reader.one("test", usual.test) or usual.test,
        dependence=reader.one("dependence", usual.dependence) or usual.dependence,
        rho=reader.share("rho", usual.rho),
        without_outliers=reader.switch("outliers"),
    )


_MANY = 40  # values: more are not listed in a message


def _not_known(ignored: Sequence[str], known: Mapping[str, frozenset[str]]) -> str:
    """What was not known, and which values the first word of these takes."""
    word = ignored[0].partition("=")[0]
    values = sorted(known.get(word, ()))
    usual = "a number from 0 to below 1" if word == "rho" else "1"
    takes = f"one of {', '.join(values)}" if values else usual
    if len(values) > _MANY:
        takes = f"one of {len(values)} identifiers, like {values[0]}"
    return f"Not known: {', '.join(ignored)}. {word} takes {takes}"


class _Reader:
    """Takes known values out of an address and remembers the others."""

    def __init__(
        self, words: Mapping[str, Sequence[str]], known: Mapping[str, frozenset[str]]
    ) -> None:
        self._words = words
        self._known = known
        self.ignored: list[tuple[str, str]] = []

    def several(self, word: str) -> tuple[str, ...]:
        good = []
        for value in dict.fromkeys(self._words.get(word, ())):
            if value in self._known[word]:
                good.append(value)
            else:
                self.ignored.append((word, value))
        return tuple(good)

    def one(self, word: str, default: str | None) -> str | None:
        return next(iter(self.several(word)), default)

    def switch(self, word: str) -> bool:
        values = list(self._words.get(word, ()))
        self.ignored += [(word, value) for value in values if value != "1"]
        return values[:1] == ["1"]

    def share(self, word: str, default: float) -> float:
        for text in self._words.get(word, ()):
            try:
                value = float(text)
            except ValueError:
                value = -1.0
            if 0.0 <= value < 1.0:
                return value
            self.ignored.append((word, text))
        return default


def known_values(base: EvidenceBase) -> dict[str, frozenset[str]]:
    """The values of each word; a switch and ``rho``, a number, are not among them."""
    flags = (*base.studies["flags"], *base.effects["flags"])
    return {
        "condition": frozenset(condition.id for condition in base.taxonomy.conditions),
        "comparison": frozenset(comparison.id for comparison in base.taxonomy.comparisons),
        "source": frozenset(base.sources),
        **{facet.id: frozenset(facet.choices) for facet in FILTERS},
        "time": frozenset(TIME_POINTS),
        "without": frozenset(flag for own in flags for flag in own),
        "omit": frozenset(c.id for c in base.taxonomy.conditions if c.parent),
        "excluded": frozenset(base.studies["study_id"]),
        **{word: frozenset(values) for word, values in _OF_MODEL.items()},
    }


def _check_complete() -> None:
    """A field added to `Question` without a word would silently be lost from every address."""
    words = {*_SEVERAL.values(), *_SWITCHED.values(), "condition", "comparison", "time"}
    silent = {f.name for f in fields(Question)} - words
    if silent:
        raise TypeError(f"evidence/view.py has no word for {', '.join(sorted(silent))}")


_check_complete()  # once, when this module is loaded
