"""A capsule: the files of a finished run in a zip that describes itself as a Process Run Crate.

RO-Crate is a way to package research data with its metadata (doi:10.3233/DS-210053). The profile Process Run Crate
states which software made which files from which, and when (doi:10.1371/journal.pone.0309210).
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from abm.capsule.contents import TYPES, VERSIONS, CapsuleFile, facts_of, files_of, versions_text
from abm.installation.optional_deps import need
from abm.reporting.report import DISCLAIMER
from abm.runs.store.files import atomic, storage

PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
STUDY = "https://doi.org/10.1038/s41586-025-09332-0"
ENDING = ".crate.zip"
LICENSE = "https://creativecommons.org/licenses/by/4.0/"


def write_capsule(folder: Path, out: Path, author: str = "", license_: str = LICENSE) -> Path:
    """Write the capsule of a finished run or comparison.

    Args:
        folder: of the results.
        out: folder for the file, which is called as that of the results is.
        author: of the results; empty: not told.
        license_: address of the license of the results.

    Raises:
        CapsuleError: no finished run or comparison.
        MissingLibraryError: rocrate is not installed.
        StorageError: no room, no right to write.
    """
    need("capsule")
    told = facts_of(folder)
    target = out / f"{folder.resolve().name}{ENDING}"
    with storage(out), tempfile.TemporaryDirectory() as scratch:
        versions = Path(scratch) / VERSIONS
        versions.write_text(versions_text(told), encoding="utf-8")
        crate = _crate(folder, told, versions, author, license_)
        out.mkdir(parents=True, exist_ok=True)
        with atomic(target) as temporary, temporary.open("wb") as file:
            file.writelines(crate.stream_zip())
    return target


def _crate(folder: Path, told: dict[str, Any], versions: Path, author: str, license_: str) -> Any:
    """The crate of a folder, with its action."""
    from rocrate.model.contextentity import ContextEntity
    from rocrate.rocrate import ROCrate

    crate = ROCrate(gen_preview=True, version="1.1")  # on which the profile is built
    crate.name = f"Embers: {' against '.join(told['titles'].values())}"
    crate.description = (
        f"{told['runs']['done']} simulated sections of lung ({told['command']}). {DISCLAIMER} "
        f"{_predictions(told)}Results version {told['results']}."
    )
    crate.datePublished = told["finished"]
    crate.license = crate.add(ContextEntity(crate, license_, properties={"@type": "CreativeWork", "name": "License"}))
    profile = {"@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"}
    crate.root_dataset["conformsTo"] = crate.add(ContextEntity(crate, PROFILE, properties=profile))
    added = [
        (one, crate.add_file(folder / one.name, one.name, properties=_properties(one))) for one in files_of(folder)
    ]
    needed = crate.add_file(
        versions, VERSIONS, properties={"name": VERSIONS, "description": "Versions", "encodingFormat": "text/plain"}
    )
    action = crate.add_action(
        _software(crate, told), "#run",
        object=[entity for one, entity in added if one.is_input] + [needed],
        result=[entity for one, entity in added if not one.is_input],
        properties=_action(told),
    )  # fmt: skip
    if author:
        person = {"@type": "Person", "name": author}
        crate.creator = crate.root_dataset["author"] = action["agent"] = crate.add(
            ContextEntity(crate, "#author", properties=person)
        )
    crate.root_dataset["mentions"] = action
    return crate


def _software(crate: Any, told: dict[str, Any]) -> Any:
    """Embers as the instrument, with the study on which it is built."""
    from rocrate.model.contextentity import ContextEntity

    study = {"@type": "ScholarlyArticle", "name": "Chia et al. 2025, Nature"}
    properties = {
        "@type": "SoftwareApplication", "name": "Embers",
        "version": told["versions"]["embers"], "license": "https://spdx.org/licenses/MIT",
        "description": "Agent-based simulation of dormant breast-cancer cells awakened by respiratory infection",
        "softwareRequirements": [f"Python {told['versions']['python']}", VERSIONS],
        "identifier": f"sha256:{told['source_digest']}",
        "citation": crate.add(ContextEntity(crate, STUDY, properties=study)),
        "url": STUDY,
    }  # fmt: skip
    return crate.add(ContextEntity(crate, "#embers", properties=properties))


def _action(told: dict[str, Any]) -> dict[str, Any]:
    machine = told["machine"]
    where = f"{machine['system']} {machine['architecture']}, {machine['workers']} workers"
    return {
        "@type": "CreateAction",
        "name": told["command"],
        "description": f"{told['command']}, on {where}",
        "startTime": told["started"],
        "endTime": told["finished"],
        "actionStatus": "http://schema.org/CompletedActionStatus",
    }


def _predictions(told: dict[str, Any]) -> str:
    names = ", ".join(told["titles"][name] for name in told["predictions"])
    return f"Predictions, which no experiment has tested: {names}. " if names else ""


def _properties(one: CapsuleFile) -> dict[str, Any]:
    kind = TYPES.get(Path(one.name).suffix, "application/octet-stream")
    return {"name": one.name, "description": one.description, "encodingFormat": kind}
