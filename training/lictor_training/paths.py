"""Where things lie. Nothing here is a fixed path: two variables decide.

LICTOR_TRAINING  fonts, shards, checkpoints (default: ~/lictor-training)
LICTOR_DATA      the data folder with `plates/`, `train/` and `bench/`
"""
import hashlib
import os
from pathlib import Path


def training_home() -> Path:
    return Path(os.environ.get("LICTOR_TRAINING", Path.home() / "lictor-training"))


def data_folder() -> Path:
    folder = os.environ.get("LICTOR_DATA")
    if not folder:
        raise SystemExit("Set LICTOR_DATA to the data folder (plates/, train/, bench/).")
    return Path(folder)


def data_hashes(*names) -> dict:
    """SHA-256 of files in the data folder, for the log of a run."""
    return {n: hashlib.sha256((data_folder() / n).read_bytes()).hexdigest() for n in names}


def fonts_folder() -> Path:
    folder = training_home() / "fonts"
    if not folder.is_dir():
        raise SystemExit(f"No fonts in {folder}: run setup.sh first.")
    return folder
