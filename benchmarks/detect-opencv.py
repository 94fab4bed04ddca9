"""The steps of our detection (src/main/vision) with OpenCV and numpy, to be timed against it. Run by benchmarks/detect.ts.

Not our code in another language: each step is what somebody who has OpenCV would call for it. Step by step, ours -> here:

- reduceImage -> cv2.resize, INTER_AREA (all rows; from a factor of four on we average every second one)
- estimateWhite -> the same squares, their brightest quarter by one histogram over all of them (numpy), the same weighted fits (numpy.linalg)
- stainMaps -> cv2.LUT into optical densities, cv2.resize of the light, cv2.subtract, cv2.GaussianBlur 3 x 3 (the same kernel, 1 2 1)
- redCellSlope, nuclearThresholds -> cv2.calcHist and the same arithmetic on the counts
- nuclearMap, masksOf -> cv2.addWeighted, cv2.compare, cv2.bitwise_*
- fillHoles -> cv2.findContours with a hierarchy, small holes filled by cv2.drawContours (four times as fast as connected components)
- openMask -> cv2.morphologyEx with the same octagon
- splitMask -> cv2.distanceTransform, 5 x 5 (the same chamfer distance); markers; cv2.watershed. OpenCV has no watershed that merges
  basins by how deep they are (ours), nor h-maxima. Markers are therefore the local maxima of the distance (cv2.dilate), the cheapest
  of the usual ways: it splits more coarsely, and costs less than ours would with OpenCV's means (geodesic reconstruction by repeated dilation).
- addPaleNuclei -> numpy.bincount by body, the same rule
- bodiesOf, homesOf -> numpy.bincount of pairs; the same rule on the necks
- growTerritories -> cv2.distanceTransform from the fragments for the reach, and cv2.watershed on an even image, which grows all markers
  at the same pace. Gaps and borders between territories by numpy on the pixels where two meet.
- measure -> numpy.bincount with weights: sums of x, y and their products
- mergeFragments -> the same logistic regression, in numpy over all links at once; then the same merging, in Python
- selectCells -> numpy.bincount with weights, the same rules in numpy
- bodyBoxes, outlineIn -> for each cell cv2.reduce of its part of the labels, and cv2.findContours

OpenCV and the libraries under numpy are held to one thread, as ours is. Merging, boxes and outlines loop over cells in Python: their
time is told apart ("python"), so that a ratio without them can be formed.

Protocol: argument 1 a raw file (height x width x 3, RGB), 2 width, 3 height, 4 pixel size in micrometres, 5 the terms of the regression
(JSON). A line on stdin with a number: detects so many times and answers {"wallMs", "cpuMs", "pythonMs", "steps", "cells"} (times a detection) as one line.
"""
import json
import os
import sys
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import cv2  # noqa: E402
import numpy as np  # noqa: E402

cv2.setNumThreads(1)

WORKING_PIXEL_UM = 0.36
OCTAGON = np.array(
    [[0, 1, 1, 1, 0], [1, 1, 1, 1, 1], [1, 1, 1, 1, 1], [1, 1, 1, 1, 1], [0, 1, 1, 1, 0]], dtype=np.uint8
)
CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))


class Clock:
    """CPU time by step."""

    def __init__(self):
        self.steps = {}
        self.last = time.process_time()

    def start(self):
        self.last = time.process_time()

    def step(self, name):
        now = time.process_time()
        self.steps[name] = self.steps.get(name, 0.0) + now - self.last
        self.last = now


def estimate_white(image, tile=16):
    """Coefficients (3 x 6) of the light's logarithm over -1 to 1, and whether it is even."""
    height, width = image.shape[:2]
    rows, columns = height // tile, width // tile
    count = rows * columns
    half = tile // 2
    # Every second pixel of every second row, by square.
    pixels = image[: rows * tile : 2, : columns * tile : 2].reshape(rows, half, columns, half, 3)
    pixels = pixels.transpose(0, 2, 1, 3, 4).reshape(count, half * half, 3)
    green = pixels[:, :, 1]
    wanted = half * half // 4
    from_ = np.partition(green, -wanted, axis=1)[:, -wanted]
    bright = green >= from_[:, None]
    sums = cv2.reduce(pixels * bright[:, :, None], 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S)[:, 0]
    logs = np.log(np.maximum(1, sums / bright.sum(1)[:, None]))
    y, x = np.divmod(np.arange(count), columns)
    x = 2 * (x + 0.5) * tile / width - 1
    y = 2 * (y + 0.5) * tile / height - 1
    terms = np.stack([np.ones(count), x, y, x * x, x * y, y * y], axis=1)

    def fit(values, weights):
        weighted = terms * weights[:, None]
        matrix = weighted.T @ terms
        matrix[np.arange(1, 6), np.arange(1, 6)] += 0.003 * weights.sum()
        return np.linalg.solve(matrix, weighted.T @ values)

    fitted = np.zeros(6)
    for _ in range(12):
        below = terms @ fitted - logs[:, 1]
        fitted = fit(logs[:, 1], np.where(below < 0, 1.0, 0.04 / (1 + (below / 0.1) ** 2)))
    glass = (np.abs(logs[:, 1] - terms @ fitted) < 0.05).astype(np.float64)
    if count < 24 or glass.sum() < 0.15 * count:
        counts = cv2.calcHist([image], [1], None, [256], [0, 256]).ravel()
        least = 255 - int(np.searchsorted(np.cumsum(counts[::-1]), counts.sum() / 10))
        mean = cv2.mean(image, mask=cv2.compare(image[:, :, 1], least, cv2.CMP_GE))[:3]
        return np.stack([np.log(np.maximum(1, mean)), *np.zeros((5, 3))])
    return fit(logs, glass)


def stain_maps(image, white, even=8):
    """azure, cellular, absorbance: int16, thousandths of optical density."""
    height, width = image.shape[:2]
    levels = np.maximum(np.arange(256), 2)[None, :, None]
    table = np.rint(-1000 * (np.log(levels) - white[0])).astype(np.int16)
    density = cv2.LUT(image, table)
    rows, columns = -(-height // even), -(-width // even)
    y = 2 * (np.arange(rows) + 0.5) * even / height - 1
    x = 2 * (np.arange(columns) + 0.5) * even / width - 1
    x, y = np.meshgrid(x, y)
    terms = np.stack([x, y, x * x, x * y, y * y], axis=2)
    light = np.rint(1000 * (terms @ white[1:])).astype(np.int16)
    light = cv2.resize(light, (columns * even, rows * even), interpolation=cv2.INTER_NEAREST)[:height, :width]
    density = cv2.add(density, light)
    red, green, blue = cv2.split(density)
    maps = cv2.subtract(red, blue), cv2.subtract(green, blue), green
    return [cv2.GaussianBlur(each, (3, 3), 0) for each in maps]


def histogram(values, low, step, bins):
    shifted = np.maximum(values - low, 0).astype(np.uint16)
    counts = cv2.calcHist([shifted], [0], None, [bins], [0, bins * step]).ravel()
    counts[-1] += values.size - counts.sum()
    return counts


def quantile(counts, share):
    return int(np.searchsorted(np.cumsum(counts), share * counts.sum()))


def red_cell_slope(cellular, absorbance):
    dense = cv2.compare(absorbance, 250, cv2.CMP_GE)
    at = dense.astype(bool)
    percent = (cellular[at].astype(np.int32) * 100) // absorbance[at]
    counts = histogram(percent, -50, 1, 150)
    around = np.convolve(counts, np.ones(7), "same")
    peak = 3 + int(np.argmax(around[3:90]))
    below = counts[:peak]
    spread = peak - quantile(below, 0.5) if below.sum() > 0 else 0
    return min(0.4, max(0.2, (peak - 50 + 2 * spread) / 100))


def nuclear_thresholds(nuclear):
    counts = histogram(nuclear, -1000, 10, 512)
    middle = -1000 + 10 * quantile(counts, 0.5)
    centres = -1000 + (np.arange(512) + 0.5) * 10
    sums = np.cumsum((counts * centres)[::-1])[::-1]
    numbers = np.cumsum(counts[::-1])[::-1]
    threshold = 180.0
    for _ in range(12):
        at = int(np.ceil((threshold + 1000) / 10))
        if at >= 512 or numbers[at] == 0:
            break
        following = max(150, 0.5 * sums[at] / numbers[at] + 0.5 * min(middle, 100))
        if abs(following - threshold) < 1:
            break
        threshold = following
    return threshold, max(150, 0.6 * threshold)


def fill_holes(mask, largest):
    """In place; mask 0 or 255."""
    contours, tree = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    if tree is None:
        return
    # A hole's contour runs over the mask's pixels round it: less half its length, it is as large as the hole.
    for k in np.flatnonzero(tree[0, :, 3] >= 0).tolist():
        hole = contours[k]
        if cv2.contourArea(hole) - cv2.arcLength(hole, True) / 2 <= largest:
            cv2.drawContours(mask, contours, k, 255, cv2.FILLED)


def split_mask(mask, dynamic):
    """labels (int32, 0 outside), radius and area by label, necks {(a, b): radius}."""
    # What lies beyond the image counts as inside.
    padded = cv2.copyMakeBorder(mask, 8, 8, 8, 8, cv2.BORDER_REPLICATE)
    distance = cv2.distanceTransform(padded, cv2.DIST_L2, 5)[8:-8, 8:-8]
    # Peaks: as high as everything within a few pixels, plateaus in one piece.
    side = 2 * int(np.ceil(2 * dynamic)) + 1
    around = cv2.dilate(distance, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    peaks = cv2.bitwise_and(cv2.compare(cv2.add(distance, 0.2), around, cv2.CMP_GE), mask)
    count, markers = cv2.connectedComponents(peaks, connectivity=8, ltype=cv2.CV_32S)
    # The background is one more marker; the rest of the mask is to be flooded from deep to shallow.
    markers[mask == 0] = count
    # OpenCV floods over the smallest steps first: a high one keeps the background from flooding the mask.
    depth = cv2.bitwise_or(cv2.convertScaleAbs(distance, alpha=-4, beta=180), cv2.bitwise_not(mask))
    labels = cv2.watershed(cv2.merge([depth, depth, depth]), markers)
    labels[labels == count] = 0
    # Where two pieces meet watershed leaves a line; which are they, and how wide is it there?
    lines = labels == -1
    labels[lines] = 0
    at = np.flatnonzero(lines & (mask != 0))
    necks = {}
    if len(at) > 0:
        width = mask.shape[1]
        flat = labels.ravel()
        offsets = np.array([-width - 1, -width, -width + 1, -1, 1, width - 1, width, width + 1])
        around = flat[np.clip(at[:, None] + offsets, 0, flat.size - 1)]
        high = around.max(axis=1)
        low = np.where(around > 0, around, count + 1).min(axis=1)
        radius = distance.ravel()[at]
        meeting = (low < high) & (low > 0)
        for a, b, r in zip(low[meeting].tolist(), high[meeting].tolist(), radius[meeting].tolist()):
            if necks.get((a, b), 0) < r:
                necks[a, b] = r
        # The line itself goes to one of its sides.
        flat[at] = high
    inside = labels.ravel()
    area = np.bincount(inside, minlength=count)
    radius = np.zeros(count)
    np.maximum.at(radius, markers_of(peaks, labels), distance[peaks != 0])
    return labels, radius, area, necks


def markers_of(peaks, labels):
    return labels[peaks != 0]


def grow(fragments, count, body_of, bodies, homes, reach):
    """Territories (labels) and what meets: arrays a, b, gap, contact."""
    outside = (fragments == 0).astype(np.uint8)
    steps = cv2.distanceTransform(outside, cv2.DIST_L2, 5)
    home = homes[bodies]
    markers = fragments.copy()
    markers[((home == 0) | (steps > reach)) & (fragments == 0)] = count
    body = cv2.compare(home.astype(np.float32), 0, cv2.CMP_EQ)
    even = cv2.merge([body, body, body])
    labels = cv2.watershed(even, markers)
    labels[labels == count] = 0
    lines = np.flatnonzero(labels == -1)
    flat = labels.ravel()
    flat[lines] = 0
    width = fragments.shape[1]
    around = flat[np.clip(lines[:, None] + np.array([-width, -1, 1, width]), 0, flat.size - 1)]
    high = around.max(axis=1)
    low = np.where(around > 0, around, count).min(axis=1)
    inside = (home.ravel()[lines] != 0) & (steps.ravel()[lines] <= reach)
    flat[lines] = np.where(inside, high, 0)
    meeting = (low < high) & (low < count)
    keys = low[meeting].astype(np.int64) * count + high[meeting]
    unique, index, contact = np.unique(keys, return_inverse=True, return_counts=True)
    gap = np.full(len(unique), np.inf)
    np.minimum.at(gap, index, 2 * steps.ravel()[lines][meeting])
    return labels, unique // count, unique % count, gap, contact


def measure(labels, count):
    """Sums over each label's pixels: area, x, y, xx, yy, xy (count x 6)."""
    y, x = np.nonzero(labels)
    of = labels[y, x]
    x = x.astype(np.float64)
    y = y.astype(np.float64)
    weighted = [np.bincount(of, w, count) for w in (x, y, x * x, y * y, x * y)]
    return np.stack([np.bincount(of, minlength=count).astype(np.float64), *weighted], axis=1)


def shape_of(sums):
    area = np.maximum(sums[..., 0], 1)
    x, y = sums[..., 1] / area, sums[..., 2] / area
    vx = sums[..., 3] / area - x * x + 1 / 12
    vy = sums[..., 4] / area - y * y + 1 / 12
    vxy = sums[..., 5] / area - x * y
    half = (vx + vy) / 2
    root = np.sqrt(np.maximum(0, ((vx - vy) / 2) ** 2 + vxy**2))
    major = 4 * np.sqrt(half + root)
    minor = 4 * np.sqrt(np.maximum(1 / 12, half - root))
    return area, major, minor, area / ((np.pi / 4) * major * minor)


class Judge:
    def __init__(self, terms):
        self.mean = np.array([term["mean"] for term in terms["terms"]])
        self.scale = 1 / np.array([term["deviation"] for term in terms["terms"]])
        self.weight = np.array([term["weight"] for term in terms["terms"]])
        self.constant = terms["constant"]
        self.farthest = terms["farthest"]

    def odds(self, radius, nuclei, bodies, a, b, gap, contact, neck, same, um):
        nucleus = nuclei[a] + nuclei[b]
        area, major, minor, _ = shape_of(nucleus)
        cell_area, cell_major, cell_minor, cell_fill = shape_of(bodies[a] + bodies[b])
        smaller = np.minimum(radius[a], radius[b])
        larger = np.maximum(radius[a], radius[b])
        evidence = np.stack(
            [
                smaller * um,
                larger * um,
                gap * um,
                neck / np.maximum(smaller, 1e-6),
                contact * um,
                major * um,
                minor * um,
                np.sqrt(cell_area) * um,
                cell_fill,
                cell_major * um,
                cell_minor * um,
                same,
                np.pi * larger**2 / area,
            ],
            axis=-1,
        )
        away = np.clip((evidence - self.mean) * self.scale, -self.farthest, self.farthest)
        return self.constant + away @ self.weight


def merge(judge, radius, nuclei, bodies, links, um):
    """Group (representative label) of each label. `links`: arrays a, b, gap, contact, neck, same."""
    group = np.arange(len(radius))
    links = [np.array(each, dtype=np.float64 if k > 1 else np.int64) for k, each in enumerate(links)]
    if len(links[0]) == 0:
        return group
    odds = judge.odds(radius, nuclei, bodies, *links, um)
    while len(odds) > 0:
        best = int(np.argmax(odds))
        if odds[best] <= 0:
            break
        a, b = int(links[0][best]), int(links[1][best])
        radius[a] = max(radius[a], radius[b])
        nuclei[a] += nuclei[b]
        bodies[a] += bodies[b]
        group[group == b] = a
        for side in (0, 1):
            links[side][links[side] == b] = a
        keep = links[0] != links[1]
        links = [each[keep] for each in links]
        odds = odds[keep]
        touched = np.flatnonzero((links[0] == a) | (links[1] == a))
        if len(touched) > 0:
            odds[touched] = judge.odds(radius, nuclei, bodies, *[each[touched] for each in links], um)
    return group


def detect(image, pixel_um, judge, clock):
    """Cells: [left, top, right, bottom, outline]; pixels of the image."""
    clock.start()
    height, width = image.shape[:2]
    factor = max(1, round(WORKING_PIXEL_UM / pixel_um))
    um = pixel_um * factor
    reduced = image[: height // factor * factor, : width // factor * factor]
    if factor % 4 == 0:
        # Halving first is more than twice as fast, and the same up to rounding.
        reduced = cv2.resize(reduced, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    reduced = cv2.resize(reduced, (width // factor, height // factor), interpolation=cv2.INTER_AREA)
    clock.step("reduce")
    white = estimate_white(reduced)
    clock.step("white")
    azure, cellular, absorbance = stain_maps(reduced, white)
    clock.step("stain")
    slope = red_cell_slope(cellular, absorbance)
    nuclear = cv2.addWeighted(cv2.add(azure, cellular), 1, absorbance, -slope, 0)
    sure, possible = nuclear_thresholds(nuclear)
    clock.step("thresholds")
    rim = max(15, min(40, 0.08 * sure))
    dense = cv2.addWeighted(nuclear, 1, absorbance, -0.4, 0)
    nuclei = cv2.bitwise_and(cv2.compare(nuclear, sure, cv2.CMP_GT), cv2.compare(dense, 0, cv2.CMP_GT))
    bluish = cv2.addWeighted(cellular, 1, absorbance, -slope, 0)
    cells = cv2.bitwise_or(cv2.compare(bluish, rim, cv2.CMP_GT), cv2.compare(nuclear, possible, cv2.CMP_GT))
    clock.step("masks")
    fill_holes(cells, 12 / um**2)
    clock.step("holes")
    cells = cv2.bitwise_or(cv2.morphologyEx(cells, cv2.MORPH_OPEN, OCTAGON), nuclei)
    clock.step("open")
    bodies, body_radius, body_area, body_necks = split_mask(cells, 0.5 / um)
    clock.step("split bodies")
    # Pale nuclei: in bodies without a sure one.
    body_count = len(body_area)
    sure_in = np.bincount(bodies[nuclei != 0], minlength=body_count)
    least = 35 / um**2
    asked = (body_area > least) & (sure_in < 0.35 * body_area)
    asked[0] = False
    if asked.any():
        paler = cv2.compare(cv2.addWeighted(cellular, 1, absorbance, -(slope + 0.1), 0), 0, cv2.CMP_GT)
        pale = asked[bodies] & (nuclear > possible) & (paler != 0)
        number = np.bincount(bodies[pale], minlength=body_count)
        taken = (number > least) & (sure_in < 0.35 * number)
        nuclei[pale & taken[bodies]] = 255
    clock.step("pale nuclei")
    fill_holes(nuclei, 5 / um**2)
    clock.step("holes")
    fragments, radius, area, necks = split_mask(nuclei, 0.3 / um)
    clock.step("split nuclei")
    count = len(area)
    at = np.flatnonzero(fragments)
    of = fragments.ravel()[at]
    pairs = np.bincount(of.astype(np.int64) * body_count + bodies.ravel()[at], minlength=count * body_count)
    body_of = pairs.reshape(count, body_count).argmax(axis=1)
    nucleated = np.zeros(body_count, bool)
    nucleated[body_of[1:]] = True
    nucleated[0] = False
    homes = np.where(nucleated, np.arange(body_count), 0)
    widest = {}
    for (a, b), r in body_necks.items():
        for bulge, cell in ((a, b), (b, a)):
            if nucleated[cell] and not nucleated[bulge] and r > 0.75 * body_radius[bulge] and r > widest.get(bulge, 0):
                widest[bulge] = r
                homes[bulge] = cell
    clock.step("homes")
    territories, a, b, gap, contact = grow(fragments, count, body_of, bodies, homes, 6 / um)
    clock.step("grow")
    body_sums = measure(territories, count)
    nucleus_sums = measure(fragments, count)
    clock.step("measure")
    neck = [necks.get((p, q), 0) for p, q in zip(a.tolist(), b.tolist())]
    group = merge(judge, radius, nucleus_sums, body_sums, (a, b, gap, contact, neck, body_of[a] == body_of[b]), um)
    clock.step("merge (python)")
    density = np.bincount(of, absorbance.ravel()[at], count)
    nuclearness = np.bincount(of, nuclear.ravel()[at], count)
    if (group != np.arange(count)).any():
        density = np.bincount(group, density, count)
        nuclearness = np.bincount(group, nuclearness, count)
    nucleus_um2 = nucleus_sums[:, 0] * um**2
    body_um2 = body_sums[:, 0] * um**2
    density /= np.maximum(1, nucleus_sums[:, 0])
    alone = (group == np.arange(count)) & (nucleus_um2 >= 11) & (radius * um >= 1.2)
    alone[0] = False
    large = density[alone & (nucleus_um2 >= 45)]
    if len(large) > 0:
        share = np.where(body_um2 >= 75, 0, 0.85 - 0.25 * np.maximum(0, (body_um2 - 50) / 25))
        alone &= density >= np.median(large) * share
    else:
        alone &= body_um2 >= 26
    clock.step("select")
    found = []
    left, top, right, bottom = (np.zeros(count, np.int64) for _ in range(4))
    owner = group[territories] if (group != np.arange(count)).any() else territories
    rows, columns = np.nonzero(owner)
    label = owner[rows, columns]
    # Sorted by label, in image order within one: the first and last row of each, and its leftmost and rightmost column.
    order = np.argsort(label.astype(np.uint16), kind="stable")
    kinds, first = np.unique(label[order], return_index=True)
    last = np.append(first[1:], len(order)) - 1
    top[kinds], bottom[kinds] = rows[order[first]], rows[order[last]]
    left[kinds] = np.minimum.reduceat(columns[order], first) if len(first) > 0 else 0
    right[kinds] = np.maximum.reduceat(columns[order], first) if len(first) > 0 else 0
    clock.step("boxes")
    margin = 0.22 / um
    for k in np.flatnonzero(alone).tolist():
        part = cv2.compare(owner[top[k] : bottom[k] + 1, left[k] : right[k] + 1], float(k), cv2.CMP_EQ)
        least = max(1, 0.2 * np.sqrt(body_sums[k, 0]))
        across = np.flatnonzero(cv2.reduce(part, 0, cv2.REDUCE_SUM, dtype=cv2.CV_32S)[0] >= 255 * least)
        down = np.flatnonzero(cv2.reduce(part, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S)[:, 0] >= 255 * least)
        if len(across) == 0 or len(down) == 0:
            continue
        contours, _ = cv2.findContours(part, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        outline = max(contours, key=len)[:, 0, :] + (left[k] + 0.5, top[k] + 0.5)
        outline = outline[:: -(-len(outline) // 64)]
        box = [
            max(0, (left[k] + across[0] - margin) * factor),
            max(0, (top[k] + down[0] - margin) * factor),
            min(width, (left[k] + across[-1] + 1 + margin) * factor),
            min(height, (top[k] + down[-1] + 1 + margin) * factor),
        ]
        centre = np.array([box[0] + box[2], box[1] + box[3]]) / 2 / factor
        away = outline - centre
        distance = np.hypot(away[:, 0], away[:, 1])
        outline = centre + away * (1 + (0.5 + margin) / np.maximum(0.5 + margin, distance))[:, None]
        found.append((*box, np.round(outline * factor, 1)))
    clock.step("boxes, outlines (python)")
    return found


def main():
    path, width, height, pixel_um, terms = sys.argv[1:6]
    image = np.fromfile(path, np.uint8).reshape(int(height), int(width), 3)
    judge = Judge(json.loads(terms))
    for line in sys.stdin:
        times = int(line)
        clock = Clock()
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(times):
            cells = detect(image, float(pixel_um), judge, clock)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        steps = {name: 1000 * seconds / times for name, seconds in clock.steps.items()}
        answer = {
            "wallMs": 1000 * wall / times,
            "cpuMs": 1000 * cpu / times,
            "pythonMs": sum(ms for name, ms in steps.items() if name.endswith("(python)")),
            "steps": steps,
            "version": cv2.__version__,
            "cells": [[float(v) for v in cell[:4]] for cell in cells],
        }
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
