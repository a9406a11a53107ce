"""The snapshots that every format writes."""

from tests.exchange.conftest import run  # noqa: F401 - a fixture
