"""The process in which files are taken apart, so that a broken one harms nothing else.

It reads requests from stdin and writes replies to stdout until stdin ends: a line of JSON
``{"module", "size", "seconds"}`` and that many bytes, with ``"draw"`` where a page is to be drawn;
back come a line with a size and that many bytes of JSON, first ``{"ready"}``, then
``{"extracted"}``, ``{"drawn"}`` or ``{"refused"}``. Before the first file it gives up what no
reader needs: memory beyond a limit, writing files, starting programs, the network; before each
file, work beyond so many seconds.
"""

from __future__ import annotations

import gc
import json
import math
import os
import signal
import sys
from contextlib import suppress
from typing import IO, Any

from rag.documents.readers import Extracted, Field, UnreadableError, draw, extract
from rag.types import Location

MEMORY = 900_000_000
"""Bytes of address space that reading a file may take, where the system can limit it."""

_MOST_TEXT = 50_000_000  # characters
_STARTING = ("subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.st")
_CHANGING = ("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "shutil.")
_REFUSED = ("socket.", "_winapi.CreateProcess", "os.truncate", "os.chmod", *_STARTING, *_CHANGING)
_OUT_OF_MEMORY = f"needs more than {MEMORY // 1_000_000} MB of memory to be read: split it"


def serve() -> None:
    """Answer requests until stdin ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to stop
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what a library prints is no reply
    _give_up()
    requests = sys.stdin.buffer
    _send(replies, {"ready": True})
    while line := requests.readline():
        request = json.loads(line)
        content = requests.read(request["size"])
        _limit_work(request["seconds"])
        _send(replies, _reply(request["module"], content, request.get("draw")))


def _send(replies: IO[bytes], reply: dict[str, Any]) -> None:
    content = json.dumps(reply).encode()
    replies.write(b"%d\n" % len(content) + content)
    replies.flush()


def packed(extracted: Extracted) -> dict[str, Any]:
    """Return what a reader gave as plain data for JSON."""
    places = [[place.start, place.end, place.kind, place.name] for place in extracted.locations]
    return {**extracted._asdict(), "locations": places}


def unpacked(record: dict[str, Any]) -> Extracted:
    """Return what `packed` was given. Raises TypeError or ValueError for other data."""
    places = tuple(Location(*parts) for parts in record["locations"])
    fields = tuple(Field(*parts) for parts in record["fields"])
    return Extracted(**{**record, "locations": places, "fields": fields})


def _reply(module: str, content: bytes, drawing: dict[str, Any] | None) -> dict[str, Any]:
    try:
        if drawing is not None:
            return {"drawn": draw(module, content, drawing)}
        extracted = extract(module, content)
        # Half of a pair is no text; it comes from broken files and can be stored nowhere.
        text = extracted.text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        if len(text) != len(extracted.text):
            return {"refused": "damaged: its characters are not Unicode"}
        if len(text) > _MOST_TEXT:
            return {"refused": f"holds more than {_MOST_TEXT // 1_000_000} million characters"}
        return {"extracted": packed(extracted._replace(text=text))}
    except UnreadableError as error:
        return {"refused": str(error)}
    except MemoryError:
        gc.collect()
        return {"refused": _OUT_OF_MEMORY, "again": True}
    except RecursionError:
        return {"refused": "damaged: nested too deep"}
    except Exception as error:  # a library stumbled over something that its reader does not know
        return {"refused": f"damaged: the reader failed with {type(error).__name__}"}


def _give_up() -> None:
    """Renounce what reading does not need, as far as the system allows."""
    sys.addaudithook(_refuse)
    with suppress(ImportError):  # Windows has no such limits: of memory there is none there
        import resource

        limits = [(resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, 0)]
        for kind, limit in [*limits, (resource.RLIMIT_CORE, 0)]:
            with suppress(OSError, ValueError):
                resource.setrlimit(kind, (limit, limit))


def _limit_work(seconds: float) -> None:
    """Let the system end this process after so many more seconds of work, waiting left out."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        last = math.ceil(used.ru_utime + used.ru_stime + seconds)
        resource.setrlimit(resource.RLIMIT_CPU, (last, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event.startswith(_REFUSED) or (event == "open" and _writes(*arguments[1:3])):
        raise PermissionError(f"{event} is not for readers of documents")


def _writes(mode: object, flags: object) -> bool:
    """Return whether a file is opened to be changed; `os.open` gives no mode, only flags."""
    if isinstance(mode, str):
        return not set(mode).isdisjoint("wax+")
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


def read_reply(stream: IO[bytes]) -> dict[str, Any]:
    """Return the next reply of a child.

    Raises:
        EOFError: the child has ended.
    """
    line = stream.readline()
    size = int(line) if line.endswith(b"\n") else -1
    content = stream.read(size) if size >= 0 else b""
    if len(content) != size:
        raise EOFError
    reply: dict[str, Any] = json.loads(content)
    return reply
