#!/usr/bin/env python3
"""Trains the reader on rendered shards; goes on by itself where it stopped.

    python train_reader.py SHARDS RUN --from reader-1.pt --shards 60 --total 400000

RUN gets `checkpoint.pt` (every few minutes, whole state) and `log.jsonl` (one
line an evaluation). Start the same command again after any stop. `--total` may
be changed between starts: the learning rate stays level until `--level` of it
and then falls to a hundredth. `--from` gives the weights that a new run begins with.

Deterministic up to the arithmetic of threads: batch n is drawn from (seed, n)
out of the first `--ahead` + seen / 2500 shards, and training waits for a shard that
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

from lictor_training.paths import data_hashes
from lictor_training.pipeline import greedy
from lictor_training.reader import CLASS_OF, HEIGHT, Reader, WIDTH, load_weights
from lictor_training.shards import Shard

cv2.setNumThreads(1)
STORED = (WIDTH * 5 // 4, HEIGHT * 5 // 4)     # a crop before it is moved about


class Shards:
    def __init__(self, folder, first, count, ahead):
        self.folder, self.first, self.count, self.ahead, self.loaded = folder, first, count, ahead, []

    def ready_for(self, seen):
        """The shards that samples number `seen` may come from."""
        wanted = min(self.count - self.first, self.ahead + seen // 2500)
        while len(self.loaded) < wanted:
            path = self.folder / f"shard_{self.first + len(self.loaded):05d}.npz"
            while not path.exists():
                time.sleep(5)
            self.loaded.append(Shard(path))
        return self.loaded[:wanted]

    def batch(self, rng, seen, size):
        shards = self.ready_for(seen)
        images, texts = [], []
        for pick in rng.integers(len(shards), size=size):
            shard = shards[pick]
            i = int(rng.integers(len(shard)))
            images.append(cv2.resize(shard.image(i), STORED, interpolation=cv2.INTER_AREA))
            texts.append(shard.texts[i])
        return np.stack(images), texts


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
    some = where(.25)
    x[some] = x[some][:, torch.randperm(3, generator=generator)]
    some = where(.1)
    x[some] = 1 - x[some]
    some = where(.15)
    x[some] = x[some].mean(1, keepdim=True)
    contrast = torch.where(uniform(n) < .6, .5 + uniform(n), torch.ones(n))[:, None, None, None]
    shift = ((uniform(n) - .5) * .5 * (uniform(n) < .6))[:, None, None, None]
    mean = x.mean((1, 2, 3), keepdim=True)
    x = (x - mean) * contrast + mean + shift
    some = where(.15)
    if len(some):               # few pixels
        size = int(torch.randint(20, 48, (1,), generator=generator))
        small = F.interpolate(x[some], (size, size * WIDTH // HEIGHT), mode="bilinear", antialias=True)
        x[some] = F.interpolate(small, (HEIGHT, WIDTH), mode="bilinear")
    some = where(.12)
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
def validate(network, shard, limit=2000):
    network.eval()
    exact = folded = 0
    n = min(limit, len(shard))
    fold = lambda s: s.replace("O", "0")
    for start in range(0, n, 64):
        images = np.stack([cv2.resize(shard.image(i), (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA) for i in range(start, min(n, start + 64))])
        x = torch.from_numpy(images).permute(0, 3, 1, 2).float().contiguous(memory_format=torch.channels_last)
        for j, p in enumerate(network(x).softmax(-1).numpy()):
            said, truth = greedy(p)[0], shard.texts[start + j]
            exact += said == truth
            folded += fold(said) == fold(truth)
    return {"n": n, "strict": round(100 * exact / n, 2), "exact": round(100 * folded / n, 2)}


def learning_rate(seen, total, base, level):
    warm = min(1.0, (seen + 96) / 10_000)
    level *= total
    fall = 1.0 if seen < level else max(.01, .5 * (1 + math.cos(math.pi * min(1, (seen - level) / (total - level)))))
    return base * warm * fall


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shards", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--from", dest="start", type=Path)
    parser.add_argument("--shards", dest="count", type=int, default=60)
    parser.add_argument("--first", type=int, default=0, help="shards before this one are no longer used")
    parser.add_argument("--ahead", type=int, default=6, help="shards that training begins with; the others come as they are rendered")
    parser.add_argument("--total", type=int, default=400_000, help="samples")
    parser.add_argument("--level", type=float, default=.3)
    parser.add_argument("--batch", type=int, default=96)
    parser.add_argument("--rate", type=float, default=1.2e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--save-minutes", type=float, default=4)
    parser.add_argument("--evaluate-minutes", type=float, default=15)
    args = parser.parse_args()
    args.run.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)

    network = Reader().to(memory_format=torch.channels_last)
    checkpoint = args.run / "checkpoint.pt"
    if args.start and not checkpoint.exists():
        network.load_state_dict(load_weights(args.start))
    smooth = copy.deepcopy(network).eval()
    optimiser = torch.optim.AdamW(network.parameters(), args.rate, weight_decay=.02, betas=(.9, .98))
    step = seen = 0
    loss_now = 1.0
    if checkpoint.exists():
        stored = torch.load(checkpoint, weights_only=False)
        network.load_state_dict(stored["network"])
        smooth.load_state_dict(stored["smooth"])
        optimiser.load_state_dict(stored["optimiser"])
        step, seen, loss_now = stored["step"], stored["seen"], stored["loss"]
        print(f"going on at step {step}, {seen} samples", flush=True)
    print(f"{sum(p.numel() for p in network.parameters()) / 1e6:.2f} M parameters", flush=True)
    print(json.dumps({"data": data_hashes("plates/designs.json"), "torch": torch.__version__, "seed": args.seed}), flush=True)

    shards = Shards(args.shards, args.first, args.count, args.ahead)
    validation_path = args.shards / "shard_99999.npz"

    def save():
        partial = checkpoint.with_suffix(".partial")
        torch.save(dict(network=network.state_dict(), smooth=smooth.state_dict(), optimiser=optimiser.state_dict(),
                        step=step, seen=seen, loss=loss_now, seed=args.seed), partial)
        os.replace(partial, checkpoint)

    def evaluate():
        if not validation_path.exists():
            return
        line = dict(time=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), step=step, seen=seen, loss=round(loss_now, 4),
                    rendered=validate(smooth, Shard(validation_path)))
        with open(args.run / "log.jsonl", "a") as f:
            f.write(json.dumps(line) + "\n")
        print(json.dumps(line), flush=True)

    evaluate()
    saved = evaluated = began = time.time()
    began_seen = seen
    while seen < args.total:
        rng = np.random.default_rng((args.seed, step))
        generator = torch.Generator().manual_seed(args.seed * 1_000_003 + step)
        images, texts = shards.batch(rng, seen, args.batch)
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(seen, args.total, args.rate, args.level)
        x = distort(images, generator)
        network.train()
        with torch.autocast("cpu", torch.bfloat16):
            out = network(x)
        log_p = F.log_softmax(out.float(), -1).transpose(0, 1)
        wanted = torch.tensor([CLASS_OF[c] for t in texts for c in t])
        lengths = torch.tensor([len(t) for t in texts])
        loss = F.ctc_loss(log_p, wanted, torch.full((len(texts),), log_p.shape[0]), lengths, zero_infinity=True)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 2.0)
        optimiser.step()
        step, seen = step + 1, seen + args.batch
        loss_now = .98 * loss_now + .02 * loss.item()
        keep = min(.998, (step + 1) / (step + 10))
        with torch.no_grad():
            for a, b in zip(smooth.state_dict().values(), network.state_dict().values()):
                a.mul_(keep).add_(b, alpha=1 - keep) if a.dtype.is_floating_point else a.copy_(b)
        if step % 50 == 0:
            speed = (seen - began_seen) / (time.time() - began)
            print(f"step {step} seen {seen} loss {loss_now:.3f} {speed:.0f}/s shards {len(shards.loaded)}", flush=True)
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
