"""A base that stays current: completed, checked, and searched for, on request alone.

runs.py         the folder living/ of a base: search strings, tables, and the log of runs
updating.py     the two runs that ask services; they go on where they were stopped
refreshing.py   a run in a thread beside the app
corrections.py  differences between our records and the services'
candidates.py   new records that wait for a decision, and counts for a PRISMA 2020 flow
links.py        who cites whom; what the base may be missing
panel.py        words and tables, figures.py the figures
snapshots.py    a released version in small
changes.py      two versions side by side, and how a new one is released

Nothing enters the base by itself: a candidate waits, a correction waits, and only `integrity.csv`
is rewritten, with a date and the services that were asked.
"""
