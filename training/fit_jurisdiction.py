#!/usr/bin/env python3
"""Fits the four scalars that join legends and formats, and tells how well they do.

    python fit_jurisdiction.py $LICTOR_DATA/bench/us-crops

Fitted on the pictures whose SHA-256 begins with 0 to 7, told on the rest; that
and no more is what these pictures may be used for. What is fitted: the power
`TRUST` of a legend's probability, the `FLOOR` under it (no legend legible), the
power `FORMAT` of a format's share, and a temperature of the whole (`SHARPEN`).
"""
import argparse
import csv
import hashlib
import itertools
from pathlib import Path

import cv2
import numpy as np

from lictor_training import legends
from lictor_training.dies import CHARACTERS
from lictor_training.pipeline import Pipeline, session

HERE = Path(__file__).resolve().parent
CROP = (288, 144)
VANITY = .2


def ctc(columns, text):
    """Probability of `text`: the sum over all ways to spread it over the columns."""
    labels = [0]
    for c in text:
        labels += [CHARACTERS.index(c) + 1, 0]
    a = np.zeros(len(labels))
    a[0] = 1
    skip = np.array([i >= 2 and labels[i] != 0 and labels[i] != labels[i - 2] for i in range(len(labels))])
    for t, p in enumerate(columns):
        b = a.copy()
        if t:
            b[1:] += a[:-1]
            b[2:] += np.where(skip[2:], a[:-2], 0)
        else:
            b[1] = 1
        a = b * p[labels]
    return a[-1] + (a[-2] if len(a) > 1 else 0)


def load(path):
    out = {}
    for line in path.read_text().splitlines():
        place, text, *share = line.split()
        out.setdefault(place, []).append((text, float(share[0]) if share else 1.))
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--models", type=Path, default=HERE / "../models")
    args = parser.parse_args()
    names = load(args.models / "legends.txt")
    formats = load(HERE / "../crates/plate/src/formats.txt")
    network = session(args.models / "legends.onnx")
    reader = Pipeline(None, args.models / "reader.onnx")
    places = sorted(p for p in formats if p.startswith("US-"))
    average = {}
    for rows in formats.values():
        for shape, share in rows:
            average[shape] = average.get(shape, 0) + share / len(formats)

    rows = []
    for row in csv.DictReader(open(args.folder / "truth.csv")):
        data = (args.folder / row["file"]).read_bytes()
        truth = "US-" + row["state"].upper()
        if truth not in places:
            continue
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), 1)
        shrink = picture.shape[1] >= CROP[0] and picture.shape[0] >= CROP[1]
        whole = cv2.resize(picture, CROP, interpolation=cv2.INTER_AREA if shrink else cv2.INTER_LINEAR)
        image = legends.band(whole, "above").astype(np.float32).transpose(2, 0, 1)[None]
        columns = network.run(None, {"image": image})[0][0].astype(float)
        text = reader.read(picture).text
        shape = "".join("A" if c.isalpha() else "9" for c in text)
        named = np.array([sum(ctc(columns, n) for n, _ in names.get(p, [])) for p in places])
        share = np.array([dict(formats[p]).get(shape, 0.) for p in places])
        share = (1 - VANITY) * share + VANITY * (average.get(shape, 0) + 1e-4)
        rows.append((hashlib.sha256(data).hexdigest()[0] < "8", places.index(truth), named, share / share.max()))
    fit = np.array([r[0] for r in rows])
    truth, named, share = (np.array([r[i] for r in rows]) for i in (1, 2, 3))

    def answer(trust, floor, power, sharpen):
        w = (np.power(named, trust) + floor) * share ** power
        w = w ** sharpen
        return w / w.sum(1, keepdims=True)

    def loss(scalars, which):
        return -np.log(answer(*scalars)[which, truth[which]] + 1e-9).mean()

    best = min(itertools.product((.1, .15, .2, .3, .4, .5, .7), 10. ** np.arange(-5, 0, .5), (.25, .5, .75, 1, 1.25), (.6, .8, 1, 1.3)),
               key=lambda s: loss(s, fit))
    print("TRUST %g FLOOR %.2g FORMAT %g SHARPEN %g" % best)
    for name, which in (("fitted on", fit), ("told on", ~fit)):
        p = answer(*best)[which]
        right = p.argmax(1) == truth[which]
        alone = (share ** 1)[which].argmax(1) == truth[which]
        seen = named[which].argmax(1) == truth[which]
        print(f"{name} {which.sum()}: right {100 * right.mean():.1f} %, by the legend alone {100 * seen.mean():.1f} %, "
              f"by the format alone {100 * alone.mean():.1f} %, mean confidence {100 * p.max(1).mean():.1f} %, loss {loss(best, which):.3f}")


if __name__ == "__main__":
    main()
