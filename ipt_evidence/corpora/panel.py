"""What a search of a corpus found, in words and as a table."""

from __future__ import annotations

import pandas as pd

from ipt_evidence.corpora.searching import Hit, Results
from ipt_evidence.wording.phrases import counted, upper_first

__all__ = ["corpus_line", "corpus_table"]


def corpus_line(found: Results) -> str:
    """How many records fit, and that nobody has judged them."""
    if not found.hits:
        return "No record of the corpus fits."
    held = upper_first(counted(found.count, "record"))
    hold = "hold" if found.count > 1 else "holds"
    said = f"{held} of the corpus {hold} these words, chosen by rules and not by people."
    if found.count > len(found.hits):
        said += f" The {len(found.hits)} that fit best are shown."
    return said


def corpus_table(found: Results) -> pd.DataFrame:
    """The records, the best first: what they are, where the words stand, where to read on."""
    rows = [
        {
            "Title": one.title,
            "Year": one.year,
            "Open": _address(one),
            "Journal": one.journal,
            "In the abstract": "".join(text for text, _ in one.snippet) or "no abstract",
        }
        for one in found.hits
    ]
    return pd.DataFrame(rows)


def _address(one: Hit) -> str | None:
    if one.doi:
        return f"https://doi.org/{one.doi}"
    return f"https://pubmed.ncbi.nlm.nih.gov/{one.pmid}/" if one.pmid else None
