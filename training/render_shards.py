#!/usr/bin/env python3
"""Renders training plates into shards, one after another; stops and goes on.

    python render_shards.py FOLDER --count 40 [--recipe reader] [--validation]

Shards that exist are left alone, so a stopped run is simply started again.
"""
import argparse
import time
from pathlib import Path

from lictor_training.designs import load_designs
from lictor_training.shards import Mix, RECIPES, TRAINING_BASE, VALIDATION_BASE, write_shard


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=200, help="shards of 2,000 plates")
    parser.add_argument("--every", type=int, default=1, help="with --first, for several processes side by side: of so many shards one")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--recipe", choices=RECIPES, default="reader")
    parser.add_argument("--validation", action="store_true", help="render the one validation shard instead")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    mix = Mix(load_designs(), RECIPES[args.recipe])
    if args.validation:
        write_shard(args.folder, 99999, mix, VALIDATION_BASE - 99999 * 2000)
        return
    for index in range(args.first, args.count, args.every):
        start = time.time()
        if write_shard(args.folder, index, mix, TRAINING_BASE):
            print(f"shard {index}: {time.time() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()
