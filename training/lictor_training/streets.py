"""Renders street pictures with cars and readable plates, as a lens and the weather show them."""
import math

import cv2
import numpy as np

from .street_canvas import HEIGHT, WIDTH, Canvas, Car, Street
from .street_cars import draw_car
from .street_surroundings import draw_ground, draw_sky, surroundings

__all__ = ["Car", "Street", "render"]


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
