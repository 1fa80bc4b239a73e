"""The words of a view as options of a command: the filters of the Condition page and the model."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import click

from ipt_evidence.cli.output import data_option
from ipt_evidence.evidence.estimation import Model
from ipt_evidence.evidence.facets import FACETS
from ipt_evidence.evidence.time_points import TIME_POINTS
from ipt_evidence.evidence.view import (
    DEFAULT_COMPARISON,
    DEPENDENCE,
    SEVERAL_VALUES,
    SWITCHES,
    VIEW_WORDS,
)
from ipt_evidence.meta_analysis.estimators import METHODS
from ipt_evidence.meta_analysis.models import TESTS

__all__ = ["Words", "view_options"]

Words = Mapping[str, tuple[str, ...]]
"""The words of a view that were given, as `evidence.view.read_view` takes them."""

_USUAL = Model()
_HELP = {
    "condition": "Condition id, like depression or social_anxiety.",
    "comparison": f"Comparison id, like control.  [default: {DEFAULT_COMPARISON}]",
    "time": "When outcomes were measured.  [default: post]",
    "source": "Only this source",
    "without": "Leave out effects and studies with this warning, like se_for_sd",
    "omit": "Leave out studies of this narrower condition, like ptsd",
    "excluded": "Leave out this study, by its id",
    "double": "Only effects that two people read from their source.",
    "printed": "Only effects that somebody printed: none derived or reconstructed.",
    "doubtful": "Count the doubtful supportive comparators on the other side.",
    "method": f"Estimator of tau²; EE and FE take it as 0.  [default: {_USUAL.method}]",
    "test": f"Test and interval; knha is Hartung-Knapp.  [default: {_USUAL.test}]",
    "dependence": "Combine several effects of one study first, or model all of them (REML, CR2 "
    f"errors).  [default: {_USUAL.dependence}]",
    "rho": f"Correlation of effects of one study.  [default: {_USUAL.rho}]",
    "outliers": "Leave out studies whose own interval lies wholly beside the pooled one.",
}
_TYPES = {
    "time": click.Choice(tuple(TIME_POINTS)),
    "method": click.Choice(METHODS),
    "test": click.Choice(TESTS),
    "dependence": click.Choice(DEPENDENCE),
    "rho": click.FloatRange(0, 1, max_open=True),
}


def view_options(
    *, needs_condition: bool = False
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add every word of a view as an option, and ``--data``; the function gets ``words``."""

    def added(function: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(function)
        def asked(**given: Any) -> None:
            chosen = {word: given.pop(word) for word in VIEW_WORDS}
            words = {word: found for word, value in chosen.items() if (found := _values(value))}
            function(words, **given)

        gathered: Callable[..., None] = data_option(asked)
        for word in reversed(VIEW_WORDS):
            required = needs_condition and word == "condition"
            gathered = click.option(f"--{word}", required=required, **_about(word))(gathered)
        return gathered

    return added


def _about(word: str) -> dict[str, Any]:
    """How the option of a word of a view takes its values."""
    facet = FACETS.get(word)
    kind, about = _TYPES.get(word), _HELP.get(word)
    if facet is not None and facet.filter is not None:
        kind, about = click.Choice(tuple(facet.choices)), facet.filter.label
    if word in SWITCHES:
        return {"is_flag": True, "help": about}
    if word in SEVERAL_VALUES:
        return {"type": kind, "multiple": True, "help": f"{about}; may be repeated."}
    return {"type": kind, "help": about}


def _values(given: Any) -> tuple[str, ...]:
    """What an option holds as an address writes it; empty where it was not given."""
    if isinstance(given, tuple):
        return given
    if given is None or given is False:
        return ()
    return ("1",) if given is True else (str(given),)
