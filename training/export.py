#!/usr/bin/env python3
"""Exports a checkpoint to ONNX and checks that both give the same.

    python export.py reader   RUN/checkpoint.pt reader.onnx  --weights checkpoints/reader.pt
    python export.py detector RUN/checkpoint.pt detector.onnx
    python export.py legends  RUN/checkpoint.pt legends.onnx --weights checkpoints/legends.pt

Prints the size, the difference from torch, the time and the SHA-256
for the model card. `--weights` keeps the weights in half precision, for training to go on from.
"""
import argparse
import hashlib
import time
import warnings
from pathlib import Path

import numpy as np
import torch

from lictor_training import detector, legends, reader
from lictor_training.pipeline import session


def fuse(module):
    """Join every convolution with the normalisation that follows it."""
    for child in module.children():
        if isinstance(child, torch.nn.Sequential):
            for i in range(len(child) - 1):
                if isinstance(child[i], torch.nn.Conv2d) and isinstance(child[i + 1], torch.nn.BatchNorm2d):
                    child[i] = torch.nn.utils.fuse_conv_bn_eval(child[i], child[i + 1])
                    child[i + 1] = torch.nn.Identity()
        fuse(child)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["reader", "detector", "legends"])
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--weights", type=Path)
    args = parser.parse_args()
    torch.set_num_threads(1)
    stored = torch.load(args.checkpoint, weights_only=False)
    if args.what == "detector":
        network, module = detector.Detector(), detector
        size, outputs = (384, 640), ["heat", "box", "corners"]
    else:
        network, module = reader.Reader(), reader
        window = {"reader": reader, "legends": legends}[args.what]
        size, outputs = (window.HEIGHT, window.WIDTH), ["chars"]
    network.load_state_dict(stored["smooth"])
    network.eval()
    fuse(network)
    module = module.Exported(network).eval()
    # The reader looks at several parts of a plate at once.
    any_number = {name: {0: "n"} for name in ("image", "chars")} if args.what == "reader" else None
    example = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(1)) * 255
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)      # the older exporter writes plainer graphs
        torch.onnx.export(module, (example,), str(args.target), input_names=["image"], output_names=outputs,
                          opset_version=17, dynamo=False, dynamic_axes=any_number)
    if args.weights:
        half = {k: v.half() if v.is_floating_point() else v for k, v in stored["smooth"].items()}
        args.weights.parent.mkdir(exist_ok=True)
        torch.save(dict(smooth=half, seen=stored["seen"]), args.weights)

    run = session(args.target)
    given = {"image": example.numpy()}
    with torch.no_grad():
        difference = max(float(np.abs(a - b.numpy()).max()) for a, b in zip(run.run(None, given), module(example)))
    times = []
    for _ in range(60):
        start = time.perf_counter()
        run.run(None, given)
        times.append((time.perf_counter() - start) * 1000)
    print(f"{args.target}: {args.target.stat().st_size} bytes, {stored['seen']} samples, difference from torch {difference:.1e}, "
          f"{np.median(times[10:]):.2f} ms median on one thread")
    print("SHA-256", hashlib.sha256(args.target.read_bytes()).hexdigest())


if __name__ == "__main__":
    main()
