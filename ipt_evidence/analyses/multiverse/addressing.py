"""Where on the Condition page a specification can be seen, and what of it cannot be had there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ipt_evidence.analyses.multiverse.choices import WORDS
from ipt_evidence.analyses.multiverse.names import FACTOR_NAMES, option_name
from ipt_evidence.analyses.multiverse.result import Curve

__all__ = ["Address", "address_of"]

Query = dict[str, list[str]]
# Option -> choices of the Condition page, by their words in its address.
CHOICES: dict[tuple[str, str], Query] = {
    **{option: {word: list(v) for word, v in words.items()} for option, words in WORDS.items()},
    ("outliers", "out"): {"outliers": ["1"]},
    ("estimator", "PM"): {"method": ["PM"]},
    ("estimator", "DL"): {"method": ["DL"]},
    ("estimator", "EE"): {"method": ["EE"]},
    ("interval", "z"): {"test": ["z"]},
}
OWN_MODEL = ("method", "test", "dependence", "outliers", "rho")  # set by every specification


@dataclass(frozen=True, slots=True)
class Address:
    """The query of the Condition page that shows a specification, as far as it can.

    ``missing`` names the choices that the page does not offer; when there is any, it shows
    something else.
    """

    query: Query
    missing: tuple[str, ...]


def address_of(curve: Curve, place: int, current: Mapping[str, list[str]]) -> Address:
    """Turn a specification into the query of the Condition page.

    ``current`` is the query of the page that asks: its condition, comparison and filters hold.
    """
    query = {name: list(texts) for name, texts in current.items() if name not in OWN_MODEL}
    missing = []
    for factor, code in zip(curve.factors, curve.codes[place], strict=True):
        option = factor.options[code].id
        if factor.id == "rho":
            query["rho"] = [option]
        elif code:
            wanted = CHOICES.get((factor.id, option))
            if wanted is None:
                name = FACTOR_NAMES[factor.id].lower()
                missing.append(f"{name}: {option_name(factor.id, option)}")
            else:
                query |= wanted
    return Address(query, tuple(missing))
