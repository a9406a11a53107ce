"""Embers: dormant cancer cells, respiratory infection and IL-6 in a section of lung.

`abm.simulate("influenza", seed=1, days=28)`; names are imported on first use, so that `import abm` is fast.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from abm.core.kernels import imported

imported.watch()  # before any other module of the package is imported

if TYPE_CHECKING:
    __version__: str
    from abm.model.lung_model import LungModel as LungModel
    from abm.scenario.catalog import scenario_names as scenario_names
    from abm.scenario.errors import ScenarioError as ScenarioError
    from abm.scenario.read import load_scenario as load_scenario
    from abm.scenario.scenario import Scenario as Scenario
    from abm.studies.comparison import compare as compare
    from abm.studies.opening import open_run as open_run
    from abm.studies.opening import open_study as open_study
    from abm.studies.rules import rules_of as rules_of
    from abm.studies.simulation import simulate as simulate

_WHERE = {
    "LungModel": "abm.model.lung_model",
    "Scenario": "abm.scenario.scenario",
    "ScenarioError": "abm.scenario.errors",
    "compare": "abm.studies.comparison",
    "load_scenario": "abm.scenario.read",
    "open_run": "abm.studies.opening",
    "open_study": "abm.studies.opening",
    "rules_of": "abm.studies.rules",
    "scenario_names": "abm.scenario.catalog",
    "simulate": "abm.studies.simulation",
}
__all__ = [
    "LungModel",
    "Scenario",
    "ScenarioError",
    "__version__",
    "compare",
    "load_scenario",
    "open_run",
    "open_study",
    "rules_of",
    "scenario_names",
    "simulate",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    if name == "__version__":
        from abm.installation.package import installed_version

        return installed_version()
    if name not in _WHERE:
        raise AttributeError(f"module 'abm' has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)


def __dir__() -> list[str]:
    """The public names."""
    return list(__all__)
