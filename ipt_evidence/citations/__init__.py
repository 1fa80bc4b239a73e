"""Citations: bibliographies in, one table with tags out.

records.py       what a citation is: the columns of the table
normal_forms.py, identifiers.py, people.py, latex.py
                 texts of fields → values of columns
sources.py       files, uploads and archives → bytes
decoding.py      bytes → text
readers/         text → records; a format is one module and one row of `readers.FORMATS`
collecting.py    records → tables, rejected and repaired rows
loading.py       all of these, file by file and part by part
taxonomy.py      the conditions, comparisons, designs, ... and the words that name them
tagging.py       citations × taxonomy → tags
deduplication/   the same publication from several databases → one record
writers/         citations → bibliographies; a format is one module and one row of `WRITERS`
"""

from __future__ import annotations
