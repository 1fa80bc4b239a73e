"""The words and tables of the Methods & data page."""

from __future__ import annotations

import platform
from functools import cache
from importlib.metadata import version

import pandas as pd

from ipt_evidence.about import ERRORS_ADDRESS
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.schema import Table
from ipt_evidence.wording import tables

__all__ = [
    "DATA_LEAD",
    "HOW_TO_CITE",
    "METHODS",
    "NOTHING_QUARANTINED",
    "QUARANTINED",
    "SOURCES_LEAD",
    "columns_table",
    "found_an_error",
    "sources_table",
    "versions",
]

METHODS = (
    (
        "How a number is made",
        "Every result is turned into one measure, **Hedges g**: the difference between the groups "
        "in standard deviations, with the exact correction for small samples (Hedges 1981, "
        "[doi:10.3102/10769986006002107](https://doi.org/10.3102/10769986006002107)). **A positive "
        "g always favours IPT**, whatever sign its source uses. Means and standard deviations come "
        "first; counts are turned into log odds ratios and those into g by the factor √3/π; an "
        "effect that a source reports itself is used as reported. Which of these it was stands "
        "beside every number.\n\n"
        "Several outcomes of one trial are combined first (correlation ρ = 0.6), so that "
        "**each trial counts once**. Trials are then pooled with a random-effects model: τ² by "
        "restricted maximum likelihood, confidence interval by Hartung and Knapp "
        "([doi:10.1002/sim.791](https://doi.org/10.1002/sim.791)), prediction interval from the t "
        "distribution with k − 1 degrees of freedom. The results agree with R metafor, to which "
        "the tests compare them.",
    ),
    (
        "What may be pooled",
        "Randomised trials of interpersonal psychotherapy with a result after treatment on the "
        "condition's main outcome, whose number was seen in its source. Not pooled, but shown with "
        "the reason: numbers that a second reader called doubtful, studies without "
        "randomisation, a second report of the same people, treatments that only share the name. "
        "A missing value stays missing; it is never read as zero.\n\n"
        "Numbers were read from their source once or twice by independent readers; each says "
        "which, and the Condition page can pool only those read twice.",
    ),
    (
        "What this cannot tell you",
        "Most trials compare IPT with usual care or a waiting list, and nobody can be blinded to "
        "talking: effects against such controls are larger than against an active treatment. "
        "Published trials are more often positive than unpublished ones. Conditions outside adult "
        "depression were searched by hand in abstracts and open data sets, so trials are missing. "
        "This is an evidence browser, not medical advice.",
    ),
)

SOURCES_LEAD = (
    "Facts and figures come from these sources, under their licences. Databases name the date "
    "of their last systematic search; trials published later are not in them."
)
NOTHING_QUARANTINED = "None: every row of the data passes every check."
QUARANTINED = (
    "These rows break a rule. They are shown here and used nowhere until they are corrected; "
    "`python -m ipt_evidence validate` prints the same list."
)
DATA_LEAD = (
    "Plain CSV in UTF-8, described by `datapackage.json` (a Frictionless data package). `NA` means "
    "not known; lists in a cell are separated by semicolons."
)
HOW_TO_CITE = (
    "Cite the explorer with its data version, and the sources behind the numbers that you use: "
    "the databases by their DOI, the trials by their own references (each view offers them as "
    "BibTeX). `CITATION.cff` in the repository holds the record of the explorer itself.\n\n"
    "[Follow new versions and answers that moved](feed.xml) with a feed reader (Atom)."
)


def found_an_error(address: str = ERRORS_ADDRESS) -> str:
    """How to report an error at ``address``, or where the project has none."""
    where = f"Report it at <{address}>." if address else "Tell whoever gave you this copy."
    return (
        f"{where} Name the page or the key of the row, say what it should be, and where that can "
        "be seen: a correction needs a source that others can open."
    )


@cached
def sources_table(base: EvidenceBase) -> pd.DataFrame:
    """One row a source: what it is, until when it searched, under which licence."""
    sources = base.sources.values()
    return pd.DataFrame(
        {
            "Source": [source.label for source in sources],
            "Kind": [source.kind.replace("_", " ") for source in sources],
            "Last search": [source.last_search or "no systematic search" for source in sources],
            "Licence": [source.licence or tables.NOT_REPORTED for source in sources],
            "Licence text": [tables.safe_url(source.licence_url) for source in sources],
            "Attribution": [source.attribution or source.label for source in sources],
            "Open": [tables.safe_url(source.address) for source in sources],
        }
    )


@cache  # tables of the schema never change
def columns_table(table: Table) -> pd.DataFrame:
    """The data dictionary of one table."""
    return pd.DataFrame(
        {
            "Column": [column.name for column in table.columns],
            "Meaning": [column.description for column in table.columns],
            "Unit": [column.unit for column in table.columns],
            "Allowed": [", ".join(column.levels) for column in table.columns],
            "Must be filled": ["yes" if column.required else "" for column in table.columns],
        }
    )


@cached
def versions(base: EvidenceBase) -> str:
    """Data and software versions behind what is on the screen."""
    packages = ("numpy", "scipy", "pandas", "streamlit", "plotly")
    software = ", ".join(f"{name} {version(name)}" for name in packages)
    return f"Data version {base.version}. Python {platform.python_version()}, {software}."
