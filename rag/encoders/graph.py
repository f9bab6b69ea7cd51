"""A BERT-like encoder as an ONNX graph, made from its safetensors weights without torch.

The graph maps ``input_ids`` (1, n) to ``vector`` (1, dim): embeddings, attention blocks, pooling
over all tokens, unit length; and to ``tokens`` (1, n, dim), what is pooled. One text at a time, so
there is no padding, no mask, and a vector does not depend on what else is embedded. Attention and
skip connections are onnxruntime's fused operators (com.microsoft).

With ``int8``, matrices are small integers with a scale for each output column (for each word in
the table of words), activations are quantised as they come. Two things keep that near the original:
channels that a LayerNorm makes large are scaled down before and their weights up (SmoothQuant, Xiao
et al. 2023, here from the LayerNorm's own weights, without data), and what goes into a layer's last
matrix, where single tokens are far larger than the rest, is scaled token by token.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.encoders.models import read_json

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

VERSION = 3
"""Goes up when the same weights would give other vectors."""

_FAMILIES = ("bert", "roberta", "xlm-roberta", "camembert")
_POOLINGS = {"pooling_mode_mean_tokens": "mean", "pooling_mode_cls_token": "cls"}
# Seven of the eight bits: processors without VNNI add pairs of products in 16 bits and saturate.
_LEVELS = 63
# Share of a channel's size that moves into the weights: 0.5 to 0.9 differ little.
_SMOOTHING = 0.7


class NotPortableError(ValueError):
    """The model cannot be written as this graph; the message is the reason that people see."""


def graph_bytes(folder: Path, *, int8: bool) -> bytes:
    """Return the ONNX model of the sentence-transformers folder ``folder``.

    Raises:
        NotPortableError: another architecture than this module knows.
    """
    pooling, config = pooling_of(folder), configuration(folder)
    graph = _Graph(_Weights(folder), config, int8)
    hidden, norm = graph.embeddings("input_ids"), "embeddings.LayerNorm"
    for layer in range(config["num_hidden_layers"]):
        hidden = graph.block(hidden, f"encoder.layer.{layer}", norm)
        norm = f"encoder.layer.{layer}.output.LayerNorm"
    graph.pool(hidden, pooling)
    return graph.model_bytes()


def configuration(folder: Path) -> dict[str, Any]:
    """Return the model's configuration.

    Raises:
        NotPortableError: it is not a BERT-like encoder.
    """
    config: dict[str, Any] = read_json(folder / "config.json")
    family = config.get("model_type")
    if family not in _FAMILIES:
        raise NotPortableError(f"its architecture is {family}")
    if config.get("hidden_act") != "gelu":
        raise NotPortableError(f"its activation is {config.get('hidden_act')}")
    if config.get("position_embedding_type", "absolute") != "absolute":
        raise NotPortableError("its positions are relative")
    return config


def pooling_of(folder: Path) -> str:
    """Return "mean" or "cls".

    Raises:
        NotPortableError: the model has other modules or another pooling.
    """
    modules = read_json(folder / "modules.json")
    kinds = [module["type"].rpartition(".")[2] for module in modules]
    if kinds not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        raise NotPortableError(f"its modules are {', '.join(kinds) or 'unknown'}")
    config = read_json(folder / modules[1]["path"] / "config.json")
    modes = {_POOLINGS.get(key, key) for key, value in config.items() if value is True}
    mode = config.get("pooling_mode") or ", ".join(sorted(modes - {"include_prompt"}))
    if mode not in _POOLINGS.values():
        raise NotPortableError(f"its pooling is {mode or 'unknown'}")
    return str(mode)


class _Weights:
    """The tensors by name, without the prefix that some checkpoints put before them.

    One is read when it is asked for and let go, so that they are never in memory together.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "model.safetensors"
        if not self._path.is_file():
            raise NotPortableError("its weights are in several files")
        anchor = "embeddings.word_embeddings.weight"
        with self._opened() as tensors:
            found = [name for name in tensors.keys() if name.endswith(anchor)]  # noqa: SIM118
        if not found:
            raise NotPortableError("its weights have unknown names")
        self._prefix = found[0].removesuffix(anchor)

    def __getitem__(self, name: str) -> NDArray[np.float32]:
        import numpy as np

        with self._opened() as tensors:
            try:
                tensor = tensors.get_tensor(self._prefix + name)
            except (KeyError, TypeError, AttributeError) as error:
                raise NotPortableError(f"numpy cannot read its weights ({error})") from error
        found: NDArray[np.float32] = tensor.astype(np.float32, copy=False)
        return found

    def _opened(self) -> Any:
        from safetensors import safe_open

        return safe_open(self._path, "numpy")


class _Graph:
    """Nodes and constants in the order in which they are computed; methods return output names."""

    def __init__(self, weights: _Weights, config: dict[str, Any], int8: bool) -> None:
        self._weights = weights
        self._config = config
        self._int8 = int8
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def embeddings(self, ids: str) -> str:
        """(1, n) token ids -> (1, n, hidden)."""
        import numpy as np

        words = self._words(ids)
        offset = 0
        if self._config["model_type"] != "bert":  # RoBERTa counts positions from its padding id
            offset = int(self._config["pad_token_id"]) + 1
        positions = self._weights["embeddings.position_embeddings.weight"][offset:]
        kinds = self._weights["embeddings.token_type_embeddings.weight"]
        table = self._constant("positions", positions + kinds[0])
        length = self._add("Shape", [ids], start=1, end=2)
        start = self._constant("zero", np.zeros(1, np.int64))
        where = self._add("Slice", [table, start, length])
        return self._norm(self._add("Add", [words, where]), "embeddings.LayerNorm")

    def block(self, hidden: str, name: str, norm: str) -> str:
        """One layer: self-attention and feed-forward, each with its skip connection.

        ``norm`` is the LayerNorm that ``hidden`` comes from.
        """
        between = f"{name}.attention.output.LayerNorm"
        attended = self._attention(hidden, f"{name}.attention.self", norm)
        attended = self._linear(attended, f"{name}.attention.output.dense")
        hidden = self._skip(attended, hidden, between)
        wide = self._linear(hidden, f"{name}.intermediate.dense", norm=between)
        wide = self._add("Gelu", [wide], domain="com.microsoft")
        narrow = self._linear(wide, f"{name}.output.dense", by_token=True)
        return self._skip(narrow, hidden, f"{name}.output.LayerNorm")

    def pool(self, hidden: str, pooling: str) -> None:
        """(1, n, hidden) -> ``tokens``, the same; ``vector`` (1, hidden) of unit length."""
        import numpy as np

        hidden = self._add("Identity", [hidden], output="tokens")
        if pooling == "mean":
            pooled = self._add("ReduceMean", [hidden], axes=[1], keepdims=0)
        else:
            first = self._constant("first", np.array(0, np.int64))
            pooled = self._add("Gather", [hidden, first], axis=1)
        self._add("LpNormalization", [pooled], output="vector", axis=1, p=2)

    def model_bytes(self) -> bytes:
        """Return the finished model, serialised; equal weights give equal bytes."""
        from onnx import TensorProto, helper

        size = self._config["hidden_size"]
        inputs = [helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, "n"])]
        shapes = {"vector": [1, size], "tokens": [1, "n", size]}
        outputs = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
            for name, shape in shapes.items()
        ]
        graph = helper.make_graph(self._nodes, "encoder", inputs, outputs, self._constants)
        domains = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
        model = helper.make_model(graph, opset_imports=domains, ir_version=8)
        return bytes(model.SerializeToString(deterministic=True))

    def _words(self, ids: str) -> str:
        table = self._weights["embeddings.word_embeddings.weight"]
        if not self._int8:
            return self._add("Gather", [self._constant("words", table), ids])
        levels, scales = _quantised(table, axis=1, limit=127)
        rows = self._add("Gather", [self._constant("words", levels), ids])
        scale = self._add("Gather", [self._constant("words.scale", scales), ids])
        return self._add("Mul", [self._add("Cast", [rows], to=1), scale])

    def _attention(self, hidden: str, name: str, norm: str) -> str:
        import numpy as np

        heads = self._config["num_attention_heads"]
        parts = [f"{name}.{part}" for part in ("query", "key", "value")]
        weight = np.concatenate([self._weights[f"{part}.weight"].T for part in parts], axis=1)
        bias = np.concatenate([self._weights[f"{part}.bias"] for part in parts])
        bias_name = self._constant(f"{name}.bias", bias)
        fused = {"domain": "com.microsoft", "num_heads": heads}
        if not self._int8:
            weight_name = self._constant(f"{name}.weight", weight)
            return self._add("Attention", [hidden, weight_name, bias_name], **fused)
        hidden, weight = self._smoothed(hidden, weight, norm, name)
        weight_name, scale_name = self._levels(weight, name)
        zeros = self._constant(f"{name}.zero", np.zeros(weight.shape[1], np.int8))
        quantised, scale, zero = self._add_many("DynamicQuantizeLinear", [hidden], 3)
        inputs = [quantised, weight_name, bias_name, scale, scale_name, "", zero, zeros]
        return self._add("QAttention", inputs, **fused)

    def _linear(self, hidden: str, name: str, norm: str = "", by_token: bool = False) -> str:
        """Matrix and bias; ``norm`` names the LayerNorm that ``hidden`` comes straight from."""
        import numpy as np

        weight = self._weights[f"{name}.weight"].T
        bias_name = self._constant(f"{name}.bias", self._weights[f"{name}.bias"])
        if not self._int8:
            product = self._add("MatMul", [hidden, self._constant(f"{name}.weight", weight)])
            return self._add("Add", [product, bias_name])
        if norm:
            hidden, weight = self._smoothed(hidden, weight, norm, name)
        weight_name, scale_name = self._levels(weight, name)
        if not by_token:
            inputs = [hidden, weight_name, scale_name, "", bias_name]
            return self._add("DynamicQuantizeMatMul", inputs, domain="com.microsoft")
        size = self._add("ReduceMax", [self._add("Abs", [hidden])], axes=[2], keepdims=1)
        tiny = self._constant(f"{name}.tiny", np.full(1, 1e-9, np.float32))
        size = self._add("Max", [size, tiny])
        inputs = [self._add("Div", [hidden, size]), weight_name, scale_name]
        product = self._add("DynamicQuantizeMatMul", inputs, domain="com.microsoft")
        return self._add("Add", [self._add("Mul", [product, size]), bias_name])

    def _smoothed(
        self, hidden: str, weight: NDArray[np.float32], norm: str, name: str
    ) -> tuple[str, NDArray[np.float32]]:
        """Divide large channels of ``hidden`` and multiply their rows of ``weight`` by the same."""
        import numpy as np

        # What leaves a LayerNorm is spread about its bias by its weight: 2.5 deviations cover it.
        spread = 2.5 * np.abs(self._weights[f"{norm}.weight"])
        channels = np.maximum(spread + np.abs(self._weights[f"{norm}.bias"]), 1e-6)
        rows = np.maximum(np.abs(weight).max(axis=1), 1e-6)
        scales = channels**_SMOOTHING / rows ** (1 - _SMOOTHING)
        scales = (scales / scales.mean()).astype(np.float32)
        divided = self._add("Mul", [hidden, self._constant(f"{name}.smoothing", 1 / scales)])
        return divided, weight * scales[:, np.newaxis]

    def _levels(self, weight: NDArray[np.float32], name: str) -> tuple[str, str]:
        levels, scales = _quantised(weight, axis=0, limit=_LEVELS)
        weight_name = self._constant(f"{name}.weight", levels)
        return weight_name, self._constant(f"{name}.scale", scales.reshape(-1))

    def _skip(self, hidden: str, skipped: str, name: str) -> str:
        return self._norm_node("SkipLayerNormalization", [hidden, skipped], name, "com.microsoft")

    def _norm(self, hidden: str, name: str) -> str:
        return self._norm_node("LayerNormalization", [hidden], name, "")

    def _norm_node(self, kind: str, inputs: list[str], name: str, domain: str) -> str:
        scale = self._constant(f"{name}.weight", self._weights[f"{name}.weight"])
        shift = self._constant(f"{name}.bias", self._weights[f"{name}.bias"])
        epsilon = float(self._config["layer_norm_eps"])
        return self._add(kind, [*inputs, scale, shift], domain=domain, epsilon=epsilon)

    def _constant(self, name: str, array: NDArray[Any]) -> str:
        import numpy as np
        from onnx import numpy_helper

        self._constants.append(numpy_helper.from_array(np.asarray(array, order="C"), name))
        return name

    def _add(self, kind: str, inputs: list[str], *, output: str = "", **settings: Any) -> str:
        from onnx import helper

        output = output or f"{kind}.{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, inputs, [output], **settings))
        return output

    def _add_many(self, kind: str, inputs: list[str], count: int) -> list[str]:
        from onnx import helper

        outputs = [f"{kind}.{len(self._nodes)}.{n}" for n in range(count)]
        self._nodes.append(helper.make_node(kind, inputs, outputs))
        return outputs


def _quantised(
    matrix: NDArray[np.float32], axis: int, limit: int
) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return (levels, scales) with ``levels * scales`` near ``matrix``, a scale a slice of axis."""
    import numpy as np

    ends = (matrix.max(axis=axis, keepdims=True), -matrix.min(axis=axis, keepdims=True))
    scales = np.maximum(*ends).astype(np.float32) / np.float32(limit)
    scales[scales == 0] = 1
    levels = matrix / scales
    return np.rint(levels, out=levels).astype(np.int8), scales
