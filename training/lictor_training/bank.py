"""What is pasted into street pictures: rendered plates, and things that look a
little like plates and are none (signs, lettering, grilles, lamps, stickers)."""
import cv2
import numpy as np

from .drawing import font_groups, gradient, jitter, put_text, random_art, random_colour
from .plates import draw_plate
from .shards import Mix

PLATE_BASE, OTHER_BASE = 77_000_000, 88_000_000
REGION_SHARES = {"US": .5, "EU": .3, "BR": .2}
SIGN_WORDS = ("open sale bakery hotel taxi police shop market exit stop school bank pizza cafe free parking no entry one "
              "way bus fresh coffee books cars rent delivery express service auto glass repair center street avenue "
              "road north south drive").split()


def _word(rng):
    word, u = SIGN_WORDS[rng.integers(len(SIGN_WORDS))], rng.random()
    return word if u < .4 else word.capitalize() if u < .7 else word.upper()


def _phone(rng):
    return "%03d-%03d-%04d" % (rng.integers(200, 999), rng.integers(100, 999), rng.integers(10000))


def draw_other(rng):
    """(float BGR picture, uint8 mask of what is opaque)"""
    groups = font_groups()
    fonts = groups["sans"] + groups["serif"] + groups["script"]
    face = lambda: fonts[rng.integers(len(fonts))]
    h = int(rng.integers(60, 200))
    w = int(np.clip(h * rng.uniform(.5, 5), 60, 360))
    ground = random_colour(rng)
    ink = (245, 245, 245) if sum(ground) < 380 else random_colour(rng, 0, 90)
    image, mask = gradient(rng, h, w, ground, jitter(rng, ground, 20)), np.full((h, w), 255, np.uint8)

    def only_lettering(text, size, width):
        letters = np.zeros((h, w, 3), np.float32)
        put_text(letters, text, face(), w / 2, h / 2, h * size, (255, 255, 255), w * width)
        return letters[..., 0].astype(np.uint8)

    kind = rng.integers(9)
    if kind == 0:           # a sign in small letters
        put_text(image, " ".join(_word(rng).lower() for _ in range(rng.integers(1, 3))), face(), w / 2, h / 2, h * rng.uniform(.2, .5), ink, w * .9)
    elif kind == 1:         # a block of lines
        lines = int(rng.integers(3, 8))
        for i in range(lines):
            put_text(image, " ".join(_word(rng) for _ in range(rng.integers(1, 5))), face(), w / 2, h * (i + .7) / (lines + .4),
                     h / lines * rng.uniform(.3, .7), ink, w * .9)
    elif kind == 2:         # a round sign with a number
        h = w = int(rng.integers(60, 160))
        image, mask = gradient(rng, h, w, (240, 240, 240), (235, 235, 235)), np.zeros((h, w), np.uint8)
        cv2.circle(mask, (h // 2, h // 2), h // 2 - 1, 255, -1, cv2.LINE_AA)
        cv2.circle(image, (h // 2, h // 2), h // 2 - int(h * .08), (40, 30, 200), int(h * .12), cv2.LINE_AA)
        put_text(image, str(rng.integers(1, 13) * 10), face(), w / 2, h / 2, h * .4, (20, 20, 20), w * .6)
    elif kind == 3:         # lettering straight on a car's body
        image[:] = np.array(ink, np.float32)
        mask = only_lettering(_word(rng), .6, .95)
    elif kind == 4:         # grille, stripes, vents
        n, level = int(rng.integers(3, 14)), rng.random() < .6
        for i in range(n):
            side = h if level else w
            a, b = int((i + .2) * side / n), int((i + rng.uniform(.4, .8)) * side / n)
            (image if level else image.transpose(1, 0, 2))[a:b] = ink
    elif kind == 5:         # blank panel, tail lamp, reflector
        if rng.random() < .5:
            image[:] = np.array(random_colour(rng), np.float32) * np.array([.3, .3, 1])
        if rng.random() < .5:
            cv2.rectangle(image, (2, 2), (w - 3, h - 3), ink, int(rng.integers(1, 6)))
    elif kind == 6:         # the camera's own time stamp
        image[:] = 255 if rng.random() < .8 else np.array(random_colour(rng, 100, 255), np.float32)
        if rng.random() < .6:
            text = "20%02d/%02d/%02d %02d:%02d:%02d" % tuple(rng.integers(10, 59, 6))
        else:
            text = _phone(rng) if rng.random() < .5 else "%d KM/H N%d.%04d" % (rng.integers(130), rng.integers(60), rng.integers(9999))
        mask = only_lettering(text, .4, .98)
    elif kind == 7:         # a street name, one long line
        h = int(rng.integers(30, 60))
        w = int(h * rng.uniform(6, 10))
        image, mask = gradient(rng, h, w, ground, ground), np.full((h, w), 255, np.uint8)
        put_text(image, " ".join(_word(rng) for _ in range(rng.integers(2, 5))), face(), w / 2, h / 2, h * .55, ink, w * .93)
    else:                   # a poster or a window
        random_art(rng, image, rng.uniform(.4, 1))
        random_art(rng, image, rng.uniform(.4, 1))
        cv2.rectangle(image, (0, 0), (w - 1, h - 1), ink, int(rng.integers(1, 8)))
        if rng.random() < .4:
            put_text(image, _word(rng), face(), w / 2, h * rng.uniform(.2, .8), h * .25, ink, w * .8)
    return image, mask


def make_bank(designs, plates=3200, others=2500):
    """({region: [picture]}, [(picture, mask)]), all uint8 BGR, by fixed seeds."""
    mixes = {"US": Mix([d for d in designs if d.jurisdiction.startswith("US")]),
             "BR": Mix([d for d in designs if d.jurisdiction == "BR"]),
             "EU": Mix([d for d in designs if d.aspect > 4])}
    names = list(REGION_SHARES)
    by_region = {name: [] for name in names}
    for i in range(plates):
        rng = np.random.default_rng(PLATE_BASE + i)
        region = names[rng.choice(len(names), p=list(REGION_SHARES.values()))]
        by_region[region].append(draw_plate(rng, mixes[region].draw(rng)).image.astype(np.uint8))
    other = []
    for i in range(others):
        image, mask = draw_other(np.random.default_rng(OTHER_BASE + i))
        other.append((np.clip(image, 0, 255).astype(np.uint8), mask))
    return by_region, other
