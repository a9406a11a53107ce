"""Look for inputs that a reader of files, tables, maps or links neither reads nor refuses with words.

pip install atheris (Linux), then: python benchmarks/fuzz.py scenario [--seconds 600 | --keep]

Guided by coverage. Inputs that reach something new are kept in `outputs/fuzz/`, and so is what raises an error that the
reader may not raise. With --keep nothing is looked for: of the inputs found before, the smallest one for each thing
that the reader says goes to `tests/fuzz/corpus/`, which the tests read again.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import atheris

with atheris.instrument_imports(include=["abm", "tomllib"]):
    from tests.fuzz.targets import CORPUS, TARGETS, read
KEPT, WORDS_TOLD = 40, 200  # inputs of a reader; characters of what it says that tell it from others


def pieces(seeds: list[bytes]) -> list[bytes]:
    """What inputs are made of: lines, words, and the odd ends of numbers."""
    whole = b"\n".join(seeds)
    words = set(re.findall(rb"[\w.\-]+|\"[^\"]*\"", whole)) | set(whole.splitlines())
    odd = [
        b"nan",
        b"inf",
        b"-1",
        b"1e999",
        b"0",
        b"2026-01-01",
        b"[[",
        b"]]",
        b"{",
        b"}",
        b'"',
        b"\xff",
        b"\x00",
        b"true",
    ]
    return sorted(words) + odd


def mutator(found: list[bytes]):
    """Half of the time a piece is put in, taken out or changed for another; else bytes change as libFuzzer likes."""

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if not found or chance.random() < 0.5:
            return atheris.Mutate(data, most)
        lines = data.splitlines(keepends=True) or [b""]
        at = chance.randrange(len(lines))
        what = chance.randrange(4)
        if what == 0:
            lines.insert(at, chance.choice(found) + b"\n")
        elif what == 1:
            del lines[at]
        elif what == 2:
            lines[at] = (
                re.sub(rb"=.*", b"= " + chance.choice(found).replace(b"\\", b""), lines[at].rstrip(b"\n")) + b"\n"
            )
        else:
            lines.insert(at, chance.choice(lines))
        return b"".join(lines)[:most]

    return mutate


def keep(reader: str, found: Path) -> None:
    """Put the smallest of the inputs found for each thing that the reader says into the corpus of the tests."""
    folder, said = CORPUS / reader, set()
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(found.iterdir(), key=lambda path: (path.stat().st_size, path.name)):
        data = path.read_bytes()
        try:
            TARGETS[reader].reads(data)
            told = "read"
        except TARGETS[reader].told as error:
            told = " ".join(re.findall(r"[a-z]{3,}", re.sub(r"\"[^\"]*\"|/\S+", "", str(error))))[:WORDS_TOLD]
        if told not in said and len(said) < KEPT:
            said.add(told)
            (folder / path.name[:12]).write_bytes(data)


def main() -> None:
    """Fuzz one reader."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("reader", choices=sorted(TARGETS))
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--keep", action="store_true")
    wanted = parser.parse_args()
    seeds = TARGETS[wanted.reader].seeds()
    out = Path("outputs/fuzz") / wanted.reader
    out.mkdir(parents=True, exist_ok=True)
    if wanted.keep:
        keep(wanted.reader, out)
        return
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(seeds):
            (Path(folder) / f"seed-{number}").write_bytes(seed)
        options = [f"-max_total_time={wanted.seconds}", f"-artifact_prefix={out}/", "-timeout=20", "-max_len=16384"]
        folders = [str(out), folder, *map(str, [CORPUS / wanted.reader] if (CORPUS / wanted.reader).exists() else [])]
        atheris.Setup(
            [sys.argv[0], *options, *folders], lambda data: read(wanted.reader, data),
            custom_mutator=mutator(pieces(seeds)),
        )  # fmt: skip
        atheris.Fuzz()


if __name__ == "__main__":
    main()
