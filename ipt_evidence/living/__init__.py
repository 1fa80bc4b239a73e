"""A base that stays current: completed, checked, and searched for, on request alone.

files.py           the folder living/ of an evidence base: small tables and a log, written whole
queries.py         the documented search strings
runs.py            what was asked when, of whom, and how it went
enriching.py       references → completed fields, corrections, integrity, links
article_check.py   the article's printed references against what the services say
candidates.py      new records that wait for a decision, with a reason each
updating.py        searches → candidates; goes on where it was stopped
links.py           who cites whom; what the base may be missing
flow.py            counts for a PRISMA 2020 flow

Nothing enters the base by itself: a candidate waits, a correction waits, and only `integrity.csv`
is rewritten, with a date and the services that were asked.
"""

from __future__ import annotations
