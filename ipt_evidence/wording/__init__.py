"""What people read, without a screen: numbers as text and plain sentences.

``tables`` is the one place that rounds, ``sentences`` turns results into words by fixed rules.
Nothing here knows which face (page, command line, report) will show it.
"""
