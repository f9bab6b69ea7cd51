"""What a build has embedded, on disk as it comes: a build that was stopped goes on from here.

One file in the index folder, ``.embedded``: a line that names the encoder, then records of a
passage's key, its vector (float32) and those of its spans (int8). The CRC of each tells where a
kill cut the last one off. It goes when the build that it served is published.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.index.publishing import writing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAME = ".embedded"
_HEAD = struct.Struct("<16sII")  # key, spans, CRC-32 of the rest
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
_FLAGS |= getattr(os, "O_NOFOLLOW", 0)


class Journal:
    """Vectors by the key of what was embedded; written once, read at random."""

    def __init__(self, folder: Path, fingerprint: str, dim: int) -> None:
        """Open the journal of an index folder; one of another encoder is begun anew.

        Raises:
            IndexWriteError: the disk refused.
        """
        self._path = folder / NAME
        self._dim = dim
        self._places: dict[bytes, tuple[int, int]] = {}
        with writing(folder):
            self._descriptor = os.open(self._path, _FLAGS, 0o644)
            try:
                self._end = self._resumed(f"{fingerprint} {dim}\n".encode())
            except BaseException:
                os.close(self._descriptor)
                raise

    def __contains__(self, key: bytes) -> bool:
        return key in self._places

    def __len__(self) -> int:
        return len(self._places)

    def add(
        self,
        keys: Iterable[bytes],
        vectors: NDArray[np.float32],
        spans: Iterable[NDArray[np.int8]],
    ) -> None:
        """Append vectors (n, dim) and for each those of its spans.

        Raises:
            IndexWriteError: the disk refused.
        """
        records, places, end = [], {}, self._end
        for key, vector, inner in zip(keys, vectors, spans, strict=True):
            content = vector.astype("<f4").tobytes() + inner.tobytes()
            records.append(_HEAD.pack(key, len(inner), zlib.crc32(content)) + content)
            places[key] = (end + _HEAD.size, len(inner))
            end += len(records[-1])
        view = memoryview(b"".join(records))
        with writing(self._path):
            while view:
                view = view[os.write(self._descriptor, view) :]
        self._end = end
        self._places.update(places)

    def __getitem__(self, key: bytes) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
        """Return the vector (dim,) of a key and those of its spans (spans, dim)."""
        import numpy as np

        place, spans = self._places[key]
        content = self._read(place, (4 + spans) * self._dim)
        vector = np.frombuffer(content, "<f4", self._dim)
        return vector, np.frombuffer(content, "i1", offset=4 * self._dim).reshape(spans, self._dim)

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Close the file, and remove it when it has served or holds nothing."""
        os.close(self._descriptor)
        if kind is None or not self._places:
            with suppress(OSError):
                os.unlink(self._path)

    def _resumed(self, title: bytes) -> int:
        """Find whole records; cut off what comes after them. Return where the file ends now."""
        size = os.fstat(self._descriptor).st_size
        end = len(title)
        if self._read(0, end) == title:
            while end + _HEAD.size <= size:
                key, spans, check = _HEAD.unpack(self._read(end, _HEAD.size))
                begin, length = end + _HEAD.size, (4 + spans) * self._dim
                if begin + length > size or zlib.crc32(self._read(begin, length)) != check:
                    break
                self._places[key] = (begin, spans)
                end = begin + length
            os.truncate(self._descriptor, end)
            return end
        os.truncate(self._descriptor, 0)
        os.write(self._descriptor, title)
        return end

    def _read(self, place: int, size: int) -> bytes:
        os.lseek(self._descriptor, place, os.SEEK_SET)
        return _whole(self._descriptor, size)


def _whole(descriptor: int, size: int) -> bytes:
    parts: list[Any] = []
    while size > 0 and (part := os.read(descriptor, min(size, 1 << 26))):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
