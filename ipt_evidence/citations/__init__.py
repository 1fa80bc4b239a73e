"""Citations: bibliographies in, one table with tags out.

records.py    what a citation is: columns and normal forms
decoding.py   bytes → text
readers/      one module or package a format
loading.py    files → table, rejected, repaired
taxonomy.py   the conditions, comparisons, designs, ... and the words that name them
tagging.py    citations × taxonomy → tags
"""

from __future__ import annotations
