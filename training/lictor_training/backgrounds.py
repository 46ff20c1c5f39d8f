"""Real street pictures under `train/`, prepared once: halved copies for small
scales, and for every plate a patch in which it is painted out.

The licences and the sources stand in the data folder's README. The pictures
stay there; only this prepared file is written, outside the repository.
"""
import collections
import csv
import pickle
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from .paths import data_folder

SOURCES = ("dashcam-mit", "openimages-ccby")


@dataclass
class Background:
    dashcam: bool           # its labels miss some plates; its boxes are loose
    name: str
    pyramid: list           # the picture, its half, its quarter
    plates: list            # [x0, y0, x1, y1]
    vehicles: list
    patches: list           # (x, y, picture without the plate), one for each plate


def _without_plate(image, mask, box, rng):
    h, w = image.shape[:2]
    x0, y0, x1, y1 = box
    mx, my = .1 * (x1 - x0) + 1, .18 * (y1 - y0) + 1
    left, top = max(0, int(max(0, x0 - mx)) - 8), max(0, int(max(0, y0 - my)) - 8)
    right, bottom = min(w, int(x1 + mx + 1) + 8), min(h, int(y1 + my + 1) + 8)
    region = image[top:bottom, left:right]
    shrink = max(1., (right - left) / 60.)
    size = (max(4, int((right - left) / shrink)), max(4, int((bottom - top) / shrink)))
    small = cv2.inpaint(cv2.resize(region, size, interpolation=cv2.INTER_AREA),
                        cv2.resize(mask[top:bottom, left:right], size, interpolation=cv2.INTER_NEAREST), 3, cv2.INPAINT_TELEA)
    filled = cv2.resize(small, (right - left, bottom - top), interpolation=cv2.INTER_LINEAR)
    filled = np.clip(filled.astype(np.float32) + rng.normal(0, 3, filled.shape), 0, 255)
    return left, top, np.where(mask[top:bottom, left:right, None] > 0, filled, region).astype(np.uint8)


def prepare(target: Path):
    rng = np.random.default_rng(1)
    out, dropped = [], 0
    for source in SOURCES:
        folder = data_folder() / "train" / source
        by_file = collections.defaultdict(list)
        with open(folder / "boxes.csv") as f:
            for row in csv.DictReader(f):
                by_file[row["file"]].append(row)
        for name in sorted(by_file):
            image = cv2.imread(str(folder / name))
            if image is None or image.mean() < 4 or image.std() < 4:      # unreadable or black
                dropped += 1
                continue
            plates, vehicles = [], []
            for row in by_file[name]:
                box = [float(row[k]) for k in ("xmin", "ymin", "xmax", "ymax")]
                (plates if row.get("label", "plate") == "plate" else vehicles).append(box)
            mask = np.zeros(image.shape[:2], np.uint8)
            for x0, y0, x1, y1 in plates:
                mx, my = .1 * (x1 - x0) + 1, .18 * (y1 - y0) + 1
                mask[int(max(0, y0 - my)):int(y1 + my) + 1, int(max(0, x0 - mx)):int(x1 + mx) + 1] = 255
            patches = [_without_plate(image, mask, box, rng) for box in plates]
            pyramid = [image]
            for _ in range(2):
                half = (pyramid[-1].shape[1] // 2, pyramid[-1].shape[0] // 2)
                pyramid.append(cv2.resize(pyramid[-1], half, interpolation=cv2.INTER_AREA))
            if plates:
                out.append(Background(source == SOURCES[0], name, pyramid, plates, vehicles, patches))
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(target, "wb") as f:
        pickle.dump(out, f, protocol=4)
    print(f"{len(out)} backgrounds, {dropped} black or unreadable pictures left out")
    return out


def load(cache: Path):
    if not cache.exists():
        return prepare(cache)
    with open(cache, "rb") as f:
        return pickle.load(f)
