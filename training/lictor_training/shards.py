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
    hard: float = 0.0                   # serials of characters that are taken for others
    size: tuple = (240, 80)             # of the crop, a quarter more than the network sees
    look: Look = Look()
    low_share: float = .5               # as a street camera sees them


RECIPES = {
    "reader": Recipe((("US", .74), ("CA", .03), ("MX", .02), ("BR", .11), ("EU", .10)), hard=.3),
    # The same with looks that are nobody's more often, for specialty plates are many.
    "reader-special": Recipe((("US", .78), ("CA", .03), ("MX", .02), ("BR", .1), ("EU", .07)), foreign=.25, hard=.08,
                             look=Look(other_colours=.5, art=.55, free_names=.35, stacked=.14)),
    # What is learnt is the lettering over and under the serial.
    "legends": Recipe((("US", .88), ("CA", .09), ("MX", .03)), foreign=.2, look=Look(other_colours=.3, free_names=.5), low_share=.25),
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
    """(BGR crop, text, jurisdiction)"""
    rng = np.random.default_rng(seed)
    recipe, design = mix.recipe, mix.draw(rng)
    serial = None
    hard = rng.random() < recipe.hard
    if design.aspect <= 2.4 and design.stacked.startswith("none") and rng.random() < recipe.foreign:
        # Another state's format on this design: reading must not lean on formats alone.
        serial = d.plain_serial(rng, mix.designs[rng.integers(len(mix.designs))], hard)
    elif hard:
        serial = d.plain_serial(rng, design, True)
    plate = draw_plate(rng, design, serial, recipe.look)
    return photograph(rng, plate.image, *recipe.size, low_share=recipe.low_share), plate.text, plate.jurisdiction


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
