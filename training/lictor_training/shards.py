"""Rendered plates in files of 2,000, so that rendering and training can run
side by side. Plate `i` of shard `k` has seed `base + 2000 k + i`.
"""
import json
import os
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from . import designs as d
from .camera import photograph
from .plates import Look, draw_plate

PER_SHARD = 2000
TRAINING_BASE, VALIDATION_BASE = 500_000_000, 900_000_000


@dataclass(frozen=True)
class Recipe:
    """What is drawn for one network."""
    regions: tuple                      # shares of the regions
    foreign: float = .12                # another state's format on the design
    look: Look = Look()
    low_share: float = .5               # as a street camera sees them


RECIPES = {
    "reader": Recipe((("US", .78), ("CA", .04), ("MX", .02), ("BR", .07), ("EU", .09))),
    # What is learnt is the lettering over and under the serial.
    "legends": Recipe((("US", .88), ("CA", .09), ("MX", .03)), .2, Look(other_colours=.3, free_names=.5), .25),
}


class Mix:
    """Draws designs: region, then jurisdiction evenly, then design by weight."""

    def __init__(self, designs, recipe=RECIPES["reader"]):
        self.designs, self.recipe = designs, recipe
        self.by_region = {name: {} for name, _ in recipe.regions}
        for design in designs:
            place = design.jurisdiction
            region = place[:2] if place[:2] in ("US", "CA", "MX", "BR") else "EU"
            self.by_region[region if region in self.by_region else "EU"].setdefault(place, []).append(design)
        self.names = [n for n, _ in recipe.regions if self.by_region[n]]
        share = np.array([s for n, s in recipe.regions if self.by_region[n]])
        self.share = share / share.sum()

    def draw(self, rng):
        region = self.by_region[self.names[rng.choice(len(self.names), p=self.share)]]
        place = sorted(region)[rng.integers(len(region))]
        weights = np.array([x.weight for x in region[place]])
        return region[place][rng.choice(len(weights), p=weights / weights.sum())]


def render_one(seed, mix):
    """(112x224 BGR crop, text, jurisdiction)"""
    rng = np.random.default_rng(seed)
    design = mix.draw(rng)
    serial = None
    if design.aspect <= 2.4 and design.stacked.startswith("none") and rng.random() < mix.recipe.foreign:
        # Another state's format on this design: reading must not lean on formats alone.
        serial = d.plain_serial(rng, mix.designs[rng.integers(len(mix.designs))])
    plate = draw_plate(rng, design, serial, mix.recipe.look)
    return photograph(rng, plate.image, low_share=mix.recipe.low_share), plate.text, plate.jurisdiction


def write_shard(folder, index, mix, base=TRAINING_BASE):
    folder = Path(folder)
    target = folder / f"shard_{index:05d}.npz"
    if target.exists():
        return False
    data, offsets, texts, places = [], [0], [], []
    for i in range(PER_SHARD):
        image, text, place = render_one(base + index * PER_SHARD + i, mix)
        if not 1 <= len(text) <= 10:
            continue
        data.append(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 93])[1].ravel())
        offsets.append(offsets[-1] + len(data[-1]))
        texts.append(text)
        places.append(place)
    partial = target.with_suffix(".partial")
    with open(partial, "wb") as f:
        np.savez(f, data=np.concatenate(data), offsets=np.array(offsets), labels=np.array(json.dumps([texts, places])))
    os.replace(partial, target)
    return True


class Shard:
    def __init__(self, path):
        stored = np.load(path)
        self.data, self.offsets = stored["data"], stored["offsets"]
        self.texts, self.places = json.loads(str(stored["labels"]))

    def __len__(self):
        return len(self.texts)

    def image(self, i):
        return cv2.imdecode(self.data[self.offsets[i]:self.offsets[i + 1]], 1)
