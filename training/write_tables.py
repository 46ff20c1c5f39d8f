#!/usr/bin/env python3
"""Writes the tables that the product reads beside its networks, from the designs.

    python write_tables.py

`models/legends.txt`: what stands over and under the serial, by jurisdiction.
`crates/plate/src/formats.txt`: the formats of serials by jurisdiction, A for a
letter and 9 for a digit, with the share of that jurisdiction's plates and the
letters that most serials of the format leave out.
"""
import re
from pathlib import Path

from lictor_training import designs, legends

ROOT = Path(__file__).resolve().parent.parent
LEAST_SHARE = .002


def main():
    all_designs = designs.load_designs()
    table = (ROOT / "crates/plate/src/jurisdiction/table.rs").read_text()
    names = re.findall(r'"((?:US|CA)-\w\w)", "(.+)"', table)
    lines = [f"{place} {text}" for place, text in legends.lexicon(all_designs, names)]
    (ROOT / "models/legends.txt").write_text("\n".join(lines) + "\n")
    lines = [f"{place} {shape} {share:.4f} {left_out}".rstrip() for place, shapes in sorted(legends.formats(all_designs).items())
             for shape, (share, left_out) in sorted(shapes.items(), key=lambda x: -x[1][0]) if share >= LEAST_SHARE]
    (ROOT / "crates/plate/src/formats.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
