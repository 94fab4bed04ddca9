"""What OpenCV does for a camera's frame, one thread: Bayer to RGB, dark level, gains, turning. Run by benchmarks/frames.ts.

Arguments: a raw file (height x width, 8 bit, RGGB), width, height, level, degrees, frames. Prints {"wallMs" (a frame), "version"}. Stuck pixels, a few hundred, are left out.
"""
import json
import sys
import time

import cv2
import numpy as np

cv2.setNumThreads(1)
path, width, height, level, degrees, frames = sys.argv[1], *map(float, sys.argv[2:6]), int(sys.argv[6])
width, height = int(width), int(height)
raw = np.fromfile(path, np.uint8).reshape(height, width)
dark = np.full((height, width, 3), level, np.uint8)
gains = np.ascontiguousarray(np.broadcast_to(np.linspace(1, 1.2, width, dtype=np.float32)[None, :, None], (height, width, 3)))
turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)


def once():
    rgb = cv2.cvtColor(raw, cv2.COLOR_BayerRG2RGB)
    lit = cv2.multiply(cv2.subtract(rgb, dark), gains, dtype=cv2.CV_8U)
    return cv2.warpAffine(lit, turn, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)


for _ in range(3):
    once()
start = time.perf_counter()
for _ in range(frames):
    once()
print(json.dumps({"wallMs": (time.perf_counter() - start) * 1000 / frames, "version": cv2.__version__}))
