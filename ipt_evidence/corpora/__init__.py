"""Everything that was published → candidates: corpora of millions of records, file by file.

coarse.py     where the taxonomy's words may stand; loses nothing that the tagger would take
signs.py      letters in other forms: outside ASCII, as escapes, as entities
lines.py      JSON lines in blocks
files.py      what a source holds: files of a folder, an address; what kind each file is
scanning.py   one file → a Parquet file of its candidates, and counts (the same on every engine)
pubmed.py     PubMed's baseline and update files, with deletions and revised versions
engines.py    one function over many items: processes here, or a Dask cluster
running.py    many files on an engine; goes on where it was stopped
gathering.py  the candidates of all files as one table, and the counts of a PRISMA 2020 flow
duplicates.py the same publication from several sources, by blocks
searching.py  full-text search over the result, in one SQLite file; panel.py its words and table

DuckDB, Dask and fsspec are the extra ``scale``; only who scans a corpus needs them.
"""
