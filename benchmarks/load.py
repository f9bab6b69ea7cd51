#!/usr/bin/env python3
"""Many people at once in the chat: how long they wait, and whether a citation still opens at once.

    python benchmarks/load.py                          50 people, in a server of its own
    python benchmarks/load.py --together               the same, all asking in the same instant
    python benchmarks/load.py --users 200 --together   past the limit: a clear "busy", no errors
    python benchmarks/load.py --keep                   50 people, both ways, into README's table

Everybody opens the page, asks at some moment of the first ten seconds, reads for 5 to 15 seconds,
asks again. They speak to the server as the page does. Somebody clicks a citation ten times a second
all the while. What one question takes when nobody else asks is measured first, in the same minute.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from record import RESULTS, circumstances, save
from scoring import quantile
from visitor import Page

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 120.0
"""Seconds after which a question counts as an error."""


@dataclass
class Measured:
    """Seconds that answers, refusals for want of room, and opened citations took; what failed.

    ``alone`` is the median of an answer before the others came.
    """

    alone: float = 0.0
    answers: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    clicks: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def report(self) -> str:
        """Return the figures in words, a line each."""
        parts = [
            f"{len(times)} {name}: median {quantile(times, 0.5):.2f} s, "
            f"p95 {quantile(times, 0.95):.2f} s, longest {times[-1]:.2f} s"
            for name, times in (
                ("answers", sorted(self.answers)),
                ('"busy"', sorted(self.busy)),
                ("citations opened", sorted(self.clicks)),
            )
            if times
        ]
        parts.insert(0, f"an answer with nobody else there: {self.alone:.2f} s")
        return "\n".join([*parts, f"{len(self.errors)} errors {sorted(set(self.errors))[:3]}"])

    def record(self) -> dict[str, Any]:
        """Return the figures, seconds to the hundredth."""
        times = {"answers": self.answers, "citations": self.clicks}
        seconds = {
            what: {
                "median": round(statistics.median(each), 2),
                "p95": round(p95(each), 2),
                "longest": round(max(each), 2),
            }
            for what, each in times.items()
        }
        counts = {"busy": len(self.busy), "errors": len(self.errors)}
        return {"alone": round(self.alone, 2), **seconds, **counts}


def p95(times: Sequence[float]) -> float:
    """Return the 95th percentile, nearest rank."""
    return quantile(sorted(times), 0.95)


@contextmanager
def chat_server(source: Path, *arguments: str, index: Path | None = None) -> Iterator[str]:
    """Run ``rag chat`` on a free port; yield its address when ready.

    Args:
        source: the folder of documents.
        arguments: options of the command.
        index: the index folder; one of its own if None.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "rag", "chat", str(source), "--port", str(port)]
        command += ["--index", str(index or f"{folder}/index"), *arguments]
        with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as server:
            try:
                lines = []
                for line in server.stderr or ():
                    lines.append(line)
                    if line.startswith("Ready: "):
                        break
                else:
                    raise RuntimeError("".join(lines))
                yield f"http://127.0.0.1:{port}"
            finally:
                server.terminate()
                server.communicate(timeout=30)


async def drive(
    address: str,
    users: int,
    questions: Sequence[str],
    each: int = 3,
    pause: float = 10.0,
    together: bool = False,
) -> Measured:
    """Let ``users`` ask ``each`` questions; return what they met with.

    Args:
        address: of the chat.
        users: people, each with a page of their own.
        questions: they take turns through these.
        each: questions of one person.
        pause: mean seconds between an answer and the next question.
        together: whether all ask their first question in the same instant.
    """
    measured = Measured()
    async with AsyncExitStack() as open_:
        # Each has connections of their own: a pool that all share costs more than the answers.
        async def connect() -> httpx.AsyncClient:
            return await open_.enter_async_context(
                httpx.AsyncClient(base_url=address, timeout=PATIENCE, verify=False)
            )

        client = await connect()
        pages = [Page(await connect(), f"user{n}") for n in range(users)]
        for page in pages:
            await page.open()
        measured.alone = await _alone(pages[0], questions)
        clicking = asyncio.create_task(_click(client, await _citation(client), measured))
        chance = random.Random(7)
        people = []
        for n, page in enumerate(pages):
            pauses = [pause * chance.uniform(0.5, 1.5) for _ in range(each)]
            pauses[0] = 0.0 if together else pause * chance.random()
            asked = [questions[(n + users * i) % len(questions)] for i in range(each)]
            people.append(_person(page, list(zip(pauses, asked, strict=True)), measured))
        await asyncio.gather(*people)
        clicking.cancel()
    return measured


async def _alone(page: Page, questions: Sequence[str]) -> float:
    """Return the median time of five questions, asked one after the other when all is warm."""
    await page.ask(questions[0])
    times = []
    for question in questions[1:6]:
        started = time.perf_counter()
        await page.ask(question)
        times.append(time.perf_counter() - started)
    return statistics.median(times)


async def _person(page: Page, plan: Sequence[tuple[float, str]], measured: Measured) -> None:
    """Wait and ask, and again; note what comes of it."""
    for pause, question in plan:
        await asyncio.sleep(pause)
        started = time.perf_counter()
        try:
            reply = await page.ask(question)
        except Exception as error:
            measured.errors.append(f"{type(error).__name__}: {error}"[:200])
            continue
        seconds = time.perf_counter() - started
        if "#answer/" in reply:
            measured.answers.append(seconds)
            await page.follow(reply)
        elif "people are asking" in reply:
            measured.busy.append(seconds)
        else:
            measured.errors.append(reply[:200])


async def _citation(client: httpx.AsyncClient) -> dict[str, Any]:
    listed = (await _call(client, "documents"))["documents"]
    return {"document": listed[0]["id"], "start": 0, "end": 40}


async def _call(client: httpx.AsyncClient, name: str) -> Any:
    event = (await client.post(f"/gradio_api/call/v2/{name}", json={})).json()["event_id"]
    reply = await client.get(f"/gradio_api/call/{name}/{event}")
    return json.loads(reply.text.partition("data: ")[2])[0]


async def _click(client: httpx.AsyncClient, span: dict[str, Any], measured: Measured) -> None:
    while True:
        started = time.perf_counter()
        reply = await client.get("/chat/reading", params=span)
        measured.clicks.append(time.perf_counter() - started)
        if "quote" not in reply.json():
            measured.errors.append(f"citation: {reply.text[:100]}")
        await asyncio.sleep(0.1)


def seed_questions() -> list[str]:
    """Return the questions on the seeds, in their order."""
    lines = (ROOT / "benchmarks" / "questions" / "seeds.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line)["question"] for line in lines if line.strip()]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what the command line asks for; exit code 1 if there were errors."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--each", type=int, default=3, help="questions of one person")
    parser.add_argument("--together", action="store_true", help="the first in the same instant")
    parser.add_argument("--keep", action="store_true", help="both ways, and keep the result")
    options = parser.parse_args(arguments)
    found: dict[str, Measured] = {}
    with chat_server(ROOT / "seeds") as address:
        for together in (False, True) if options.keep else (options.together,):
            asked = drive(address, options.users, seed_questions(), options.each, together=together)
            measured = found["together" if together else "apart"] = asyncio.run(asked)
            print(f"{options.users} people, {options.each} questions each\n{measured.report()}")
    if options.keep:
        made = circumstances("python benchmarks/load.py --keep")
        ways = {way: measured.record() for way, measured in found.items()}
        save(RESULTS / "load.json", {**made, "users": options.users, "load": ways})
    raise SystemExit(any(measured.errors for measured in found.values()))


if __name__ == "__main__":
    main()
