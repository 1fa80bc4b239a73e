"""Records completed, checked and searched for at five services.

They are Crossref, OpenAlex, PubMed, Europe PMC and, for registered trials, ClinicalTrials.gov;
Unpaywall says where a paper can be read free of charge.

settings.py    which services, under which addresses, how fast, with which contact and keys
faults.py      everything that a service can do wrong, by name
connection.py  the rate limiter, retries, and bytes bounded in size and time
client.py      a question → a checked reply, kept in the one cache of replies
downloads.py   one file from a known host
works.py       what a service says about one publication
crossref.py, openalex.py, pubmed.py, europe_pmc.py
               per service: pure parsers of its replies, and thin functions that fetch them
clinical_trials.py
               registered trials, with and without a report
unpaywall.py   free copies of papers
lookup.py      many records → their works, in batches; searches, page by page
completion.py  is this the publication that was meant; missing fields and disagreements
integrity.py   retractions, concerns, corrections, preprints
ranking.py     how likely a record is a randomised trial of IPT, by rules or by a model

Only this package opens connections. It may import `ipt_evidence.citations` (records, names, the
readers of formats that services speak), never the other way round. Nothing here reads or writes the
evidence base, and nothing is sent unless somebody asks for it.
"""

from __future__ import annotations
