"""The two exported networks, run as the product runs them: find, cut out, read.

Only numpy, OpenCV and onnxruntime; used for measuring.
"""
import math
from dataclasses import dataclass

import cv2
import numpy as np
import onnxruntime

from .dies import CHARACTERS

GREY = 118                      # letterbox padding
DETECTOR_THRESHOLD = .197


def session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


@dataclass
class Found:
    score: float
    box: np.ndarray             # x0 y0 x1 y1 in the picture's pixels
    corners: np.ndarray         # 4x2, TL TR BR BL


@dataclass
class Read:
    text: str
    confidence: float
    weakest: float              # the lowest of the characters' probabilities


def overlap(a, b):
    """Intersection over union of boxes."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    w = np.minimum(a[..., 2], b[..., 2]) - np.maximum(a[..., 0], b[..., 0])
    h = np.minimum(a[..., 3], b[..., 3]) - np.maximum(a[..., 1], b[..., 1])
    both = np.clip(w, 0, None) * np.clip(h, 0, None)
    area = lambda r: (r[..., 2] - r[..., 0]) * (r[..., 3] - r[..., 1])
    return both / np.maximum(area(a) + area(b) - both, 1e-6)


def letterbox(picture, width=640, height=384):
    h, w = picture.shape[:2]
    scale = min(width / w, height / h)
    nw, nh = int(round(w * scale)), int(round(h * scale))
    ox, oy = (width - nw) // 2, (height - nh) // 2
    out = np.full((height, width, 3), GREY, np.uint8)
    out[oy:oy + nh, ox:ox + nw] = cv2.resize(picture, (nw, nh), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    return out, scale, np.array([ox, oy], float)


def pick_peaks(heat, box, corners, threshold, most=40, nms=.35):
    """Local maxima of the heat map, best first, without overlaps."""
    ys, xs = np.nonzero((heat >= cv2.dilate(heat, np.ones((3, 3), np.uint8))) & (heat > threshold))
    kept = []
    for i in np.argsort(-heat[ys, xs])[:most]:
        b = box[:, ys[i], xs[i]]
        inside = lambda q: b[0] > q[0] - 2 and b[1] > q[1] - 2 and b[2] < q[2] + 2 and b[3] < q[3] + 2
        if all(overlap(b, k.box) < nms and not inside(k.box) for k in kept):
            kept.append(Found(float(heat[ys[i], xs[i]]), b, corners[:, ys[i], xs[i]].reshape(4, 2)))
    return kept


def cut_out(picture, corners, margin_x=.03, margin_y=.04):
    """The plate made straight, with a small margin."""
    q = np.asarray(corners, np.float32).reshape(4, 2)
    length = lambda i, j: float(np.linalg.norm(q[i] - q[j]))
    w = int(np.clip(max(length(1, 0), length(2, 3)) * (1 + 2 * margin_x), 24, 640))
    h = int(np.clip(max(length(3, 0), length(2, 1)) * (1 + 2 * margin_y), 12, 320))
    a, b = margin_x / (1 + 2 * margin_x) * w, margin_y / (1 + 2 * margin_y) * h
    target = np.array([[a, b], [w - a, b], [w - a, h - b], [a, h - b]], np.float32)
    return cv2.warpPerspective(picture, cv2.getPerspectiveTransform(q, target), (w, h), flags=cv2.INTER_LINEAR,
                               borderMode=cv2.BORDER_REPLICATE)


def greedy(probabilities):
    """CTC: best path of (steps, 37). Class 0 is the blank."""
    best, peak = probabilities.argmax(1), probabilities.max(1)
    text, confidence, weakest, previous, highest = "", 1.0, 1.0, 0, 0.0
    for step, symbol in enumerate(list(best) + [0]):
        p = peak[step] if step < len(best) else 0.0
        if symbol != previous:
            if previous:
                confidence *= highest
                weakest = min(weakest, highest)
            if symbol:
                text += CHARACTERS[symbol - 1]
            highest = p
        else:
            highest = max(highest, p)
        previous = symbol
    return text, float(confidence), float(weakest)


class Pipeline:
    def __init__(self, detector, reader):
        self.detector = session(detector) if detector else None
        self.reader = session(reader) if reader else None
        if self.reader:
            self.height, self.width = self.reader.get_inputs()[0].shape[2:4]

    def find(self, picture, threshold=DETECTOR_THRESHOLD):
        framed, scale, offset = letterbox(picture)
        image = np.ascontiguousarray(framed[..., ::-1]).transpose(2, 0, 1)[None].astype(np.float32)      # RGB
        heat, box, corners = self.detector.run(None, {"image": image})
        out = []
        for f in pick_peaks(heat[0, 0], box[0], corners[0], threshold):
            f.box = ((f.box.reshape(2, 2) - offset) / scale).ravel()
            f.corners = (f.corners - offset) / scale
            out.append(f)
        return out

    def read(self, crop):
        shrink = crop.shape[1] > self.width
        image = cv2.resize(crop, (self.width, self.height), interpolation=cv2.INTER_AREA if shrink else cv2.INTER_LINEAR)
        image = image.astype(np.float32).transpose(2, 0, 1)[None]                                        # BGR
        return Read(*greedy(self.reader.run(["chars"], {"image": image})[0][0]))

    def find_and_read(self, picture, threshold=DETECTOR_THRESHOLD):
        return [(f, self.read(cut_out(picture, f.corners))) for f in self.find(picture, threshold)]


def rank(found, read):
    """How much a read of a picture counts (the most confident one is scored)."""
    likely = 1 if 4 <= len(read.text) <= 8 else .05
    return math.sqrt(found.score) * read.confidence * likely
