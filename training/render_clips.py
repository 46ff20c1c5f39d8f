"""The short clip in samples/clips and the videos in crates/capture/tests/videos.

A camera that draws nearer to one of the sample pictures: twenty frames, ten a second. Encoded by the
ffmpeg that imageio-ffmpeg brings; another version gives other bytes of the same frames.

    python render_clips.py
"""

import subprocess
import tempfile
from pathlib import Path

import cv2
import imageio_ffmpeg
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
FRAMES = 20
WIDTH, HEIGHT = 960, 540

SMALL = ["-vf", "scale=320:180"]
H264 = ["-c:v", "libx264", "-pix_fmt", "yuv420p"]
HIGH = [*H264, "-profile:v", "high", "-bf", "3"]
JPEG = ["-c:v", "mjpeg", "-q:v", "6", "-pix_fmt", "yuvj420p"]
FEW = ["-frames:v", "3"]
CLIPS = {
    "samples/clips/elm-and-3rd.mp4": [*HIGH, "-crf", "24"],
    "crates/capture/tests/videos/baseline.mp4": [*SMALL, *H264, "-profile:v", "baseline", "-crf", "20"],
    "crates/capture/tests/videos/high-b-frames.mp4": [*SMALL, *HIGH, "-crf", "20"],
    "crates/capture/tests/videos/high-b-frames.mkv": [*SMALL, *HIGH, "-crf", "20"],
    "crates/capture/tests/videos/motion-jpeg.avi": [*SMALL, *JPEG],
    "crates/capture/tests/videos/motion-jpeg.mkv": [*SMALL, *JPEG],
    "crates/capture/tests/videos/h265.mp4": [*SMALL, *FEW, "-c:v", "libx265", "-pix_fmt", "yuv420p", "-crf", "36"],
    "crates/capture/tests/videos/high-4-2-2.mp4": [
        *SMALL, *FEW, "-c:v", "libx264", "-profile:v", "high422", "-pix_fmt", "yuv422p", "-crf", "36",
    ],
}


def draw_frames(folder: Path) -> None:
    """Frames of the picture, from four fifths of its sides to two thirds."""
    picture = cv2.imread(str(ROOT / "samples/elm-and-3rd-1412.jpg"))
    height, width = picture.shape[:2]
    for number, near in enumerate(np.linspace(0, 1, FRAMES)):
        scale = WIDTH / (width * (0.80 - 0.12 * near))
        left = (width - WIDTH / scale) * (0.75 + 0.10 * near)
        top = (height - HEIGHT / scale) * (0.85 + 0.05 * near)
        shift = np.array([[scale, 0, -left * scale], [0, scale, -top * scale]])
        frame = cv2.warpAffine(picture, shift, (WIDTH, HEIGHT), flags=cv2.INTER_AREA)
        cv2.imwrite(str(folder / f"{number:03}.png"), frame)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        draw_frames(Path(folder))
        frames = ["-framerate", "10", "-i", f"{folder}/%03d.png"]
        for name, how in CLIPS.items():
            (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
            ffmpeg = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y"]
            subprocess.run([*ffmpeg, *frames, *how, str(ROOT / name)], check=True)


if __name__ == "__main__":
    main()
