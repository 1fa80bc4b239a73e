"""Databases in the Metapsy data standard (docs.metapsy.org), in and out.

standard.py   the standard's columns, their other names, and its rules, checked on a file
database.py   folder, ZIP or CSV file in any dialect → rows with line numbers, and metadata
coding.py     which rows are IPT, and what codes and names of scales mean
checks.py     whom a positive .g favours; g recomputed from the arms; implausible numbers
effects.py    a row → an effect; IPT against the other treatment of a multi-arm trial
studies.py    rows → trials; printed references → records with DOIs
context.py    every trial of a database → rows of context.csv
importing.py  all of it together; the result as an evidence base, and held against another
exporting.py  our effects → a file of the standard
"""

from __future__ import annotations

from ipt_evidence.exchange.metapsy.context import ContextRows, context_rows, write_context
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
    "ContextRows",
    "Database",
    "Difference",
    "Imported",
    "agreement",
    "check_format",
    "context_rows",
    "import_database",
    "metapsy_frame",
    "metapsy_text",
    "open_database",
    "write_base",
    "write_context",
    "write_database",
]
