"""Scores `lictor read` on a folder of labelled pictures.

    cargo build --release
    python3 bench/score.py target/release/lictor FOLDER        scenes: truth.csv has file,x,y,w,h,plate
    python3 bench/score.py target/release/lictor FOLDER        crops: truth.csv has file,plate

Exact means letters and digits only, O counted as 0. Which read of a scene counts: the most
confident one whose box overlaps the labelled plate (intersection over union 0.3 or more), else
the most confident one. Alternatives never count. The interval is Wilson's, 95 %.
"""

import csv
import json
import math
import pathlib
import subprocess
import sys


def plain(text):
    return "".join(c for c in text.upper() if c.isascii() and c.isalnum())


def folded(text):
    return plain(text).replace("O", "0")


def overlap(a, b):
    wide = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    high = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    both = max(wide, 0) * max(high, 0)
    return both / (a[2] * a[3] + b[2] * b[3] - both)


def counted(plates, box):
    plates = sorted(plates, key=lambda p: -p["confidence"])
    if box:
        hits = [p for p in plates if overlap(p["box"], box) >= 0.3]
        plates = hits or plates
    return plates[0]["plate"] if plates else ""


def wilson(right, n, z=1.96):
    p = right / n
    centre = p + z * z / (2 * n)
    spread = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (centre - spread) / (1 + z * z / n), (centre + spread) / (1 + z * z / n)


def main(binary, folder):
    folder = pathlib.Path(folder)
    truth = list(csv.DictReader((folder / "truth.csv").open()))
    scenes = "x" in truth[0]
    command = [binary, "read", "--json", *([] if scenes else ["--cropped"]), str(folder)]
    lines = subprocess.run(command, stdout=subprocess.PIPE, check=False, text=True).stdout.splitlines()
    reads = {pathlib.Path(r["file"]).name: r["plates"] for r in map(json.loads, lines)}
    right = strict = 0
    for row in truth:
        box = [float(row[k]) for k in "xywh"] if scenes else None
        best = counted(reads.get(row["file"], []), box)
        ok = folded(best) == folded(row["plate"])
        right += ok
        strict += plain(best) == plain(row["plate"])
        if not ok:
            print(f"  missed {row['file']}: {row['plate']} read as {best or 'nothing'}", file=sys.stderr)
    n = len(truth)
    low, high = wilson(right, n)
    print(f"{folder.name}: {right} of {n} exact, {100 * right / n:.1f} % "
          f"(95 %: {100 * low:.1f} to {100 * high:.1f}); O and 0 told apart: {100 * strict / n:.1f} %")


if __name__ == "__main__":
    main(*sys.argv[1:])
