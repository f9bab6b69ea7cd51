"""One person in the chat, as its server sees them: without a browser, with what a page sends."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx


class Page:
    """One person's page, as the server sees it."""

    def __init__(self, client: httpx.AsyncClient, name: str) -> None:
        self._client = client
        self._session = name + str(time.time_ns())
        self._documents: list[str] = []

    async def open(self) -> None:
        """Load the page and what it fills itself with."""
        config = (await self._client.get("/config")).json()
        named = {c["props"].get("elem_id"): c["id"] for c in config["components"]}
        events = {target: d for d in config["dependencies"] for target in map(tuple, d["targets"])}
        self._ask = events[named["outbox"], "submit"]
        loads = [d for d in config["dependencies"] if [t[1] for t in d["targets"]] == ["load"]]
        start = next(d for d in loads if named["picks"] in d["outputs"])
        (reply,) = [r async for r in self._run(start, [])]
        picks = reply[start["outputs"].index(named["picks"])]
        self._documents = picks["value"]
        self._talk = self._ask["outputs"].index(named["chat"])

    async def ask(self, question: str) -> str:
        """Ask, and return the Markdown of the reply when it is complete.

        Raises:
            RuntimeError: the server said that something failed.
        """
        said = ""
        async for reply in self._run(self._ask, [question, self._documents, None, None, ""]):
            said = str(reply[self._talk]) if reply[self._talk] else said
            said = re.sub(r"&#(\d+);", lambda found: chr(int(found[1])), said)
        return said

    async def follow(self, reply: str) -> None:
        """Fetch what the page shows of an answer: its sources, and questions to go on with."""
        packed = reply.partition("#answer/")[2].partition(")")[0]
        evidence = json.loads(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
        await self._client.post("/chat/spans", json=[*evidence["c"], *evidence["h"]])
        if evidence["c"]:
            near = {"spans": evidence["c"], "asked": [evidence["q"]]}
            await self._client.post("/chat/followups", json=near)

    async def _run(self, event: dict[str, Any], data: list[Any]) -> AsyncIterator[list[Any]]:
        """Yield the outputs of an event, each time as the page gets them."""
        join = {"data": data, "fn_index": event["id"], "session_hash": self._session}
        joined = await self._client.post("/gradio_api/queue/join", json=join)
        if joined.status_code != 200:
            raise RuntimeError(f"{joined.status_code}: {joined.text}")
        wanted = joined.json()["event_id"]
        async with self._messages() as messages:
            async for message in messages:
                if message.get("event_id") != wanted:
                    continue
                if message["msg"] in ("process_generating", "process_completed"):
                    if not message["success"]:
                        raise RuntimeError(f"failed: {message['output']}")
                    if message["msg"] == "process_completed":
                        yield message["output"]["data"]
                        return

    @asynccontextmanager
    async def _messages(self) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        path = f"/gradio_api/queue/data?session_hash={self._session}"
        async with self._client.stream("GET", path) as stream:

            async def each() -> AsyncIterator[dict[str, Any]]:
                async for line in stream.aiter_lines():
                    if line.startswith("data: "):
                        yield json.loads(line[6:])

            yield each()
