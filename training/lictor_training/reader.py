"""The reader: a small convolutional network with two answers.

Characters: a picture of 96x192 becomes 48 columns of 4 pixels; each gives 37
classes (class 0 is the CTC blank, then 0-9, A-Z). Jurisdiction: a branch that
leaves early, where a column is still 4 pixels and a row 4, so that the state's
name and the colours are not lost.
"""
import torch.nn as nn
import torch.nn.functional as F

from .dies import CHARACTERS

HEIGHT, WIDTH = 96, 192
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

    def __init__(self, channels, kernel=7):
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, (1, kernel), 1, (0, kernel // 2), groups=channels, bias=False)
        self.norm = nn.BatchNorm2d(channels)
        self.widen = nn.Conv2d(channels, channels * 2, 1)
        self.narrow = nn.Conv2d(channels * 2, channels, 1)

    def forward(self, x):
        return x + self.narrow(F.relu(self.widen(self.norm(self.depthwise(x)))))


class Reader(nn.Module):
    """RGB or BGR 0..255 float NCHW (BGR in this project) -> logits
    (N, 48, 37) and (N, jurisdictions)."""

    def __init__(self, jurisdictions, channels=(24, 48, 96, 160), column=320):
        super().__init__()
        a, b, c, e = channels
        self.stem = conv(3, a, 2)                                                       # 48x96
        self.stage1 = nn.Sequential(conv(a, b, 2), Residual(b))                         # 24x48
        self.stage2 = nn.Sequential(conv(b, c, (2, 1)), Residual(c))                    # 12x48
        self.stage3 = nn.Sequential(conv(c, e, (2, 1)), Residual(e), Residual(e))       # 6x48
        self.columns = nn.Sequential(nn.Conv2d(e, column, (6, 1), bias=False), nn.BatchNorm2d(column), nn.ReLU(True))
        self.context = nn.Sequential(*(Neighbours(column) for _ in range(3)))
        self.drop = nn.Dropout(.1)
        self.characters = nn.Conv2d(column, len(CHARACTERS) + 1, 1)
        self.place = nn.Sequential(conv(b, 96, 2), conv(96, 160, 2), Residual(160), nn.AvgPool2d(2))    # 3x6
        self.jurisdiction = nn.Linear(160 * 18, jurisdictions)

    def forward(self, x):
        # Each crop to its own brightness and contrast: dark and flat ones too.
        mean = x.mean((1, 2, 3), keepdim=True)
        spread = ((x - mean) ** 2).mean((1, 2, 3), keepdim=True).sqrt()
        early = self.stage1(self.stem((x - mean) / (spread + 4.)))
        late = self.stage3(self.stage2(early))
        text = self.characters(self.drop(self.context(self.columns(late)))).squeeze(2).transpose(1, 2)
        return text, self.jurisdiction(self.drop(self.place(early).flatten(1)))


class Exported(nn.Module):
    """The same with probabilities as output."""

    def __init__(self, reader):
        super().__init__()
        self.reader = reader

    def forward(self, image):
        text, place = self.reader(image)
        return text.softmax(-1), place.softmax(-1)
