"""What can be wrong with a sweep besides its files: said in one message, without a traceback."""


class SweepError(Exception):
    """A sweep that cannot go on; its text says why and what to do."""
