#!/usr/bin/env python3
"""Trains the legend reader; renders its plates by itself; goes on where it stopped.

    python train_legends.py RUN --from ../checkpoints/legends.pt --total 200000

RUN gets `checkpoint.pt`, `log.jsonl` and, under `plates/`, what was rendered.
Start the same command again after any stop. `--total` may be changed between
starts: the learning rate stays level until 70 % of it and then falls to zero.
`--from` gives the weights that a new run begins with: a checkpoint of this
network or the first reader's. One process, one thread: it renders as much as
`--reuse` asks for (how often a plate is shown, each time distorted anew).
"""
import os

os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import argparse
import copy
import json
import math
import time
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F

from lictor_training import designs as d
from lictor_training.camera import photograph
from lictor_training.legends import BANDS, LONGEST, band, plain
from lictor_training.paths import data_hashes
from lictor_training.pipeline import greedy
from lictor_training.plates import draw_plate
from lictor_training.reader import CLASS_OF, Reader, load_weights
from lictor_training.shards import Mix, RECIPES

cv2.setNumThreads(1)
CHUNK = 500
TRAINING_BASE, VALIDATION_BASE = 1_500_000_000, 1_900_000_000
PLATE_WIDTH, CROP = 288, (288, 144)


def render(seed, mix):
    """(JPEG of the crop, legend above, legend below, jurisdiction)"""
    rng = np.random.default_rng(seed)
    design = mix.draw(rng)
    serial = d.plain_serial(rng, mix.designs[rng.integers(len(mix.designs))]) if rng.random() < mix.recipe.foreign else None
    plate = draw_plate(rng, design, serial, mix.recipe.look, PLATE_WIDTH)
    image = photograph(rng, plate.image, *CROP, low_share=mix.recipe.low_share)
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 92])[1], plain(plate.above), plain(plate.below), plate.jurisdiction


class Plates:
    """Rendered plates in chunks of 500 on the disk, made as they are needed."""

    def __init__(self, folder):
        self.folder, self.kept = folder, []
        folder.mkdir(parents=True, exist_ok=True)
        recipe = RECIPES["legends"]
        regions = tuple(name for name, _ in recipe.regions)
        self.mix = Mix([x for x in d.load_designs() if x.aspect <= 2.4 and x.jurisdiction.startswith(regions)], recipe)

    def chunk(self, index, base=TRAINING_BASE):
        path = self.folder / f"chunk_{base + index}.npz"
        if not path.exists():
            rows = [render(base + CHUNK * index + i, self.mix) for i in range(CHUNK)]
            partial = path.with_suffix(".partial")
            with open(partial, "wb") as f:
                np.savez(f, data=np.concatenate([r[0].ravel() for r in rows]), ends=np.cumsum([r[0].size for r in rows]),
                         labels=np.array(json.dumps([r[1:] for r in rows])))
            os.replace(partial, path)
        stored = np.load(path)
        return list(zip(np.split(stored["data"], stored["ends"][:-1]), json.loads(str(stored["labels"]))))

    def grow(self, wanted):
        while len(self.kept) < wanted:
            self.kept += self.chunk(len(self.kept) // CHUNK)


def distort(rng, x):
    """Light, colours, blur, noise and blots of one band."""
    if rng.random() < .15:
        x = cv2.blur(x, (3, 3))
    x = x.astype(np.float32)
    u = rng.random()
    if u < .12:
        x = np.repeat(x.mean(2, keepdims=True), 3, 2)
    elif u < .3:
        x = x[..., rng.permutation(3)]
    elif u < .36:
        x = 255 - x
    if rng.random() < .5:
        x = (x - 128) * rng.uniform(.6, 1.4) + 128 + rng.uniform(-50, 50)
    if rng.random() < .25:
        x = x + rng.standard_normal(x.shape, np.float32) * rng.uniform(1, 16)
    return np.clip(x, 0, 255)


def tensor(images):
    return torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).float().contiguous(memory_format=torch.channels_last)


def batch(rng, plates, size, below_share):
    images, texts = [], []
    while len(images) < size:
        data, (above, below, _) = plates[int(rng.integers(len(plates)))]
        which = "below" if rng.random() < below_share else "above"
        text = above if which == "above" else below
        if len(text) > LONGEST:
            continue
        images.append(distort(rng, band(cv2.imdecode(data, 1), which, rng)))
        texts.append(text)
    return tensor(images), texts


@torch.no_grad()
def validate(network, plates):
    """Share of legends read to the letter, over those that are there."""
    network.eval()
    out = {}
    for which, place in zip(BANDS, (0, 1)):
        rows = [(data, labels[place]) for data, labels in plates if 0 < len(labels[place]) <= LONGEST]
        right = 0
        for start in range(0, len(rows), 64):
            part = rows[start:start + 64]
            said = network(tensor([band(cv2.imdecode(data, 1), which) for data, _ in part])).softmax(-1).numpy()
            right += sum(greedy(p)[0] == text for p, (_, text) in zip(said, part))
        out[which] = round(100 * right / max(len(rows), 1), 2)
    return out


def learning_rate(seen, total, base):
    warm = min(1.0, (seen + 96) / 4_000)
    level = .6 * total
    fall = 1.0 if seen < level else max(.01, .5 * (1 + math.cos(math.pi * min(1, (seen - level) / (total - level)))))
    return base * warm * fall


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--from", dest="start", type=Path)
    parser.add_argument("--total", type=int, default=200_000, help="samples")
    parser.add_argument("--reuse", type=float, default=4)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--below", type=float, default=.3, help="share of bands under the serial")
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save-minutes", type=float, default=3)
    parser.add_argument("--evaluate-minutes", type=float, default=10)
    args = parser.parse_args()
    args.run.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)

    network = Reader().to(memory_format=torch.channels_last)
    checkpoint = args.run / "checkpoint.pt"
    if args.start and not checkpoint.exists():
        network.load_state_dict(load_weights(args.start))
    smooth = copy.deepcopy(network).eval()
    optimiser = torch.optim.AdamW(network.parameters(), args.rate, weight_decay=.02, betas=(.9, .98))
    step = seen = 0
    loss_now = 3.0
    if checkpoint.exists():
        stored = torch.load(checkpoint, weights_only=False)
        network.load_state_dict(stored["network"])
        smooth.load_state_dict(stored["smooth"])
        optimiser.load_state_dict(stored["optimiser"])
        step, seen, loss_now = stored["step"], stored["seen"], stored["loss"]
        print(f"going on at step {step}, {seen} samples", flush=True)
    print(json.dumps({"data": data_hashes("plates/designs.json"), "torch": torch.__version__, "seed": args.seed}), flush=True)
    plates = Plates(args.run / "plates")
    aside = plates.chunk(0, VALIDATION_BASE)

    def save():
        partial = checkpoint.with_suffix(".partial")
        torch.save(dict(network=network.state_dict(), smooth=smooth.state_dict(), optimiser=optimiser.state_dict(),
                        step=step, seen=seen, loss=loss_now, seed=args.seed), partial)
        os.replace(partial, checkpoint)

    def evaluate():
        line = dict(time=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), step=step, seen=seen, plates=len(plates.kept),
                    loss=round(loss_now, 4), rendered=validate(smooth, aside))
        with open(args.run / "log.jsonl", "a") as f:
            f.write(json.dumps(line) + "\n")
        print(json.dumps(line), flush=True)

    evaluate()
    saved = evaluated = time.time()
    while seen < args.total:
        plates.grow(2 * CHUNK + int(seen / args.reuse))
        rng = np.random.default_rng((args.seed, step))
        x, texts = batch(rng, plates.kept, args.batch, args.below)
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(seen, args.total, args.rate)
        network.train()
        with torch.autocast("cpu", torch.bfloat16):
            out = network(x)
        log_p = F.log_softmax(out.float(), -1).transpose(0, 1)
        wanted = torch.tensor([CLASS_OF[c] for t in texts for c in t], dtype=torch.long)
        lengths = torch.tensor([len(t) for t in texts])
        loss = F.ctc_loss(log_p, wanted, torch.full((len(texts),), log_p.shape[0]), lengths, zero_infinity=True)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 2.0)
        optimiser.step()
        step, seen = step + 1, seen + args.batch
        loss_now = .98 * loss_now + .02 * loss.item()
        keep = min(.99, (step + 1) / (step + 10))
        with torch.no_grad():
            for a, b in zip(smooth.state_dict().values(), network.state_dict().values()):
                a.mul_(keep).add_(b, alpha=1 - keep) if a.dtype.is_floating_point else a.copy_(b)
        if step % 20 == 0:
            print(f"step {step} seen {seen} loss {loss_now:.3f} plates {len(plates.kept)}", flush=True)
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
