"""The Metapsy data standard as a table: columns, what they may hold, and their other names.

Described at https://docs.metapsy.org/data-preparation/format/ and checked there by the functions
``checkDataFormat`` and ``checkConflicts`` of metapsyTools; here are our own words and code. Arm 1
is the treatment, arm 2 what it is compared with. Missing is ``NA``.
"""

from __future__ import annotations

__all__ = [
    "ALIASES",
    "CHANGE",
    "DOTTED",
    "EVENTS",
    "ID_COLUMNS",
    "MEANS",
    "NUMERIC",
    "PRECALCULATED",
    "REQUIRED",
    "RESPONSE_ALIASES",
    "RESPONSE_OUTCOME",
    "STANDARD",
]

DESIGN = ("study", "condition_arm1", "condition_arm2", "multi_arm1", "multi_arm2", "outcome_type",
          "instrument", "time", "time_weeks", "rating")  # fmt: skip
MEANS = ("mean_arm1", "mean_arm2", "sd_arm1", "sd_arm2", "n_arm1", "n_arm2")
CHANGE = ("mean_change_arm1", "mean_change_arm2", "sd_change_arm1", "sd_change_arm2",
          "n_change_arm1", "n_change_arm2")  # fmt: skip
EVENTS = ("event_arm1", "event_arm2", "totaln_arm1", "totaln_arm2")
PRECALCULATED = ("precalc_g", "precalc_g_se", "precalc_log_rr", "precalc_log_rr_se")
DOTTED = (".id", ".g", ".g_se", ".log_rr", ".log_rr_se", ".event_arm1", ".event_arm2",
          ".totaln_arm1", ".totaln_arm2")  # fmt: skip

STANDARD = (*DESIGN, *MEANS, *CHANGE, *EVENTS, *PRECALCULATED, *DOTTED)

REQUIRED = (*DESIGN, *MEANS, *EVENTS)
"""Columns without which metapsyTools refuses a data set."""

ID_COLUMNS = ("study", "outcome_type", "instrument", "time", "time_weeks", "rating",
              "condition_arm1", "condition_arm2", "multi_arm1", "multi_arm2")  # fmt: skip
"""Together they must tell every row from every other."""

_STANDARD_NUMBERS = (
    *MEANS, *CHANGE, *EVENTS, *PRECALCULATED, *(name for name in DOTTED if name != ".id"),
)  # fmt: skip
NUMERIC = (*_STANDARD_NUMBERS, "time_weeks", "year", "rand_arm1", "rand_arm2", "mean_age",
           "percent_women", "n_sessions_arm1")  # fmt: skip
"""Columns that we read as numbers; all others stay text."""

ALIASES = {
    "n_randomized_arm1": "rand_arm1",
    "n_randomized_arm2": "rand_arm2",
    "female_percent": "percent_women",
    "n_sessions_ig": "n_sessions_arm1",
    "condition_arm1.detail": "detail_arm1",
    "condition_arm2.detail": "detail_arm2",
    "descr_arm1": "detail_arm1",
    "descr_arm2": "detail_arm2",
    "overall_rob": "rob_words",
    "reference": "full_ref",
}
"""Names that databases use beside those of the standard → ours. Compared in lower case."""

RESPONSE_ALIASES = {
    "study.es": "row_label",
    "therapy": "condition_arm1",
    "improved.ig": "event_arm1",
    "n.ig": "totaln_arm1",
    "improved.cg": "event_arm2",
    "n.cg": "totaln_arm2",
    "logrr": ".log_rr",
    "se.logrr": ".log_rr_se",
    "patient": "target_group",
}
"""The other schema: response rates, one row a comparison, without instrument or g."""

RESPONSE_OUTCOME = "response (calculated)"
