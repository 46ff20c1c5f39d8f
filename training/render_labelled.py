#!/usr/bin/env python3
"""Renders single plates of all states with their labels, for `lictor eval`: plates
that nothing is trained on.

    python render_labelled.py FOLDER --count 20000

Each state is drawn as often as another, its designs by weight, serials by their own formats, worn
and dirty as plates are, cut out of close pictures. A stopped run is simply started again.
"""
import argparse
import csv
from pathlib import Path

import cv2

from lictor_training.designs import load_designs
from lictor_training.shards import Mix, Recipe, render_one

FIRST_SEED = 1_900_000_000
STATES = Recipe((("US", 1.),), foreign=0., size=(256, 128), low_share=0.)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=20_000)
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    table = args.folder / "truth.csv"
    if not table.exists():
        table.write_text("file,state,plate\n")
    done = len(table.read_text().splitlines()) - 1
    mix = Mix([design for design in load_designs() if design.jurisdiction.startswith("US-")], STATES)
    with open(table, "a", newline="") as f:
        rows = csv.writer(f, lineterminator="\n")
        for i in range(done, args.count):
            image, text, place = render_one(FIRST_SEED + i, mix)
            name = f"{i:05d}.jpg"
            cv2.imwrite(str(args.folder / name), image, [cv2.IMWRITE_JPEG_QUALITY, 93])
            rows.writerow([name, place, text])
            f.flush()


if __name__ == "__main__":
    main()
