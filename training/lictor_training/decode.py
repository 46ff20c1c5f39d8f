"""From columns of character probabilities to texts, as `crates/vision/src/decode.rs`
and `read.rs` do it: a beam search, and more looks at a plate that leaves doubt."""
import cv2
import numpy as np

from .dies import CHARACTERS

LONGEST, BEAM, NEGLIGIBLE = 12, 24, 1e-4
SURE = .9           # less sure at first sight is looked at again
# What is left off left, right, above and below, in shares; less than nothing shows more.
OTHER_LOOKS = ((0, 0, .05, -.05), (0, 0, -.05, .05), (.03, .03, 0, 0), (-.04, -.04, 0, 0))


def ctc(columns, text):
    """Probability of `text`: the sum over all ways to spread it over the columns."""
    labels = [0]
    for c in text:
        labels += [CHARACTERS.index(c) + 1, 0]
    a = np.zeros(len(labels))
    a[0] = 1
    skip = np.array([i >= 2 and labels[i] != 0 and labels[i] != labels[i - 2] for i in range(len(labels))])
    for t, p in enumerate(columns):
        b = a.copy()
        if t:
            b[1:] += a[:-1]
            b[2:] += np.where(skip[2:], a[:-2], 0)
        else:
            b[1] = 1
        a = b * p[labels]
    return a[-1] + (a[-2] if len(a) > 1 else 0)


def texts(columns):
    """The probable texts, with their probabilities."""
    beam = {(): (1., 0.)}
    for column in columns:
        likely = [(s, p) for s, p in enumerate(column) if p > NEGLIGIBLE]
        following = {}
        for prefix, (nothing, character) in beam.items():
            for symbol, p in likely:
                if symbol == 0:
                    following.setdefault(prefix, [0, 0])[0] += (nothing + character) * p
                    continue
                repeated = bool(prefix) and prefix[-1] == symbol
                if repeated:
                    following.setdefault(prefix, [0, 0])[1] += character * p
                if len(prefix) < LONGEST:
                    longer = following.setdefault(prefix + (symbol,), [0, 0])
                    longer[1] += (nothing if repeated else nothing + character) * p
        beam = dict(sorted(following.items(), key=lambda x: -sum(x[1]))[:BEAM])
    return [("".join(CHARACTERS[s - 1] for s in prefix), sum(p)) for prefix, p in beam.items() if prefix and sum(p) > 0]


def cut(picture, left, right, top, bottom):
    """The picture without its edges; where more is shown, the outermost pixels are repeated."""
    h, w = picture.shape[:2]
    left, right, top, bottom = (round(share * side) for share, side in ((left, w), (right, w), (top, h), (bottom, h)))
    rows = np.clip(np.arange(top, max(h - bottom, top + 1)), 0, h - 1)
    columns = np.clip(np.arange(left, max(w - right, left + 1)), 0, w - 1)
    return picture[rows][:, columns]


def squeezed(picture, width, height):
    shrinks = picture.shape[1] >= width and picture.shape[0] >= height
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)


def folded(texts):
    """{text with O as 0: probability}"""
    out = {}
    for text, p in texts:
        out[text.replace("O", "0")] = out.get(text.replace("O", "0"), 0) + p
    return out


def read(network, plate):
    """The probable texts of a plate, from one look or from five."""
    height, width = network.get_inputs()[0].shape[2:4]

    def look(picture):
        image = squeezed(picture, width, height).astype(np.float32).transpose(2, 0, 1)[None]
        return network.run(["chars"], {"image": image})[0][0].astype(float)

    looks = [look(plate)]
    first = texts(looks[0])
    if not first or max(folded(first).values()) >= SURE:
        return first
    looks += [look(cut(plate, *edges)) for edges in OTHER_LOOKS]
    spelled = dict.fromkeys(text for columns in looks for text, _ in texts(columns))
    average = [(text, sum(ctc(columns, text) for columns in looks) / len(looks)) for text in spelled]
    return sorted(average, key=lambda x: -x[1])[:BEAM]
