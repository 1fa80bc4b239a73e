"""A reader's own table of effects or arms, in any dialect, to effects that can be pooled.

table.py      bytes of a CSV file, workbook, pasted text or export of RevMan Web → cells, and how
              they were read
arm_rows.py   an arm a row → a comparison a row
columns.py    what each column means, by its name
recipes.py    the ways from numbers to an effect, by measure
numbers.py    cells → numbers, and those that follow from others
shared_arms.py  one comparison arm in several comparisons: split, or the covariance of its effects
effects.py    rows → effects of one measure, each with what it was read as and what was done to it
bibliography.py  references of the studies, joined by DOI, title or label
moderators.py  columns by which trials are compared, and what the comparison shows
checks.py     what looks like a mistake: errors for deviations, signs, sizes, rows that stand twice
base.py       the effects as an evidence base, for the analyses and exports
"""
