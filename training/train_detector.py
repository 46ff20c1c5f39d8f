#!/usr/bin/env python3
"""Trains the detector; goes on by itself where it stopped.

    python train_detector.py RUN --total 188000

Needs LICTOR_DATA (train/ and plates/). The first start prepares the backgrounds
(about 2 GB) and the bank of rendered plates in LICTOR_TRAINING. Batch n is drawn
from (seed, n). RUN gets `checkpoint.pt` and `log.jsonl`.
"""
import os

os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import argparse
import copy
import json
import math
import pickle
import time
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F

from lictor_training import backgrounds
from lictor_training.bank import make_bank
from lictor_training.designs import load_designs
from lictor_training.detector import Detector, decode, distances
from lictor_training.paths import data_hashes, training_home
from lictor_training.pipeline import overlap, pick_peaks
from lictor_training.scenes import Composer, IGNORE, NORMAL, SOFT

cv2.setNumThreads(1)


def load_bank(path):
    if not path.exists():
        bank = make_bank(load_designs())
        with open(path, "wb") as f:
            pickle.dump(bank, f, protocol=4)
        return bank
    with open(path, "rb") as f:
        return pickle.load(f)


class Batches(torch.utils.data.IterableDataset):
    """Batch `step` from (seed, step), so that a restart goes on the same way."""

    def __init__(self, composer, seed, first, size):
        self.composer, self.seed, self.first, self.size = composer, seed, first, size

    def __iter__(self):
        torch.set_num_threads(1)
        step = self.first
        while True:
            rng = np.random.default_rng((self.seed, step))
            samples = [self.composer.sample(rng) for _ in range(self.size)]
            yield tuple(torch.from_numpy(np.stack([s[j] for s in samples])) for j in range(4))
            step += 1


def losses(raw, heat, kind, regression):
    """Focal loss of the heat map, box loss (GIoU and logarithm), corner loss."""
    raw = raw.float()
    logit = raw[:, 0]
    p = torch.sigmoid(logit)
    positive = (heat >= .9999) & (kind != IGNORE)
    count = positive.sum().clamp(min=1)
    # Where labels are missing, a confident find may be right: it is not punished.
    counted = (kind == NORMAL) | ((kind == SOFT) & ((p.detach() < .3) | (heat > .02)))
    negative = (1 - heat) ** 4 * p ** 2 * F.logsigmoid(-logit) * (counted & ~positive)
    heat_loss = -((1 - p) ** 2 * F.logsigmoid(logit) * positive).sum() / count - negative.sum() / count

    box_weight, corner_weight = regression[:, 12], regression[:, 13]
    here = box_weight > 0
    if here.any():
        d = distances(raw).permute(0, 2, 3, 1)[here]
        t, w = regression[:, :4].permute(0, 2, 3, 1)[here], box_weight[here]
        inner_w = torch.minimum(d[:, 0], t[:, 0]) + torch.minimum(d[:, 2], t[:, 2])
        inner_h = torch.minimum(d[:, 1], t[:, 1]) + torch.minimum(d[:, 3], t[:, 3])
        inner = inner_w.clamp(min=0) * inner_h.clamp(min=0)
        union = (d[:, 0] + d[:, 2]) * (d[:, 1] + d[:, 3]) + (t[:, 0] + t[:, 2]) * (t[:, 1] + t[:, 3]) - inner
        hull = (torch.maximum(d[:, 0], t[:, 0]) + torch.maximum(d[:, 2], t[:, 2])) * (torch.maximum(d[:, 1], t[:, 1]) + torch.maximum(d[:, 3], t[:, 3]))
        giou = 1 - inner / union.clamp(min=1e-3) + (hull - union) / hull.clamp(min=1e-3)
        size = (torch.log(d) - torch.log(t.clamp(min=.5))).abs().mean(1)
        box_loss = ((giou + .5 * size) * w).sum() / w.sum().clamp(min=1)
    else:
        box_loss = raw.sum() * 0
    here = corner_weight > 0
    if here.any():
        error = (raw[:, 5:13].permute(0, 2, 3, 1)[here] - regression[:, 4:12].permute(0, 2, 3, 1)[here]).abs().mean(1)
        corner_loss = (error * corner_weight[here]).sum() / corner_weight[here].sum()
    else:
        corner_loss = raw.sum() * 0
    return heat_loss, box_loss, corner_loss


@torch.no_grad()
def validate(network, composer, count=160, threshold=.3):
    """Share of labelled plates found, and other detections a crop, on crops of
    a seed that training does not use (the backgrounds are the same)."""
    network.eval()
    plates = found = other = 0
    for i in range(count):
        image, _, _, _, labels = composer.sample(np.random.default_rng((987_654_321, i)))
        raw = network(torch.from_numpy(image).permute(2, 0, 1)[None].float())
        heat, box, corners = (t[0].numpy() for t in decode(raw.float()))
        hits = pick_peaks(heat, box, corners, threshold)
        plates += len(labels)
        for label in labels:
            found += any(overlap(label.box, f.box) >= .5 for f in hits)
        other += sum(all(overlap(l.box, f.box) < .3 for l in labels) for f in hits)
    return {"plates": plates, "found": round(100 * found / max(plates, 1), 1), "other_per_crop": round(other / count, 2)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--total", type=int, default=188_000, help="crops")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--worker", type=int, default=1, choices=[0, 1], help="1: compose crops in a second process")
    parser.add_argument("--save-minutes", type=float, default=4)
    parser.add_argument("--evaluate-minutes", type=float, default=15)
    args = parser.parse_args()
    args.run.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)

    home = training_home()
    composer = Composer(backgrounds.load(home / "backgrounds.pkl"), load_bank(home / "bank.pkl"))
    network = Detector().to(memory_format=torch.channels_last)
    smooth = copy.deepcopy(network).eval()
    decayed = [p for p in network.parameters() if p.ndim > 1]
    plain = [p for p in network.parameters() if p.ndim <= 1]
    optimiser = torch.optim.AdamW([dict(params=decayed, weight_decay=.02), dict(params=plain, weight_decay=0.)], args.rate, betas=(.9, .98))
    step = seen = 0
    checkpoint = args.run / "checkpoint.pt"
    if checkpoint.exists():
        stored = torch.load(checkpoint, weights_only=False)
        network.load_state_dict(stored["network"])
        smooth.load_state_dict(stored["smooth"])
        optimiser.load_state_dict(stored["optimiser"])
        step, seen = stored["step"], stored["seen"]
        print(f"going on at step {step}, {seen} crops", flush=True)
    lists = data_hashes("plates/designs.json", *(f"train/{s}/boxes.csv" for s in backgrounds.SOURCES))
    print(json.dumps({"data": lists, "torch": torch.__version__, "seed": args.seed}), flush=True)
    batches = iter(torch.utils.data.DataLoader(Batches(composer, args.seed, step, args.batch), batch_size=None,
                                               num_workers=args.worker, prefetch_factor=6 if args.worker else None))
    running = np.array([3., 2., .2])

    def save():
        partial = checkpoint.with_suffix(".partial")
        torch.save(dict(network=network.state_dict(), smooth=smooth.state_dict(), optimiser=optimiser.state_dict(), step=step, seen=seen, seed=args.seed), partial)
        os.replace(partial, checkpoint)

    def evaluate():
        line = dict(time=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), step=step, seen=seen,
                    loss=[round(float(v), 4) for v in running], rendered=validate(smooth, composer))
        with open(args.run / "log.jsonl", "a") as f:
            f.write(json.dumps(line) + "\n")
        print(json.dumps(line), flush=True)

    began, began_seen = time.time(), seen
    saved = evaluated = began
    while seen < args.total:
        rate = args.rate * min(1, (step + 1) / 200) * max(.01, .5 * (1 + math.cos(math.pi * seen / args.total)))
        for group in optimiser.param_groups:
            group["lr"] = rate
        images, heat, kind, regression = next(batches)
        network.train()
        x = images.permute(0, 3, 1, 2).float().contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            raw = network(x)
        parts = losses(raw, heat, kind, regression)
        optimiser.zero_grad(set_to_none=True)
        (parts[0] + 2 * parts[1] + 2 * parts[2]).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimiser.step()
        step, seen = step + 1, seen + args.batch
        running = .98 * running + .02 * np.array([p.item() for p in parts])
        keep = min(.998, (step + 10) / (step + 40))
        with torch.no_grad():
            for a, b in zip(smooth.state_dict().values(), network.state_dict().values()):
                a.mul_(keep).add_(b, alpha=1 - keep) if a.dtype.is_floating_point else a.copy_(b)
        if step % 50 == 0:
            print(f"step {step} seen {seen} heat {running[0]:.3f} box {running[1]:.3f} corners {running[2]:.3f} "
                  f"{(seen - began_seen) / (time.time() - began):.0f}/s", flush=True)
        if time.time() - saved > args.save_minutes * 60:
            save()
            saved = time.time()
        if time.time() - evaluated > args.evaluate_minutes * 60:
            evaluate()
            evaluated = time.time()
    save()
    evaluate()


if __name__ == "__main__":
    main()
