"""What a street picture is made of, and what it is painted on.

A small 3-D renderer: surfaces are meshes of quadrilaterals, shaded one by one
and painted from far to near at twice the final size. Metres; x to the right,
y away from the camera along the street, z up.
"""
import math
from dataclasses import dataclass

import cv2
import numpy as np

WIDTH, HEIGHT, FACTOR = 1280, 720, 2


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
