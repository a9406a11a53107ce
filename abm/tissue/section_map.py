"""A tissue map of a user's own: its path together with its content."""

from __future__ import annotations

from pathlib import Path

LARGEST = 64_000_000  # bytes: four times 4,000 x 4,000 sites as they are


class SectionMap(str):
    """Path of a tissue map, with the bytes that stood there when it was read: what is run is what was checked."""

    __slots__ = ("content",)
    content: bytes

    def __new__(cls, path: str, content: bytes = b"") -> SectionMap:
        """Keep both."""
        told = super().__new__(cls, path)
        told.content = content
        return told

    def __reduce__(self) -> tuple[type[SectionMap], tuple[str, bytes]]:
        """A copy in another process has the content too, so no worker needs the file."""
        return SectionMap, (str(self), self.content)

    def __eq__(self, other: object) -> bool:
        """A map is another one where its content is."""
        same = not isinstance(other, SectionMap) or self.content == other.content
        return same and str.__eq__(self, other) is True

    def __ne__(self, other: object) -> bool:
        """As `__eq__`."""
        return not self == other

    __hash__ = str.__hash__


def read_map(path: Path) -> str:
    """The path with its content; alone where it is no file or too large, which `masked_section` refuses."""
    try:
        if path.is_file() and path.stat().st_size <= LARGEST:
            return SectionMap(str(path), path.read_bytes())
    except OSError:
        pass
    return str(path)
