"""What people see, without a screen: numbers as text, plain sentences and figures.

``tables`` is the one place that rounds, ``sentences`` turns results into words by fixed rules,
``charts`` draws them. Nothing here knows which face (page, command line, report) will show it.
"""
