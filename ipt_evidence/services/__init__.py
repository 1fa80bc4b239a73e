"""Records completed, checked and searched for at Crossref, OpenAlex, PubMed and Europe PMC.

settings.py    which services, under which addresses, how fast, with which contact and keys
faults.py      everything that a service can do wrong, by name
pacing.py      clocks, waiting and retrying: the only code that sleeps
transport.py   bytes off the wire, bounded in size and time
client.py      one question → one checked reply
downloads.py   one file from a known host
health.py      asked, answered, empty, failed: nothing fails in silence
works.py       what a service says about one publication
crossref.py, openalex.py, pubmed.py, europe_pmc.py
               per service: pure parsers of its replies, and thin functions that fetch them
store.py       answers kept on disk, so that a run that was stopped goes on where it was
matching.py    is this the paper that was meant: title, author and year, as a score
lookup.py      many records → their works, in batches
completion.py  missing fields filled, disagreements said
integrity.py   retractions, concerns, corrections, preprints
network.py     who cites whom, and what is cited together
searching.py   documented searches → new records
ranking.py     how likely a record is a randomised trial of IPT, each point explained
screening.py   a model that learns from decisions (an extra: scikit-learn)

Nothing here reads or writes the evidence base, and nothing is sent unless somebody asks for it.
"""

from __future__ import annotations
