"""Write `rag/reader/`: int8 ONNX, tokenizer and manifest, from checkpoints of train.py.

`python training/export.py [--checkpoint runs/last.pt ...] [--out ../rag/reader]`; of several
checkpoints the mean of their weights is taken (Wortsman et al., "Model soups", 2022). Temperature
and threshold are measured by evaluate.py on held-out data and kept in the manifest.
"""

import argparse
import hashlib
import json
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from model import MAX_LENGTH, Reader, encode, load_tokenizer, mean_of
from onnx import helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers import optimizer as fusion
from onnxruntime.transformers.fusion_options import FusionOptions

HERE = Path(__file__).parent
INPUTS = ["input_ids", "attention_mask", "token_type_ids"]
OUTPUTS = ["start", "end", "answerable"]


def load(checkpoints: list[Path]) -> Reader:
    """The reader with the mean of the checkpoints' averages, attention written out for fusion."""
    reader = Reader()
    reader.load_state_dict(mean_of(checkpoints))
    return reader.eval()


def to_onnx(reader: Reader, path: Path) -> None:
    """The float32 graph, batch and length free."""
    sample = encode(
        load_tokenizer(), [{"question": "Who?", "heading": "A", "text": "B did it."}] * 2
    )
    axes = {name: {0: "batch", 1: "length"} for name in [*INPUTS, "start", "end"]} | {
        "answerable": {0: "batch"}
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            reader,
            tuple(sample[n] for n in INPUTS),
            str(path),
            input_names=INPUTS,
            output_names=OUTPUTS,
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )


def fuse(source: Path, target: Path) -> dict[str, int]:
    """Fused attention, layer norms and GELU; how many of each were fused."""
    options = FusionOptions("bert")
    options.use_raw_attention_mask(True)
    options.enable_embed_layer_norm = False  # its 8-bit form has one scale for the whole table
    fused = fusion.optimize_model(
        str(source),
        model_type="bert",
        num_heads=12,
        hidden_size=384,
        opt_level=0,
        optimization_options=options,
    )
    fused.save_model_to_file(str(target))
    return dict(fused.get_fused_operator_statistics())


def shrink_words(model: onnx.ModelProto) -> None:
    """Store the word table as int8 with one scale a word."""
    graph = model.graph
    table = next(i for i in graph.initializer if len(i.dims) == 2 and i.dims[0] > 20_000)
    at, node = next(
        (k, n)
        for k, n in enumerate(graph.node)
        if n.op_type == "Gather" and n.input[0] == table.name
    )
    values = numpy_helper.to_array(table)
    scale = np.maximum(np.abs(values).max(axis=1, keepdims=True), 1e-9).astype(np.float32) / 127
    stored = np.clip(np.rint(values / scale), -127, 127).astype(np.int8)
    graph.initializer.remove(table)
    graph.initializer.extend(
        [numpy_helper.from_array(stored, "words"), numpy_helper.from_array(scale, "word_scale")]
    )
    ids, out = node.input[1], node.output[0]
    graph.node.remove(node)
    made = [
        helper.make_node("Gather", ["words", ids], ["words_at"]),
        helper.make_node("Cast", ["words_at"], ["words_float"], to=onnx.TensorProto.FLOAT),
        helper.make_node("Gather", ["word_scale", ids], ["scale_at"]),
        helper.make_node("Mul", ["words_float", "scale_at"], [out]),
    ]
    for shift, new in enumerate(made):
        graph.node.insert(at + shift, new)


def quantize(source: Path, target: Path) -> None:
    """Eight-bit weights, one scale a channel; the heads stay in float32."""
    model = onnx.load(source)
    heads = [
        n.name for n in model.graph.node if any(part in n.name for part in ("/span/", "/judge"))
    ]
    shrink_words(model)
    quantize_dynamic(
        model,
        target,
        per_channel=True,
        weight_type=QuantType.QInt8,
        nodes_to_exclude=heads,
        op_types_to_quantize=["MatMul", "Attention"],
        extra_options={"MatMulConstBOnly": True, "DefaultTensorType": onnx.TensorProto.FLOAT},
    )


def sha256(path: Path) -> str:
    """Hex digest of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_manifest(out: Path, constants: dict[str, Any]) -> None:
    """reader.json: what the files are, their digests, and the calibrated constants."""
    files = {
        name: {"bytes": (out / name).stat().st_size, "sha256": sha256(out / name)}
        for name in ("reader.onnx", "tokenizer.json")
    }
    manifest = {
        "format": 1,
        "name": "cited-rag-reader",
        "body": "all-MiniLM-L6-v2",
        "max_length": MAX_LENGTH,
        "inputs": INPUTS,
        "outputs": OUTPUTS,
        "pair": ["question", 'heading + "\\n" + passage'],
        "max_answer_tokens": 60,
        **constants,
        "files": files,
    }
    (out / "reader.json").write_text(
        json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def difference(reader: Reader, path: Path) -> float:
    """Greatest difference of the answerable logit between torch and ONNX, on a toy batch."""
    import onnxruntime

    items = [
        {"question": "Who paid USD 5 million?", "heading": "News", "text": t}
        for t in ("Ann paid USD 5 million.", "It rained in May and all the rest of the year.")
    ]
    inputs = encode(load_tokenizer(), items)
    inputs.pop("offsets")
    with torch.no_grad():
        wanted = reader(**inputs)[2].numpy()
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    got = session.run(["answerable"], {k: v.numpy() for k, v in inputs.items()})[0]
    return float(np.abs(wanted - got).max())


def main() -> None:
    """Export, fuse, quantise, write the manifest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, nargs="+", default=[HERE / "runs" / "last.pt"])
    parser.add_argument("--out", type=Path, default=HERE.parent / "rag" / "reader")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    reader = load(args.checkpoint)
    with tempfile.TemporaryDirectory() as scratch:
        plain, fused = Path(scratch) / "plain.onnx", HERE / "runs" / "fp32.onnx"
        to_onnx(reader, plain)
        print("fused", fuse(plain, fused))
        quantize(fused, args.out / "reader.onnx")
    load_tokenizer().save(str(args.out / "tokenizer.json"), pretty=False)
    constants = HERE / "runs" / "constants.json"
    write_manifest(
        args.out,
        json.loads(constants.read_text())
        if constants.exists()
        else {"temperature": 1.0, "threshold": 0.5},
    )
    for path in (fused, args.out / "reader.onnx"):
        print(path.name, path.stat().st_size, "differs by", round(difference(reader, path), 4))


if __name__ == "__main__":
    main()
