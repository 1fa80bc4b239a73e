"""``python -m ipt_evidence``."""

from ipt_evidence.cli import main

if __name__ == "__main__":
    main()
