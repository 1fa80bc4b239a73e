"""Where on the Condition page a specification can be seen, and what of it cannot be had there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ipt_evidence.analyses.multiverse.names import FACTOR_NAMES, option_name
from ipt_evidence.analyses.multiverse.result import Curve
from ipt_evidence.evidence.schema import COMPARATOR_TYPES
from ipt_evidence.evidence.selection import SERIOUS_FLAGS

__all__ = ["Address", "address_of"]

Query = dict[str, list[str]]
# Option -> filters of the Condition page, by their names in its address.
FILTERS: dict[tuple[str, str], Query] = {
    ("rater", "clinician"): {"rater": ["clinician"]},
    ("rater", "self_report"): {"rater": ["self_report"]},
    ("risk_of_bias", "not_high"): {"rob": ["low", "some_concerns", "unclear"]},
    ("risk_of_bias", "rated_better"): {"rob": ["low", "some_concerns"]},
    ("comparator", "no_waitlist"): {
        "against": [kind for kind in COMPARATOR_TYPES if kind not in ("waitlist", "no_treatment")]
    },
    ("comparator", "usual_care"): {"against": ["care_as_usual"]},
    ("population", "adults"): {"age": ["adults"]},
    ("treatment", "ipt"): {"variant": ["ipt", "ipt_adapted"]},
    ("warnings", "none"): {"without": list(SERIOUS_FLAGS)},
    ("reading", "double"): {"double": ["1"]},
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
            wanted = FILTERS.get((factor.id, option))
            if wanted is None:
                name = FACTOR_NAMES[factor.id].lower()
                missing.append(f"{name}: {option_name(factor.id, option)}")
            else:
                query |= wanted
    return Address(query, tuple(missing))
