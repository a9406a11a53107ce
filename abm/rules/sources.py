"""The bibliography: every source that a parameter or a drug cites, by its key in square brackets.

`[Chia 2025]` is also how Markdown writes a reference, so a list of `definitions` turns each mention into a link.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

_KEY = re.compile(r"\[([^][]+)\]")
_NOT_RECORDED = "not recorded when the number was read"
_REPOSITORY = "read in the files of the simulator's repository"


class Source(NamedTuple):
    """One source.

    Attributes:
        citation: authors, year, title and journal as far as they are recorded.
        doi: empty where none is given.
        no_doi: why none is given.
    """

    citation: str
    doi: str = ""
    no_doi: str = ""

    @property
    def link(self) -> str:
        """Address of the DOI; empty where there is none."""
        return f"https://doi.org/{self.doi}" if self.doi else ""


SOURCES: dict[str, Source] = {
    "Albrengues 2018": Source("Albrengues 2018, Science", "10.1126/science.aao4227"),
    "Andrews 2022": Source("Andrews 2022, N Engl J Med", "10.1056/NEJMoa2115481"),
    "Baccam 2006": Source("Baccam 2006, J Virol", "10.1128/JVI.01623-05"),
    "Baumgarth 1996": Source("Baumgarth and Kelso 1996, J Virol 70:4411", "10.1128/jvi.70.7.4411-4418.1996"),
    "Belz 2002": Source("Belz 2002, J Virol 76:12388", "10.1128/jvi.76.23.12388-12393.2002"),
    "CC3D": Source("CompuCell3D models, covid-tissue-models/covid-tissue-response-models", no_doi=_REPOSITORY),
    "CDC 2019": Source(
        "Centers for Disease Control and Prevention, estimated influenza illnesses and deaths, United States 2018-2019",
        no_doi="a web page",
    ),
    "Califano 2018": Source("Califano 2018", no_doi=_NOT_RECORDED),
    "Chen 2001": Source("Chen 2001, Nat Immunol 2:1067", "10.1038/ni727"),
    "Chen 2019": Source("Chen 2019, PeerJ", "10.7717/peerj.8298"),
    "Chia 2025": Source(
        "Chia et al. 2025, Respiratory viral infections awaken metastatic breast cancer cells in lungs, "
        "Nature 645:496-506",
        "10.1038/s41586-025-09332-0",
    ),
    "Chojniak 2003": Source("Chojniak and Younes 2003, Am J Clin Oncol 26:374", "10.1097/01.COC.0000026481.38654.52"),
    "Crestani 1994": Source("Crestani 1994, J Clin Invest", "10.1172/JCI117392"),
    "CyCells": Source("CyCells, read in AdaptiveComputationLab/simcov", no_doi=_REPOSITORY),
    "Dalla 2024": Source("Dalla et al. 2024, Cell", "10.1016/j.cell.2024.09.016"),
    "Dienz 2012": Source("Dienz et al. 2012, Mucosal Immunol 5:258", "10.1038/mi.2012.2"),
    "Du, eLife 89801": Source("Du, eLife 89801", "10.7554/eLife.89801"),
    "Dwivedi 2014": Source("Dwivedi 2014, model BIOMD0000000537 of BioModels", no_doi="read in a copy of the model"),
    "FEBS Lett 2018": Source("FEBS Lett 592:1535, 2018", "10.1002/1873-3468.13036"),
    "Farias 2024": Source("Farias et al. 2024, bioRxiv", "10.1101/2024.12.23.630113"),
    "Ferdinands 2017": Source("Ferdinands 2017, Clin Infect Dis 64:544", "10.1093/cid/ciw816"),
    "Flynn 1998": Source("Flynn 1998", no_doi=_NOT_RECORDED),
    "Frey 2010": Source("Frey 2010, J Clin Pharmacol", "10.1177/0091270009350623"),
    "GlobalVsLocal": Source("Bladder tumor model, drbergman/GlobalVsLocal", no_doi=_REPOSITORY),
    "Goddard 2024": Source("Goddard 2024", no_doi=_NOT_RECORDED),
    "HMD 2019": Source("Human Mortality Database, United States 2019", no_doi="a database: mortality.org"),
    "Halle 2016": Source("Halle 2016, Immunity", "10.1016/j.immuni.2016.01.010"),
    "Hansen 2020": Source("Hansen 2020, Immun Inflamm Dis", "10.1002/iid3.292"),
    "Herold 2006": Source("Herold 2006, J Immunol 177:1817", "10.4049/jimmunol.177.3.1817"),
    "Holmgren 1995": Source("Holmgren 1995, Nat Med", "10.1038/nm0295-149"),
    "Huesemann 2008": Source("Huesemann 2008, Cancer Cell", "10.1016/j.ccr.2007.12.003"),
    "Ichise 2022": Source("Ichise 2022, eLife", "10.7554/eLife.76269"),
    "Jagdale 2024": Source("Jagdale 2024, Pharmaceutics 16:1259", "10.3390/pharmaceutics16101259"),
    "Jhutty 2022": Source(
        "Jhutty et al. 2022, with the tables of Jhutty/Tracking_IAV_from_Blood", "10.1101/2022.02.23.481638"
    ),
    "Kamal 2015": Source("Kamal 2015, Antimicrob Agents Chemother 59:5388", "10.1128/AAC.00069-15"),
    "Kanegai 2016": Source("Kanegai 2016, Am J Respir Cell Mol Biol", "10.1165/rcmb.2015-0387LE"),
    "Kerr 1984": Source("Kerr and Lamb 1984, Br J Cancer", "10.1038/bjc.1984.181"),
    "Kotloff 1990": Source("Kotloff 1990", no_doi=_NOT_RECORDED),
    "Levin 2020": Source("Levin 2020, Eur J Epidemiol", "10.1007/s10654-020-00698-1"),
    "Lu 1992": Source("Lu 1992, Eur J Immunol 22:2819", "10.1002/eji.1830221110"),
    "Miao 2010": Source("Miao 2010, J Virol 84:6687", "10.1128/JVI.00266-10"),
    "NLISIM": Source("NLISIM, NutritionalLungImmunity/nlisim", no_doi=_REPOSITORY),
    "Nat Commun 2021": Source("Nat Commun, 2021 (PMC7859213)", "10.1038/s41467-021-21045-2"),
    "Neupane 2020": Source("Neupane 2020", no_doi="read second-hand"),
    "Nikanjam 2019": Source("Nikanjam 2019, Cancer Chemother Pharmacol", "10.1007/s00280-019-03939-7"),
    "Norton 1988": Source("Norton 1988, Cancer Res 48:7067", no_doi=_NOT_RECORDED),
    "Nyberg 2022": Source("Nyberg 2022, Lancet", "10.1016/S0140-6736(22)00462-7"),
    "Palmer 2018": Source("Palmer 2018, Proc Natl Acad Sci USA", "10.1073/pnas.1714478115"),
    "Pedersen 2022": Source("Pedersen 2022, J Natl Cancer Inst 114:391", "10.1093/jnci/djab202"),
    "Rao 2023": Source("Rao 2023", no_doi="read in a copy of the model"),
    "Ray 2019": Source("Ray 2019, Clin Infect Dis 68:1623", "10.1093/cid/ciy770"),
    "SIMCoV": Source("SIMCoV, AdaptiveComputationLab/simcov", "10.1371/journal.pcbi.1009735"),
    "Shi 2011": Source("Shi 2011, J Clin Pharmacol", "10.1177/0091270010389469"),
    "Slifka 1999": Source("Slifka 1999, Nature 401:76", "10.1038/43454"),
    "Smith 2018": Source("Smith 2018, Front Microbiol", "10.3389/fmicb.2018.01554"),
    "Sun 2009": Source("Sun 2009, Nat Med 15:277", "10.1038/nm.1929"),
    "Tate 2009": Source("Tate 2009, J Immunol 183:7441", "10.4049/jimmunol.0902497"),
    "Tate 2011": Source("Tate 2011, PLoS ONE 6:e17618", "10.1371/journal.pone.0017618"),
    "Taylor 2023": Source("Taylor 2023, BMJ", "10.1136/bmj-2022-074684"),
    "Uchiyama 2008": Source("Uchiyama 2008, Int Immunopharmacol", "10.1016/j.intimp.2008.07.002"),
    "Verity 2020": Source("Verity 2020, Lancet Infect Dis", "10.1016/S1473-3099(20)30243-7"),
    "Wang 2023": Source("Wang et al. 2023, Nat Immunol", "10.1038/s41590-023-01428-x"),
    "Williamson 2020": Source("Williamson 2020, Nature", "10.1038/s41586-020-2521-4"),
    "Woelfel 2020": Source("Woelfel 2020, Nature 581:465", "10.1038/s41586-020-2196-x"),
    "Xiao 2018": Source("Xiao 2018, Cancer Med", "10.1002/cam4.1370"),
    "micromets": Source("micromets, heberlr/micromets_immuno", "10.1038/s41540-024-00472-z"),
    "pc4covid": Source("pc4covid, pc4covid19/COVID19, 2021", no_doi=_REPOSITORY),
}


def bracketed(text: str) -> list[str]:
    """Everything in square brackets, in order."""
    return _KEY.findall(text)


def cited(texts: Iterable[str]) -> dict[str, Source]:
    """The sources that these texts cite, by key, in the order of the bibliography."""
    keys = {key for text in texts for key in bracketed(text)}
    return {key: source for key, source in SOURCES.items() if key in keys}


def references(texts: Iterable[str]) -> list[str]:
    """A list of references for readers, one line per source cited in these texts."""
    return [
        f"[{key}] {source.citation}: {source.link or f'no DOI ({source.no_doi})'}"
        for key, source in cited(texts).items()
    ]


def definitions(texts: Iterable[str]) -> list[str]:
    """Markdown definitions that make a link of each key in these texts; a source without a DOI has none."""
    return [f"[{key}]: {source.link}" for key, source in cited(texts).items() if source.link]
