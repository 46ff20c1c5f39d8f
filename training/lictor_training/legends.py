"""The legend reader: what stands over and under a plate's serial.

A state is told by its name, and often by its motto. The network is the plate
reader's with another window: a band of the plate in which a legend is as tall
as the serial is in the reader's picture. So it begins with a reader's weights
and learns lettering, not what a letter is.

The product compares the columns of both bands with the legends of every
jurisdiction (`lexicon`), by the probability that connectionist temporal
classification gives to each, and with the formats of serials (`formats`).
"""
import collections
import re

import cv2
import numpy as np

from . import designs as d

HEIGHT, WIDTH = 64, 192
# Shares of the plate's width and height.
SIDES = (.07, .93)
BANDS = {"above": (-.02, .36), "below": (.66, 1.02)}
LONGEST = 22


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


# Written over or under serials of many jurisdictions, whatever the designs say.
EVERYBODYS = re.compile("NAME|NUMBER|EXPIR|DISABLED|EXEMPT|COMBINATION|COMMERCIAL|APPORTIONED|WEIGHTED|TRUCK|TRAILER|"
                        "MULTIPURPOSE|VETERAN|DEALER|PASSENGER|GOVERNMENT|TRIBE|TRIBAL|^CENTENNIAL|^BEAUTIFUL$")


def lexicon(designs, names):
    """[(jurisdiction, legend)] over or under the serial, without those that
    several jurisdictions share. `names` are [(jurisdiction, its own name)]."""
    owners = collections.defaultdict(set)
    for jurisdiction, name in names:
        owners[plain(name)].add(jurisdiction)
    for design in designs:
        for line in (design.top, design.bottom):
            text = plain(line.get("text") or "")
            if 4 <= len(text) <= LONGEST and design.jurisdiction != "US" and not EVERYBODYS.search(text):
                owners[text].add(design.jurisdiction)
    return sorted((next(iter(o)), text) for text, o in owners.items() if len(o) == 1)


def formats(designs):
    """{jurisdiction: {format: (share, letters that most of its serials leave out)}}; a format is
    the serial as read, with A for every letter and 9 for every digit."""
    shares = collections.defaultdict(collections.Counter)
    without = collections.defaultdict(collections.Counter)
    for design in designs:
        total = sum(w for _, w in design.serials) or 1
        for pattern, weight in design.serials:
            shape = "".join(kind for kind, _ in d.tokens(pattern) if kind in "A9")
            if not shape:
                continue
            share = design.weight * weight / total
            shares[design.jurisdiction][shape] += share
            for letter in design.skipped_letters:
                without[design.jurisdiction, shape][letter] += share
    out = {}
    for place, of_place in shares.items():
        left_out = lambda shape, share: "".join(sorted(c for c, w in without[place, shape].items() if w > share / 2 and "A" in shape))
        total = sum(of_place.values())
        out[place] = {shape: (share / total, left_out(shape, share)) for shape, share in of_place.items()}
    return out
