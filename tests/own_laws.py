"""Laws of a user that several tests share, so that the model is compiled for them once."""

from abm.scenario.scenario import Scenario
from abm.treatments.treatments import Infection

INFECTED = Scenario(
    name="infected", width=400.0, height=400.0, duration=192.0, snapshots=(), infections=(Infection(dose=50.0),)
)


def never(signal, permissiveness, cd8_contacts, p):
    """IL-6 awakens no cell."""
    return 0.0


NEVER = "il6_awakening_rate"
