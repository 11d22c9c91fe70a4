"""Files on the disk: which ones match, and the bytes of one, held still while they are read."""

from __future__ import annotations

import glob
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from connectors.kit.errors import AuthError, Refused, VendorDown

MAX_FILE = 2 << 30
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Found:
    """A file that matches. `name` is relative to the folder that the glob starts in, with `/` between parts."""

    name: str
    path: Path
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A private copy of a file's bytes and what they hash to; size and time are from before the copying."""

    name: str
    file: IO[bytes]
    sha256: str
    size: int
    mtime_ns: int


def start_folder(pattern: str) -> Path:
    """The deepest folder that the pattern names without a wildcard."""
    parts = Path(pattern).parts[:-1]
    fixed = next((i for i, part in enumerate(parts) if glob.has_magic(part)), len(parts))
    return Path(*parts[:fixed])


def find(pattern: str) -> list[Found]:
    """The regular files that match, the one changed longest ago first; none when the folder is not there."""
    folder = start_folder(pattern)
    found = []
    for path in map(Path, glob.glob(pattern, recursive=True)):
        try:
            status = path.stat()
        except OSError:
            continue
        if path.is_file():
            found.append(Found(path.relative_to(folder).as_posix(), path, status.st_size, status.st_mtime_ns))
    return sorted(found, key=lambda each: (each.mtime_ns, each.name))


@contextmanager
def snapshot(found: Found, limit: int = MAX_FILE) -> Iterator[Snapshot | None]:
    """The file's bytes as they are now, so that hash and rows cannot differ; None when it has just gone.

    Raises AuthError (no right to read it), Refused (longer than `limit` bytes), VendorDown (the disk fails).
    """
    with tempfile.TemporaryFile() as copy:
        try:
            with found.path.open("rb") as original:
                status = os.fstat(original.fileno())
                digest = _copy(original, copy, found.name, limit)
        except FileNotFoundError:
            yield None
            return
        except PermissionError as error:
            raise AuthError(f"{found.name}: no right to read it; give it to the user that runs the hub") from error
        except OSError as error:
            raise VendorDown(f"{found.name}: reading failed ({error.strerror}); look at the disk or mount") from error
        copy.seek(0)
        yield Snapshot(found.name, copy, digest, status.st_size, status.st_mtime_ns)


def _copy(original: IO[bytes], copy: IO[bytes], name: str, limit: int) -> str:
    digest, size = hashlib.sha256(), 0
    while chunk := original.read(CHUNK):
        size += len(chunk)
        if size > limit:
            raise Refused(f"{name}: longer than {limit:,} bytes; split it into several files")
        digest.update(chunk)
        copy.write(chunk)
    return digest.hexdigest()
