"""Plate designs as data, and serials in their formats.

A design is one record of `plates/designs.json` in the data folder (its README
explains the fields). The five designs of the samples stand in
`sample_designs.py`, in the same form, so that the samples need no data folder.
"""
import json
import re
from dataclasses import dataclass, field

from .dies import LETTERS
from .paths import data_folder

TOKEN = re.compile(r"\{(\w+)\}|([A-Z])|([0-9])|(.)")

WORDS = ("LOVE DRIVE FAST GO MY CAR RIDE SUN SEA FUN BIG DOG CAT BLUE RED KING QUEEN STAR SKY HAPPY LIFE JOY MOM "
         "DAD GOLF SKI SURF ROCK COOL JEEP BEAR WOLF LION EAGLE HAWK TRUCK SPEED ROAD TRIP BEACH LAKE FISH BOAT SAIL "
         "HOME FREE BIRD GIRL BOY BABY SWEET HONEY ANGEL MAGIC MUSIC DANCE HERO NURSE TEACH DOC LAW COP FIRE ARMY "
         "NAVY SMILE PEACE HOPE FAITH GRACE BLESS LUCKY GOLD SILVR MOON NIGHT DAY ICE SNOW RAIN STORM WIND ZOOM "
         "VROOM TURBO RACER").split()
# What is taken for another character most often.
LOOK_ALIKE = set("01245678BCDEGILMOQSUVWZ")
CONSONANTS, VOWELS = "BCDFGHJKLMNPRSTVWZ", "AEIOUY"


@dataclass(frozen=True)
class Design:
    id: str
    jurisdiction: str
    kind: str
    weight: float
    serials: tuple          # ((pattern, weight), ...)
    skipped_letters: str
    stacked: str
    text_colour: str
    background: dict
    top: dict = field(default_factory=dict)
    bottom: dict = field(default_factory=dict)
    stickers: str = ""
    die: str = ""
    printed: str = "embossed"
    size: str = "12x6in"

    @property
    def aspect(self) -> float:
        sizes = {"12x6in": 2.0, "520x110mm": 4.73, "520x112mm": 4.64, "400x130mm": 3.08, "7x4in": 1.75,
                 "300x80mm": 3.75, "187x136mm": 1.38, "200x170mm": 1.18}
        return sizes.get(self.size, 2.0)


def from_record(record: dict) -> Design:
    both = (record["common"] + record["seen_2000_2016"]) / 2
    return Design(
        id=record["id"], jurisdiction=record["jurisdiction"], kind=record["kind"],
        weight=max(both, .01),
        serials=tuple((s["pattern"], s.get("weight") or .1) for s in record["serial"]),
        skipped_letters=re.sub("[^A-Z]", "", record["letters_not_used"] or ""),
        stacked=record["stacked"] or "none",
        text_colour=record["text_colour"], background=record["background"],
        top=record["top"] or {}, bottom=record["bottom"] or {},
        stickers=record["stickers"] or "", die=record["die"] or "",
        printed=record["printed"] or "embossed", size=record["size"])


def load_designs() -> list:
    with open(data_folder() / "plates" / "designs.json") as f:
        return [from_record(r) for r in json.load(f)]


def jurisdictions(designs) -> list:
    """The classes of the jurisdiction head, in a fixed order. `XX` is 'some
    other'; the records that stand for any state (`US`) count to it."""
    return sorted({d.jurisdiction for d in designs} - {"US"}) + ["XX"]


def tokens(pattern: str) -> list:
    """'AAA {map}999' -> [('A', ...), (' ', ' '), ('emblem', 'map'), ('9', ...)]"""
    out = []
    for emblem, letter, digit, other in TOKEN.findall(pattern):
        if emblem:
            out.append(("emblem", emblem))
        elif letter:
            out.append(("A", letter))
        elif digit:
            out.append(("9", digit))
        else:
            out.append(("separator", other))
    return out


def plain_serial(rng, design: Design, hard=False) -> list:
    """Fill a format of the design: a list of characters and of tokens that are
    drawn but not read (('separator', '-'), ('emblem', 'map')). A `hard` one
    prefers characters that are taken for others."""
    weights = [w for _, w in design.serials]
    pattern = design.serials[rng.choice(len(weights), p=[w / sum(weights) for w in weights])][0]
    allowed = [c for c in LETTERS if c not in design.skipped_letters] or list(LETTERS)
    digits = list("0123456789")
    if hard:
        allowed, digits = ([c for c in some if c in LOOK_ALIKE] or some for some in (allowed, digits))
    out = []
    for kind, value in tokens(pattern):
        if kind == "A":
            out.append(allowed[rng.integers(len(allowed))])
        elif kind == "9":
            out.append(digits[rng.integers(len(digits))])
        else:
            out.append((kind, value))
    return out


def vanity_serial(rng) -> list:
    """A personal plate: syllables, words, words and numbers, or any mix."""
    u = rng.random()
    if u < .3:
        text = "".join((CONSONANTS, VOWELS)[i % 2][rng.integers((len(CONSONANTS), len(VOWELS))[i % 2])]
                       for i in range(rng.integers(4, 9)))
    elif u < .5:
        text = WORDS[rng.integers(len(WORDS))] + WORDS[rng.integers(len(WORDS))]
    elif u < .68:
        word = WORDS[rng.integers(len(WORDS))]
        text = word + str(rng.integers(0, 1000)) if rng.random() < .6 else str(rng.integers(1, 100)) + word
    else:
        # Every character, with the easily confused ones more often.
        pool = "0123456789" + LETTERS + "QVWMKHD2Z1I0OBGCS58"
        text = "".join(pool[rng.integers(len(pool))] for _ in range(int(rng.choice([2, 3, 4, 5, 6, 6, 7, 7, 8]))))
    return list(text[:int(rng.integers(6, 9))])


def read_text(serial) -> str:
    """What a reader should answer: letters and digits only."""
    return "".join(c for c in serial if isinstance(c, str))


def as_serial(text: str) -> list:
    """'AB 12345' -> the list form, with blanks and dashes as separators."""
    return [c if c.isalnum() else ("separator", c) for c in text]
