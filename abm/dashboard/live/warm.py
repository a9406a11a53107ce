"""Whether the model is compiled, or loaded: two threads must not begin with it at once."""

from __future__ import annotations

import threading

ready = threading.Event()
"""Set, but for while the server warms up; who lays out a section waits for it."""
ready.set()
