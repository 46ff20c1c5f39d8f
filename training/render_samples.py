#!/usr/bin/env python3
"""Renders the samples: street pictures of Ashford Falls, a town that does not
exist, and single plates. Every plate, person and place is invented.

    python render_samples.py ../samples

Fixed seeds: the same library and font versions give the same pictures.
Needs the fonts (setup.sh), not the data folder.
"""
import csv
import sys
from pathlib import Path

import cv2
import numpy as np

from lictor_training import designs, plates
from lictor_training.sample_designs import SAMPLE_DESIGNS
from lictor_training.streets import Car, Street, render

DAY = "2026-11-20T"

# The car that is seen again and again: the same plate, body and paint.
def seen_again(x, y, **more):
    return Car(x, y, "teal", "DK 48213", "US-IL", "hatch", **more)


STREETS = [
    Street("elm-and-3rd-1412", "elm-and-3rd", DAY + "14:12:07Z", 11, "day", scenery="houses", zoom=2350, cars=[
        seen_again(1.35, 8.2),
        Car(-1.75, 11.6, "red", "AKT-4823", "US-WI", "suv", front=True)]),
    Street("elm-and-3rd-1516", "elm-and-3rd", DAY + "15:16:44Z", 12, "day", scenery="houses", zoom=2350, cars=[
        Car(1.5, 9.6, "silver", "CV 30975", "US-IL", "suv", brake=True),
        Car(-1.6, 10.8, "navy", "KHF 392", "US-IA", "sedan", front=True)]),
    Street("mill-bridge-1601", "mill-bridge", DAY + "16:01:30Z", 13, "overcast", scenery="bridge", zoom=2500, height=2.2, pan=3, pitch=5, cars=[
        Car(-.1, 7.4, "maroon", "EB 61748", "US-IL", "suv", yaw=6),
        Car(2.2, 12.0, "tan", "XT4 R7M", "US-MO", "sedan", brake=True)]),
    Street("depot-road-1733", "depot-road", DAY + "17:33:12Z", 14, "day", scenery="trees", zoom=2700, pitch=5, height=2.3, cars=[
        Car(-.7, 8.6, "white", "482TRE", "US-IN", "pickup", yaw=-4)]),
    Street("hollis-avenue-1820", "hollis-avenue", DAY + "18:20:55Z", 15, "day", scenery="shops", zoom=2300, cars=[
        Car(-1.65, 9.4, "orange", "AJ 27364", "US-IL", "hatch", front=True),
        Car(1.95, 8.8, "grey", "716MKB", "US-IN", "suv"),
        Car(.35, 12.3, "black", "FN 90582", "US-IL", "sedan")]),
    Street("mill-bridge-1947", "mill-bridge", DAY + "19:47:18Z", 16, "overcast", scenery="bridge", rain=True, zoom=2500, height=2.2, pan=3, pitch=5, cars=[
        seen_again(.15, 7.6, yaw=4),
        Car(2.3, 12.8, "blue", "ARX-7305", "US-WI", "sedan")]),
    Street("elm-and-3rd-2009", "elm-and-3rd", DAY + "20:09:41Z", 17, "overcast", scenery="houses", zoom=2350, blur=.8, cars=[
        Car(1.3, 8.0, "green", "GT 53896", "US-IL", "sedan", plate_dirt=1.0),
        Car(-1.7, 11.8, "white", "BH 14257", "US-IL", "suv", front=True)]),
    Street("hollis-avenue-2114", "hollis-avenue", DAY + "21:14:03Z", 18, "day", scenery="shops", zoom=2300, cars=[
        Car(1.4, 8.6, "maroon", "LN7 C4W", "US-MO", "sedan", brake=True),
        Car(-1.6, 10.5, "silver", "CL 46120", "US-IL", "sedan", front=True)]),
    Street("depot-road-2241", "depot-road", DAY + "22:41:26Z", 19, "dusk", scenery="trees", zoom=2500, pitch=4, cars=[
        seen_again(1.1, 8.3),
        Car(-1.9, 11.8, "white", "DM 85031", "US-IL", "pickup", front=True)]),
    Street("mill-bridge-2249", "mill-bridge", DAY + "22:49:50Z", 20, "dusk", scenery="bridge", zoom=2500, height=2.2, pan=3, pitch=5, cars=[
        Car(.1, 7.8, "silver", "JRC 658", "US-IA", "sedan", yaw=5, brake=True)]),
    Street("hollis-avenue-2315", "hollis-avenue", DAY + "23:15:37Z", 21, "night", scenery="shops", zoom=2300, noise=3.5, cars=[
        Car(1.5, 8.6, "white", "EH 70419", "US-IL", "suv"),
        Car(-1.6, 11.6, "grey", "AGP-2968", "US-WI", "hatch", front=True)]),
    Street("depot-road-2332", "depot-road", DAY + "23:32:09Z", 22, "night", scenery="trees", rain=True, zoom=2500, pitch=4, noise=3.5, cars=[
        Car(.9, 8.4, "red", "BT 93647", "US-IL", "pickup", brake=True)]),
    Street("mill-bridge-2344", "mill-bridge", DAY + "23:44:21Z", 23, "infrared", scenery="bridge", zoom=4300, height=1.9, pan=1, pitch=6.5, noise=4, cars=[
        Car(.35, 7.3, "tan", "FC 12986", "US-IL", "sedan", yaw=3)]),
    Street("hollis-avenue-2358", "hollis-avenue", DAY + "23:58:48Z", 24, "night", scenery="shops", zoom=2300, noise=3.5, cars=[
        seen_again(1.45, 8.2, brake=True),
        Car(-1.7, 11.8, "navy", "194LSD", "US-IN", "suv", front=True)]),
]

CROPS = [("US-IL", "AK 52714"), ("US-IL", "CM 80396"), ("US-IL", "EZ 31875"), ("US-WI", "ANB-6042"), ("US-WI", "831-KDR"),
         ("US-IN", "563VTL"), ("US-IN", "274HXC"), ("US-IA", "LGW 185"), ("US-IA", "MPT 947"), ("US-MO", "RF2 K8D"),
         ("US-MO", "HC9 T3V"), ("US-IL", "BW 64920")]


def visible(quad):
    """(x, y, w, h) of a plate, or nothing when the picture cuts it off."""
    (x0, y0), (x1, y1) = quad.min(0), quad.max(0)
    if x0 < 2 or y0 < 2 or x1 > 1278 or y1 > 718:
        return None
    return round(x0), round(y0), round(x1 - x0), round(y1 - y0)


def single_plate(seed, state, serial):
    """One plate as a camera would cut it out: slight tilt, blur and grain."""
    rng = np.random.default_rng(9000 + seed)
    picture = plates.draw_plate(rng, SAMPLE_DESIGNS[state], designs.as_serial(serial), plates.Look(tidy=True), 520).image
    h, w = picture.shape[:2]
    out_w = int(rng.integers(170, 260))
    out_h = out_w // 2
    corners = np.array([[0, 0], [out_w, 0], [out_w, out_h], [0, out_h]], np.float32)
    corners += (rng.uniform(-.02, .02, (4, 2)) * [out_w, out_h]).astype(np.float32)
    source = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
    picture = cv2.GaussianBlur(picture, (0, 0), .4 * w / out_w)
    picture = cv2.warpPerspective(picture, cv2.getPerspectiveTransform(source, corners), (out_w, out_h), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    picture = picture * rng.uniform(.6, .98) * np.array(rng.uniform(.94, 1.04, 3), np.float32)
    picture *= np.linspace(rng.uniform(.85, 1), rng.uniform(.9, 1.08), out_w, dtype=np.float32)[None, :, None]
    picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(.4, .9)) + rng.normal(0, rng.uniform(1.5, 4), picture.shape)
    return np.clip(picture, 0, 255).astype(np.uint8)


def write_jpeg(path, picture, quality):
    ok, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert ok
    path.write_bytes(data.tobytes())


def main(target):
    target.mkdir(parents=True, exist_ok=True)
    (target / "crops").mkdir(exist_ok=True)
    rows = []
    for street in STREETS:
        picture, found = render(street)
        name = f"{street.name}.jpg"
        write_jpeg(target / name, picture, 85)
        for car, quad in sorted(found, key=lambda f: f[0].y):
            box = visible(quad)
            if box:
                rows.append([name, street.camera, street.seen_at, *box, designs.read_text(designs.as_serial(car.plate)), car.state])
    with open(target / "truth.csv", "w", newline="") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow("file camera seen_at x y w h plate state".split())
        out.writerows(rows)
    with open(target / "crops" / "truth.csv", "w", newline="") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow("file state plate".split())
        for i, (state, serial) in enumerate(CROPS):
            text = designs.read_text(designs.as_serial(serial))
            name = f"{i + 1:02d}-{state[3:].lower()}.jpg"
            write_jpeg(target / "crops" / name, single_plate(i, state, serial), 88)
            out.writerow([name, state, text])
    widths = [r[5] for r in rows]
    print(f"{len(STREETS)} pictures, {len(rows)} plates, {min(widths)} to {max(widths)} pixels wide")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
