"""Training crops for the detector, composed on the fly.

A real street picture, moved and scaled; its plates are kept, replaced by
rendered ones or painted out; more rendered plates and non-plates are pasted in;
then light, lens, noise and JPEG. Each crop depends on its generator alone.
"""
import math
from dataclasses import dataclass

import cv2
import numpy as np

from .drawing import directional_blur

cv2.setNumThreads(1)
WIDTH, HEIGHT, STRIDE = 384, 256, 4
DASHCAM_SHARE = .28
# How much real boxes count for the box's size: those of the dash camera are loose.
REAL_BOX_WEIGHT = {True: .35, False: .7}
CUT_BOX = .3            # factor for plates that the crop cuts
PLATE_REGIONS = (("US", .5), ("EU", .28), ("BR", .22))


@dataclass
class Label:
    box: tuple              # x0 y0 x1 y1 in the crop
    corners: np.ndarray     # 4x2, or None where only the box is known
    weight: float           # of the box's regression


def paste(image, patch, mask, quad, blur, gain=None, cast=None, alpha=1.):
    """Draw `patch` into the quadrilateral (TL TR BR BL)."""
    h, w = image.shape[:2]
    x0, y0 = np.maximum(np.floor(quad.min(0) - 3).astype(int), 0)
    x1, y1 = np.minimum(np.ceil(quad.max(0) + 4).astype(int), [w, h])
    if x1 - x0 < 3 or y1 - y0 < 3:
        return False
    length = lambda i, j: np.linalg.norm(quad[i] - quad[j])
    sw, sh = max(4, int(round(max(length(1, 0), length(2, 3))))), max(3, int(round(max(length(3, 0), length(2, 1)))))
    if sw < patch.shape[1]:
        patch = cv2.resize(patch, (sw, sh), interpolation=cv2.INTER_AREA)
        mask = None if mask is None else cv2.resize(mask, (sw, sh), interpolation=cv2.INTER_AREA)
    ph, pw = patch.shape[:2]
    source = np.array([[-.5, -.5], [pw - .5, -.5], [pw - .5, ph - .5], [-.5, ph - .5]], np.float32)
    matrix = cv2.getPerspectiveTransform(source, (quad - [x0 + .5, y0 + .5]).astype(np.float32))
    size = (int(x1 - x0), int(y1 - y0))
    colour = cv2.warpPerspective(patch.astype(np.float32), matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    opaque = np.full((ph, pw), 1, np.float32) if mask is None else mask.astype(np.float32) / 255
    cover = cv2.warpPerspective(opaque, matrix, size, flags=cv2.INTER_LINEAR)
    if gain is not None:
        colour = colour * gain
    if cast is not None:
        colour = colour * cast
    if blur > .25:
        colour, cover = cv2.GaussianBlur(colour, (0, 0), blur), cv2.GaussianBlur(cover, (0, 0), blur * .8)
    below = image[y0:y1, x0:x1].astype(np.float32)
    image[y0:y1, x0:x1] = np.clip(below + (colour - below) * (cover[..., None] * alpha), 0, 255).astype(np.uint8)
    return True


def random_quad(rng, cx, cy, w, h, angle, strength=1.):
    """A plate's corners in perspective."""
    q = np.array([[-w, -h], [w, -h], [w, h], [-w, h]], float) / 2
    q[:, 1] *= 1 + rng.normal(0, .05 * strength) * np.sign(q[:, 0])
    q[:, 0] *= 1 + rng.normal(0, .03 * strength) * np.sign(q[:, 1])
    if rng.random() < .3 * strength:
        q[:, 0] *= rng.uniform(.6, 1)           # seen from the side
    q[:, 1] += rng.normal(0, .07 * strength) * q[:, 0]
    q[:, 0] += rng.normal(0, .06 * strength) * q[:, 1]
    a = angle + math.radians(rng.normal(0, 3 * strength))
    c, s = math.cos(a), math.sin(a)
    return q @ np.array([[c, s], [-s, c]]) + [cx, cy]


class Composer:
    def __init__(self, backgrounds, bank):
        self.plates, self.others = bank
        self.dashcam = [b for b in backgrounds if b.dashcam]
        self.photographs = [b for b in backgrounds if not b.dashcam]
        self.noise = [np.random.default_rng(i).normal(0, 1, (HEIGHT + 64, WIDTH + 64, 3 if i % 2 else 1)).astype(np.float32) for i in range(4)]

    # --- pasting ---------------------------------------------------------------
    @staticmethod
    def plate_width(rng):
        return float(np.clip(rng.lognormal(math.log(62), .6), 17, 320))

    def paste_plate(self, rng, image, cx, cy, width, height_hint=None, angle=0., strength=1.):
        """A rendered plate in the light of its place; its corners, or None."""
        region = PLATE_REGIONS[rng.choice(3, p=[s for _, s in PLATE_REGIONS])][0]
        choices = self.plates[region]
        plate = choices[rng.integers(len(choices))]
        aspect = plate.shape[1] / plate.shape[0]
        if height_hint:
            width = float(np.clip(math.sqrt(width * height_hint * aspect) * rng.uniform(.9, 1.2), .6 * width, 1.35 * width))
        height = width / aspect * rng.uniform(.92, 1.1)
        if width < 14 or height < 5:
            return None
        quad = random_quad(rng, cx, cy, width, height, angle, strength)
        h, w = image.shape[:2]
        x0, y0 = np.clip(quad.min(0).astype(int), 0, [w - 2, h - 2])
        x1, y1 = np.clip(quad.max(0).astype(int) + 1, [x0 + 1, y0 + 1], [w, h])
        around = image[y0:y1, x0:x1].reshape(-1, 3).mean(0)
        level = around.mean()
        wanted = float(np.clip(level * rng.uniform(.7, 2.0) + rng.uniform(10, 70), 28, 245)) if rng.random() < .9 else rng.uniform(150, 320)
        gain = wanted / max(float(plate[::8, ::8].mean()), 70.)
        cast = ((around + 12) / (level + 12)) ** rng.uniform(0, .8)
        if rng.random() < .5:           # holder, recess or shadow around it
            grow, centre = (rng.uniform(1.03, 1.25), rng.uniform(1.05, 1.5)), quad.mean(0)
            larger = centre + (quad - centre) * np.array(grow) + [0, rng.normal(0, .05 * height)]
            grey = rng.uniform(0, 60) if rng.random() < .75 else rng.uniform(60, 230)
            paste(image, np.full((8, 8, 3), grey * min(1., (level + 40) / 120), np.uint8), None, larger, rng.uniform(.3, 1.), alpha=rng.uniform(.5, 1))
        blur = float(np.clip(rng.lognormal(math.log(.55), .5), .2, 1.2)) * (1 if width < 90 else rng.uniform(1, 1. + width / 110))
        return quad if paste(image, plate, None, quad, blur, gain, cast) else None

    # --- one picture -----------------------------------------------------------
    def scene(self, rng, w, h):
        """(picture, labels, boxes to ignore, from the dash camera?)"""
        group = self.dashcam if rng.random() < DASHCAM_SHARE else self.photographs
        source = group[rng.integers(len(group))]
        # The photographs were stretched to squares: undo that, about.
        stretch = 1. if source.dashcam else .75 if rng.random() < .06 else math.exp(rng.normal(math.log(1.38), .08))
        full_h, full_w = source.pyramid[0].shape[:2]
        chosen = source.plates[rng.integers(len(source.plates))]
        near = rng.random() < .8
        if near:
            scale = self.plate_width(rng) / max((chosen[2] - chosen[0]) * stretch, 4)
        else:
            scale = math.exp(rng.uniform(math.log(.3), math.log(1.6))) * (.5 if source.dashcam else 1.54)
        scale = float(np.clip(scale, .18 if source.dashcam else .45, 2.2 if source.dashcam else 3.4))
        cover = max(w / (full_w * stretch), h / full_h) * rng.uniform(.85, 1.05)
        if scale < cover and rng.random() < .85:
            scale = cover
        scale_y = scale * math.exp(rng.normal(0, .04))
        if near:
            cx, cy = (chosen[0] + chosen[2]) / 2, (chosen[1] + chosen[3]) / 2
            tx, ty = rng.uniform(.08, .92) * w, rng.uniform(.08, .92) * h
        else:
            cx, cy, tx, ty = rng.uniform(0, full_w), rng.uniform(0, full_h), w / 2., h / 2.
        turn, flip = math.radians(rng.normal(0, 2.2)), -1. if rng.random() < .3 else 1.
        linear = np.array([[math.cos(turn) * scale * stretch * flip, -math.sin(turn) * scale_y],
                           [math.sin(turn) * scale * stretch * flip, math.cos(turn) * scale_y]])
        if rng.random() < .9:           # keep the crop filled where the picture allows
            side = cx if flip > 0 else full_w - cx
            px, py = scale * stretch * full_w, scale_y * full_h
            left, top = tx - side * scale * stretch, ty - cy * scale_y
            left = min(0, max(w - px, left)) if px > w else left
            top = min(0, max(h - py, top)) if py > h else top
            tx, ty = left + side * scale * stretch, top + cy * scale_y
        offset = np.array([tx, ty]) - linear @ [cx, cy]
        level = int(np.clip(math.floor(math.log2(1 / max(scale * stretch, 1e-6)) + .35), 0, 2))
        picture, step = source.pyramid[level], 2 ** level

        labels, ignored, replace, copied = [], [], [], False
        for box, (left, top, patch) in zip(source.plates, source.patches):
            corners = np.array([[box[0], box[1]], [box[2], box[1]], [box[2], box[3]], [box[0], box[3]]]) @ linear.T + offset
            (x0, y0), (x1, y1) = corners.min(0), corners.max(0)
            seen = (max(x0, 0), max(y0, 0), min(x1, w), min(y1, h))
            if seen[2] <= seen[0] or seen[3] <= seen[1]:
                continue
            share = (seen[2] - seen[0]) * (seen[3] - seen[1]) / ((x1 - x0) * (y1 - y0))
            u = rng.random()
            what = "keep" if u < (.5 if source.dashcam else .6) else "replace" if u < .92 else "remove"
            if share < .98 and what == "replace":
                what = "keep"
            if what != "keep":
                if not copied:
                    picture, copied = picture.copy(), True
                ph, pw = patch.shape[:2]
                a, b = round(left / step), round(top / step)
                c, d = min(round((left + pw) / step), picture.shape[1]), min(round((top + ph) / step), picture.shape[0])
                if c > a and d > b:
                    picture[b:d, a:c] = cv2.resize(patch, (c - a, d - b), interpolation=cv2.INTER_AREA)
                if what == "replace":
                    replace.append(((x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0))
            elif share < .45 or x1 - x0 < 13 or y1 - y0 < 4.5:
                ignored.append(seen)
            else:
                labels.append(Label(seen, None, REAL_BOX_WEIGHT[source.dashcam] * (1 if share > .98 else CUT_BOX)))
        u = rng.random()
        border = cv2.BORDER_CONSTANT if u < .8 else cv2.BORDER_REPLICATE
        image = cv2.warpAffine(picture, np.concatenate([linear * step, offset[:, None]], 1), (w, h), flags=cv2.INTER_LINEAR,
                               borderMode=border, borderValue=(118,) * 3 if u < .6 else (0,) * 3)
        taken = [l.box for l in labels] + list(ignored)
        free = lambda x0, y0, x1, y1, m=3: all(x1 + m < b[0] or x0 - m > b[2] or y1 + m < b[1] or y0 - m > b[3] for b in taken)

        for _ in range(int(rng.choice([0, 1, 2, 3], p=[.35, .3, .2, .15]))):       # non-plates
            other, mask = self.others[rng.integers(len(self.others))]
            pw = self.plate_width(rng) * rng.uniform(.7, 1.8)
            ph = pw * other.shape[0] / other.shape[1] * rng.uniform(.9, 1.1)
            if pw > w * .9 or ph > h * .7 or pw < 10 or ph < 4:
                continue
            quad = random_quad(rng, rng.uniform(0, w), rng.uniform(0, h), pw, ph, 0, .8)
            low, high = quad.min(0), quad.max(0)
            meets = lambda e: low[0] < e[0] + e[2] / 2 + 5 and high[0] > e[0] - e[2] / 2 - 5 and low[1] < e[1] + e[3] + 5 and high[1] > e[1] - e[3] - 5
            if not free(low[0], low[1], high[0], high[1]) or any(map(meets, replace)):
                continue
            x0, y0 = np.clip(low.astype(int), 0, [w - 2, h - 2])
            x1, y1 = np.clip(high.astype(int) + 1, [x0 + 1, y0 + 1], [w, h])
            level = image[y0:y1, x0:x1].mean()
            paste(image, other, mask, quad, float(rng.uniform(.2, 1.1)), float(np.clip((level * rng.uniform(.6, 1.8) + 40) / 130, .2, 1.5)),
                  alpha=rng.uniform(.75, 1))

        def add(quad):
            (x0, y0), (x1, y1) = quad.min(0), quad.max(0)
            seen = (max(x0, 0), max(y0, 0), min(x1, w), min(y1, h))
            taken.append((x0, y0, x1, y1))
            share = max(0, seen[2] - seen[0]) * max(0, seen[3] - seen[1]) / ((x1 - x0) * (y1 - y0))
            if share > .98:
                labels.append(Label((x0, y0, x1, y1), quad, 1.))
            elif share >= .5:
                labels.append(Label(seen, None, CUT_BOX))
            elif share > 0:
                ignored.append(seen)

        tilt = math.atan2(linear[1, 0] * flip, linear[0, 0] * flip)
        for px, py, pw, ph in replace:
            quad = self.paste_plate(rng, image, px + rng.normal(0, .02) * pw, py + rng.normal(0, .05) * ph, pw, ph, tilt, .8)
            if quad is not None:
                add(quad)
        for _ in range(int(rng.choice([0, 1, 2, 3], p=[.5, .3, .13, .07]))):      # plates anywhere
            pw = self.plate_width(rng)
            if pw > w * .7:
                continue
            if source.vehicles and rng.random() < .5:
                v = source.vehicles[rng.integers(len(source.vehicles))]
                point = [rng.uniform(.15, .85) * (v[2] - v[0]) + v[0], rng.uniform(.35, .95) * (v[3] - v[1]) + v[1]]
            else:
                point = [rng.uniform(0, full_w), rng.uniform(0, full_h)]
            px, py = linear @ point + offset
            if 0 < px < w and 0 < py < h and free(px - pw * .6, py - pw * .33, px + pw * .6, py + pw * .33):
                quad = self.paste_plate(rng, image, px, py, pw, None, 0, 1.3)
                if quad is not None:
                    add(quad)
        return image, labels, ignored, source.dashcam

    # --- light, lens, noise ------------------------------------------------------
    def photograph(self, rng, image):
        h, w = image.shape[:2]
        curve = np.arange(256, dtype=np.float32)[:, None].repeat(3, 1)
        u = rng.random()
        if u < .12:                     # night
            curve = 255 * (curve / 255) ** rng.uniform(1.1, 1.9) * rng.uniform(.45, .9)
        elif u < .55:
            curve = 255 * (curve / 255) ** rng.uniform(.6, 1.6)
        if rng.random() < .6:
            curve = (curve - 110) * rng.uniform(.6, 1.35) + 110 + rng.uniform(-35, 35)
        if rng.random() < .5:
            curve = curve * rng.uniform(.8, 1.2, 3).astype(np.float32)
        image = cv2.LUT(image, np.clip(curve, 0, 255).astype(np.uint8).reshape(1, 256, 3))
        grey = lambda: cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
        u = rng.random()
        if u < .12:
            image = grey()
        elif u < .17:                   # like infrared
            image = np.repeat(image[..., int(rng.integers(3)), None], 3, 2)
        elif u < .30:
            k = rng.uniform(.2, 1.7)
            image = cv2.addWeighted(image, k, grey(), 1 - k, 0)
        elif u < .35:
            image = np.ascontiguousarray(image[..., rng.permutation(3)])
        if rng.random() < .08:          # lamps
            for _ in range(int(rng.integers(1, 4))):
                r, spot = int(rng.uniform(6, 40)), np.zeros((h // 4, w // 4, 3), np.float32)
                cv2.circle(spot, (int(rng.integers(w // 4)), int(rng.integers(h // 4))), max(1, r // 4), tuple(rng.uniform(120, 255, 3)), -1)
                spot = cv2.resize(cv2.GaussianBlur(spot, (0, 0), max(1., r / 5)), (w, h))
                image = cv2.add(image, np.clip(spot, 0, 255).astype(np.uint8))
        u = rng.random()
        if u < .14:
            image = cv2.GaussianBlur(image, (0, 0), rng.uniform(.4, 1.3))
        elif u < .20:
            image = directional_blur(image, int(rng.integers(3, 7)), rng.uniform(0, np.pi) if rng.random() < .5 else 0)
        elif u < .30:
            k = rng.uniform(.5, .85)
            image = cv2.resize(cv2.resize(image, (int(w * k), int(h * k)), interpolation=cv2.INTER_AREA), (w, h), interpolation=cv2.INTER_LINEAR)
        elif u < .40:
            image = cv2.addWeighted(image, 1.7, cv2.GaussianBlur(image, (0, 0), 1.2), -.7, 0)
        if rng.random() < .3:
            noise, (y, x) = self.noise[rng.integers(4)], rng.integers(64, size=2)
            image = np.clip(image + noise[y:y + h, x:x + w] * rng.uniform(2, 14), 0, 255).astype(np.uint8)
        if rng.random() < .3:
            quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.uniform(18, 90))]
            image = cv2.imdecode(cv2.imencode(".jpg", image, quality)[1], 1)
        return image

    def sample(self, rng):
        """(RGB crop, heat, kind of cell, regression targets, labels)"""
        u = rng.random()
        if u < .78:
            cells = [(0, 0, WIDTH, HEIGHT)]
        elif u < .88:
            x = int(rng.uniform(.3, .7) * WIDTH)
            cells = [(0, 0, x, HEIGHT), (x, 0, WIDTH, HEIGHT)]
        else:
            x, y = int(rng.uniform(.35, .65) * WIDTH), int(rng.uniform(.35, .65) * HEIGHT)
            cells = [(0, 0, x, y), (x, 0, WIDTH, y), (0, y, x, HEIGHT), (x, y, WIDTH, HEIGHT)]
        image, labels, ignored = np.empty((HEIGHT, WIDTH, 3), np.uint8), [], []
        soft = np.zeros((HEIGHT // STRIDE, WIDTH // STRIDE), bool)
        for a, b, c, d in cells:
            part, found, skip, dashcam = self.scene(rng, c - a, d - b)
            image[b:d, a:c] = part
            shift = np.array([a, b, a, b], float)
            labels += [Label(tuple(np.array(l.box) + shift), None if l.corners is None else l.corners + [a, b], l.weight) for l in found]
            ignored += [np.array(s) + shift for s in skip]
            if dashcam:
                soft[b // 4:(d + 3) // 4, a // 4:(c + 3) // 4] = True
        image = self.photograph(rng, image)
        green, visible = image[..., 1], []
        for label in labels:            # a plate that the dark swallowed is neither right nor wrong
            x0, y0, x1, y1 = label.box
            region = green[max(0, int(y0)):int(y1) + 1, max(0, int(x0)):int(x1) + 1]
            if region.size and region.std() >= 5:
                visible.append(label)
            else:
                ignored.append(label.box)
        return (np.ascontiguousarray(image[..., ::-1]),) + targets(visible, ignored, soft) + (visible,)


IGNORE, NORMAL, SOFT = 0, 1, 2          # soft: an unlabelled plate is possible here


def targets(labels, ignored, soft):
    """heat (h,w); kind of cell; regression (14,h,w): 4 distances in pixels,
    8 corner offsets, weight of the box, weight of the corners."""
    h, w = HEIGHT // STRIDE, WIDTH // STRIDE
    heat, kind, regression = np.zeros((h, w), np.float32), np.where(soft, SOFT, NORMAL).astype(np.uint8), np.zeros((14, h, w), np.float32)
    for x0, y0, x1, y1 in ignored:
        kind[int(max(0, y0 // 4)):int(y1 // 4) + 1, int(max(0, x0 // 4)):int(x1 // 4) + 1] = IGNORE
    area = lambda l: (l.box[2] - l.box[0]) * (l.box[3] - l.box[1])
    for label in sorted(labels, key=lambda l: -area(l)):
        x0, y0, x1, y1 = label.box
        bw, bh = x1 - x0, y1 - y0
        ix = min(w - 1, max(0, int(round((x0 + x1) / 8 - .5))))
        iy = min(h - 1, max(0, int(round((y0 + y1) / 8 - .5))))
        sx, sy = max(.10 * bw / 4, .7), max(.10 * bh / 4, .6)
        rx, ry = int(3 * sx) + 1, int(3 * sy) + 1
        a0, a1, b0, b1 = max(0, ix - rx), min(w, ix + rx + 1), max(0, iy - ry), min(h, iy + ry + 1)
        xs, ys = np.arange(a0, a1, dtype=np.float32)[None], np.arange(b0, b1, dtype=np.float32)[:, None]
        bump = np.exp(-((xs - ix) / sx) ** 2 / 2 - ((ys - iy) / sy) ** 2 / 2).astype(np.float32)
        view = heat[b0:b1, a0:a1]
        np.maximum(view, bump, out=view)
        kind[iy, ix] = NORMAL
        core = bump > .2
        weight = np.where(core, bump, 0)
        weight /= weight.sum()
        px, py, part = (xs + .5) * 4, (ys + .5) * 4, regression[:, b0:b1, a0:a1]
        for j, value in enumerate((px - x0, py - y0, x1 - px, y1 - py)):
            part[j][core] = np.broadcast_to(value, core.shape)[core]
        q = label.corners
        if q is not None:
            offsets = [(q[0][0] - x0) / bw, (q[0][1] - y0) / bh, (q[1][0] - x1) / bw, (q[1][1] - y0) / bh,
                       (q[2][0] - x1) / bw, (q[2][1] - y1) / bh, (q[3][0] - x0) / bw, (q[3][1] - y1) / bh]
            for j in range(8):
                part[4 + j][core] = offsets[j]
        part[12][core] = (weight * label.weight)[core]
        part[13][core] = weight[core] if q is not None else 0
    return heat, kind, regression
