"""The surroundings of a street picture: sky, ground, houses, trees, lamps, shops."""
import math

import cv2
import numpy as np

from .drawing import soft_noise


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
