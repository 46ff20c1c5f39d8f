#!/usr/bin/env python3
"""Fits the scalars that join what the networks say with what is known of plates,
and tells how well they do.

    python fit_scalars.py $LICTOR_DATA/bench/us-crops

Fitted on the pictures whose SHA-256 begins with 0 to 7, told on the rest; that
and no more is what these pictures may be used for. At most four an output:

of the state (`crates/vision/src/issuer.rs`): the power `TRUST` of a legend's
probability, the floors under it where no legend is legible (`FLOOR_ABOVE`,
`FLOOR_BELOW`) and the power `FORMAT` of a format's share;

of the text (`crates/vision/src/serial.rs`): the power `TRUST` of a text's
probability and the power `FORMAT` of a serial's probability.
"""
import argparse
import csv
import functools
import hashlib
import itertools
import math
from pathlib import Path

import cv2
import numpy as np

from evaluate import fold, wilson
from lictor_training import legends
from lictor_training.decode import LONGEST, ctc, read
from lictor_training.pipeline import session

HERE = Path(__file__).resolve().parent
CROP = (288, 144)
VANITY, UNKNOWN, EXCEPTION = .2, 1e-4, .02
LONG = 2.9


def shape(text):
    return "".join("A" if c.isalpha() else "9" for c in text)


def rows_of(path):
    return [line.split() for line in path.read_text().splitlines()]


class Tables:
    def __init__(self, models):
        self.formats = {}
        self.left_out = {}
        for place, pattern, share, *left_out in rows_of(HERE / "../crates/plate/src/formats.txt"):
            self.formats.setdefault(place, {})[pattern] = float(share)
            self.left_out[place, pattern] = set(*left_out)
        self.places = sorted(self.formats)
        self.average = {}
        for shares in self.formats.values():
            for pattern, share in shares.items():
                self.average[pattern] = self.average.get(pattern, 0) + share / len(self.formats)
        self.legends = {}
        for place, text in rows_of(models / "legends.txt"):
            self.legends.setdefault(place, []).append(text)

    def named(self, columns):
        return np.array([sum(ctc(columns, text) for text in self.legends.get(p, [])) for p in self.places])

    @functools.cache
    def expected(self, long):
        def of(place):
            short_plates, long_plates = ((1., .02) if place.startswith("US-") else (.1, .02) if place[:2] in ("US", "CA", "MX")
                                         else (.005, 1.) if place == "BR" else (.005, .2))
            return long_plates if long else short_plates
        return np.array([of(p) for p in self.places])

    @functools.cache
    def shares(self, pattern):
        """Of each jurisdiction's plates, those of this format."""
        return np.array([self.formats[p].get(pattern, 0.) for p in self.places])

    @functools.cache
    def serial(self, text):
        """How probable each jurisdiction's plate is to carry this text, formats alone."""
        pattern = shape(text)
        def of(place):
            left_out = self.left_out.get((place, pattern), ())
            unusual = sum(c in left_out for c in text)
            return EXCEPTION ** unusual / (26. - len(left_out)) ** pattern.count("A") / 10. ** pattern.count("9")
        return self.shares(pattern) * np.array([of(p) for p in self.places])


def measure(folder, models, reader, tables):
    network, reader = session(models / "legends.onnx"), session(reader or models / "reader.onnx")
    out = []
    for row in csv.DictReader(open(folder / "truth.csv")):
        data = (folder / row["file"]).read_bytes()
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), 1)
        run = lambda net, image: net.run(["chars"], {"image": image.astype(np.float32).transpose(2, 0, 1)[None]})[0][0].astype(float)
        whole = cv2.resize(picture, CROP, interpolation=cv2.INTER_AREA if picture.shape[1] > CROP[0] else cv2.INTER_LINEAR)
        out.append(dict(
            fit=hashlib.sha256(data).hexdigest()[0] < "8", plate=fold(row["plate"]), place="US-" + row["state"].upper(),
            long=picture.shape[1] > LONG * picture.shape[0], texts=read(reader, picture),
            **{which: tables.named(run(network, legends.band(whole, which))) for which in legends.BANDS}))
    return out


def by_legend(tables, row, trust, floor_above, floor_below):
    w = (row["above"] ** trust + floor_above) * (row["below"] ** trust + floor_below) * tables.expected(row["long"])
    return w / w.sum()


def by_serial(tables, row, before, text, power):
    pattern = shape(text)
    share = (1 - VANITY) * tables.shares(pattern) + VANITY * (tables.average.get(pattern, 0) + UNKNOWN)
    w = before * share ** power
    return w / w.sum()


def weighed(tables, row, before, trust, power):
    """{text with O as 0: probability}"""
    weights = []
    for text, p in row["texts"]:
        issued = (before * tables.serial(text)).sum()
        weights.append(trust * math.log(p) + power * math.log((1 - VANITY) * issued + VANITY / 36. ** len(text) / LONGEST))
    weights = np.exp(np.array(weights) - max(weights))
    weights *= sum(p for _, p in row["texts"]) / weights.sum()
    out = {}
    for (text, _), w in zip(row["texts"], weights):
        out[fold(text)] = out.get(fold(text), 0) + w
    return out


def calibration_error(answers):
    answers, n = sorted(answers), len(answers)
    bins = [answers[i * n // 10:(i + 1) * n // 10] for i in range(10)]
    return sum(abs(sum(p for p, _ in b) - sum(right for _, right in b)) for b in bins) / n


def tell(name, answers, n):
    hits = sum(right for _, right in answers)
    low, high = wilson(hits, n)
    print(f"  {name}: {hits} of {n} = {100 * hits / n:.1f} % ({low} to {high}), calibration error {calibration_error(answers):.3f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--models", type=Path, default=HERE / "../models")
    parser.add_argument("--reader", type=Path, help="another reader than that of --models")
    args = parser.parse_args()
    tables = Tables(args.models)
    rows = [r for r in measure(args.folder, args.models, args.reader, tables) if r["place"] in tables.places and r["texts"]]
    fitted, rest = [r for r in rows if r["fit"]], [r for r in rows if not r["fit"]]

    def state_loss(rows, scalars):
        def of(row):
            p = by_serial(tables, row, by_legend(tables, row, *scalars[:3]), row["texts"][0][0], scalars[3])
            return -math.log(p[tables.places.index(row["place"])] + 1e-9)
        return sum(map(of, rows)) / len(rows)

    floors = 10. ** np.arange(-5, -.9, 1)
    state = min(itertools.product((.15, .2, .3, .4, .5), floors, floors, (.5, .75, 1.)), key=lambda s: state_loss(fitted, s))
    before = {id(r): by_legend(tables, r, *state[:3]) for r in rows}

    def text_answers(rows, scalars):
        out = []
        for row in rows:
            said = weighed(tables, row, before[id(row)], *scalars)
            best = max(said, key=said.get)
            out.append((said[best], best == row["plate"], said.get(row["plate"], 0)))
        return out

    text = min(itertools.product((.5, .6, .7, .8, .9, 1., 1.1, 1.2), (0., .2, .3, .4, .5, .6, .7, .8, 1.)),
               key=lambda s: -sum(math.log(max(p, 1e-4)) for _, _, p in text_answers(fitted, s)))
    print("of the state: TRUST %g FLOOR_ABOVE %.0e FLOOR_BELOW %.0e FORMAT %g" % state)
    print("of the text:  TRUST %g FORMAT %g" % text)
    for name, some in (("fitted on", fitted), ("told on", rest)):
        print(name, len(some))
        for what, scalars in (("as spelled", (1., 0.)), ("exact", text)):
            tell(what, [a[:2] for a in text_answers(some, scalars)], len(some))
        states = []
        for row in some:
            said = weighed(tables, row, before[id(row)], *text)
            best = max(((t, said[fold(t)]) for t, _ in row["texts"]), key=lambda x: x[1])[0]
            p = by_serial(tables, row, before[id(row)], best, state[3])
            states.append((float(p.max()), tables.places[int(p.argmax())] == row["place"]))
        tell("state right", states, len(some))


if __name__ == "__main__":
    main()
