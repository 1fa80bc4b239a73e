"""Building blocks of figures: theme, axes, rows, intervals and labels.

The figures themselves stand with their analysis (``analyses/*/figure.py``). Each takes a frame of
the numbers it shows, positive in favour of IPT, and gives a `plotly.graph_objects.Figure` on a
transparent ground. ``dark`` chooses the colours, ``compact`` the layout for screens from 320 to
some 700 pixels.
"""
