"""Databases in the Metapsy data standard (docs.metapsy.org), in and out.

standard.py      the standard's columns and their other names
dialect.py       data.csv in any dialect → rows with line numbers
database.py      folder, ZIP or CSV file → rows and metadata
recognition.py   which rows are IPT, and why
direction.py     whom a positive .g favours, found from the raw means
checks.py        g recomputed from the arms, standard errors among the SDs, implausible effects
codes.py         short codes → our words; instruments.py: names of scales → our instruments
effects.py       a row → an effect; pairs.py: IPT against the other treatment of a multi-arm trial
studies.py       rows → trials; references.py: printed references → records with DOIs
importing.py     all of it together; writing.py: the result as an evidence base
agreement.py     an import held against a base that holds the same database
exporting.py     our effects → a file of the standard; format_rules.py: the standard's rules
"""

from __future__ import annotations

from ipt_evidence.exchange.metapsy.database import Database, open_database
from ipt_evidence.exchange.metapsy.exporting import metapsy_frame, metapsy_text, write_database
from ipt_evidence.exchange.metapsy.importing import (
    Agreement,
    Difference,
    Imported,
    agreement,
    import_database,
    write_base,
)
from ipt_evidence.exchange.metapsy.standard import check_format

__all__ = [
    "Agreement",
    "Database",
    "Difference",
    "Imported",
    "agreement",
    "check_format",
    "import_database",
    "metapsy_frame",
    "metapsy_text",
    "open_database",
    "write_base",
    "write_database",
]
