"""What a camera makes of a plate: position, resolution, light, lens, noise, JPEG.

`photograph` turns a straight plate into the crop that the reader gets, with
the loose or tight margins that a detector leaves.
"""
import math

import cv2
import numpy as np

from .drawing import directional_blur, gradient, jitter, random_art, random_colour


def _place(rng, width, height, margin, low):
    """Corners of the plate after tilt, shear and unsteady cutting, and the crop."""
    source = np.array([[margin, margin], [margin + width, margin], [margin + width, margin + height], [margin, margin + height]], np.float32)
    loose = rng.uniform(0, .09) if rng.random() < .6 else rng.uniform(0, .02)
    angle, shear = math.radians(rng.normal(0, 4 if low else 2.2)), rng.normal(0, .08 if low else .03)
    d = source - np.array([margin + width / 2, margin + height / 2])
    q = d @ np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]).T
    q[:, 0] += shear * q[:, 1]
    q[:, 1] += rng.normal(0, .06 if low else .02) * q[:, 0]
    q = q * (1 + rng.uniform(-loose, loose, (4, 1))) + rng.uniform(-loose, loose, (4, 2)) * np.array([width, height]) * .4
    (x0, y0), (x1, y1) = q.min(0), q.max(0)
    w, h = x1 - x0, y1 - y0
    edge = rng.uniform(-.05, .25, 4) * (rng.random() < .5) + rng.uniform(-.05, .06, 4) if low else rng.uniform(-.06, .05, 4)
    crop = (x0 - edge[0] * w * .7, y0 - edge[2] * h, x1 + edge[1] * w * .7, y1 + edge[3] * h)
    return source, q, crop


def _light(rng, image):
    h, w = image.shape[:2]
    if rng.random() < .3:           # a cast shadow
        points = rng.uniform(-.2, 1.2, (4, 2)) * [w, h]
        mask = np.zeros((h, w), np.uint8)
        cv2.fillConvexPoly(mask, cv2.convexHull(points.astype(np.int32)), 255)
        mask = cv2.GaussianBlur(mask, (0, 0), rng.uniform(.5, 4)).astype(np.float32) / 255
        image *= 1 - mask[..., None] * rng.uniform(.2, .65)
    if rng.random() < .4:           # light from one side
        image *= np.linspace(rng.uniform(.5, 1), rng.uniform(.8, 1.35), w, dtype=np.float32)[None, :, None]
    if rng.random() < .15:          # glare
        cx, cy = rng.uniform(0, 1, 2) * [w, h]
        yy, xx = np.mgrid[:h, :w]
        spot = np.exp(-(((xx - cx) / (w * .2)) ** 2 + ((yy - cy) / (h * .3)) ** 2))
        image += (spot * rng.uniform(40, 170))[..., None].astype(np.float32)
    return np.clip(image, 0, 255)


def _sensor(rng, image, low):
    if rng.random() < .5:           # exposure curve
        image = 255 * (image / 255) ** rng.uniform(.55, 1.8)
    u = rng.random()
    if u < .15:                     # grey and infrared cameras
        grey = image @ np.array([.114, .587, .299], np.float32) if rng.random() < .6 else image[..., int(rng.integers(3))]
        image = np.repeat(grey[..., None], 3, 2)
        if rng.random() < .3:
            image = image * rng.uniform(1, 1.6) + rng.uniform(0, 30)
    elif u < .4:                    # colour cast
        image = image * np.array(rng.uniform(.75, 1.25, 3), np.float32)
    if rng.random() < .13:          # very dark, very pale, very flat
        image = (image - 128) * rng.uniform(.15, .45) + rng.uniform(25, 210)
    contrast = rng.uniform(.45, 1.25) if rng.random() < .6 else 1
    shift = rng.uniform(-50, 45) if rng.random() < .6 else 0
    mean = image.mean()
    image = (image - mean) * contrast + mean + shift
    u = rng.random()
    if u < .33:                     # out of focus
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(.3, .8 if low else 1.3))
    elif u < .43:                   # moving
        image = directional_blur(image, int(rng.integers(3, 5 if low else 8)), rng.uniform(0, np.pi))
    elif u < .58:                   # sharpened in the camera, with halos
        image = image + (image - cv2.GaussianBlur(image, (0, 0), rng.uniform(.8, 2))) * rng.uniform(.5, 2.5)
    if rng.random() < .5:
        shape = image.shape if rng.random() < .5 else image.shape[:2] + (1,)
        image = image + rng.normal(0, rng.uniform(1, 14) * rng.random(), shape)
    image = np.clip(image, 0, 255).astype(np.uint8)
    if rng.random() < .6:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.uniform(18, 95))]
        image = cv2.imdecode(cv2.imencode(".jpg", image, quality)[1], 1)
    return image


def photograph(rng, plate, out_width=224, out_height=112, low_share=.5):
    """A float BGR plate -> uint8 BGR crop of the given size; `low_share` of
    them as a street camera sees them."""
    height, width = plate.shape[:2]
    low = rng.random() < low_share   # a street camera: few pixels, loose crop
    margin = int(.22 * width)
    around = random_colour(rng, 0, 200)
    scene = gradient(rng, height + 2 * margin, width + 2 * margin, around, jitter(rng, around, 40))
    if rng.random() < .5:
        random_art(rng, scene, rng.uniform(.2, 1))
    scene[margin:margin + height, margin:margin + width] = plate
    source, q, (x0, y0, x1, y1) = _place(rng, width, height, margin, low)

    if low:
        w = int(np.clip(rng.lognormal(math.log(90), .4), 42, 320))
    else:
        w = int(np.clip(rng.lognormal(math.log(220), .4), 70, 384))
    h = max(14, int(w * (y1 - y0) / (x1 - x0)))
    over = 2 if w < 130 else 1
    target = ((q - [x0, y0]) / [x1 - x0, y1 - y0] * [w * over, h * over]).astype(np.float32)
    shrink = width / (w * over)
    if shrink > 1.6:
        scene = cv2.GaussianBlur(scene, (0, 0), .4 * shrink)
    image = cv2.warpPerspective(scene, cv2.getPerspectiveTransform(source, target), (w * over, h * over),
                                flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    if over > 1:
        image = cv2.resize(image, (w, h), interpolation=cv2.INTER_AREA)
    image = _sensor(rng, _light(rng, image), low)
    if w > out_width:
        how = cv2.INTER_AREA
    else:
        how = cv2.INTER_LINEAR if rng.random() < .5 else cv2.INTER_CUBIC
    return cv2.resize(image, (out_width, out_height), interpolation=how)
