"""Small drawing helpers on float BGR images (0..255) and uint8 masks."""
import functools
import math

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .paths import fonts_folder

cv2.setNumThreads(1)


# --- colours ------------------------------------------------------------------
def bgr(hexadecimal: str) -> tuple:
    """'#a11f2d' -> (45, 31, 161)."""
    h = hexadecimal.lstrip("#")
    return tuple(int(h[i:i + 2], 16) for i in (4, 2, 0))


def random_colour(rng, low=0, high=255) -> tuple:
    return tuple(rng.uniform(low, high, 3))


def jitter(rng, colour, spread=14) -> tuple:
    shift = rng.normal(0, spread, 3) + rng.normal(0, spread * .6)
    return tuple(np.clip(np.array(colour, float) + shift, 0, 255))


def luminance(colour) -> float:
    return .114 * colour[0] + .587 * colour[1] + .299 * colour[2]


def gradient(rng, height, width, first, second, power=None, horizontal=None):
    """A float image that runs from `first` to `second`."""
    if horizontal is None:
        horizontal = rng.random() >= .8
    n = width if horizontal else height
    ramp = np.linspace(0, 1, n, dtype=np.float32)
    ramp = ramp ** np.float32(power if power is not None else rng.uniform(.4, 2.5))
    ramp = ramp[None, :, None] if horizontal else ramp[:, None, None]
    image = np.empty((height, width, 3), np.float32)
    image[:] = np.array(first, np.float32) * (1 - ramp) + np.array(second, np.float32) * ramp
    return image


# --- masks --------------------------------------------------------------------
def blend(image, mask, x, y, colour, alpha=1.0):
    """Paint `colour` through `mask`, whose top left corner lies at (x, y)."""
    if mask.size > 3000:
        bx, by, bw, bh = cv2.boundingRect(mask)
        if bw == 0:
            return
        mask = mask[by:by + bh, bx:bx + bw]
        x, y = x + bx, y + by
    height, width = image.shape[:2]
    h, w = mask.shape
    x0, y0, x1, y1 = max(x, 0), max(y, 0), min(x + w, width), min(y + h, height)
    if x1 <= x0 or y1 <= y0:
        return
    a = mask[y0 - y:y1 - y, x0 - x:x1 - x, None].astype(np.float32) * (alpha / 255)
    part = image[y0:y1, x0:x1]
    image[y0:y1, x0:x1] = part + (np.array(colour, np.float32) - part) * a


def add_mask(target, mask, x, y):
    """Join `mask` into the larger mask `target` (maximum of both)."""
    height, width = target.shape
    h, w = mask.shape
    x0, y0, x1, y1 = max(x, 0), max(y, 0), min(x + w, width), min(y + h, height)
    if x1 > x0 and y1 > y0:
        part = target[y0:y1, x0:x1]
        np.maximum(part, mask[y0 - y:y1 - y, x0 - x:x1 - x], out=part)


# --- fonts --------------------------------------------------------------------
@functools.lru_cache(None)
def font(path: str, size: int):
    return ImageFont.truetype(path, size)


@functools.lru_cache(None)
def font_groups() -> dict:
    """Paths of the installed fonts: script, serif, sans, and `dies`, the sans
    faces whose digits come near to those of plates."""
    paths = sorted(str(p) for p in fonts_folder().glob("*.[to]tf"))
    if not paths:
        raise SystemExit("No fonts installed: run setup.sh first.")
    script = [p for p in paths if "lobster" in p or "pacifico" in p]
    serif = [p for p in paths if "playfair" in p]
    sans = [p for p in paths if p not in script + serif and "Thin" not in p and "Outline" not in p]
    like_dies = ("DIN", "NationalPark-Heavy", "barlow", "saira-cond", "share-tech",
                 "roboto", "overpass", "sofia", "rajdhani", "b612")
    dies = [p for p in sans if any(k in p for k in like_dies)]
    return {"script": script, "serif": serif, "sans": sans, "dies": dies}


@functools.lru_cache(None)
def legend_fonts() -> list:
    """Paths of the faces for the names of states, beside the other groups."""
    paths = sorted(str(p) for p in (fonts_folder() / "legends").glob("*.ttf"))
    if not paths:
        raise SystemExit("No lettering for legends installed: run setup.sh again.")
    return paths


def find_font(name: str) -> str:
    """The installed font whose file name begins with `name`."""
    for group in ("dies", "sans", "serif", "script"):
        for path in font_groups()[group]:
            if path.rsplit("/", 1)[-1].startswith(name):
                return path
    raise SystemExit(f"font {name} is not installed: run setup.sh")


def put_text(image, text, path, cx, cy, height, colour, max_width, alpha=1.0):
    """Write `text` centred at (cx, cy), squeezed to `max_width`."""
    if not text:
        return
    face = font(path, max(6, int(height * 1.35)))
    left, top, right, bottom = face.getbbox(text)
    w, h = right - left, bottom - top
    if w < 1 or h < 1:
        return
    canvas = Image.new("L", (int(w + 2), int(h + 2)), 0)
    ImageDraw.Draw(canvas).text((1 - left, 1 - top), text, font=face, fill=255)
    mask = np.asarray(canvas)
    if w > max_width:
        mask = cv2.resize(mask, (max(2, int(max_width)), mask.shape[0]), interpolation=cv2.INTER_AREA)
    blend(image, mask, int(cx - mask.shape[1] / 2), int(cy - mask.shape[0] / 2), colour, alpha)


# --- decoration ---------------------------------------------------------------
def star_polygon(cx, cy, size, points=5):
    a = np.arange(2 * points) * np.pi / points - np.pi / 2
    r = np.where(np.arange(2 * points) % 2 == 0, size, size * .42)
    return np.stack([cx + r * np.cos(a), cy + r * np.sin(a)], 1).astype(np.int32)


def blob(rng, image, cx, cy, size, colour, alpha):
    """One decoration: disc, lump, star, oval, bar, cactus, tower or scribble."""
    mask = np.zeros(image.shape[:2], np.uint8)
    kind = rng.integers(8)
    if kind == 0:
        cv2.circle(mask, (int(cx), int(cy)), int(size), 255, -1, cv2.LINE_AA)
    elif kind == 1:
        n = rng.integers(5, 14)
        a, r = np.sort(rng.uniform(0, 2 * np.pi, n)), size * rng.uniform(.4, 1.3, n)
        cv2.fillPoly(mask, [np.stack([cx + r * np.cos(a), cy + r * np.sin(a)], 1).astype(np.int32)], 255, cv2.LINE_AA)
    elif kind == 2:
        cv2.fillPoly(mask, [star_polygon(cx, cy, size)], 255, cv2.LINE_AA)
    elif kind == 3:
        cv2.ellipse(mask, (int(cx), int(cy)), (int(size), int(size * rng.uniform(.3, .9))),
                    float(rng.uniform(0, 180)), 0, 360, 255, -1 if rng.random() < .6 else 2, cv2.LINE_AA)
    elif kind == 4:
        cv2.rectangle(mask, (int(cx - size * .7), int(cy - size)), (int(cx + size * .7), int(cy + size)), 255, -1)
    elif kind == 5:
        for _ in range(rng.integers(3, 8)):
            d = rng.normal(0, size * .6, 4)
            cv2.line(mask, (int(cx + d[0]), int(cy + d[1])), (int(cx + d[2]), int(cy + d[3])), 255,
                     int(rng.integers(1, 4)), cv2.LINE_AA)
    elif kind == 6:
        w = int(rng.integers(2, 6))
        cv2.line(mask, (int(cx), int(cy - size)), (int(cx), int(cy + size)), 255, w, cv2.LINE_AA)
        for side in (-1, 1):
            reach, y = size * rng.uniform(.2, .6), cy + rng.uniform(-.5, .5) * size
            tip = y - rng.uniform(-.3, .8) * size
            cv2.polylines(mask, [np.array([[cx, y], [cx + side * reach, y], [cx + side * reach, tip]], np.int32)],
                          False, 255, w, cv2.LINE_AA)
    else:
        w = size * rng.uniform(.08, .3)
        tower = [[cx - w * .5, cy - size], [cx + w * .5, cy - size], [cx + w, cy + size], [cx - w, cy + size]]
        cv2.fillPoly(mask, [np.array(tower, np.int32)], 255, cv2.LINE_AA)
    blend(image, mask, 0, 0, colour, alpha)


def skyline(rng, image, base, roughness, colour, alpha, points=None):
    """Fill below a ragged line at height `base` (0 top .. 1 bottom)."""
    height, width = image.shape[:2]
    n = points or int(rng.integers(4, 12))
    x = np.linspace(-5, width + 5, n)
    y = base * height + rng.normal(0, roughness * height, n)
    polygon = np.concatenate([np.stack([x, y], 1), [[width + 5, height + 5], [-5, height + 5]]])
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [polygon.astype(np.int32)], 255, cv2.LINE_AA)
    blend(image, mask, 0, 0, colour, alpha)


def random_art(rng, image, strength):
    """Background art of no particular state: hills, arcs, blobs, clouds, bars."""
    height, width = image.shape[:2]
    kind = rng.integers(5)
    if kind == 0:
        skyline(rng, image, rng.uniform(.25, .9), .12, random_colour(rng, 40), strength)
    elif kind == 1:
        for i in range(rng.integers(1, 6)):
            mask = np.zeros((height, width), np.uint8)
            cv2.ellipse(mask, (int(width * rng.uniform(.3, .7)), int(height * rng.uniform(.8, 1.4))),
                        (int(width * .45 + i * 5), int(height * .85 + i * 5)), 0, 180, 360, 255, 5, cv2.LINE_AA)
            blend(image, mask, 0, 0, random_colour(rng, 60), strength)
    elif kind == 2:
        for _ in range(rng.integers(1, 7)):
            blob(rng, image, rng.uniform(0, width), rng.uniform(0, height), rng.uniform(4, 45),
                 random_colour(rng, 30), strength * rng.uniform(.3, 1))
    elif kind == 3:
        noise = rng.normal(0, 1, (rng.integers(3, 12), rng.integers(4, 20), 3)).astype(np.float32)
        image += cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC) * 45 * strength
    else:
        for _ in range(rng.integers(1, 3)):
            y, h = int(rng.uniform(0, height)), int(rng.uniform(4, 40))
            mask = np.zeros((height, width), np.uint8)
            mask[max(0, y):y + h] = 255
            blend(image, mask, 0, 0, random_colour(rng, 30), strength)


def soft_noise(rng, height, width, coarse):
    """Smooth noise about 0..1 with about `coarse` bumps across."""
    rows = max(3, int(coarse * height / width))
    grid = rng.random((rows, max(3, int(coarse)))).astype(np.float32)
    return cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)


def directional_blur(image, length, angle):
    """Motion blur of `length` pixels along `angle` (radians)."""
    kernel = np.zeros((length, length), np.float32)
    c = (length - 1) / 2
    dx, dy = c * math.cos(angle), c * math.sin(angle)
    cv2.line(kernel, (int(round(c - dx)), int(round(c - dy))), (int(round(c + dx)), int(round(c + dy))), 1, 1)
    return cv2.filter2D(image, -1, kernel / max(1, kernel.sum()))
