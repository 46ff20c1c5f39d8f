"""The detector: dense 3x3 and 1x1 convolutions with ReLU, output every 4 pixels.

For each cell: the logit of 'a plate's centre lies here', the distances to the
four sides (logarithms), and the offsets of the four corners from the box's
corners in box widths and heights.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F

from .reader import Residual, conv

STRIDE = 4
FIRST_LOGIT = -4.0      # at the start a cell is a plate with a probability of 2 %


class Detector(nn.Module):
    """RGB 0..255 float NCHW, sides multiples of 32 -> raw map (N, 13, h/4, w/4)."""

    def __init__(self, channels=(16, 24, 56, 88, 112), neck=32, head=40):
        super().__init__()
        a, b, c, d, e = channels
        self.stage1 = conv(3, a, 2)
        self.stage2 = nn.Sequential(conv(a, b, 2), conv(b, b))                          # 1/4
        self.stage3 = nn.Sequential(conv(b, c, 2), Residual(c))                         # 1/8
        self.stage4 = nn.Sequential(conv(c, d, 2), Residual(d), Residual(d))            # 1/16
        self.stage5 = nn.Sequential(conv(d, e, 2), Residual(e))                         # 1/32
        self.lateral5, self.merge4 = conv(e, d, 1, 1), conv(d, c)
        self.merge3, self.lateral3, self.lateral2 = conv(c, c), conv(c, neck, 1, 1), conv(b, neck, 1, 1)
        self.head, self.out = conv(neck, head), nn.Conv2d(head, 13, 1)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        nn.init.normal_(self.out.weight, std=.01)
        nn.init.zeros_(self.out.bias)
        self.out.bias.data[0] = FIRST_LOGIT

    def forward(self, x):
        x = (x - 118.) * (1 / 60.)
        c2 = self.stage2(self.stage1(x))
        c3 = self.stage3(c2)
        c4 = self.stage4(c3)
        c5 = self.stage5(c4)
        up = lambda t: F.interpolate(t, scale_factor=2., mode="nearest")
        p4 = self.merge4(c4 + up(self.lateral5(c5)))
        p3 = self.merge3(c3 + up(p4))
        return self.out(self.head(self.lateral2(c2) + up(self.lateral3(p3))))


def distances(raw):
    """Left, top, right, bottom in pixels from the raw map's channels 1..4."""
    return 8 * torch.exp(raw[:, 1:5].clamp(-4, 4))


def decode(raw):
    """-> probability (N,h,w), box (N,4,h,w) x0 y0 x1 y1, corners (N,8,h,w), in input pixels."""
    _, _, h, w = raw.shape
    cx = ((torch.arange(w, device=raw.device) + .5) * STRIDE)[None, None, :]
    cy = ((torch.arange(h, device=raw.device) + .5) * STRIDE)[None, :, None]
    d = distances(raw)
    x0, y0, x1, y1 = cx - d[:, 0], cy - d[:, 1], cx + d[:, 2], cy + d[:, 3]
    bw, bh, k = x1 - x0, y1 - y0, raw[:, 5:13]
    corners = torch.stack([x0 + k[:, 0] * bw, y0 + k[:, 1] * bh, x1 + k[:, 2] * bw, y0 + k[:, 3] * bh,
                           x1 + k[:, 4] * bw, y1 + k[:, 5] * bh, x0 + k[:, 6] * bw, y1 + k[:, 7] * bh], 1)
    return torch.sigmoid(raw[:, 0]), torch.stack([x0, y0, x1, y1], 1), corners


class Exported(nn.Module):
    """Input 384x640; the heat map keeps only cells that are the highest of their 3x3."""

    def __init__(self, detector):
        super().__init__()
        self.detector = detector

    def forward(self, image):
        heat, box, corners = decode(self.detector(image))
        heat = heat[:, None]
        return heat * (F.max_pool2d(heat, 3, 1, 1) == heat).float(), box, corners
