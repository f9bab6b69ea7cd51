"""Train the reader: `python training/train.py [--minutes 50]`; resumes from runs/last.pt.

One run with a curriculum: the share of company and table examples grows from a third to nine
tenths, the learning rate warms up and falls to zero over the minutes (or steps) given.
"""

import argparse
import json
import math
import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from model import Reader, context_of, encode, load_tokenizer, mean_of, new_reader, span_tokens
from pidgin import glossed
from synonyms import other_words
from torch import Tensor
from torch.nn import functional as F

HERE = Path(__file__).parent
Item = dict[str, Any]
REWORDED = 0.3
GLOSSED = 0.15
TWICE = "wiki squad2"  # near misses that people wrote, the fewest of all


class Pool:
    """An endless, shuffled supply of the examples of one part."""

    def __init__(self, path: Path, rng: random.Random) -> None:
        items: list[Item] = [json.loads(line) for line in path.open(encoding="utf-8")]
        self.items = items + [item for item in items if item["source"].startswith(TWICE)]
        self.rng, self.queue = rng, list[Item]()

    def draw(self) -> Item:
        """The next example; reshuffled when all have been seen."""
        if not self.queue:
            self.queue = self.rng.sample(self.items, len(self.items))
        item = self.queue.pop()
        if item["source"].startswith("written"):
            return item  # every word counts in them
        chance = self.rng.random()
        if chance < GLOSSED:
            return dict(item, question=glossed(item["question"], self.rng))
        if chance < GLOSSED + REWORDED:
            return dict(item, question=other_words(item["question"], self.rng))
        return item


def chunk(
    pools: dict[str, Pool],
    progress: float,
    shares: tuple[float, float],
    written: float,
    batch: int,
    rng: random.Random,
) -> list[list[Item]]:
    """Sixteen batches of examples alike in length, in random order.

    `written` is the share of questions written one by one; of the others, `shares` are public
    pairs: at the start, and from the middle on.
    """
    most, least = shares
    public = most + (least - most) * min(1.0, progress / 0.5)
    odds = [public, (1 - public) * 0.86, (1 - public) * 0.14, written / (1 - written)]
    names = rng.choices([*pools], odds, k=16 * batch)
    items = sorted(
        (pools[n].draw() for n in names), key=lambda i: len(i["question"]) + len(context_of(i))
    )
    batches = [items[i : i + batch] for i in range(0, len(items), batch)]
    rng.shuffle(batches)
    return batches


def targets(items: list[Item], offsets: list[Any]) -> tuple[Tensor, Tensor]:
    """((batch, 2) start and end tokens, -100 for none; (batch,) answerable)."""
    spans, labels = [], []
    for item, row in zip(items, offsets, strict=True):
        shift = len(context_of(item)) - len(item["text"])
        found = (
            span_tokens(row, item["start"] + shift, item["end"] + shift)
            if item["answerable"]
            else None
        )
        spans.append(found or (-100, -100))
        labels.append(float(found is not None))
    return torch.tensor(spans), torch.tensor(labels)


def half_precision() -> bool:
    """Whether this processor multiplies bfloat16 itself; elsewhere it takes 20 times as long."""
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def loss_of(
    reader: Reader, tokenizer: Any, items: list[Item], half: bool
) -> tuple[Tensor, float, float]:
    """(loss, span loss, judge loss) of a batch."""
    inputs = encode(tokenizer, items)
    spans, labels = targets(items, inputs.pop("offsets"))
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        start, end, answerable = reader(**inputs)
    held = labels.sum().clamp(min=1)
    span = (
        F.cross_entropy(start, spans[:, 0], reduction="sum")
        + F.cross_entropy(end, spans[:, 1], reduction="sum")
    ) / (2 * held)
    judge = F.binary_cross_entropy_with_logits(answerable, labels * 0.96 + 0.02)
    return span + 1.5 * judge, span.item(), judge.item()


def groups(reader: Reader, rate: float) -> list[dict[str, Any]]:
    """Parameter groups: new heads learn five times as fast; no decay on vectors."""
    made: dict[tuple[bool, bool], list[Any]] = {}
    for name, value in reader.named_parameters():
        if not value.requires_grad:
            continue
        made.setdefault((name.startswith("body"), value.ndim > 1), []).append(value)
    return [
        {
            "params": p,
            "lr": rate * (1 if body else 5),
            "base": rate * (1 if body else 5),
            "weight_decay": 0.01 * wide,
        }
        for (body, wide), p in made.items()
    ]


def save(path: Path, state: dict[str, Any]) -> None:
    """Write beside, then rename: a kill leaves the last good checkpoint."""
    torch.save(state, path.with_suffix(".tmp"))
    path.with_suffix(".tmp").replace(path)


@dataclass(slots=True)
class Trainer:
    """What one run needs and changes; `average` holds the weights that are exported."""

    args: argparse.Namespace
    path: Path
    reader: Reader
    optimiser: torch.optim.Optimizer
    average: dict[str, Tensor]
    step: int = 0
    spent: float = 0.0

    def keep(self, spent: float) -> None:
        """Write the checkpoint."""
        state = {"reader": self.reader.state_dict(), "optimiser": self.optimiser.state_dict()}
        save(self.path, state | {"average": self.average, "step": self.step, "spent": spent})

    def resume(self) -> None:
        """Go on from the checkpoint, with the learning rate of the arguments."""
        state = torch.load(self.path)
        self.reader.load_state_dict(state["reader"])
        self.optimiser.load_state_dict(state["optimiser"])
        for group, new in zip(
            self.optimiser.param_groups, groups(self.reader, self.args.rate), strict=True
        ):
            group["base"] = new["base"]
        self.average, self.step, self.spent = state["average"], state["step"], state["spent"]

    def learn(self, loss: Tensor, progress: float) -> None:
        """One step: warm-up, then half a cosine; then the running average."""
        share = min(1.0, progress / 0.04) * (0.5 + 0.5 * math.cos(math.pi * progress))
        for group in self.optimiser.param_groups:
            group["lr"] = group["base"] * share
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.reader.parameters(), 1.0)
        self.optimiser.step()
        self.step += 1
        old = min(0.995, (self.step + 1) / (self.step + 10))
        with torch.no_grad():
            for key, value in self.reader.named_parameters():
                if value.requires_grad:
                    self.average[key].lerp_(value, 1 - old)


def new_trainer(args: argparse.Namespace) -> Trainer:
    """A run from the packaged body, from `--start`, or from where it was interrupted."""
    torch.set_num_threads(2)
    torch.manual_seed(args.seed)
    path = HERE / "runs" / f"{args.name}.pt"
    path.parent.mkdir(exist_ok=True)
    reader = new_reader()
    if args.start:
        reader.load_state_dict(mean_of(args.start))
    optimiser = torch.optim.AdamW(groups(reader, args.rate), betas=(0.9, 0.98), fused=True)
    average = {k: v.detach().clone() for k, v in reader.state_dict().items()}
    trainer = Trainer(args, path, reader.train(), optimiser, average)
    if path.exists():
        trainer.resume()
    return trainer


def run(args: argparse.Namespace) -> None:
    """The training loop."""
    trainer, tokenizer, half = new_trainer(args), load_tokenizer(), half_precision()
    rng = random.Random(args.seed + trainer.step)
    names = ("public", "company", "tables", "written")
    pools = {name: Pool(HERE / "cache" / f"{name}.jsonl", rng) for name in names}
    began, saved, means = time.time() - trainer.spent, time.time(), [0.0, 0.0]
    queue: list[list[Item]] = []
    while (progress := (time.time() - began) / (60 * args.minutes)) < 1:
        queue = queue or chunk(pools, progress, args.public, args.written, args.batch, rng)
        loss, *parts = loss_of(trainer.reader, tokenizer, queue.pop(), half)
        trainer.learn(loss, progress)
        means = [0.98 * m + 0.02 * v for m, v in zip(means, parts, strict=True)]
        if trainer.step % 25 == 0:
            rate = trainer.step * args.batch / (time.time() - began)
            print(
                f"{trainer.step} {progress:.3f} span {means[0]:.3f} judge {means[1]:.3f}"
                f" {rate:.1f}/s",
                flush=True,
            )
        if time.time() - saved > args.save_every:
            saved = time.time()
            trainer.keep(saved - began)
    trainer.keep(time.time() - began)


def main() -> None:
    """Read the arguments and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=50)
    parser.add_argument("--batch", type=int, default=24)
    parser.add_argument("--rate", type=float, default=1.5e-4)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--save-every", type=float, default=240)
    parser.add_argument("--name", default="last")
    parser.add_argument(
        "--start",
        type=Path,
        nargs="+",
        help="go on from the average of this checkpoint, or the mean of several",
    )
    parser.add_argument(
        "--public",
        type=float,
        nargs=2,
        default=(0.7, 0.3),
        metavar=("START", "MIDDLE"),
        help="share of public pairs at the start, and from the middle on",
    )
    parser.add_argument("--written", type=float, default=0.4, help="share of written questions")
    run(parser.parse_args())


if __name__ == "__main__":
    main()
