"""What leaves for other programs and readers, and databases that come in.

bundle.py        one zip with which a stranger gets the number on the screen again
scripts.py       its programs in R and Python, methods_text.py its paragraph, figures.py its figures
formats.py       the rows of a view for metafor, RevMan and robvis
json_ld.py       metadata in the words of schema.org, and a bundle as an RO-Crate
report.py        a condition's report as an HTML page or Word document
citation.py      how to cite a view, and how a cited number stands today
metapsy/         databases in the Metapsy data standard, in and out
"""
