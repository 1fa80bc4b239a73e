"""The IPT evidence explorer: ``streamlit run app.py``, or ``make run``."""

from ipt_evidence.dashboard.main import run

run()
