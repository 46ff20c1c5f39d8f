"""Renders street pictures with cars and readable plates.

A small 3-D renderer: surfaces are meshes of quadrilaterals, shaded one by one
and painted from far to near at twice the final size. Metres; x to the right,
y away from the camera along the street, z up.
"""
import math
from dataclasses import dataclass

import cv2
import numpy as np

from . import designs, plates
from .drawing import soft_noise
from .sample_designs import SAMPLE_DESIGNS

WIDTH, HEIGHT, FACTOR = 1280, 720, 2
PLATE_WIDTH = .37               # a little larger than life, so that plates stay legible
CAR_HALF_WIDTH = .84

PAINTS = {  # BGR
    "white": (208, 211, 212), "silver": (178, 176, 172), "grey": (104, 102, 98), "black": (40, 37, 36),
    "blue": (138, 82, 38), "navy": (78, 48, 28), "red": (42, 36, 158), "maroon": (40, 30, 92),
    "green": (74, 92, 48), "tan": (122, 156, 180), "teal": (120, 112, 52), "orange": (40, 104, 206)}


# --- what a picture is made of -----------------------------------------------------
@dataclass
class Car:
    x: float
    y: float
    paint: str
    plate: str
    state: str
    body: str = "sedan"         # sedan, suv, hatch, pickup
    front: bool = False         # we see the front: it comes towards the camera
    yaw: float = 0.0            # degrees
    lamps: bool = True
    brake: bool = False
    plate_dirt: float = 0.0     # how much dirt lies on one character of the plate
    plate_blur: float = 0.0


@dataclass
class Street:
    name: str
    camera: str
    seen_at: str
    seed: int
    light: str                  # day, overcast, dusk, night, infrared
    cars: list
    rain: bool = False
    height: float = 2.0         # of the camera
    pitch: float = 4.5          # degrees downwards
    pan: float = 0.0
    zoom: float = 2300          # focal length in pixels of the final picture
    blur: float = .55
    noise: float = 2.5
    scenery: str = "houses"     # houses, shops, trees, bridge


LIGHTS = {
    # sun direction, sun strength, ambient, sky top, sky low, grade (BGR gain), exposure
    "day": dict(sun=(-.5, -.55, .75), direct=.62, ambient=.52, top=(214, 160, 98), low=(240, 226, 208), gain=(.98, 1., 1.03), exposure=1.0),
    "overcast": dict(sun=(-.2, -.3, 1.), direct=.28, ambient=.74, top=(202, 192, 182), low=(228, 224, 219), gain=(1.02, 1., .98), exposure=.95),
    "dusk": dict(sun=(.8, -.3, .3), direct=.4, ambient=.5, top=(128, 82, 66), low=(120, 164, 238), gain=(.98, .96, 1.06), exposure=.92),
    "night": dict(sun=(.1, -.8, .6), direct=.26, ambient=.25, top=(38, 22, 14), low=(60, 42, 34), gain=(1.06, .98, .95), exposure=1.0),
    "infrared": dict(sun=(.0, -1., .3), direct=.5, ambient=.2, top=(22, 22, 22), low=(34, 34, 34), gain=(1, 1, 1), exposure=1.0),
}


class Camera:
    def __init__(self, street):
        p, a = math.radians(street.pitch), math.radians(street.pan)
        forward = np.array([math.sin(a) * math.cos(p), math.cos(a) * math.cos(p), -math.sin(p)])
        right = np.array([math.cos(a), -math.sin(a), 0.])
        down = np.cross(forward, right)
        self.axes = np.stack([right, down, forward])
        self.position = np.array([0., 0., street.height])
        self.focal = street.zoom * FACTOR
        self.centre = np.array([WIDTH, HEIGHT]) * FACTOR / 2

    def view(self, points):
        return (np.asarray(points, float) - self.position) @ self.axes.T

    def project(self, points):
        """(…,3) -> pixels (…,2) on the large canvas, and depth."""
        v = self.view(points)
        depth = np.maximum(v[..., 2], .15)
        return v[..., :2] / depth[..., None] * self.focal + self.centre, v[..., 2]

    def polygon(self, points):
        """A polygon cut at the near plane, in pixels."""
        v, near, out = self.view(points), .8, []
        for a, b in zip(v, np.roll(v, -1, 0)):
            if a[2] >= near:
                out.append(a)
            if (a[2] >= near) != (b[2] >= near):
                out.append(a + (b - a) * (near - a[2]) / (b[2] - a[2]))
        if len(out) < 3:
            return None
        out = np.array(out)
        pixels = out[:, :2] / out[:, 2:3] * self.focal + self.centre
        return np.clip(pixels, -1e5, 1e5)


class Canvas:
    """The large picture, and a layer of light that is added at the end."""

    def __init__(self, street):
        self.street, self.camera = street, Camera(street)
        self.light = LIGHTS[street.light]
        self.sun = np.array(self.light["sun"]) / np.linalg.norm(self.light["sun"])
        self.image = np.zeros((HEIGHT * FACTOR, WIDTH * FACTOR, 3), np.uint8)
        self.glow = np.zeros((HEIGHT // 2, WIDTH // 2, 3), np.float32)
        self.rng = np.random.default_rng(street.seed)
        self.faces = []

    @property
    def dark(self):
        return self.street.light in ("night", "infrared")

    def shade(self, colour, normal, gloss=0.0):
        """Colour of a surface under the picture's light."""
        light = self.light
        normal = np.asarray(normal, float)
        lit = light["ambient"] * (.72 + .28 * normal[..., 2:3]) + light["direct"] * np.clip((normal * self.sun).sum(-1, keepdims=True), 0, 1)
        out = np.asarray(colour, float) * lit * light["exposure"]
        if gloss:
            sky = np.clip(normal[..., 2:3] * 1.3, 0, 1)
            reflected = np.array(light["low"]) * (1 - sky) + np.array(light["top"]) * sky
            facing = np.clip(1 - abs(normal[..., 1:2]), 0, 1)
            out = out + reflected * gloss * (.12 + .5 * facing * np.clip(normal[..., 2:3] + .2, 0, 1))
            half = self.sun + np.array([0, -.9, .45])
            half = half / np.linalg.norm(half)
            shine = np.clip((normal * half).sum(-1, keepdims=True), 0, 1) ** 40
            out = out + shine * light["direct"] * gloss * 210
        return np.clip(out, 0, 255)

    def fill(self, pixels, colour):
        if pixels is None:
            return
        points = np.round(np.asarray(pixels) * 16).astype(np.int32)
        cv2.fillPoly(self.image, [points], tuple(float(c) for c in colour), cv2.LINE_AA, 4)

    def fill_soft(self, pixels, colour, alpha, blur):
        """Blend a blurred polygon into the picture (shadows, pools of light)."""
        if pixels is None:
            return
        small = 4
        mask = np.zeros((HEIGHT * FACTOR // small, WIDTH * FACTOR // small), np.uint8)
        cv2.fillPoly(mask, [np.round(np.asarray(pixels) / small * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
        mask = cv2.GaussianBlur(mask, (0, 0), max(.5, blur / small))
        bx, by, bw, bh = cv2.boundingRect(mask)
        if bw == 0:
            return
        part = self.image[by * small:(by + bh) * small, bx * small:(bx + bw) * small]
        a = cv2.resize(mask[by:by + bh, bx:bx + bw], (part.shape[1], part.shape[0]), interpolation=cv2.INTER_LINEAR)
        a = a[..., None].astype(np.float32) * (alpha / 255)
        part[:] = (part * (1 - a) + np.array(colour, np.float32) * a).astype(np.uint8)

    def add_light(self, point, colour, radius, strength):
        """A lamp: a bright spot with a halo, added after the exposure."""
        pixel, depth = self.camera.project(np.array(point))
        if depth <= 0:
            return
        x, y = pixel / (2 * FACTOR)
        r = max(1., radius * self.camera.focal / depth / (2 * FACTOR))
        halo = np.zeros_like(self.glow)
        cv2.circle(halo, (int(x * 8), int(y * 8)), int(r * 8), tuple(float(c) for c in colour), -1, cv2.LINE_AA, 3)
        self.glow += strength * (cv2.GaussianBlur(halo, (0, 0), r * .8) + .5 * cv2.GaussianBlur(halo, (0, 0), r * 3.2))

    # A polygon of the scene, painted with the others from far to near.
    def face(self, points, colour, normal=None, depth=None, gloss=0.0, plain=False):
        points = np.asarray(points, float)
        if normal is None:
            normal = np.cross(points[1] - points[0], points[2] - points[0])
            normal = normal / (np.linalg.norm(normal) + 1e-9)
            if (normal * (self.camera.position - points.mean(0))).sum() < 0:
                normal = -normal
        far = self.camera.view(points)[:, 2].mean() if depth is None else depth
        self.faces.append((far, points, colour if plain else self.shade(colour, normal, gloss)))

    def paint_faces(self):
        for _, points, colour in sorted(self.faces, key=lambda f: -f[0]):
            self.fill(self.camera.polygon(points), colour)
        self.faces.clear()


# --- surroundings --------------------------------------------------------------------
def draw_sky(canvas):
    light, image = canvas.light, canvas.image
    h, w = image.shape[:2]
    horizon = int(np.clip(canvas.camera.project(np.array([0, 1e4, 0]))[0][1], 40, h))
    ramp = (np.linspace(0, 1, horizon) ** 1.2)[:, None, None]
    sky = np.array(light["top"]) * (1 - ramp) + np.array(light["low"]) * ramp
    image[:horizon] = np.broadcast_to(sky, (horizon, w, 3)).astype(np.uint8)
    if not canvas.dark:
        clouds = soft_noise(canvas.rng, horizon, w, 7) * .6 + soft_noise(canvas.rng, horizon, w, 19) * .4
        a = np.clip((clouds - .55) * 3, 0, 1)[..., None] * (.55 if canvas.street.light != "overcast" else .25)
        tint = np.array((248, 246, 246) if canvas.street.light != "dusk" else (170, 160, 235), np.float32)
        image[:horizon] = (image[:horizon] * (1 - a) + tint * a).astype(np.uint8)
    image[horizon:] = np.array(light["low"], np.uint8)
    return horizon


def ground_texture(canvas):
    """Grain of the road and grass, stretched as the ground is."""
    h, w = canvas.image.shape[:2]
    horizon = int(np.clip(canvas.camera.project(np.array([0, 1e4, 0]))[0][1], 0, h - 8))
    rows = h - horizon
    grain = canvas.rng.normal(0, 1, (rows, w)).astype(np.float32)
    grain = cv2.GaussianBlur(grain, (0, 0), 2.2, sigmaY=.9) * 9
    patches = (soft_noise(canvas.rng, rows, w, 14) - .5) * 16 + (soft_noise(canvas.rng, rows, w, 50) - .5) * 7
    part = canvas.image[horizon:]
    part[:] = np.clip(part + ((grain + patches) * (.35 if canvas.dark else .8))[..., None], 0, 255).astype(np.uint8)


LEFT_KERB, RIGHT_KERB = -4.4, 4.4


def draw_ground(canvas):
    flat = lambda x0, x1, y0, y1, z=0.: [(x0, y0, z), (x1, y0, z), (x1, y1, z), (x0, y1, z)]
    up = np.array([0, 0, 1.])
    wet = canvas.street.rain
    far = 170
    grass, pavement, road = (72, 122, 98), (170, 176, 180), (104, 102, 100)
    if canvas.street.scenery == "shops":
        grass = (150, 152, 156)
    if wet:
        road, pavement = (82, 80, 78), (132, 136, 140)
    put = lambda quad, colour: canvas.fill(canvas.camera.polygon(quad), canvas.shade(np.array(colour, float), up))
    put(flat(-90, 90, .5, far), grass)
    put(flat(LEFT_KERB, RIGHT_KERB, .5, far), road)
    for side in (-1, 1):
        kerb = side * RIGHT_KERB
        put(flat(kerb, kerb + side * .22, .5, far, .14), (186, 190, 192))
        put(flat(kerb + side * .22, kerb + side * 2.1, .5, far, .14), pavement)
        face = [(kerb, .5, 0), (kerb, far, 0), (kerb, far, .14), (kerb, .5, .14)]
        canvas.fill(canvas.camera.polygon(face), canvas.shade(np.array((140, 144, 146.)), np.array([-side, 0, 0.])))
        put(flat(kerb - side * .5, kerb - side * .62, .5, far), (176, 180, 182))     # edge line
        for y in np.arange(2, far, 3.0):                                             # pavement joints
            put(flat(kerb + side * .22, kerb + side * 2.1, y, y + .05, .14), tuple(.86 * c for c in pavement))
    for y in np.arange(1.5, far, 7.0):
        put(flat(-.07, .07, y, y + 3.2), (110, 196, 226))
    # A patch and some cracks make the road less even.
    for _ in range(5):
        x, y = canvas.rng.uniform(-3.6, 3), canvas.rng.uniform(5, 40)
        put(flat(x, x + canvas.rng.uniform(.5, 1.4), y, y + canvas.rng.uniform(1, 4)), tuple(.9 * c for c in road))
    ground_texture(canvas)
    for _ in range(7):
        x, y = canvas.rng.uniform(-4, 4), canvas.rng.uniform(6, 28)
        points = [(x, y, 0)]
        for _ in range(9):
            x, y = x + canvas.rng.normal(0, .14), y + canvas.rng.uniform(.1, .6)
            points.append((x, y, 0))
        pixels, _ = canvas.camera.project(np.array(points))
        cv2.polylines(canvas.image, [np.round(pixels * 16).astype(np.int32)], False,
                      tuple(canvas.shade(np.array((66, 64, 62.)), up)), 2, cv2.LINE_AA, 4)


def box(canvas, x0, x1, y0, y1, z0, z1, colour):
    for points in ([(x0, y0, z0), (x1, y0, z0), (x1, y0, z1), (x0, y0, z1)],
                   [(x0, y0, z0), (x0, y1, z0), (x0, y1, z1), (x0, y0, z1)],
                   [(x1, y0, z0), (x1, y1, z0), (x1, y1, z1), (x1, y0, z1)],
                   [(x0, y0, z1), (x1, y0, z1), (x1, y1, z1), (x0, y1, z1)]):
        canvas.face(points, colour)


def window_colour(canvas):
    if canvas.street.light in ("night", "dusk") and canvas.rng.random() < .45:
        return (120, 200, 248), True
    return (112, 96, 84), False


def house(canvas, side, y0, y1, depth, wall, roof, floors=2):
    """A house beside the street; its long wall looks at the street."""
    near = side * (RIGHT_KERB + depth)
    far = near + side * 8
    top = 2.9 * floors
    nearer = canvas.camera.view(np.array([near, y0, 1.]))[2]
    wall_f = lambda pts, colour, bias=0., plain=False: canvas.face(pts, colour, depth=nearer + 6 - bias, plain=plain)
    wall_f([(near, y0, 0), (far, y0, 0), (far, y0, top), (near, y0, top)], wall)
    wall_f([(near, y0, 0), (near, y1, 0), (near, y1, top), (near, y0, top)], wall)
    ridge, mid = top + 2.1, (near + far) / 2
    eave = near - side * .35
    wall_f([(near, y0, top), (far, y0, top), (mid, y0, ridge)], wall, .01)
    if floors == 2 or canvas.rng.random() < .5:      # a door and its step
        door = y0 + (y1 - y0) * .5
        wall_f([(near, door - .55, 0), (near, door + .55, 0), (near, door + .55, 2.15), (near, door - .55, 2.15)], (84, 92, 120), .05)
    wall_f([(eave, y0 - .3, top - .15), (eave, y1 + .3, top - .15), (mid, y1 + .3, ridge), (mid, y0 - .3, ridge)], roof, .02)
    for floor in range(floors):
        z = .95 + 2.9 * floor
        for y in np.arange(y0 + 1.1, y1 - 1.2, 2.4):
            colour, lit = window_colour(canvas)
            frame = [(near, y - .1, z - .1), (near, y + 1.1, z - .1), (near, y + 1.1, z + 1.4), (near, y - .1, z + 1.4)]
            pane = [(near, y, z), (near, y + 1., z), (near, y + 1., z + 1.3), (near, y, z + 1.3)]
            wall_f(frame, (226, 230, 232), .03)
            wall_f(pane, colour, .04, plain=lit)
        for x in (.24, .62):
            xa = near + (far - near) * x
            xb = xa + side * 1.1
            colour, lit = window_colour(canvas)
            wall_f([(xa - side * .1, y0, z - .1), (xb + side * .1, y0, z - .1), (xb + side * .1, y0, z + 1.4), (xa - side * .1, y0, z + 1.4)], (226, 230, 232), .03)
            wall_f([(xa, y0, z), (xb, y0, z), (xb, y0, z + 1.3), (xa, y0, z + 1.3)], colour, .04, plain=lit)


def tree(canvas, x, y, size, colour, layers=130, crown=1.45):
    """Trunk and a crown of many discs, darker below; it begins at `crown` sizes."""
    rng = canvas.rng
    canvas.face([(x - .09 * size, y, 0), (x + .09 * size, y, 0), (x + .06 * size, y, 1.5 * size), (x - .06 * size, y, 1.5 * size)], (58, 74, 92))
    depth = canvas.camera.view(np.array([x, y, 0.]))[2]
    t = np.linspace(0, 2 * np.pi, 9)[:-1]
    for i in range(layers):
        f = i / layers
        a, r = rng.uniform(0, 2 * np.pi), rng.uniform(.1, 1) ** .5
        cx, cz = x + 1.05 * size * r * math.cos(a) * (1.1 - .5 * f), size * (crown + 1.8 * f + .55 * r * math.sin(a))
        w = size * rng.uniform(.12, .26)
        ring = np.stack([cx + w * np.cos(t) * rng.uniform(.8, 1.2, 8), np.full(8, y), cz + w * np.sin(t) * rng.uniform(.8, 1.2, 8)], 1)
        bright = .58 + .5 * f + .12 * math.cos(a) * (-1 if canvas.sun[0] < 0 else 1)
        canvas.face(ring, tuple(c * bright * rng.uniform(.88, 1.1) for c in colour), normal=np.array([0, -.4, .9]), depth=depth - .001 * i)


def lamp_post(canvas, side, y):
    x = side * (RIGHT_KERB + .75)
    metal = (92, 90, 86)
    canvas.face([(x - .06, y, 0), (x + .06, y, 0), (x + .04, y, 5.6), (x - .04, y, 5.6)], metal)
    canvas.face([(x, y, 5.5), (x - side * 1.3, y, 5.7), (x - side * 1.3, y, 5.8), (x, y, 5.62)], metal)
    canvas.face([(x - side * 1.2, y, 5.6), (x - side * 1.75, y, 5.62), (x - side * 1.75, y, 5.76), (x - side * 1.2, y, 5.8)], (210, 214, 214))
    if canvas.street.light in ("night", "dusk"):
        canvas.add_light((x - side * 1.5, y, 5.6), (150, 214, 255), .16, 1.1)


def sign(canvas, side, y, text_colour=(40, 120, 40)):
    x = side * (RIGHT_KERB + 1.2)
    canvas.face([(x - .03, y, 0), (x + .03, y, 0), (x + .03, y, 2.5), (x - .03, y, 2.5)], (130, 130, 128))
    canvas.face([(x - .55, y, 2.15), (x + .55, y, 2.15), (x + .55, y, 2.5), (x - .55, y, 2.5)], text_colour)
    canvas.face([(x - .45, y - .01, 2.27), (x + .4, y - .01, 2.27), (x + .4, y - .01, 2.37), (x - .45, y - .01, 2.37)], (220, 224, 224))


def shop(canvas, side, y0, y1, wall, awning):
    near = side * (RIGHT_KERB + 2.2)
    top = float(canvas.rng.uniform(5.2, 8.2))
    depth = canvas.camera.view(np.array([near, y0, 1.]))[2] + 5
    put = lambda pts, colour, bias=0., plain=False: canvas.face(pts, colour, depth=depth - bias, plain=plain)
    put([(near, y0, 0), (near + side * 9, y0, 0), (near + side * 9, y0, top), (near, y0, top)], tuple(.8 * c for c in wall))
    put([(near, y0, 0), (near, y1, 0), (near, y1, top), (near, y0, top)], wall)
    put([(near, y0, top), (near, y1, top), (near - side * .3, y1, top + .35), (near - side * .3, y0, top + .35)], tuple(.7 * c for c in wall), .01)
    lit = canvas.street.light in ("night", "dusk")
    glass = (128, 206, 244) if lit else (126, 112, 98)
    for i in range(8):          # brighter towards the ceiling lamps
        z0, z1 = .5 + .25 * i, .75 + .25 * i
        level = .42 + .07 * i if lit else .8 + .03 * i
        put([(near, y0 + .6, z0), (near, y1 - .6, z0), (near, y1 - .6, z1), (near, y0 + .6, z1)],
            tuple(c * level for c in glass), .02, lit)
    for y in np.arange(y0 + .9, y1 - 1.2, 1.1):         # shelves and goods behind the glass
        h = canvas.rng.uniform(.4, 1.3)
        put([(near, y, .5), (near, y + .7, .5), (near, y + .7, .5 + h), (near, y, .5 + h)],
            tuple(c * canvas.rng.uniform(.25, .5) for c in glass), .025, lit)
    if lit:
        canvas.add_light((near - side * .1, (y0 + y1) / 2, 1.9), (60, 110, 140), .5, .22)
    for y in np.arange(y0 + .6, y1 - .5, 1.6):
        put([(near, y - .05, .5), (near, y + .05, .5), (near, y + .05, 2.5), (near, y - .05, 2.5)], (60, 60, 60), .03)
    out = near - side * 1.1
    put([(near, y0 + .4, 3.), (near, y1 - .4, 3.), (out, y1 - .4, 2.55), (out, y0 + .4, 2.55)], awning, .04)
    for z in np.arange(3.7, top - 1.2, 2.2):
        for y in np.arange(y0 + .8, y1 - 1.2, 2.1):
            colour, on = window_colour(canvas)
            put([(near, y, z), (near, y + 1.1, z), (near, y + 1.1, z + 1.4), (near, y, z + 1.4)], colour, .02, on)


def surroundings(canvas):
    rng, scenery = canvas.rng, canvas.street.scenery
    walls = [(196, 206, 214), (150, 170, 196), (170, 186, 170), (128, 140, 176), (206, 200, 188), (140, 160, 208)]
    roofs = [(76, 74, 84), (70, 84, 120), (88, 88, 88), (64, 70, 78)]
    crowns = [(48, 108, 74), (42, 118, 96), (36, 108, 150), (34, 92, 168), (52, 96, 60)]
    # A far line of trees closes the street.
    for row, y in enumerate((168, 150)):
        for x in np.arange(-70, 71, 4.):
            if row == 0 or abs(x) > 7:
                tree(canvas, x + rng.normal(0, 1), y + rng.uniform(-6, 6), rng.uniform(2.4, 4.2) * (.7 if row == 0 else 1),
                     tuple(.62 * c + 50 * canvas.light["ambient"] for c in crowns[rng.integers(5)]), 70, crown=.35)
    if scenery in ("houses", "trees"):
        for side in (-1, 1):
            y = 16 + rng.uniform(0, 6)
            while y < 140:
                length = rng.uniform(8, 12)
                if scenery == "houses" or rng.random() < .25:
                    house(canvas, side, y, y + length, rng.uniform(3.6, 5.2), walls[rng.integers(len(walls))],
                          roofs[rng.integers(len(roofs))], int(rng.integers(1, 3)))
                if scenery == "trees" or rng.random() < .6:
                    tree(canvas, side * (RIGHT_KERB + rng.uniform(2.8, 3.6)), y + length + rng.uniform(0, 2), rng.uniform(1.1, 1.9), crowns[rng.integers(5)])
                if scenery == "trees":
                    for _ in range(4):
                        tree(canvas, side * (RIGHT_KERB + rng.uniform(3, 14)), y + rng.uniform(0, length), rng.uniform(1.4, 2.6), crowns[rng.integers(5)])
                y += length + rng.uniform(2.5, 5)
    elif scenery == "shops":
        awnings = [(60, 60, 170), (70, 120, 60), (150, 90, 40), (60, 150, 200), (200, 204, 206)]
        for side in (-1, 1):
            y = 12 + rng.uniform(0, 4)
            while y < 120:
                length = rng.uniform(7, 11)
                shop(canvas, side, y, y + length, walls[rng.integers(len(walls))], awnings[rng.integers(len(awnings))])
                y += length
            for y in np.arange(15, 110, 13.):
                tree(canvas, side * (RIGHT_KERB + 1.3), y, rng.uniform(.9, 1.2), crowns[rng.integers(5)], 110)
    else:   # bridge: parapets, lamps, water far off
        for side in (-1, 1):
            x = side * (RIGHT_KERB + 2.1)
            for y in np.arange(1, 90, 2.0):
                canvas.face([(x, y, 0), (x, y + 2.0, 0), (x, y + 2.0, 1.05), (x, y, 1.05)], (150, 156, 164) if int(y) % 4 else (140, 146, 154))
                canvas.face([(x - side * .12, y, 1.05), (x - side * .12, y + 2., 1.05), (x, y + 2., 1.2), (x, y, 1.2)], (178, 182, 186))
                if int(y) % 8 == 1:
                    box(canvas, x - .2, x + .2, y, y + .4, 0, 1.5, (160, 166, 172))
        for x in (-26, -18, -12, 13, 19, 28):
            for y in (60, 80, 105):
                tree(canvas, x + rng.normal(0, 2), y, rng.uniform(1.8, 3.), crowns[rng.integers(5)])
    for y in np.arange(20 + rng.uniform(0, 6), 110, 24.):
        lamp_post(canvas, 1 if rng.random() < .5 else -1, y)
    if rng.random() < .8:
        sign(canvas, 1 if rng.random() < .5 else -1, rng.uniform(15, 24))
    canvas.paint_faces()


# --- cars ------------------------------------------------------------------------------
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


# --- what the lens and the weather do -----------------------------------------------------
def light_pools(canvas):
    """Street lamps, headlights and the infrared lamp upon the ground."""
    if canvas.street.light not in ("night",):
        return
    for car in canvas.street.cars:
        if car.front:
            pts = [(car.x - .9, car.y - .3, 0), (car.x + .9, car.y - .3, 0), (car.x + 1.6, car.y - 7, 0), (car.x - 1.6, car.y - 7, 0)]
            canvas.fill_soft(canvas.camera.polygon(pts), (190, 206, 214), .34, 60)
    for y in (14, 30, 48):
        pts = [(3 * math.cos(a) + .8, y + 3.4 * math.sin(a), 0) for a in np.linspace(0, 2 * np.pi, 24)]
        canvas.fill_soft(canvas.camera.polygon(pts), (120, 170, 206), .3, 70)


def wet_reflections(canvas):
    """Cars mirrored in the wet road: what was drawn over the empty road, flipped."""
    h, w = canvas.image.shape[:2]
    out = canvas.image.astype(np.float32)
    for car in sorted(canvas.street.cars, key=lambda c: -c.y):
        line = int(canvas.camera.project(np.array([car.x, car.y, 0.]))[0][1])
        left = int(canvas.camera.project(np.array([car.x - 1.3, car.y, 0.]))[0][0])
        right = int(canvas.camera.project(np.array([car.x + 1.3, car.y, 0.]))[0][0])
        left, right = max(left, 0), min(right, w)
        n = min(line, h - line, int((right - left) * .55))
        if n < 20 or right - left < 20:
            continue
        mirror = canvas.image[line - n:line, left:right][::-1].astype(np.float32)
        mirror = cv2.blur(cv2.GaussianBlur(mirror, (0, 0), 5), (3, 41))
        fade = np.linspace(.42, 0, n)[:, None, None] * np.clip(np.minimum(np.arange(right - left), np.arange(right - left)[::-1]) / 60., 0, 1)[None, :, None]
        part = out[line:line + n, left:right]
        part += (mirror - part) * fade
    canvas.image = np.clip(out, 0, 255).astype(np.uint8)


def finish(canvas):
    street, rng = canvas.street, canvas.rng
    image = cv2.resize(canvas.image, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA).astype(np.float32)
    image += cv2.resize(canvas.glow, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)
    image *= np.array(canvas.light["gain"], np.float32)
    if street.light == "infrared":
        grey = image @ np.array([.2, .4, .4], np.float32)
        yy, xx = np.mgrid[:HEIGHT, :WIDTH]
        spot = np.exp(-(((xx - WIDTH / 2) / 620) ** 2 + ((yy - HEIGHT * .58) / 420) ** 2)).astype(np.float32)
        image = np.repeat((grey * (.55 + .6 * spot) + 6)[..., None], 3, 2)
    if street.rain:
        haze = np.linspace(.22, .04, HEIGHT, dtype=np.float32)[:, None, None]
        image += (np.array(canvas.light["low"], np.float32) * (.55 if canvas.dark else .85) - image) * haze
        drops = np.zeros((HEIGHT, WIDTH), np.uint8)
        for _ in range(620):
            x, y, n = rng.integers(WIDTH), rng.integers(HEIGHT), rng.integers(7, 24)
            cv2.line(drops, (int(x), int(y)), (int(x + n * .16), int(y + n)), int(rng.integers(50, 150)), 1, cv2.LINE_AA)
        image += drops[..., None].astype(np.float32) * (.22 if canvas.dark else .3)
    yy, xx = np.mgrid[:HEIGHT, :WIDTH]
    vignette = 1 - .2 * (((xx - WIDTH / 2) / WIDTH) ** 2 + ((yy - HEIGHT / 2) / HEIGHT) ** 2) * 2
    image *= vignette[..., None].astype(np.float32)
    if street.blur:
        image = cv2.GaussianBlur(image, (0, 0), street.blur)
    grain = rng.normal(0, 1, (HEIGHT, WIDTH, 3)).astype(np.float32)
    image += cv2.GaussianBlur(grain, (0, 0), .6) * street.noise * 1.6
    image = np.clip(image, 0, 255).astype(np.uint8)
    if street.light == "infrared":
        image[:] = image[..., 1:2]
    return image


def render(street: Street):
    """(BGR picture 1280x720, [(car, corners 4x2 TL TR BR BL in pixels), ...])"""
    canvas = Canvas(street)
    draw_sky(canvas)
    draw_ground(canvas)
    surroundings(canvas)
    light_pools(canvas)
    found = []
    for car in sorted(street.cars, key=lambda c: -c.y):
        found.append((car, draw_car(canvas, car)))
    if street.rain:
        wet_reflections(canvas)
    return finish(canvas), found
