"""Expected errors, which a client gets in the words of the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mcp.server.mcpserver.exceptions import ToolError

from abm.core.seeds import SeedError
from abm.mcp.jobs import LimitError
from abm.runs.errors import SweepError
from abm.runs.store.files import StorageError
from abm.runs.store.sealed import DamagedError
from abm.scenario.errors import ScenarioError
from abm.studies.sweep.selection import NoStudyError, UnknownNameError

EXPECTED = (
    *(ScenarioError, SeedError, LimitError, SweepError, StorageError, DamagedError, NoStudyError, UnknownNameError),
)


@contextmanager
def refusals() -> Iterator[None]:
    """Hand expected errors to the client, which sees their text; any other one is a fault of the server."""
    try:
        yield
    except EXPECTED as error:
        raise ToolError(str(error)) from error
