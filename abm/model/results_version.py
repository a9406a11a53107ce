"""The version of the results: with the same number, the same scenario and seed give the same bits.

It counts the rows of CHANGELOG.md that change results. Pages that quote numbers state it, and a test fails where a page
states an earlier one without saying so.
"""

RESULTS = 28
