"""The cars of a street picture, each with its plate."""
import math

import cv2
import numpy as np

from . import designs, plates
from .drawing import soft_noise
from .sample_designs import SAMPLE_DESIGNS
from .street_canvas import FACTOR

PLATE_WIDTH = .37               # a little larger than life, so that plates stay legible
CAR_HALF_WIDTH = .84

PAINTS = {  # BGR
    "white": (208, 211, 212), "silver": (178, 176, 172), "grey": (104, 102, 98), "black": (40, 37, 36),
    "blue": (138, 82, 38), "navy": (78, 48, 28), "red": (42, 36, 158), "maroon": (40, 30, 92),
    "green": (74, 92, 48), "tan": (122, 156, 180), "teal": (120, 112, 52), "orange": (40, 104, 206)}

# Side profiles: (length from the end we see, height), that end first, over the roof.
PROFILES = {
    ("sedan", False): [(.05, .32), (.0, .5), (.02, .78), (.08, .95), (.3, 1.02), (.62, 1.05), (1.15, 1.36), (1.5, 1.44), (2.2, 1.46), (2.7, 1.4), (3.45, 1.02), (4.3, .9), (4.5, .6), (4.45, .3)],
    ("hatch", False): [(.05, .32), (.0, .5), (.03, .8), (.1, 1.), (.25, 1.1), (.62, 1.42), (.8, 1.49), (1.6, 1.52), (2.3, 1.45), (3.0, 1.06), (3.8, .92), (4.0, .6), (3.95, .3)],
    ("suv", False): [(.06, .38), (.0, .58), (.02, .9), (.07, 1.1), (.15, 1.18), (.38, 1.62), (.55, 1.72), (1.8, 1.76), (2.6, 1.68), (3.25, 1.2), (4.3, 1.08), (4.55, .7), (4.5, .36)],
    ("pickup", False): [(.04, .46), (.0, .6), (.02, .9), (.03, 1.14), (.1, 1.2), (1.75, 1.2), (1.9, 1.24), (2.1, 1.66), (2.4, 1.74), (3.2, 1.74), (3.8, 1.28), (4.9, 1.12), (5.1, .7), (5.05, .4)],
    ("sedan", True): [(.05, .28), (.0, .45), (.03, .68), (.14, .8), (.5, .9), (1.25, 1.02), (2.0, 1.4), (2.4, 1.46), (3.1, 1.45), (3.6, 1.34), (4.0, 1.04), (4.5, .98), (4.55, .6), (4.5, .3)],
    ("suv", True): [(.06, .36), (.0, .55), (.02, .86), (.12, 1.), (.5, 1.1), (1.2, 1.2), (1.8, 1.64), (2.1, 1.74), (3.6, 1.76), (4.1, 1.66), (4.45, 1.1), (4.55, .6), (4.5, .36)],
}
PROFILES[("hatch", True)] = PROFILES[("sedan", True)]
PROFILES[("pickup", True)] = PROFILES[("suv", True)]
# Height of the belt line, of the plate's middle, and the place of the glass on the profile.
PLATE_HEIGHT = {("sedan", False): .74, ("hatch", False): .76, ("suv", False): .86, ("pickup", False): .58,
                ("sedan", True): .46, ("hatch", True): .46, ("suv", True): .56, ("pickup", True): .56}
GLASS = {("sedan", False): (1.06, 1.37), ("hatch", False): (1.1, 1.44), ("suv", False): (1.2, 1.63), ("pickup", False): (1.28, 1.66),
         ("sedan", True): (1.03, 1.4), ("hatch", True): (1.03, 1.4), ("suv", True): (1.21, 1.66), ("pickup", True): (1.21, 1.66)}


def smooth_profile(points, n=150):
    """Corner-cutting four times, then evenly spaced points."""
    p = np.array(points, float)
    for _ in range(4):
        a, b = p[:-1] * .75 + p[1:] * .25, p[:-1] * .25 + p[1:] * .75
        p = np.concatenate([p[:1], np.stack([a, b], 1).reshape(-1, 2), p[-1:]])
    s = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(p, axis=0), axis=1))])
    t = np.linspace(0, s[-1], n)
    return np.stack([np.interp(t, s, p[:, 0]), np.interp(t, s, p[:, 1])], 1)


class Body:
    """The surface of one car: from its own coordinates to the street's."""

    def __init__(self, car):
        self.car, self.key = car, (car.body, car.front)
        self.profile = smooth_profile(PROFILES[self.key])
        a = math.radians(car.yaw)
        self.turn = np.array([[math.cos(a), math.sin(a), 0], [-math.sin(a), math.cos(a), 0], [0, 0, 1.]])
        self.place = np.array([car.x, car.y, 0.])
        self.roof = self.profile[:, 1].max()
        # The profile up to the roof: height -> length, for the end we see.
        top = int(self.profile[:, 1].argmax())
        self.rise = self.profile[:top + 1]
        self.length = self.profile[:, 0].max()

    def half_width(self, z):
        belt = GLASS[self.key][0] - .06
        lower = CAR_HALF_WIDTH * (1 - .05 * np.clip((.55 - z) / .3, 0, 1) ** 2)
        return np.where(z > belt, lower - (z - belt) * .42, lower)

    def world(self, local):
        return np.asarray(local, float) @ self.turn + self.place

    def at(self, v, z):
        """A point of the visible end: v -1 left .. 1 right, at height z."""
        v, z = np.broadcast_arrays(np.asarray(v, float), np.asarray(z, float))
        y = np.interp(z, self.rise[:, 1], self.rise[:, 0])
        return self.world(np.stack([v * self.half_width(z), y + self.bulge(v, y), z], -1))

    def bulge(self, v, y):
        """The end is curved in plan, and its corners are rounded."""
        end = np.clip(1 - y / 1.6, 0, 1)
        return (.07 * abs(v) ** 2 + .2 * np.clip((abs(v) - .74) / .26, 0, 1) ** 2.2) * end


def draw_body(canvas, body):
    car, profile = body.car, body.profile
    paint = np.array(PAINTS[car.paint], float)
    v = np.sin(np.linspace(-1, 1, 57) * np.pi / 2)       # finer towards the corners
    y, z = profile[:, 0], profile[:, 1]
    far_bulge = np.clip((y - (body.length - 1.2)) / 1.2, 0, 1)
    grid = np.stack([v[None] * body.half_width(z)[:, None],
                     y[:, None] + body.bulge(v[None], y[:, None]) - .18 * far_bulge[:, None] * abs(v[None]) ** 4,
                     np.broadcast_to(z[:, None], (len(z), len(v)))], -1)
    crown = .03 * (1 - v[None] ** 2) * np.clip((z[:, None] - .85) / .3, 0, 1)
    grid[..., 2] += crown
    surfaces = [grid]
    for side in (-1, 1):        # flanks
        n, rows = 48, 16
        top_y, top_z = profile[:, 0], profile[:, 1]
        order = np.argsort(top_y, kind="stable")
        ys = np.linspace(.04, body.length - .06, n)
        upper = np.interp(ys, top_y[order], top_z[order])
        lower = np.full(n, .3)
        t = np.linspace(0, 1, rows)
        zz = lower[:, None] + (upper - lower)[:, None] * t[None]
        end = np.clip(1 - ys / 1.6, 0, 1)
        yy = ys[:, None] + (.27 * end * np.clip(1 - ys / .4, 0, 1))[:, None]
        surfaces.append(np.stack([side * body.half_width(zz), np.broadcast_to(yy, zz.shape), zz], -1))
    quads, colours, depths = [], [], []
    for s in surfaces:
        w = body.world(s)
        a, b, c, e = w[:-1, :-1], w[:-1, 1:], w[1:, 1:], w[1:, :-1]
        q = np.stack([a, b, c, e], 2).reshape(-1, 4, 3)
        normal = np.cross(q[:, 2] - q[:, 0], q[:, 1] - q[:, 3])
        normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-9
        middle = q.mean(1)
        outward = middle - (body.world([0, body.length / 2, .6]))
        normal *= np.sign((normal * outward).sum(1, keepdims=True) + 1e-9)
        visible = (normal * (canvas.camera.position - middle)).sum(1) > 0
        colour = np.broadcast_to(paint, normal.shape).copy()
        low = middle[:, 2] < .4                        # sills and lower bumper: dark plastic
        colour[low] = colour[low] * .25 + np.array((34, 34, 34.)) * .75
        shaded = canvas.shade(colour, normal, .5)
        quads.append(q[visible]); colours.append(shaded[visible])
        depths.append(canvas.camera.view(middle[visible])[:, 2])
    quads, colours, depths = map(np.concatenate, (quads, colours, depths))
    pixels, _ = canvas.camera.project(quads)
    grown = pixels + (pixels - pixels.mean(1, keepdims=True)) * .04        # close the hairlines
    for i in np.argsort(-depths):
        cv2.fillConvexPoly(canvas.image, np.round(grown[i] * 16).astype(np.int32), tuple(float(c) for c in colours[i]), cv2.LINE_8, 4)


def end_patch(canvas, body, outline, colour, alpha=1.0, steps=14):
    """A painted shape on the visible end. `outline`: corners (v, z)."""
    points = []
    for (v0, z0), (v1, z1) in zip(outline, outline[1:] + outline[:1]):
        t = np.arange(steps) / steps
        points.append(body.at(v0 + (v1 - v0) * t, z0 + (z1 - z0) * t))
    pixels, _ = canvas.camera.project(np.concatenate(points))
    if alpha >= 1:
        canvas.fill(pixels, colour)
    else:
        layer = canvas.image.copy()
        cv2.fillPoly(layer, [np.round(pixels * 16).astype(np.int32)], tuple(float(c) for c in colour), cv2.LINE_AA, 4)
        cv2.addWeighted(layer, alpha, canvas.image, 1 - alpha, 0, canvas.image)


def end_line(canvas, body, points, colour, metres):
    dense = []
    for (v0, z0), (v1, z1) in zip(points, points[1:]):
        t = np.linspace(0, 1, 16)
        dense.append(body.at(v0 + (v1 - v0) * t, z0 + (z1 - z0) * t))
    pixels, depth = canvas.camera.project(np.concatenate(dense))
    thick = max(1, int(round(metres * canvas.camera.focal / depth.mean())))
    cv2.polylines(canvas.image, [np.round(pixels * 16).astype(np.int32)], False, tuple(float(c) for c in colour), thick, cv2.LINE_AA, 4)


def rounded(v0, z0, v1, z1, rv=.05, rz=.03):
    """A rectangle with cut corners, in (v, z)."""
    return [(v0 + rv, z0), (v1 - rv, z0), (v1, z0 + rz), (v1, z1 - rz), (v1 - rv, z1), (v0 + rv, z1), (v0, z1 - rz), (v0, z0 + rz)]


def wheel(canvas, body, side, y, radius=.33, tread=True):
    x, t = side * (CAR_HALF_WIDTH - .02), np.linspace(0, 2 * np.pi, 28)
    inner = side * (CAR_HALF_WIDTH - .26)
    ring = lambda xx, r: body.world(np.stack([np.full(28, xx), y + r * np.cos(t), radius + r * np.sin(t)], 1))
    if tread:
        hull = np.concatenate([canvas.camera.project(ring(inner, radius))[0], canvas.camera.project(ring(x, radius))[0]])
        canvas.fill(cv2.convexHull(hull.astype(np.float32))[:, 0], canvas.shade(np.array((30, 30, 31.)), np.array([0, -.7, .5])))
    if (canvas.camera.position[0] - body.place[0]) * side > CAR_HALF_WIDTH:
        for r, c in ((radius, (26, 26, 27)), (radius * .66, (150, 150, 150)), (radius * .5, (88, 88, 90)), (radius * .18, (160, 160, 160))):
            canvas.fill(canvas.camera.project(ring(x, r))[0], canvas.shade(np.array(c, float), np.array([side, 0, .2])))


def side_windows(canvas, body):
    side = 1 if canvas.camera.position[0] > body.place[0] else -1
    low, high = GLASS[body.key]
    z0, z1 = low + .02, body.roof - .1
    lengths = body.profile[body.profile[:, 1] > z0 + .04][:, 0]
    a, b = lengths.min() + .32, lengths.max() - .3
    glass = canvas.shade(np.array((62, 54, 48.)), np.array([side, 0, .3]))
    for p, q in ((a, (a + b) / 2 - .05), ((a + b) / 2 + .05, b)):
        first, last = p == a, q == b
        outline = [(p, z0), (q, z0), (q - (.45 if last else 0), z1), (p + (.3 if first else 0), z1)]
        points = [body.world([side * (float(body.half_width(np.array(z))) + .004), y, z]) for y, z in outline]
        canvas.fill(canvas.camera.polygon(points), glass)
    middle = (a + b) / 2
    for y in (middle, b - .1, a + .05):
        pts = [body.world([side * (float(body.half_width(np.array(z))) + .004), y, z]) for z in (z0, .8, .42)]
        pixels, _ = canvas.camera.project(np.array(pts))
        cv2.polylines(canvas.image, [np.round(pixels * 16).astype(np.int32)], False, tuple(float(c) * .45 for c in canvas.shade(np.array(PAINTS[body.car.paint], float), np.array([side, 0, 0.]))), 2, cv2.LINE_AA, 4)


def draw_shadow(canvas, body):
    pts = [body.world([x, y, 0]) for x, y in ((-1.0, -.12), (1.0, -.12), (1.02, body.length), (-1.02, body.length))]
    blur = .16 * canvas.camera.focal / max(3., body.place[1])
    canvas.fill_soft(canvas.camera.polygon(pts), (16, 15, 14), .78, blur)
    if canvas.street.light in ("day", "dusk"):
        shift = -canvas.sun[:2] / max(canvas.sun[2], .3) * .9
        pts = [np.array(p) + [shift[0], shift[1], 0] for p in pts]
        canvas.fill_soft(canvas.camera.polygon(pts), (26, 22, 20), .42, blur)


def draw_rear(canvas, body):
    car = body.car
    up = np.array([0, -.8, .5])
    dark = canvas.shade(np.array((30, 29, 28.)), up)
    low, high = GLASS[body.key]
    seam = [float(c) * .45 for c in canvas.shade(np.array(PAINTS[car.paint], float), np.array([0, -1., .1]))]
    glass(canvas, body, low, high)
    if body.key[0] == "pickup":
        end_patch(canvas, body, rounded(-.86, .66, .86, 1.13, .02, .02), canvas.shade(np.array(PAINTS[car.paint], float) * .93, np.array([0, -1., .1]), .3))
        end_line(canvas, body, rounded(-.86, .66, .86, 1.13, .02, .02) + [(-.84, .66)], seam, .012)
        end_patch(canvas, body, rounded(-.98, .47, .98, .64, .03, .03), canvas.shade(np.array((150, 150, 150.)), up, .4))
        lamps = [(-.985, .7, -.88, 1.12), (.88, .7, .985, 1.12)]
    else:
        trunk = low - .03
        end_line(canvas, body, [(-.66, trunk), (-.62, PLATE_HEIGHT[body.key] - .16), (.62, PLATE_HEIGHT[body.key] - .16), (.66, trunk)], seam, .011)
        end_line(canvas, body, [(-1, PLATE_HEIGHT[body.key] - .17), (1, PLATE_HEIGHT[body.key] - .17)], seam, .012)
        end_patch(canvas, body, rounded(-.75, .36, .75, .46, .05, .03), dark)
        z0, z1 = (.72, .93) if body.key[0] == "sedan" else (.74, 1.) if body.key[0] == "hatch" else (.86, 1.16)
        inner = .62 if body.key[0] == "sedan" else .74
        lamps = [(-.985, z0, -inner, z1), (inner, z0, .985, z1)]
        for side in (-1, 1):    # reflectors in the bumper
            a, b = sorted((side * .66, side * .86))
            end_patch(canvas, body, rounded(a, .49, b, .525, .01, .01), canvas.shade(np.array((40, 40, 150.)), up))
    for v0, z0, v1, z1 in lamps:
        bright = (60, 60, 236) if car.lamps and (canvas.dark or canvas.street.light == "dusk" or canvas.street.rain) or car.brake else (36, 34, 150)
        plain = canvas.shade(np.array(bright, float), up) if not (car.brake or (car.lamps and canvas.dark)) else np.array(bright)
        end_patch(canvas, body, rounded(v0, z0, v1, z1, .02, .03), np.array(plain) * .62)
        end_patch(canvas, body, rounded(v0 + .03, z0 + .025, v1 - .03, z1 - .025, .02, .02), plain)
        outer = 1 if v0 > 0 else -1
        inner_edge = min(abs(v0), abs(v1))
        a, b = sorted((outer * (inner_edge + .05), outer * (inner_edge + .14)))
        if abs(v1 - v0) > .2:
            end_patch(canvas, body, rounded(a, z0 + .04, b, z0 + .1, .01, .01), canvas.shade(np.array((206, 208, 210.)), up))
        if canvas.street.light != "infrared" and (car.brake or car.lamps and (canvas.dark or canvas.street.light == "dusk" or canvas.street.rain)):
            centre = body.at((v0 + v1) / 2, (z0 + z1) / 2) + [0, -.05, 0]
            canvas.add_light(centre, (50, 50, 255), .07, .95 if car.brake else .55)
    # badge and a wiper
    z = PLATE_HEIGHT[body.key] + .155
    if body.key[0] in ("sedan", "hatch", "suv"):
        end_patch(canvas, body, rounded(-.03, z, .03, z + .035, .015, .01), canvas.shade(np.array((200, 202, 204.)), up, .5))
    if body.key[0] in ("hatch", "suv"):
        end_line(canvas, body, [(-.05, low + .02), (.42, low + .1)], dark, .018)
    if body.key[0] != "pickup":
        end_patch(canvas, body, rounded(.62, .325, .78, .355, .01, .01), canvas.shade(np.array((120, 120, 120.)), up))     # exhaust


def glass(canvas, body, low, high):
    """The window of the visible end, with a reflection of the sky."""
    w = .86
    colour = canvas.shade(np.array((58, 50, 44.)), np.array([0, -.6, .8]), .5)
    end_patch(canvas, body, [(-w, low + .02), (w, low + .02), (w * .97, high - .02), (w * .9, high), (-w * .9, high), (-w * .97, high - .02)], colour * .5)
    end_patch(canvas, body, [(-w + .03, low + .035), (w - .03, low + .035), (w * .93, high - .035), (w * .87, high - .018), (-w * .87, high - .018), (-w * .93, high - .035)], colour)
    if not canvas.dark:
        end_patch(canvas, body, [(-.5, low + .035), (-.1, low + .035), (.2, high - .02), (-.2, high - .02)], tuple(np.clip(colour * 1.5 + 14, 0, 255)), .5)
    for v in (-.4, .4):         # head rests
        end_patch(canvas, body, rounded(v - .14, low + .06, v + .14, low + .19, .04, .05), colour * .55)


def draw_front(canvas, body):
    car, up = body.car, np.array([0, -.8, .5])
    low, high = GLASS[body.key]
    glass(canvas, body, low, high)
    dark = canvas.shade(np.array((26, 25, 25.)), up)
    chrome = canvas.shade(np.array((186, 188, 190.)), up, .5)
    seam = [float(c) * .45 for c in canvas.shade(np.array(PAINTS[car.paint], float), np.array([0, -1., .1]))]
    tall = body.key[0] in ("suv", "pickup")
    g0, g1 = (.68, .88) if tall else (.56, .7)
    end_patch(canvas, body, rounded(-.52, g0, .52, g1, .05, .03), chrome)
    end_patch(canvas, body, rounded(-.5, g0 + .015, .5, g1 - .015, .05, .03), dark)
    for z in np.linspace(g0 + .04, g1 - .04, 4):
        end_line(canvas, body, [(-.48, z), (.48, z)], chrome * .55, .008)
    end_patch(canvas, body, rounded(-.045, (g0 + g1) / 2 - .03, .045, (g0 + g1) / 2 + .03, .02, .015), chrome)
    end_patch(canvas, body, rounded(-.62, .33, .62, .43 if tall else .37, .06, .03), dark)
    end_line(canvas, body, [(-.86, g1 + .05), (-.5, g1 + .06), (.5, g1 + .06), (.86, g1 + .05)], seam, .01)
    for side in (-1, 1):
        a, b = sorted((side * .58, side * .95))
        end_patch(canvas, body, rounded(a, g0 + .02, b, g1, .04, .03), dark)
        end_patch(canvas, body, rounded(a + .02, g0 + .035, b - .02, g1 - .015, .04, .02), canvas.shade(np.array((216, 218, 220.)), up, .4))
        f, g = sorted((side * .7, side * .86))
        end_patch(canvas, body, rounded(f, .4, g, .46, .03, .02), canvas.shade(np.array((190, 190, 190.)), up))
        if car.lamps and (canvas.dark or canvas.street.light == "dusk" or canvas.street.rain) and canvas.street.light != "infrared":
            canvas.add_light(body.at(side * .76, (g0 + g1) / 2) + [0, -.1, 0], (226, 244, 255), .075, 1.5)
    for side in (-1, 1):
        m = body.world([side * (CAR_HALF_WIDTH + .1), 1.35, low + .04])
        pixels, depth = canvas.camera.project(m)
        r = .085 * canvas.camera.focal / depth
        cv2.ellipse(canvas.image, tuple(int(v) for v in pixels), (int(r * 1.25), int(r * .8)), 0, 0, 360,
                    tuple(float(c) for c in canvas.shade(np.array(PAINTS[car.paint], float), up)), -1, cv2.LINE_AA)


def plate_picture(car, rng):
    style = np.random.default_rng(sum(ord(c) * 31 ** i for i, c in enumerate(car.plate)) % 2 ** 32)
    picture = plates.draw_plate(style, SAMPLE_DESIGNS[car.state], designs.as_serial(car.plate), plates.Look(tidy=True), 520).image
    h, w = picture.shape[:2]
    if car.plate_dirt:
        # Dried mud over the fourth character: it can be read as another one.
        x, y = w * .47, h * .55
        yy, xx = np.mgrid[:h, :w]
        spot = np.exp(-(((xx - x) / (w * .05)) ** 2 + ((yy - y) / (h * .2)) ** 2))
        cover = np.clip(spot * (.55 + soft_noise(rng, h, w, 26)) * 1.25, 0, 1)[..., None] * car.plate_dirt
        picture += (np.array((72, 96, 120), np.float32) - picture) * cover
        streaks = np.clip((soft_noise(rng, h, w, 18) - .55) * 2.2, 0, 1)[..., None] * .3 * car.plate_dirt
        picture += (np.array((92, 112, 130), np.float32) - picture) * streaks
    if car.plate_blur:
        picture = cv2.GaussianBlur(picture, (0, 0), car.plate_blur)
    return np.clip(picture, 0, 255)


def paste_plate(canvas, body):
    """Draws the plate on the body; returns its corners in final pixels."""
    car = body.car
    z, half = PLATE_HEIGHT[body.key], PLATE_WIDTH / 2
    high = half / 2
    lean = .02
    y = float(np.interp(z, body.rise[:, 1], body.rise[:, 0])) - .015
    local = lambda h, v, off: [[-h, y + lean - off, z + v], [h, y + lean - off, z + v], [h, y - off, z - v], [-h, y - off, z - v]]
    # recess and holder
    recess = canvas.camera.project(body.world(local(half * 1.42, high * 1.4, -.01)))[0]
    canvas.fill(recess, canvas.shade(np.array(PAINTS[car.paint], float) * .5, np.array([0, -.9, .1])))
    holder = canvas.camera.project(body.world(local(half * 1.035, high * 1.07, .0)))[0]
    canvas.fill(holder, canvas.shade(np.array((46, 46, 46.)), np.array([0, -.9, .2])))
    corners = canvas.camera.project(body.world(local(half, high, .012)))[0]
    picture = plate_picture(car, canvas.rng)
    h, w = picture.shape[:2]
    # The light on the plate: by day the surroundings', at night its own lamp.
    level = {"day": .94, "overcast": .9, "dusk": .74, "night": .7, "infrared": 1.12}[canvas.street.light]
    tint = {"dusk": (.96, .97, 1.03), "night": (.9, .98, 1.04)}.get(canvas.street.light, (1, 1, 1))
    picture = picture * level * np.array(tint, np.float32)
    if canvas.street.light in ("day", "overcast"):
        picture[:int(h * .12)] *= np.linspace(.72, 1, int(h * .12))[:, None, None]      # shadow of the lid
    if canvas.street.light in ("night", "dusk") and not car.front:
        picture *= np.linspace(1.12, .86, h)[:, None, None]
    source = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
    x0, y0 = np.floor(corners.min(0)).astype(int) - 2
    x1, y1 = np.ceil(corners.max(0)).astype(int) + 3
    x0, y0 = max(x0, 0), max(y0, 0)
    x1, y1 = min(x1, canvas.image.shape[1]), min(y1, canvas.image.shape[0])
    target = (corners - [x0, y0]).astype(np.float32)
    scale = np.linalg.norm(corners[1] - corners[0]) / w
    if scale < .8:
        picture = cv2.GaussianBlur(picture, (0, 0), .38 / scale)
    matrix = cv2.getPerspectiveTransform(source, target)
    size = (int(x1 - x0), int(y1 - y0))
    warped = cv2.warpPerspective(picture.astype(np.float32), matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    mask = cv2.warpPerspective(np.ones((h, w), np.float32), matrix, size, flags=cv2.INTER_LINEAR)[..., None]
    part = canvas.image[y0:y1, x0:x1]
    part[:] = np.clip(part * (1 - mask) + warped * mask, 0, 255).astype(np.uint8)
    return corners / FACTOR


def draw_car(canvas, car):
    body = Body(car)
    draw_shadow(canvas, body)
    for y in (body.length - .85, .72):
        for side in (-1, 1):
            wheel(canvas, body, side, y, .36 if car.body in ("suv", "pickup") else .32)
    draw_body(canvas, body)
    for side in (-1, 1):
        if (canvas.camera.position[0] - body.place[0]) * side > CAR_HALF_WIDTH:
            for y in (body.length - .85, .72):
                arch(canvas, body, side, y)
                wheel(canvas, body, side, y, .36 if car.body in ("suv", "pickup") else .32, tread=False)
            side_windows(canvas, body)
    (draw_front if car.front else draw_rear)(canvas, body)
    return paste_plate(canvas, body)


def arch(canvas, body, side, y, radius=.42):
    t = np.linspace(0, np.pi, 20)
    points = body.world(np.stack([np.full(20, side * (CAR_HALF_WIDTH - .003)), y + radius * np.cos(t), .3 + radius * np.sin(t)], 1))
    canvas.fill(canvas.camera.project(points)[0], canvas.shade(np.array((22, 22, 22.)), np.array([side, 0, 0.])))
