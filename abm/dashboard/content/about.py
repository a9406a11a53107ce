"""What the opening screen and "About" say: the question, the study, the model, its limits, how to cite it."""

from __future__ import annotations

from typing import Any

from abm.installation.package import installed_version
from abm.model.results_version import RESULTS
from abm.rules.sources import SOURCES

QUESTION = "Can a respiratory infection awaken dormant cancer cells in the lung?"
SENTENCES = (  # of the opening screen; the last is about the first views (`FOUR_ARMS`)
    "Single breast cancer cells can lie dormant in the lung for years.",
    "In mice, influenza awakened such cells, and the signal was interleukin-6 (IL-6), which the infected lung "
    "releases.",
    "Here you watch the same piece of mouse lung four times: without virus, with influenza, and with influenza while "
    "an antibody blocks IL-6, early or late.",
)
STUDY = SOURCES["Chia 2025"]
MODEL = (
    "Embers simulates a section of lung, 2 mm by 2 mm and one cell thick, for 28 days. Each cancer cell, epithelial "
    "cell and immune cell is an agent on a lattice of 10 µm. Virus, interferon and IL-6 diffuse between them.",
    "All views share one seed: the same cells receive the same random draws, so views differ only where the virus or "
    "a treatment acts.",
)
LIMITS = (
    "More dormant cells are seeded than a real lung contains, so that differences can be measured.",
    "Many rates are fitted or assumed. They are fitted to published ratios and their order in time, not to absolute "
    "numbers of cells.",
    "A section is flat, without breathing, blood flow or the rest of the body. Differences between seeds are "
    "differences between sections, not between mice or people.",
    "No experiment has tested what is marked as a prediction, such as the antibody against IL-6 in infected mice.",
)
IS_NOT = (
    "It is not medical advice, and not a forecast for any person.",
    "It is no evidence beside the experiments: it shows what follows if its laws hold.",
)


def about() -> dict[str, Any]:
    """All of it, for JSON."""
    version = f"Embers {installed_version() or 'from source'}, results version {RESULTS}"
    return {
        "question": QUESTION,
        "sentences": SENTENCES,
        "study": {"text": STUDY.citation, "doi": STUDY.doi, "link": STUDY.link},
        "model": MODEL,
        "limits": LIMITS,
        "isNot": IS_NOT,
        "version": version,
        "cite": f"{version}. It simulates the study of {STUDY.citation}, doi:{STUDY.doi}.",
    }
