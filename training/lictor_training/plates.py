"""Draws one plate, seen straight on, from a design and a serial.

`draw_plate` gives a float BGR picture of the plate alone; what a camera makes
of it is `camera.py`'s part. All randomness comes from the generator given, so
a seed fixes the picture (for one set of library and font versions).
"""
from dataclasses import dataclass

import cv2
import numpy as np

from . import designs as d
from .dies import FontDie, LETTERS, StrokeDie, random_style
from .drawing import (add_mask, bgr, blend, blob, font_groups, gradient, jitter, legend_fonts, luminance, put_text,
                      random_art, random_colour, skyline, soft_noise, star_polygon)

EXTRA_LINES = ("PROUD TO BE A VETERAN|IN GOD WE TRUST|WILDLIFE|UNIVERSITY|EDUCATION|SUPPORT OUR TROOPS|"
               "DISABLED VETERAN|TRUCK|APPORTIONED|Commercial|PASSENGER|CENTENNIAL|Purple Heart|National Guard|"
               "Firefighter|www.state.gov|Protect Wild Dolphins|Save The Bay|Friends of Trees|Great Outdoors|FARM|"
               "TRAILER|DEALER|Antique Vehicle").split("|")
MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
EU_COLOURS = {"strip": (150, 60, 20), "stars": (60, 210, 240)}


@dataclass
class Plate:
    image: np.ndarray       # float BGR 0..255, straight on
    text: str               # letters and digits as they are to be read
    jurisdiction: str
    design: str
    above: str = ""         # the lines over and under the serial, as drawn
    below: str = ""


@dataclass(frozen=True)
class Look:
    """How faithful to the design, how worn. `tidy` gives a clean specimen."""
    tidy: bool = False
    other_colours: float = .18      # chance of colours that are not the design's
    art: float = .3                 # chance of extra art of no particular state
    wear: float = 1.0               # scales dirt, wear, frames, stickers
    free_names: float = 0.0         # chance of the state's name in any lettering, size and place
    stacked: float = .07            # chance of small letters beside the serial that the design has not


def die_for(rng, design):
    """Dies or a font after what the design says about its characters."""
    text = design.die.lower()
    flat = design.printed == "flat" or (design.printed == "either" and rng.random() < .5)
    fixed = {}
    if "rounded" in text and rng.random() < .7:
        fixed.update(radius=rng.uniform(.38, .5), power=rng.uniform(2, 2.4))
    if "square" in text and rng.random() < .6:
        fixed.update(power=rng.uniform(2.6, 3.4), radius=rng.uniform(.22, .36))
    if "alike" in text or "share one shape" in text or "same die" in text:
        fixed.update(zero_inset=.0, o_inset=.0)
    if "slashed zero" in text and "slash none" not in text:
        fixed["slashed_zero"] = rng.random() < .4
    if any(k in text for k in ("serif-less 1", "1 plain", "without serif", "no serif")):
        fixed["one"] = int(rng.choice([0, 2, 3, 3]))
    elif "1 with" in text or "serif" in text:
        fixed["one"] = int(rng.choice([0, 1, 1]))
    if rng.random() < (.45 if flat else .78):
        return StrokeDie(random_style(rng, **fixed), rng.uniform(.85, 1.15), rng.random() < .4)
    group = font_groups()["dies" if rng.random() < .7 else "sans"]
    return FontDie(group[rng.integers(len(group))], rng.uniform(.9, 1.1))


def text_font(rng, style):
    groups = font_groups()
    group = groups.get(style or "sans", groups["sans"])
    if rng.random() < .12:
        group = groups["sans"]
    return group[rng.integers(len(group))]


# --- background -----------------------------------------------------------------
def scene_art(rng, image, art, colours, strength):
    """A rough hint of the scene that the design's words describe."""
    height, width = image.shape[:2]
    pick = lambda: jitter(rng, colours[rng.integers(len(colours))], 16)
    words = art.lower()
    has = lambda *keys: any(k in words for k in keys)
    if has("mountain", "hill", "skyline", "peak", "range", "rushmore", "mesa", "dune"):
        base = rng.uniform(.12, .35) if has("top") else rng.uniform(.25, .7)
        for _ in range(rng.integers(1, 4)):
            skyline(rng, image, base, .05 if has("hill", "dune") else .1, pick(), strength * rng.uniform(.3, .8))
            base += rng.uniform(.08, .2)
    if has("sun", "moon"):
        mask = np.zeros((height, width), np.uint8)
        cv2.circle(mask, (int(width * rng.uniform(.2, .8)), int(height * rng.uniform(.15, .6))),
                   int(height * rng.uniform(.08, .25)), 255, -1, cv2.LINE_AA)
        blend(image, mask, 0, 0, pick(), strength)
    if has("wave", "water", "bay", "river", "beach", "lake"):
        for _ in range(rng.integers(2, 6)):
            x = np.linspace(0, width, 24)
            y = height * rng.uniform(.55, .97) + height * .03 * np.sin(x / width * rng.uniform(6, 20))
            mask = np.zeros((height, width), np.uint8)
            cv2.polylines(mask, [np.stack([x, y], 1).astype(np.int32)], False, 255, int(rng.integers(2, 8)), cv2.LINE_AA)
            blend(image, mask, 0, 0, pick(), strength * rng.uniform(.3, .9))
    if has("star"):
        for _ in range(rng.integers(1, 14)):
            mask = np.zeros((height, width), np.uint8)
            cv2.fillPoly(mask, [star_polygon(rng.uniform(0, width), rng.uniform(0, height), rng.uniform(3, 14))], 255, cv2.LINE_AA)
            blend(image, mask, 0, 0, pick(), strength)
    if has("bar", "band", "stripe"):
        for y, h in ((0, rng.uniform(.1, .22)), (1 - rng.uniform(.08, .2), .3)):
            if rng.random() < .75:
                image[int(y * height):int((y + h) * height)] = np.array(pick(), np.float32)
    if has("tree", "wheat", "pine", "palm", "cactus", "saguaro", "flower", "blossom", "orange", "peach", "bird",
           "bear", "bison", "horse", "face", "portrait", "lincoln", "seal", "bridge", "house", "ship", "plane",
           "capitol", "arch", "lighthouse", "garita", "emblem", "map", "outline", "oranges", "statue", "torch"):
        for _ in range(rng.integers(1, 5)):
            side = rng.random()
            x = width * (rng.uniform(.02, .22) if side < .35 else rng.uniform(.78, .98) if side < .5 else rng.uniform(.35, .65))
            blob(rng, image, x, height * rng.uniform(.25, .85), height * rng.uniform(.06, .26), pick(),
                 strength * rng.uniform(.3, 1))


def background(rng, design, look, height, width):
    colours = [jitter(rng, bgr(c), 3 if look.tidy else 10) for c in design.background["colours"]] or [(240, 240, 240)]
    kind = design.background["type"]
    if kind == "solid" or len(colours) == 1:
        image = gradient(rng, height, width, colours[0], jitter(rng, colours[0], 4), horizontal=False)
    else:
        image = np.empty((height, width, 3), np.float32)
        stops = np.linspace(0, 1, len(colours)) ** (1 if look.tidy else rng.uniform(.6, 1.5))
        ramp = np.linspace(0, 1, height)
        for channel in range(3):
            image[..., channel] = np.interp(ramp, stops, [c[channel] for c in colours])[:, None]
        if kind == "scene":
            # Most scenes leave the middle pale, so that the serial stays legible.
            if rng.random() < .75:
                pale = np.exp(-((np.linspace(0, 1, height) - .55) / rng.uniform(.2, .35)) ** 2)[:, None, None]
                image += (np.array((245, 245, 245), np.float32) - image) * (pale * rng.uniform(.3, .9)).astype(np.float32)
    if kind == "scene" or design.background.get("art"):
        scene_art(rng, image, design.background.get("art") or "", colours, rng.uniform(.2, .45) if look.tidy else rng.uniform(.15, .9))
    return image


# --- the serial ------------------------------------------------------------------
def draw_emblem(rng, image, mask, kind, cx, cy, width, height):
    if kind in (" ", ""):
        return
    if kind in ("-", "."):
        if kind == ".":
            cv2.circle(mask, (int(cx), int(cy)), int(max(2, height * .06)), 255, -1, cv2.LINE_AA)
        else:
            cv2.line(mask, (int(cx - width * .25), int(cy)), (int(cx + width * .25), int(cy)), 255,
                     max(2, int(height * .09)), cv2.LINE_AA)
    elif kind == "=":
        for side in (-1, 1):
            y = int(cy + side * height * .07)
            cv2.line(mask, (int(cx - width * .25), y), (int(cx + width * .25), y), 255, max(2, int(height * .06)), cv2.LINE_AA)
    elif kind == "sticker":
        w = width * rng.uniform(.6, 1.05)
        h = w * rng.uniform(.7, 1.9)
        draw_sticker(rng, image, cx - w / 2, cy - h / 2 + rng.uniform(-.3, .3) * height, w, h)
    else:
        colour, size = random_colour(rng, 20, 230), height * rng.uniform(.18, .5)
        for _ in range(rng.integers(1, 4)):
            blob(rng, image, cx + rng.normal(0, 2), cy + rng.normal(0, height * .1), size * rng.uniform(.4, 1),
                 jitter(rng, colour, 40), rng.uniform(.5, 1))


def draw_serial(rng, image, serial, box, die, ratio, tidy=False):
    """Mask of the serial inside `box` (x0, y0, x1, y1); emblems go to `image`."""
    x0, y0, x1, y1 = box
    height = y1 - y0
    gap = .45 if tidy else rng.uniform(.35, 1.0)
    # A blank and the emblem beside it share one gap.
    items = []
    for item in serial:
        if not isinstance(item, str) and items and not isinstance(items[-1], str):
            if items[-1][1] == " ":
                items[-1] = item
            continue
        items.append(item)
    units = sum(1 if isinstance(i, str) else gap for i in items)
    fill = .84 if tidy else rng.uniform(.74, .9)
    pitch = (x1 - x0) / max(units, 1)
    cell = pitch * fill
    if cell > height * ratio:       # keep short serials condensed
        cell = height * ratio
        pitch = min(pitch, cell / fill * (1 if tidy else rng.uniform(1, 1.12)))
    x = x0 + ((x1 - x0) - pitch * units) / 2
    unsteady = 0 if tidy or rng.random() > .3 else rng.uniform(0, 1.2)
    mask = np.zeros(image.shape[:2], np.uint8)
    for item in items:
        if isinstance(item, str):
            glyph, pad = die.mask(item, cell, height)
            add_mask(mask, glyph, int(round(x + pitch / 2 - glyph.shape[1] / 2)),
                     int(round(y0 - pad + rng.normal(0, unsteady))))
            x += pitch
        else:
            draw_emblem(rng, image, mask, item[1], x + gap * pitch / 2, (y0 + y1) / 2, gap * pitch, height)
            x += gap * pitch
    return mask


def draw_stack(rng, image, letters, box, die, slots=None):
    """Small characters one over the other, filling `box`."""
    x0, y0, x1, y1 = box
    n = slots or max(len(letters), 2)
    mask = np.zeros(image.shape[:2], np.uint8)
    step = (y1 - y0) / n
    for i, ch in enumerate(letters):
        glyph, pad = die.mask(ch, (x1 - x0) * .78, step * .84)
        add_mask(mask, glyph, int((x0 + x1) / 2 - glyph.shape[1] / 2), int(y0 + i * step - pad + step * .08))
    return mask


def emboss(rng, image, mask, colour, tidy=False):
    """Paint the characters, with the light and dark edges of embossing."""
    if tidy:
        blend(image, mask, 0, 0, colour, 1)
        soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 1.2)
        image -= (np.roll(soft, (1, 1), (0, 1)) - np.roll(soft, (-1, -1), (0, 1)))[..., None] * .16
        return
    if rng.random() < .75:
        soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), rng.uniform(.6, 1.6))
        depth = rng.uniform(10, 80) / 255 * (1 if rng.random() < .75 else -1)
        shift = int(rng.integers(1, 3))
        edge = np.roll(soft, (shift, shift), (0, 1)) - np.roll(soft, (-shift, -shift), (0, 1))
        blend(image, mask, 0, 0, colour, rng.uniform(.85, 1))
        image -= edge[..., None] * depth
        if rng.random() < .3:
            rim = cv2.dilate(mask, np.ones((3, 3))) - mask
            blend(image, rim, 0, 0, random_colour(rng, 60, 200), rng.uniform(.1, .5))
    else:
        blend(image, mask, 0, 0, colour, 1)
    if rng.random() < .2:
        noise = soft_noise(rng, image.shape[0], image.shape[1], 40)
        worn = ((noise > rng.uniform(.65, .9)) * mask.astype(np.float32)).astype(np.uint8)
        blend(image, worn, 0, 0, jitter(rng, (170, 170, 170), 30), rng.uniform(.3, .8))


# --- what is stuck and screwed on ---------------------------------------------------
def draw_sticker(rng, image, x, y, w, h, text=None):
    height, width = image.shape[:2]
    colour = random_colour(rng, 60, 255)
    mask = np.zeros((height, width), np.uint8)
    cv2.rectangle(mask, (int(x), int(y)), (int(x + w), int(y + h)), 255, -1)
    blend(image, mask, 0, 0, colour, 1)
    text = text or str(rng.choice(["%02d" % rng.integers(0, 30), MONTHS[rng.integers(12)], str(rng.integers(1, 13)),
                           "%02d-%02d" % (rng.integers(1, 13), rng.integers(0, 30)), "20%02d" % rng.integers(0, 30)]))
    ink = (20, 20, 20) if sum(colour) > 330 else (240, 240, 240)
    sans = font_groups()["sans"]
    put_text(image, text, sans[rng.integers(len(sans))], x + w / 2, y + h / 2, h * rng.uniform(.45, .8), ink, w * .9)
    if rng.random() < .4:
        digits = "".join(str(rng.integers(10)) for _ in range(7))
        put_text(image, digits, sans[0], x + w / 2, y + h - 3, 4, ink, w * .9)


def sticker_places(words):
    words = words.lower()
    if not words or "windshield" in words or words.startswith("no"):
        return []
    places = []
    for row in ("top", "bottom"):
        if row in words or "corners" == words:
            sides = [s for s in ("left", "right") if f"{row}-{s}" in words or f"{s} {row}" in words] or ["left", "right"]
            places += [(row, s) for s in sides]
    return places


def fittings(rng, image, wear):
    """Screws, border, dealer's frame, dirt."""
    height, width = image.shape[:2]
    scale = min(width / 320, height / 110)
    sans = font_groups()["sans"]
    if rng.random() < .75:
        for x in (.16, .84):
            for y in ((.09, .91) if rng.random() < .7 else (.09,)):
                if rng.random() < .85:
                    centre = (int(width * x + rng.normal(0, 4)), int(height * y + rng.normal(0, 2)))
                    r, grey = int(rng.integers(3, 7) * scale), rng.uniform(20, 220)
                    cv2.ellipse(image, centre, (r + int(rng.integers(0, 4)), r), 0, 0, 360, (grey,) * 3, -1, cv2.LINE_AA)
                    if rng.random() < .5:
                        cv2.circle(image, (centre[0] - 1, centre[1] - 1), max(1, r // 2), (min(255, grey + 70),) * 3, -1, cv2.LINE_AA)
    if rng.random() < .35:
        cv2.rectangle(image, (3, 3), (width - 4, height - 4), random_colour(rng, 0, 200), int(rng.integers(1, 4)), cv2.LINE_AA)
    if rng.random() < .26 * wear:
        colour = random_colour(rng, 0, 90) if rng.random() < .7 else random_colour(rng, 120, 230)
        side, top, bottom = (int(rng.uniform(a, b) * scale) for a, b in ((3, 12), (4, 36), (4, 36)))
        image[:top] = colour
        image[height - bottom:] = colour
        image[:, :side] = colour
        image[:, width - side:] = colour
        ink = (235, 235, 235) if sum(colour) < 380 else (20, 20, 20)
        for y, h in ((top / 2, top), (height - bottom / 2, bottom)):
            if rng.random() < .6 and h > 10:
                word = "".join(LETTERS[rng.integers(26)] for _ in range(rng.integers(5, 16)))
                put_text(image, word, sans[rng.integers(len(sans))], width / 2, y, h * .6, ink, width * .8)
    if rng.random() < .35 * wear:
        noise = soft_noise(rng, height, width, rng.uniform(8, 80))
        cover = np.clip((noise - rng.uniform(.45, .85)) * rng.uniform(1, 3), 0, 1) * rng.uniform(.2, .8)
        image += (np.array(random_colour(rng, 30, 150), np.float32) - image) * cover[..., None]


# --- whole plates -------------------------------------------------------------------
def contrast_ink(rng, ink, ground, least=70):
    """The ink, or a darker or lighter one where it could not be read."""
    if abs(luminance(ground) - luminance(ink)) >= least:
        return ink
    if luminance(ground) > 125:
        return tuple(np.clip(np.array(ink) * .35, 0, 255))
    return jitter(rng, (240, 240, 235), 10)


def stack_of(rng, design, serial, look):
    """(letters, left?, rest of the serial, are the letters part of the text?)"""
    words = design.stacked.lower()
    if words.startswith("none"):
        if look.tidy or rng.random() > look.stacked:
            return "", True, serial, False
        count = int(rng.choice([1, 2, 2, 2, 3]))
        letters = "".join(LETTERS[rng.integers(26)] if rng.random() < .8 else str(rng.integers(10)) for _ in range(count))
        return letters, rng.random() < .65, serial, False
    if "not part" in words:
        return MONTHS[rng.integers(12)] if rng.random() < .7 else "", True, serial, False
    if "right" in words:
        return LETTERS[rng.integers(26)], False, serial, True
    letters = [c for c in serial[:2] if isinstance(c, str) and c.isalpha()]
    return "".join(letters), True, serial[len(letters):], True


def american_plate(rng, design, serial, look, width):
    height = int(round(width / design.aspect))
    image = background(rng, design, look, height, width)
    ink = jitter(rng, bgr(design.text_colour), 3 if look.tidy else 12)
    name_ink = jitter(rng, bgr(design.top.get("colour") or design.text_colour), 3 if look.tidy else 14)
    if not look.tidy and rng.random() < look.other_colours:
        first, second = random_colour(rng, 90), random_colour(rng, 120)
        image = gradient(rng, height, width, first, second)
        ink = random_colour(rng, 0, 110)
        name_ink = ink if rng.random() < .5 else random_colour(rng, 0, 200)
    if not look.tidy and rng.random() < look.art:
        random_art(rng, image, rng.uniform(.1, .7))
    middle = image[int(height * .3):int(height * .8)].reshape(-1, 3).mean(0)
    ink = contrast_ink(rng, ink, middle)

    tidy = look.tidy
    die = die_for(rng, design)
    tall = (.52 if tidy else rng.uniform(.42, .6)) * height
    centre = height * (.53 if tidy else rng.uniform(.49, .57))
    y0, y1 = centre - tall / 2, centre + tall / 2
    margin = (.055 if tidy else rng.uniform(.02, .1)) * width
    x0, x1 = margin, width - margin

    letters, left, rest, counted = stack_of(rng, design, serial, look)
    text = d.read_text(rest)
    if letters:
        text = (letters + text if left else text + letters) if counted else text
        w = (.1 if tidy else rng.uniform(.07, .14)) * width
        box = (x0, y0, x0 + w, y1) if left else (x1 - w, y0, x1, y1)
        emboss(rng, image, draw_stack(rng, image, letters, box, die), ink, tidy)
        x0, x1 = (x0 + w * 1.1, x1) if left else (x0, x1 - w * 1.1)
    elif not tidy and rng.random() < .12:          # art beside the serial
        w, left = rng.uniform(.1, .24) * width, rng.random() < .7
        x = x0 + w / 2 if left else x1 - w / 2
        for _ in range(rng.integers(1, 5)):
            blob(rng, image, x + rng.normal(0, 6), centre + rng.normal(0, 12), rng.uniform(.06, .2) * height,
                 random_colour(rng, 20, 240), rng.uniform(.4, 1))
        x0, x1 = (x0 + w, x1) if left else (x0, x1 - w)
    if not tidy and len(rest) >= 4 and all(isinstance(c, str) for c in rest) and rng.random() < .5:
        changes = [i for i in range(1, len(rest)) if rest[i - 1].isdigit() != rest[i].isdigit()]
        at = changes[rng.integers(len(changes))] if changes and rng.random() < .75 else int(rng.integers(1, len(rest)))
        mark = str(rng.choice([" ", " ", " ", "-", ".", "=", "sticker", "blob"]))
        rest = rest[:at] + [("separator", mark)] + rest[at:]
    elif not tidy and rng.random() < .12:
        rest = [("emblem", "sticker") if not isinstance(c, str) and rng.random() < .5 else c for c in rest]

    # The lines above and below.
    above = design.top.get("text") or ""
    below = design.bottom.get("text") or ""
    if not tidy and (rng.random() < .2 or any(k in below.lower() for k in ("name", "number", "expiry"))):
        below = EXTRA_LINES[rng.integers(len(EXTRA_LINES))] if rng.random() < .6 else ""
    if "name" in above.lower():      # stands for a county's or state's name
        above = EXTRA_LINES[rng.integers(len(EXTRA_LINES))] if not tidy and rng.random() < .5 else ""
    if not tidy and rng.random() < .15:
        above = above.upper()
    free = look.free_names and rng.random() < look.free_names
    if free and rng.random() < .5:
        above = above.upper() if rng.random() < .7 else above.title()
    if free and above and rng.random() < .15:
        above, below = below if rng.random() < .5 else "", above     # many special plates name the state below
    name_y, line_y = y0 / 2 + (0 if tidy else rng.normal(0, 3)), (y1 + height) / 2 + (0 if tidy else rng.normal(0, 3))
    if above:
        h = height * (.13 if tidy else rng.uniform(.075, .19) if free else rng.uniform(.095, .165))
        ground = image[max(0, int(name_y - 8)):int(name_y + 8)].reshape(-1, 3).mean(0)
        face = text_font(rng, design.top.get("style"))
        if free and rng.random() < .7:
            face = legend_fonts()[rng.integers(len(legend_fonts()))]
        put_text(image, above, face, width / 2 + (0 if tidy else rng.normal(0, 16 if free else 8)),
                 name_y, h, contrast_ink(rng, name_ink, ground, 45), width * (.6 if tidy else rng.uniform(.3 if free else .45, .75)))
    below = below if tidy or rng.random() < .85 else ""
    if below:
        h = height * (.075 if tidy else rng.uniform(.05, .1))
        line_ink = jitter(rng, bgr(design.bottom.get("colour") or design.text_colour), 8)
        put_text(image, below, text_font(rng, design.bottom.get("style")), width / 2 + (0 if tidy else rng.normal(0, 8)),
                 line_y, h, line_ink, width * (.6 if tidy else rng.uniform(.45, .8)))

    ratio = .5 if tidy else rng.uniform(.44, .72)
    if not tidy and "narrow" in design.die.lower():
        ratio = rng.uniform(.42, .6)
    mask = draw_serial(rng, image, rest, (x0, y0, x1, y1), die, ratio, tidy)
    if not tidy and rng.random() < .06:
        outline = cv2.dilate(mask, np.ones((3, 3)), iterations=int(rng.integers(1, 3)))
        blend(image, outline, 0, 0, random_colour(rng), 1)
    emboss(rng, image, mask, ink, tidy)

    places = sticker_places(design.stickers)
    if not tidy:
        places = [p for p in places if rng.random() < .7]
        if rng.random() < .15:
            places.append((str(rng.choice(["top", "bottom"])), str(rng.choice(["left", "right"]))))
    for row, side in places:
        w, h = (.13 * width, .15 * height) if tidy else (rng.uniform(.08, .16) * width, rng.uniform(.1, .19) * height)
        x = .015 * width if side == "left" else width * .985 - w
        y = .03 * height if row == "top" else height * .97 - h
        draw_sticker(rng, image, x, y, w, h, str(rng.choice(["26", "27", "AUG", "MAR"])) if tidy else None)
    if tidy:
        for x in (.18, .82):
            for y in (.07, .93):
                cv2.ellipse(image, (int(width * x), int(height * y)), (int(width * .016), int(height * .02)), 0, 0, 360,
                            (120, 120, 120), -1, cv2.LINE_AA)
        cv2.rectangle(image, (2, 2), (width - 3, height - 3), tuple(float(v) * .8 for v in middle), 2, cv2.LINE_AA)
    else:
        fittings(rng, image, look.wear)
    return Plate(image, text, design.jurisdiction, design.id, above, below)


def long_plate(rng, design, serial, look, width):
    """Europe's long plates and South America's: a serial, a strip or a line."""
    aspect = design.aspect * rng.uniform(.94, 1.05)
    height = int(round(width / aspect))
    ground = jitter(rng, bgr((design.background["colours"] or ["#f0f0f0"])[0]), 12)
    image = gradient(rng, height, width, ground, jitter(rng, ground, 6))
    ink = contrast_ink(rng, jitter(rng, bgr(design.text_colour), 12), ground)
    die = die_for(rng, design)
    x0 = width * .03
    europe = design.jurisdiction not in ("BR", "MX")
    sans = font_groups()["sans"]
    top, bottom = rng.uniform(.1, .2), rng.uniform(.82, .9)
    if europe and rng.random() < .75:
        strip = width * rng.uniform(.06, .1)
        cv2.rectangle(image, (0, 0), (int(strip), height), jitter(rng, EU_COLOURS["strip"], 20), -1)
        code = {"AT": "A", "BE": "B", "DE": "D", "FR": "F", "IT": "I", "ES": "E", "SE": "S", "NO": "N", "PT": "P",
                "HU": "H", "LU": "L", "FI": "FIN", "IE": "IRL"}.get(design.jurisdiction, design.jurisdiction)
        put_text(image, code, sans[rng.integers(len(sans))], strip / 2, height * .78, height * .22, (245, 245, 245), strip)
        cv2.circle(image, (int(strip / 2), int(height * .35)), int(strip * .28), EU_COLOURS["stars"], 1, cv2.LINE_AA)
        x0 = strip + width * .02
    elif design.jurisdiction == "BR" and rng.random() < .85:
        word = "".join(LETTERS[rng.integers(26)] for _ in range(rng.integers(5, 14)))
        put_text(image, word, sans[rng.integers(len(sans))], width / 2, height * .16, height * .13, ink, width * .6)
        top, bottom = rng.uniform(.27, .38), rng.uniform(.86, .93)
    mask = draw_serial(rng, image, serial, (x0, height * top, width * .97, height * bottom), die, rng.uniform(.5, .7))
    emboss(rng, image, mask, ink)
    if rng.random() < .6:
        cv2.rectangle(image, (2, 2), (width - 3, height - 3), (25, 25, 25), 2, cv2.LINE_AA)
    if rng.random() < .4:
        fittings(rng, image, look.wear)
    return Plate(image, d.read_text(serial), design.jurisdiction, design.id)


def draw_plate(rng, design, serial=None, look=None, width=None) -> Plate:
    look = look or Look()
    if serial is None:
        vanity = design.kind == "vanity" or rng.random() < (.06 if design.aspect > 2.4 else .22)
        serial = d.vanity_serial(rng) if vanity else d.plain_serial(rng, design)
    if design.aspect > 2.4:
        plate = long_plate(rng, design, serial, look, width or 448)
    else:
        plate = american_plate(rng, design, serial, look, width or 384)
    np.clip(plate.image, 0, 255, out=plate.image)
    return plate
