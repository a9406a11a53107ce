"""Names of everything a site or a cell can be; mobile cells have a table of their own (`abm.rules.cells`).

The numbers are storage codes. Only those of the epithelium carry an order, that of an infection, which code compares.
"""

from enum import IntEnum


class SiteKind(IntEnum):
    """What a lattice site belongs to."""

    SEPTUM = 0  # airspace-facing alveolar surface, seen en face
    BRONCHIOLE = 1  # wall of a bronchiole
    VESSEL = 2  # artery, vein or venule, wall and lumen
    INTERSTITIUM = 3  # septal wall edge-on, sleeves of bronchioles and vessels
    AIRWAY = 4  # lumen of a bronchiole: air, no cell


class VirusOfRun(IntEnum):
    """The viruses that a run may have: that of the scenario, and another one that an infection names."""

    FIRST = 0
    SECOND = 1


EVERY_VIRUS = 0b11  # a T cell that recognizes cells infected by either; one bit for each virus


class EpithelialType(IntEnum):
    """Type of an epithelial cell."""

    AT1 = 0
    AT2 = 1
    BRONCHIOLAR = 2


class EpithelialState(IntEnum):
    """Life of an epithelial cell under infection."""

    HEALTHY = 0
    REFRACTORY = 1  # protected by interferon
    ECLIPSE = 2  # infected, makes no virus yet
    EXPRESSING = 3  # releases virions
    APOPTOTIC = 4
    DEAD = 5
    DENUDED = 6  # cleared away, to be regenerated


class CancerState(IntEnum):
    """Life of a disseminated cancer cell."""

    DORMANT = 0
    PROLIFERATING = 1
    REDORMANT = 2  # was awake once, dormant again
    DEAD = 3


class Phenotype(IntEnum):
    """Mesenchymal - hybrid - epithelial axis."""

    MESENCHYMAL = 0
    HYBRID = 1
    EPITHELIAL = 2


PHENOTYPES = len(Phenotype)


class Cause(IntEnum):
    """Why a cancer cell proliferates, or last did."""

    NEVER = 0
    SPONTANEOUS = 1
    IL6 = 2
    BORN_AWAKE = 3  # daughter of a dividing cell
    RULE = 4  # of the scenario


class EventKind(IntEnum):
    """What the event log records of a cancer cell."""

    AWAKENING = 0
    BIRTH = 1
    RETURN_TO_DORMANCY = 2
    DEATH = 3
    KILLED = 4
    LESION_DETECTED = 5
    ARRIVAL = 6


class Decision(IntEnum):
    """Kinds of decision: one stream of chance each, so that adding one never disturbs another."""

    SEEDING = 2
    INFECTION_CLOCK = 4
    ECLIPSE_TIME = 5
    EXPRESSING_TIME = 6
    DEATH_TIME = 7
    CLEARING = 8
    REFRACTORY_CLOCK = 10
    KILLING = 11
    ARRIVALS = 12
    ARRIVAL_SITE = 13
    IDENTITY = 14
    LEAVING = 15
    STEPS = 16
    HOP = 17
    SWITCH = 18
    CANCER_CLOCK = 20
    CANCER_OUTCOME = 21
    CYCLE_TIME = 22
    DIVISION_SITE = 23
    DRIFT = 24
    CRAWL = 25
    CRAWL_WAY = 26
    FOUNDERS = 27
    EATING = 29
    ROAM = 31
    THINNING = 32
    AGE = 33
    MOTHER = 34
    WHICH_VIRUS = 35
    SPECIFICITY = 36
