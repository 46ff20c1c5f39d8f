#!/usr/bin/env python3
"""Measures the exported networks.

    python evaluate.py samples ../samples              street pictures, several plates each
    python evaluate.py crops   ../samples/crops        pictures that are one plate
    python evaluate.py scenes  $LICTOR_DATA/bench/us   one labelled plate a picture
    python evaluate.py crops   $LICTOR_DATA/bench/us-crops

Options: --detector FILE, --reader FILE (default: ../models), --show.
Exact means letters and digits only, O counted as 0; `strict` tells O from 0.
Real pictures under bench/ are for measuring alone: nothing is fitted on them.
"""
import argparse
import collections
import csv
import math
from pathlib import Path

import cv2
import numpy as np

from lictor_training.pipeline import Pipeline, overlap, rank

HERE = Path(__file__).resolve().parent


def normal(text):
    return "".join(c for c in text.upper() if c.isascii() and c.isalnum())


def fold(text):
    return normal(text).replace("O", "0")


def wilson(hits, n, z=1.96):
    """95 % interval of a share, in per cent."""
    if n == 0:
        return (0.0, 100.0)
    p = hits / n
    middle = (p + z * z / 2 / n) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / 4 / n / n) / (1 + z * z / n)
    return (round(100 * (middle - half), 1), round(100 * (middle + half), 1))


def report(name, hits, n):
    low, high = wilson(hits, n)
    print(f"{name}: {hits} of {n} = {100 * hits / max(n, 1):.1f} % (95 %: {low} to {high})")


def rows_of(folder):
    with open(folder / "truth.csv") as f:
        return list(csv.DictReader(f))


def measure_crops(pipeline, folder, show):
    exact = strict = 0
    rows = rows_of(folder)
    for row in rows:
        read = pipeline.read(cv2.imread(str(folder / row["file"])))
        good = fold(read.text) == fold(row["plate"])
        exact += good
        strict += read.text == normal(row["plate"])
        if show and not good:
            print(f"  {row['file']}: {row['plate']} read as {read.text} ({read.confidence:.2f})")
    report("exact", exact, len(rows))
    report("strict", strict, len(rows))


def measure_samples(pipeline, folder, show):
    """Every labelled plate counts; what else is found is counted beside."""
    by_file = collections.defaultdict(list)
    for row in rows_of(folder):
        by_file[row["file"]].append(row)
    found_count = exact = plates = extra = 0
    for name, rows in sorted(by_file.items()):
        reads = pipeline.find_and_read(cv2.imread(str(folder / name)))
        used = set()
        for row in rows:
            x, y, w, h = (float(row[k]) for k in "xywh")
            scores = [overlap((x, y, x + w, y + h), f.box) for f, _ in reads]
            best = int(np.argmax(scores)) if scores else -1
            plates += 1
            if best < 0 or scores[best] < .3:
                if show:
                    print(f"  {name}: {row['plate']} not found")
                continue
            used.add(best)
            found, read = reads[best]
            found_count += 1
            good = fold(read.text) == fold(row["plate"])
            exact += good
            if show:
                print(f"  {name}: {row['plate']:8} {'ok ' if good else 'NOT'} {read.text:8} read {read.confidence:.2f} "
                      f"weakest character {read.weakest:.2f} detector {found.score:.2f} width {w:.0f}")
        extra += len(reads) - len(used)
    report("found", found_count, plates)
    report("exact", exact, plates)
    print(f"other detections: {extra} in {len(by_file)} pictures")


def measure_scenes(pipeline, folder, show):
    """One labelled plate a picture: the read of highest confidence that lies
    on the true box counts, else the most confident."""
    exact = strict = hit = 0
    rows = rows_of(folder)
    for row in rows:
        x, y, w, h = (float(row[k]) for k in "xywh")
        reads = sorted(pipeline.find_and_read(cv2.imread(str(folder / row["file"]))), key=lambda r: -rank(*r))
        on = [r for r in reads if overlap((x, y, x + w, y + h), r[0].box) >= .3]
        hit += bool(on)
        answer = (on or reads or [(None, None)])[0][1]
        text = answer.text if answer else ""
        good = fold(text) == fold(row["plate"])
        exact += good
        strict += text == normal(row["plate"])
        if show and not good:
            print(f"  {row['file']}: {row['plate']} read as {text}")
    report("found", hit, len(rows))
    report("exact", exact, len(rows))
    report("strict", strict, len(rows))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["samples", "crops", "scenes"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--detector", default=HERE / "../models/detector.onnx")
    parser.add_argument("--reader", default=HERE / "../models/reader.onnx")
    parser.add_argument("--show", action="store_true", help="print single reads")
    args = parser.parse_args()
    pipeline = Pipeline(None if args.what == "crops" else args.detector, args.reader)
    {"samples": measure_samples, "crops": measure_crops, "scenes": measure_scenes}[args.what](pipeline, args.folder, args.show)


if __name__ == "__main__":
    main()
