"""Small-study effects: tests, adjustments, and when to believe neither; each module is one method.

`asymmetry` holds the tests of the funnel, `significance` what is read from p values, and `cautions`
when not to rely on any of them.

Each result carries `cautions`: sentences with their source that belong beside the number. Effects
must be coded so that positive is the direction in which publication is favoured.
"""
