"""Read the shipped weights back: `python training/restore.py` writes runs/shipped.pt for --start.

Checkpoints are not kept in git; the eight-bit weights of `rag/reader/` are, and training goes on
from them as well.
"""

import argparse
from pathlib import Path

import numpy as np
import onnx
import torch
from model import Reader, new_reader
from onnx import numpy_helper

HERE = Path(__file__).parent
Arrays = dict[str, np.ndarray]


def weights(path: Path) -> Arrays:
    """Initializer name -> float32 values, eight-bit ones multiplied out."""
    stored = {i.name: numpy_helper.to_array(i) for i in onnx.load(path).graph.initializer}
    found = {name: value for name, value in stored.items() if value.dtype == np.float32}
    for name, value in stored.items():
        if name.endswith("_quantized"):
            stem = name.removesuffix("_quantized")
            zero = stored[f"{stem}_zero_point"].astype(np.float32)
            found[stem] = (value.astype(np.float32) - zero) * stored[f"{stem}_scale"]
    found["words"] = stored["words"].astype(np.float32) * stored["word_scale"]
    return found


def matrices(path: Path) -> list[str]:
    """Names of the stored matrices without a telling name, in the order of the graph."""
    names = [i.name for i in onnx.load(path).graph.initializer]
    stems = [n.removesuffix("_quantized") for n in names if n.endswith("_quantized")]
    return [s for s in stems if s.startswith("onnx::MatMul")]


def restored(path: Path) -> Reader:
    """The reader with the weights of an exported graph."""
    found, order = weights(path), iter(matrices(path))
    state = new_reader().state_dict()
    plain = next(n for n in found if n.startswith("onnx::MatMul") and found[n].shape[1] == 2)
    taken: Arrays = {n: found[n] for n in state if n in found}
    taken["body.embeddings.word_embeddings.weight"] = found["words"]
    taken["span.weight"] = found[plain].T
    for part in ("judge.0", "judge.3"):
        taken[f"{part}.weight"] = found[f"{part}.weight_Transposed"].T
    layers = sum(name.endswith("intermediate.dense.bias") for name in state)
    for layer in range(layers):
        place = f"body.encoder.layer.{layer}."
        for kind, ending in (("weight", "weight"), ("bias", "bias")):
            parts = np.split(found[f"Attention_{layer}_qkv_{kind}"], 3, axis=-1)
            for name, value in zip(("query", "key", "value"), parts, strict=True):
                taken[f"{place}attention.self.{name}.{ending}"] = value.T
        for name in ("attention.output.dense", "intermediate.dense", "output.dense"):
            taken[f"{place}{name}.weight"] = found[next(order)].T
    missing = set(state) - set(taken)
    if missing:
        raise ValueError(f"no weights for {sorted(missing)}")
    reader = Reader()
    reader.load_state_dict({n: torch.tensor(np.ascontiguousarray(v)) for n, v in taken.items()})
    return reader


def main() -> None:
    """Write the checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reader", type=Path, default=HERE.parent / "rag" / "reader")
    parser.add_argument("--out", type=Path, default=HERE / "runs" / "shipped.pt")
    args = parser.parse_args()
    args.out.parent.mkdir(exist_ok=True)
    torch.save({"average": restored(args.reader / "reader.onnx").state_dict()}, args.out)


if __name__ == "__main__":
    main()
