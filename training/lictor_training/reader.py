"""The reader: a small convolutional network with one answer a column.

A picture of 64x128 becomes 32 columns of 4 pixels; each gives 37 classes (class
0 is the CTC blank, then 0-9, A-Z). The same network, with weights of its own and
on 64x192, reads what stands over and under a serial (`legends.py`).
"""
import torch.nn as nn
import torch.nn.functional as F

from .dies import CHARACTERS

HEIGHT, WIDTH = 64, 128
CLASS_OF = {c: i + 1 for i, c in enumerate(CHARACTERS)}


def conv(inputs, outputs, stride=1, kernel=3):
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
                         nn.BatchNorm2d(outputs), nn.ReLU(True))


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.first = conv(channels, channels)
        self.second = nn.Sequential(nn.Conv2d(channels, channels, 3, 1, 1, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x):
        return F.relu(x + self.second(self.first(x)))


class Neighbours(nn.Module):
    """Lets each column look at three columns on either side."""

    def __init__(self, channels):
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, (1, 7), 1, (0, 3), groups=channels, bias=False)
        self.norm = nn.BatchNorm2d(channels)
        self.widen = nn.Conv2d(channels, channels * 2, 1)
        self.narrow = nn.Conv2d(channels * 2, channels, 1)

    def forward(self, x):
        return x + self.narrow(F.relu(self.widen(self.norm(self.depthwise(x)))))


class Reader(nn.Module):
    """BGR 0..255 float NCHW -> logits (N, width / 4, 37)."""

    def __init__(self, channels=(24, 48, 80, 128), column=192):
        super().__init__()
        a, b, c, e = channels
        self.stem = conv(3, a, 2)                                                       # 32x64
        self.stage1 = nn.Sequential(conv(a, b, 2), Residual(b))                         # 16x32
        self.stage2 = nn.Sequential(conv(b, c, (2, 1)), Residual(c), Residual(c))       # 8x32
        self.stage3 = nn.Sequential(conv(c, e, (2, 1)), Residual(e), Residual(e))       # 4x32
        self.columns = nn.Sequential(nn.Conv2d(e, column, (4, 1), bias=False), nn.BatchNorm2d(column), nn.ReLU(True))
        self.context = nn.Sequential(Neighbours(column), Neighbours(column))
        self.drop = nn.Dropout(.1)
        self.characters = nn.Conv2d(column, len(CHARACTERS) + 1, 1)

    def forward(self, x):
        # Each crop to its own brightness and contrast: dark and flat ones too.
        mean = x.mean((1, 2, 3), keepdim=True)
        spread = ((x - mean) ** 2).mean((1, 2, 3), keepdim=True).sqrt()
        x = self.stage3(self.stage2(self.stage1(self.stem((x - mean) / (spread + 4.)))))
        return self.characters(self.drop(self.context(self.columns(x)))).squeeze(2).transpose(1, 2)


class Exported(nn.Module):
    """The same with probabilities as output."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, image):
        return self.network(image).softmax(-1)


NAMES = {"l1": "stage1", "l2": "stage2", "l3": "stage3", "col": "columns", "ctx": "context", "out": "characters",
         ".a.": ".first.", ".b.": ".second.", ".d.": ".depthwise.", ".n.": ".norm.", ".p.": ".widen.", ".q.": ".narrow."}


def from_first_reader(weights):
    """The weights of reader 1 (`plate_ocr.pt`) under this network's names."""
    out = {}
    for key, value in weights.items():
        head, _, rest = key.partition(".")
        if head in ("st", "sfc"):
            continue
        rest = "." + rest
        for old, new in NAMES.items():
            if old.startswith("."):
                rest = rest.replace(old, new)
        out[NAMES.get(head, head) + rest] = value
    return out


def load_weights(path):
    """Weights to begin from: a checkpoint of this network or reader 1's."""
    import torch
    stored = torch.load(path, weights_only=False)
    if "ema" in stored:
        return from_first_reader(stored["ema"])
    return {k: v.float() if v.is_floating_point() else v for k, v in stored["smooth"].items()}
