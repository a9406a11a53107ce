"""Dosing as an environment of Gymnasium: each day an agent decides which drugs are given to an infected lung.

Importing this package registers `embers/Dosing-v0`, so `gymnasium.make("abm.gym:embers/Dosing-v0")` needs no other
import. It needs the extra `gym`.
"""

from __future__ import annotations

from abm.installation.optional_deps import need

need("gym")

import gymnasium  # noqa: E402 - only once it is known to be installed

from abm.gym.dosing import DosingEnv  # noqa: E402
from abm.gym.policies import PolicyComparison, compare_policies  # noqa: E402

ID = "embers/Dosing-v0"
if ID not in gymnasium.registry:
    gymnasium.register(ID, entry_point="abm.gym.dosing:DosingEnv")

__all__ = ["ID", "DosingEnv", "PolicyComparison", "compare_policies"]
