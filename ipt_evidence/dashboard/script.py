"""The script that Streamlit runs for each reader and each click."""

from ipt_evidence.dashboard.main import run

if __name__ == "__main__":
    run()
