#!/usr/bin/env python3
"""Trains the reader on rendered shards; goes on by itself where it stopped.

    python train_reader.py SHARDS RUN --shards 200 --total 2000000

RUN gets `checkpoint.pt` (every few minutes, whole state), `log.jsonl` (one line
an evaluation) and `reader-<samples>.pt` (weights alone, every 250,000 samples).
Start the same command again after any stop. `--total` may be changed between
starts: the learning rate stays level until 70 % of it and then falls to zero.

Deterministic up to the arithmetic of threads: batch n is drawn from (seed, n)
out of the first `12 + seen / 2500` shards, and training waits for a shard that
is not rendered yet.
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

from lictor_training import designs
from lictor_training.paths import data_hashes
from lictor_training.pipeline import greedy
from lictor_training.reader import CLASS_OF, HEIGHT, Reader, WIDTH
from lictor_training.shards import Shard

cv2.setNumThreads(1)
JURISDICTION_WEIGHT = .3


class Shards:
    def __init__(self, folder, count):
        self.folder, self.count, self.loaded = folder, count, []

    def ready_for(self, seen):
        """The shards that samples number `seen` may come from."""
        wanted = min(self.count, 12 + seen // 2500)
        while len(self.loaded) < wanted:
            path = self.folder / f"shard_{len(self.loaded):05d}.npz"
            while not path.exists():
                time.sleep(5)
            self.loaded.append(Shard(path))
        return self.loaded[:wanted]

    def batch(self, rng, seen, size):
        shards = self.ready_for(seen)
        images, texts, places = [], [], []
        for pick in rng.integers(len(shards), size=size):
            shard = shards[pick]
            i = int(rng.integers(len(shard)))
            images.append(shard.image(i))
            texts.append(shard.texts[i])
            places.append(shard.places[i])
        return np.stack(images), texts, places


def distort(images, generator):
    """Random place, colour, contrast, noise and blots; uint8 NHWC -> float NCHW 0..255."""
    x = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255
    n = len(x)
    uniform = lambda *shape: torch.rand(*shape, generator=generator)
    normal = lambda *shape: torch.randn(*shape, generator=generator)
    where = lambda share: torch.nonzero(uniform(n) < share)[:, 0]
    turn = torch.zeros(n, 2, 3)
    turn[:, 0, 0], turn[:, 1, 1] = 1 + uniform(n) * .16 - .08, 1 + uniform(n) * .22 - .11
    turn[:, 0, 1], turn[:, 1, 0] = normal(n) * .025, normal(n) * .04
    turn[:, 0, 2], turn[:, 1, 2] = normal(n) * .025, normal(n) * .04
    grid = F.affine_grid(turn, (n, 3, HEIGHT, WIDTH), align_corners=False)
    x = F.grid_sample(x, grid, mode="bilinear", padding_mode="border", align_corners=False)
    # Colours tell the jurisdiction, so they are changed in a small part only.
    some = where(.08)
    x[some] = x[some][:, torch.randperm(3, generator=generator)]
    some = where(.06)
    x[some] = 1 - x[some]
    some = where(.15)
    x[some] = x[some].mean(1, keepdim=True)
    contrast = torch.where(uniform(n) < .6, .5 + uniform(n), torch.ones(n))[:, None, None, None]
    shift = ((uniform(n) - .5) * .5 * (uniform(n) < .6))[:, None, None, None]
    mean = x.mean((1, 2, 3), keepdim=True)
    x = (x - mean) * contrast + mean + shift
    some = where(.15)
    if len(some):
        x[some] = F.avg_pool2d(F.pad(x[some], (1, 1, 1, 1), mode="replicate"), 3, 1)
    some = where(.4)
    x[some] += normal(len(some), 3, HEIGHT, WIDTH) * (uniform(len(some)) * .09)[:, None, None, None]
    for i in where(.15).tolist():
        w, h = (int(torch.randint(4, m, (1,), generator=generator)) for m in (20, 36))
        a, b = int(torch.randint(0, WIDTH - w, (1,), generator=generator)), int(torch.randint(0, HEIGHT - h, (1,), generator=generator))
        x[i, :, b:b + h, a:a + w] = float(uniform(1))
    return x.clamp_(0, 1).mul_(255).contiguous(memory_format=torch.channels_last)


@torch.no_grad()
def validate(network, shard, labels, limit=2000):
    network.eval()
    exact = folded = place_right = 0
    n = min(limit, len(shard))
    fold = lambda s: s.replace("O", "0")
    for start in range(0, n, 64):
        images = np.stack([cv2.resize(shard.image(i), (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA) for i in range(start, min(n, start + 64))])
        x = torch.from_numpy(images).permute(0, 3, 1, 2).float().contiguous(memory_format=torch.channels_last)
        text, place = network(x)
        for j, (p, q) in enumerate(zip(text.float().softmax(-1).numpy(), place.argmax(1).tolist())):
            said, truth = greedy(p)[0], shard.texts[start + j]
            exact += said == truth
            folded += fold(said) == fold(truth)
            place_right += labels[q] == shard.places[start + j] or (shard.places[start + j] == "US" and labels[q] == "XX")
    return {"n": n, "strict": round(100 * exact / n, 2), "exact": round(100 * folded / n, 2), "jurisdiction": round(100 * place_right / n, 2)}


def learning_rate(seen, total, base):
    warm = min(1.0, (seen + 96) / 20_000)
    level = .7 * total
    fall = 1.0 if seen < level else max(.01, .5 * (1 + math.cos(math.pi * min(1, (seen - level) / (total - level)))))
    return base * warm * fall


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shards", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--shards", dest="count", type=int, default=200)
    parser.add_argument("--total", type=int, default=2_000_000, help="samples")
    parser.add_argument("--batch", type=int, default=96)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--save-minutes", type=float, default=4)
    parser.add_argument("--evaluate-minutes", type=float, default=20)
    args = parser.parse_args()
    args.run.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)

    labels = designs.jurisdictions(designs.load_designs())
    network = Reader(len(labels)).to(memory_format=torch.channels_last)
    smooth = copy.deepcopy(network).eval()
    optimiser = torch.optim.AdamW(network.parameters(), args.rate, weight_decay=.02, betas=(.9, .98))
    step = seen = 0
    loss_now, place_now = 5.0, 4.7
    checkpoint = args.run / "checkpoint.pt"
    if checkpoint.exists():
        stored = torch.load(checkpoint, weights_only=False)
        if stored["labels"] != labels:
            raise SystemExit("The designs' jurisdictions have changed since this run began: start a new run.")
        network.load_state_dict(stored["network"])
        smooth.load_state_dict(stored["smooth"])
        optimiser.load_state_dict(stored["optimiser"])
        step, seen, loss_now, place_now = stored["step"], stored["seen"], stored["loss"], stored["place_loss"]
        print(f"going on at step {step}, {seen} samples", flush=True)
    print(f"{sum(p.numel() for p in network.parameters()) / 1e6:.2f} M parameters, {len(labels)} jurisdictions", flush=True)
    print(json.dumps({"data": data_hashes("plates/designs.json"), "torch": torch.__version__, "seed": args.seed}), flush=True)

    index_of = {p: i for i, p in enumerate(labels)}
    index_of["US"] = index_of["XX"]
    shards = Shards(args.shards, args.count)
    validation_path = args.shards / "shard_99999.npz"

    def save():
        state = dict(network=network.state_dict(), smooth=smooth.state_dict(), optimiser=optimiser.state_dict(), labels=labels,
                     step=step, seen=seen, loss=loss_now, place_loss=place_now, seed=args.seed)
        partial = checkpoint.with_suffix(".partial")
        torch.save(state, partial)
        os.replace(partial, checkpoint)

    def evaluate():
        if not validation_path.exists():
            return
        line = dict(time=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), step=step, seen=seen, loss=round(loss_now, 4),
                    place_loss=round(place_now, 3), rendered=validate(smooth, Shard(validation_path), labels))
        with open(args.run / "log.jsonl", "a") as f:
            f.write(json.dumps(line) + "\n")
        print(json.dumps(line), flush=True)

    saved = evaluated = began = time.time()
    began_seen = seen
    while seen < args.total:
        rng = np.random.default_rng((args.seed, step))
        generator = torch.Generator().manual_seed(args.seed * 1_000_003 + step)
        images, texts, places = shards.batch(rng, seen, args.batch)
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(seen, args.total, args.rate)
        x = distort(images, generator)
        network.train()
        with torch.autocast("cpu", torch.bfloat16):
            text, place = network(x)
        log_p = F.log_softmax(text.float(), -1).transpose(0, 1)
        wanted = torch.tensor([CLASS_OF[c] for t in texts for c in t])
        lengths = torch.tensor([len(t) for t in texts])
        reading = F.ctc_loss(log_p, wanted, torch.full((len(texts),), log_p.shape[0]), lengths, zero_infinity=True)
        placing = F.cross_entropy(place.float(), torch.tensor([index_of[p] for p in places]))
        optimiser.zero_grad(set_to_none=True)
        (reading + JURISDICTION_WEIGHT * placing).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 2.0)
        optimiser.step()
        step, seen = step + 1, seen + args.batch
        loss_now, place_now = .98 * loss_now + .02 * reading.item(), .98 * place_now + .02 * placing.item()
        keep = min(.999, (step + 1) / (step + 10))
        with torch.no_grad():
            for a, b in zip(smooth.state_dict().values(), network.state_dict().values()):
                a.mul_(keep).add_(b, alpha=1 - keep) if a.dtype.is_floating_point else a.copy_(b)
        if step % 50 == 0:
            speed = (seen - began_seen) / (time.time() - began)
            print(f"step {step} seen {seen} reading {loss_now:.3f} jurisdiction {place_now:.3f} {speed:.0f}/s shards {len(shards.loaded)}", flush=True)
        if seen // 250_000 != (seen - args.batch) // 250_000:
            torch.save(dict(smooth=smooth.state_dict(), labels=labels, seen=seen), args.run / f"reader-{seen}.pt")
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
