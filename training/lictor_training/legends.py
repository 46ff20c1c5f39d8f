"""The legend reader: what stands over and under a plate's serial.

A state is told by its name. The network is the plate reader's first one with
another window: a band of the plate, 64x192, in which the name is as tall as the
serial is in the reader's picture. So it begins with the reader's weights and
learns lettering, not what a letter is.

The product compares its columns with the legends of every jurisdiction
(`lexicon`), by the probability that connectionist temporal classification gives
to each, and with the formats of serials (`formats`).
"""
import collections
import re

import cv2
import numpy as np
import torch.nn as nn

from . import designs as d
from .dies import CHARACTERS
from .reader import Neighbours, Residual, conv

HEIGHT, WIDTH = 64, 192
# Shares of the plate's width and height.
SIDES = (.07, .93)
BANDS = {"above": (-.02, .36), "below": (.66, 1.02)}
LONGEST = 22


class Legends(nn.Module):
    """BGR 0..255 float NCHW -> logits (N, 48, 37); class 0 is the CTC blank."""

    def __init__(self, channels=(24, 48, 80, 128), column=192):
        super().__init__()
        a, b, c, e = channels
        self.stem = conv(3, a, 2)
        self.stage1 = nn.Sequential(conv(a, b, 2), Residual(b))
        self.stage2 = nn.Sequential(conv(b, c, (2, 1)), Residual(c), Residual(c))
        self.stage3 = nn.Sequential(conv(c, e, (2, 1)), Residual(e), Residual(e))
        self.columns = nn.Sequential(nn.Conv2d(e, column, (4, 1), bias=False), nn.BatchNorm2d(column), nn.ReLU(True))
        self.context = nn.Sequential(Neighbours(column), Neighbours(column))
        self.drop = nn.Dropout(.1)
        self.characters = nn.Conv2d(column, len(CHARACTERS) + 1, 1)

    def forward(self, x):
        mean = x.mean((1, 2, 3), keepdim=True)
        spread = ((x - mean) ** 2).mean((1, 2, 3), keepdim=True).sqrt()
        x = self.stage3(self.stage2(self.stage1(self.stem((x - mean) / (spread + 4.)))))
        return self.characters(self.drop(self.context(self.columns(x)))).squeeze(2).transpose(1, 2)


class Exported(nn.Module):
    """The same with probabilities as output."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, image):
        return self.network(image).softmax(-1)


NAMES = {"l1": "stage1", "l2": "stage2", "l3": "stage3", "col": "columns", "ctx": "context", "out": "characters",
         ".a.": ".first.", ".b.": ".second.", ".d.": ".depthwise.", ".n.": ".norm.", ".p.": ".widen.", ".q.": ".narrow."}


def from_first_reader(weights):
    """The weights of reader 1 (`plate_ocr.pt`) under this network's names."""
    out = {}
    for key, value in weights.items():
        head, _, rest = key.partition(".")
        if head in ("st", "sfc"):
            continue
        rest = "." + rest
        for old, new in NAMES.items():
            if old.startswith("."):
                rest = rest.replace(old, new)
        out[NAMES.get(head, head) + rest] = value
    return out


def plain(legend):
    """'Land of Lincoln' -> 'LANDOFLINCOLN'"""
    return re.sub("[^A-Z0-9]", "", legend.upper())


def band(image, which, rng=None):
    """The band of a whole-plate crop, as the network sees it; with `rng` moved
    and stretched at random."""
    h, w = image.shape[:2]
    x0, x1 = (s * w for s in SIDES)
    y0, y1 = (s * h for s in BANDS[which])
    shear = 0.
    if rng is not None:
        wide, high = x1 - x0, y1 - y0
        x0, x1 = x0 + rng.normal(0, .03) * wide, x1 + rng.normal(0, .03) * wide
        y0, y1 = y0 + rng.normal(0, .05) * high, y1 + rng.normal(0, .07) * high
        shear = rng.normal(0, .04)
    source = np.array([[x0, y0 - shear * h], [x1, y0 + shear * h], [x0, y1 - shear * h]], np.float32)
    target = np.array([[0, 0], [WIDTH, 0], [0, HEIGHT]], np.float32)
    return cv2.warpAffine(image, cv2.getAffineTransform(source, target), (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR,
                          borderMode=cv2.BORDER_REPLICATE)


def lexicon(designs):
    """[(jurisdiction, legend)] over and under the serial, without those that
    several jurisdictions share."""
    out = {}
    for which in ("above", "below"):
        owners = collections.defaultdict(set)
        for design in designs:
            text = plain((design.top if which == "above" else design.bottom).get("text") or "")
            if 4 <= len(text) <= LONGEST and design.jurisdiction != "US" and not re.search("NAME|NUMBER|EXPIR", text):
                owners[text].add(design.jurisdiction)
        out[which] = sorted((next(iter(o)), text) for text, o in owners.items() if len(o) == 1)
    return out


def formats(designs):
    """{jurisdiction: {format: share}}; a format is the serial as read, with A
    for every letter and 9 for every digit."""
    out = collections.defaultdict(collections.Counter)
    for design in designs:
        total = sum(w for _, w in design.serials) or 1
        for pattern, weight in design.serials:
            shape = "".join(kind for kind, _ in d.tokens(pattern) if kind in "A9")
            if shape:
                out[design.jurisdiction][shape] += design.weight * weight / total
    return {j: {s: n / sum(c.values()) for s, n in c.items()} for j, c in out.items()}
