"""What a reader takes away: a bundle that re-runs, a citation, a report, other programs' formats.

shown.py          the estimate on the screen, in the values that scripts need
r_script.py       analysis.R, python_script.py: the same number, elsewhere
bundle.py         all of it in one zip, byte for byte the same for the same input
"""
