"""The shapes of the serial's characters.

Two sources: `StrokeDie`, our own parametric drawing that resembles embossing
dies, and `FontDie`, an installed font. Both give a mask for one character.
Coordinates of strokes: x 0..1 from the left, y 0..1 downwards.
"""
import functools

import cv2
import numpy as np
from PIL import Image, ImageDraw

from .drawing import font

CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LETTERS = CHARACTERS[10:]
NARROW_OR_WIDE = {"I": .55, "1": .78, "M": 1.15, "W": 1.2, "J": .9}


def random_style(rng, **fixed) -> dict:
    """The free choices of one set of dies. `fixed` overrides some of them."""
    same = rng.random() < .45
    narrow_o = 0 if same else rng.uniform(0, .04)
    style = dict(
        power=rng.uniform(2, 3.2),          # 2 round corners .. 3 squarish
        radius=rng.uniform(.25, .5), radius_y=rng.uniform(.13, .32),
        middle=rng.uniform(.44, .52), openness=rng.uniform(0, 1),
        zero_inset=narrow_o if same else rng.uniform(0, .12), o_inset=narrow_o,
        slashed_zero=rng.random() < .06,
        one=int(rng.choice([0, 0, 0, 1, 1, 1, 1, 2, 2, 3])), flag=rng.uniform(.13, .5),
        two_diagonal=rng.random() < .3, three_flat=rng.random() < .3, four=int(rng.integers(3)),
        six_straight=rng.random() < .12, seven_bent=rng.random() < .4, eight_inset=rng.uniform(0, .08),
        a=int(rng.choice([0, 0, 1, 1, 2])), d_serif=rng.random() < .08, g_spur=rng.random() < .3,
        i_serif=rng.random() < .86, j_serif=rng.random() < .4, k_split=rng.random() < .5,
        m_depth=rng.uniform(.35, .8), q=int(rng.integers(3)), w_height=rng.uniform(.25, .65),
        w_straight=rng.random() < .5, v=int(rng.integers(3)), y_fork=rng.uniform(.4, .58),
        thickness=rng.uniform(.075, .145), slant=0 if rng.random() < .93 else rng.uniform(-.12, .2))
    style.update(fixed)
    return style


def arc(cx, cy, rx, ry, start, end, power=2.0, n=14):
    t = np.radians(np.linspace(start, end, n))
    c, s = np.cos(t), np.sin(t)
    return [(cx + rx * np.sign(a) * abs(a) ** (2 / power), cy + ry * np.sign(b) * abs(b) ** (2 / power))
            for a, b in zip(c, s)]


class StrokeDie:
    """Characters drawn as strokes of one thickness, like embossed ones."""

    def __init__(self, style: dict, weight=1.0, fixed_pitch=False):
        self.style, self.weight, self.fixed_pitch = style, weight, fixed_pitch

    def strokes(self, ch):
        st = self.style
        p, r, ry, m, k = st["power"], st["radius"], st["radius_y"], st["middle"], st["openness"]

        def bowl(x0, y0, x1, y1):
            rr, h = min(r, x1 - x0), min(ry, (y1 - y0) / 2)
            return ([(x0, y0), (x1 - rr, y0)] + arc(x1 - rr, y0 + h, rr, h, -90, 0, p)
                    + arc(x1 - rr, y1 - h, rr, h, 0, 90, p) + [(x0, y1)])

        def ring(x0, y0, x1, y1):
            rr, h = min(r, (x1 - x0) / 2), min(ry, (y1 - y0) / 2)
            points = (arc(x1 - rr, y0 + h, rr, h, -90, 0, p) + arc(x1 - rr, y1 - h, rr, h, 0, 90, p)
                      + arc(x0 + rr, y1 - h, rr, h, 90, 180, p) + arc(x0 + rr, y0 + h, rr, h, 180, 270, p))
            return points + [points[0]]

        half = min(r, .5)
        if ch in "0O":
            inset = st["zero_inset"] if ch == "0" else st["o_inset"]
            slash = [[(.8 - inset, .2), (.2 + inset, .8)]] if ch == "0" and st["slashed_zero"] else []
            return [ring(inset, 0, 1 - inset, 1)] + slash
        if ch == "1":
            kind, x = st["one"], .6 if st["one"] == 2 else .5
            out = [[(x, 0), (x, 1)]]
            if kind in (0, 1, 2):
                out.append([(x, 0), (x - st["flag"], .1 + .4 * st["flag"] * k)])
            if kind == 1:
                out.append([(x - .42, 1), (x + .42, 1)])
            return out
        if ch == "2":
            rr, h = min(max(r, .3), .5), max(.15, min(ry, .3))
            tail = [(1, .42), (.9, .54)] if st["two_diagonal"] else arc(.55, .3, .45, .22, 0, 50, 2)
            return [[(0, h + .03 + k * .07)] + arc(rr, h, rr, h, 180, 270, p) + arc(1 - rr, h, rr, h, -90, 0, p)
                    + tail + [(.02, .97), (0, 1), (1, 1)]]
        if ch == "3":
            if st["three_flat"]:
                h, g = min(ry, .3), min(ry, .28)
                return [[(.02, 0), (.98, 0), (.45, .4), (.5, .4)] + arc(1 - half, .4 + h, half, h, -90, 0, p)
                        + arc(1 - half, 1 - h, half, h, 0, 90, p) + arc(half, 1 - g, half, g, 90, 180 - k * 25, p)]
            h = min(ry, .24)
            return [arc(half, h, half, h, 185 + k * 20, 270, p) + arc(1 - half, h, half, h, -90, 0, p)
                    + arc(1 - half, m - h, half, h, 0, 90, p) + [(.4, m)],
                    [(.4, m)] + arc(1 - half, m + h, half, h, -90, 0, p)
                    + arc(1 - half, 1 - h, half, h, 0, 90, p) + arc(half, 1 - h, half, h, 90, 175 - k * 20, p)]
        if ch == "4":
            return [[[(.78, 1), (.78, 0), (.6, 0), (0, .7), (1, .7)]],
                    [[(.76, 1), (.76, 0)], [(.62, 0), (0, .72), (1, .72)]],
                    [[(.8, .3), (.8, 1)], [(.45, 0), (0, .74), (1, .74)]]][st["four"]]
        if ch == "5":
            h = min(ry, .29)
            return [[(.95, 0), (.06, 0), (.02, .46), (.1, .41), (.35, .38)] + arc(1 - half, .38 + h, half, h, -90, 0, p)
                    + arc(1 - half, 1 - h, half, h, 0, 90, p) + arc(half, 1 - h, half, h, 90, 172 - k * 20, p)]
        if ch == "6":
            if st["six_straight"]:
                return [[(.75, 0), (.1, .55)], ring(0, .42, 1, 1)]
            h = min(ry, .28)
            return [ring(0, m - .06, 1, 1), arc(1 - half, h, half, h, -5 - k * 20, -90, p)
                    + arc(half, h, half, h, 270, 180, p) + [(0, .75)]]
        if ch == "9":
            if st["six_straight"]:
                return [[(.25, 1), (.9, .45)], ring(0, 0, 1, .58)]
            h = min(ry, .28)
            return [ring(0, 0, 1, m + .06), [(1, .3)] + arc(1 - half, 1 - h, half, h, 0, 90, p)
                    + arc(half, 1 - h, half, h, 90, 175 - k * 20, p)]
        if ch == "7":
            return [[(0, 0), (1, 0)] + ([(.45, .6), (.38, 1)] if st["seven_bent"] else [(.32, 1)])]
        if ch == "8":
            i = st["eight_inset"]
            return [ring(i, 0, 1 - i, m), ring(0, m, 1, 1)]
        if ch == "A":
            return [[[(0, 1), (.5, 0), (1, 1)], [(.17, .68), (.83, .68)]],
                    [[(0, 1), (.4, 0), (.6, 0), (1, 1)], [(.15, .7), (.85, .7)]],
                    [[(0, 1), (0, .35), (.3, 0), (.7, 0), (1, .35), (1, 1)], [(0, .62), (1, .62)]]][st["a"]]
        if ch == "B":
            return [bowl(0, 0, 1 - st["eight_inset"], m), bowl(0, m, 1, 1), [(0, 0), (0, 1)]]
        if ch in "CG":
            h, e = min(ry, .45), k * (30 if ch == "C" else 25)
            if ch == "C":
                lips = k < .5
                return [[(1, h + .08)] * lips + arc(1 - half, h, half, h, -e, -90, p) + arc(half, h, half, h, 270, 180, p)
                        + arc(half, 1 - h, half, h, 180, 90, p) + arc(1 - half, 1 - h, half, h, 90, e, p)
                        + [(1, 1 - h - .08)] * lips]
            body = (arc(1 - half, h, half, h, -e, -90, p) + arc(half, h, half, h, 270, 180, p)
                    + arc(half, 1 - h, half, h, 180, 90, p) + arc(1 - half, 1 - h, half, h, 90, 0, p))
            if st["g_spur"]:
                return [body + [(1, .56)], [(.55, .56), (1, .56), (1, 1)]]
            return [body + [(1, .56), (.55, .56)]]
        if ch == "D":
            serifs = [[(-.1, 0), (.3, 0)], [(-.1, 1), (.3, 1)]] if st["d_serif"] else []
            return [bowl(0, 0, 1, 1) + [(0, 0)]] + serifs
        if ch == "E":
            return [[(1, 0), (0, 0), (0, 1), (1, 1)], [(0, m), (.8, m)]]
        if ch == "F":
            return [[(1, 0), (0, 0), (0, 1)], [(0, m), (.8, m)]]
        if ch == "H":
            return [[(0, 0), (0, 1)], [(1, 0), (1, 1)], [(0, m), (1, m)]]
        if ch == "I":
            serifs = [[(.12, 0), (.88, 0)], [(.12, 1), (.88, 1)]] if st["i_serif"] else []
            return [[(.5, 0), (.5, 1)]] + serifs
        if ch == "J":
            h = min(ry, .35)
            serif = [[(.45, 0), (1, 0)]] if st["j_serif"] else []
            return [[(1, 0)] + arc(1 - half, 1 - h, half, h, 0, 90, p) + arc(half, 1 - h, half, h, 90, 175, p)
                    + [(0, .68)]] + serif
        if ch == "K":
            if st["k_split"]:
                return [[(0, 0), (0, 1)], [(1, 0), (.02, .6)], [(.3, .42), (1, 1)]]
            return [[(0, 0), (0, 1)], [(1, 0), (.1, m), (1, 1)], [(0, m), (.1, m)]]
        if ch == "L":
            return [[(0, 0), (0, 1), (1, 1)]]
        if ch == "M":
            return [[(0, 1), (0, 0), (.5, st["m_depth"]), (1, 0), (1, 1)]]
        if ch == "N":
            return [[(0, 1), (0, 0), (1, 1), (1, 0)]]
        if ch == "P":
            return [bowl(0, 0, 1, m + .06) + [(0, m + .06)], [(0, 0), (0, 1)]]
        if ch == "Q":
            tails = [[(.55, .7), (1.02, 1.04)], [(.5, .8), (.62, 1.1), (1, 1.1)], [(.6, .62), (.98, .99)]]
            return [ring(st["o_inset"], 0, 1 - st["o_inset"], 1), tails[st["q"]]]
        if ch == "R":
            return [bowl(0, 0, 1, m + .04) + [(0, m + .04)], [(0, 0), (0, 1)],
                    [(.4 if st["k_split"] else .6, m + .04), (1, 1)]]
        if ch == "S":
            h = min(ry, .26)
            return [arc(1 - half, h, half, h, -k * 25, -90, p) + arc(half, h, half, h, 270, 180, p)
                    + arc(half, m - h + .02, half, h, 180, 110, p) + [(.5, m)]
                    + arc(1 - half, m + h, half, h, -70, 0, p) + arc(1 - half, 1 - h, half, h, 0, 90, p)
                    + arc(half, 1 - h, half, h, 90, 180 - k * 25, p)]
        if ch == "T":
            return [[(0, 0), (1, 0)], [(.5, 0), (.5, 1)]]
        if ch == "U":
            h = min(ry, .4)
            return [[(0, 0)] + arc(half, 1 - h, half, h, 180, 90, p) + arc(1 - half, 1 - h, half, h, 90, 0, p) + [(1, 0)]]
        if ch == "V":
            return [[[(0, 0), (.5, 1), (1, 0)]], [[(0, 0), (.42, 1), (.58, 1), (1, 0)]],
                    [[(0, 0), (.04, .3), (.4, 1), (.6, 1), (.96, .3), (1, 0)]]][st["v"]]
        if ch == "W":
            if st["w_straight"]:
                return [[(0, 0), (0, 1), (.5, st["w_height"]), (1, 1), (1, 0)]]
            return [[(0, 0), (.22, 1), (.5, st["w_height"]), (.78, 1), (1, 0)]]
        if ch == "X":
            return [[(0, 0), (1, 1)], [(1, 0), (0, 1)]]
        if ch == "Y":
            return [[(0, 0), (.5, st["y_fork"]), (1, 0)], [(.5, st["y_fork"]), (.5, 1)]]
        if ch == "Z":
            return [[(0, 0), (1, 0), (0, 1), (1, 1)]]
        raise ValueError(ch)

    def mask(self, ch, width, height):
        """(mask, padding around the character in the mask)"""
        st = self.style
        thick = max(1.6, st["thickness"] * height * self.weight)
        pad = int(thick) + 3
        if self.fixed_pitch:
            w = width * (.75 if ch in "I1" else 1)
        else:
            w = width * NARROW_OR_WIDE.get(ch, 1)
        w, h = max(w - thick, 2), max(height - thick, 3)
        out = np.zeros((int(height + 2 * pad), int(w + thick + 2 * pad)), np.uint8)
        for stroke in self.strokes(ch):
            a = np.array(stroke, float)
            x = a[:, 0] * w + pad + thick / 2 + st["slant"] * (.5 - a[:, 1]) * height
            y = a[:, 1] * h + pad + thick / 2
            points = np.round(np.stack([x, y], 1) * 16).astype(np.int32)
            cv2.polylines(out, [points], False, 255, max(1, int(round(thick))), cv2.LINE_AA, 4)
        return out, pad


SAMPLE_HEIGHT = 64      # pixels at which font glyphs are kept before scaling


@functools.lru_cache(8000)
def _font_glyph(path, ch):
    face = font(path, int(SAMPLE_HEIGHT * 1.6))
    left, top, right, bottom = face.getbbox(ch)
    canvas = Image.new("L", (int(right - left + 4), int(bottom - top + 4)), 0)
    ImageDraw.Draw(canvas).text((2 - left, 2 - top), ch, font=face, fill=255)
    return np.asarray(canvas)[2:-2, 2:-2]


@functools.lru_cache(None)
def _font_capital(path):
    left, top, right, bottom = font(path, 160).getbbox("H")
    scale = SAMPLE_HEIGHT * 1.6 / 160
    return (bottom - top) * scale, max(1, right - left) * scale


class FontDie:
    """Characters of an installed font, scaled to the cell."""

    def __init__(self, path: str, spread=1.0):
        self.path, self.spread = path, spread

    def mask(self, ch, width, height):
        glyph = _font_glyph(self.path, ch)
        capital_height, capital_width = _font_capital(self.path)
        h = max(3, int(round(glyph.shape[0] * height / capital_height)))
        w = max(2, int(round(glyph.shape[1] * self.spread * width / capital_width)))
        w = min(w, int(width * 1.25) + 1)
        pad = 3
        out = cv2.resize(glyph, (w, h), interpolation=cv2.INTER_AREA)
        return cv2.copyMakeBorder(out, pad, pad, pad, pad, cv2.BORDER_CONSTANT), pad
