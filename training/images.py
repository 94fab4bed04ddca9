"""Labelled crops in memory: tar files or folders of CLASS/NAME become one uint8 array, cached on disk."""
import functools
import hashlib
import io
import json
import pathlib
import tarfile

import numpy as np
from PIL import Image

from training.taxonomy import CODES

STORED_PX = 160
"""Side of a stored crop, pixels."""
STORED_PIXEL_UM = 0.144
"""Micrometres a stored pixel: a stored crop shows 23 um."""
RELABEL = {"PLT": "ART"}
"""Labels of the sets that the taxonomy knows under another code: a platelet alone is an artefact."""
VALIDATION_PERCENT = 15


def is_validation(name):
    """Whether the image of this file name is for validation: by a hash of the name alone, so it never changes sides."""
    digest = hashlib.sha256(name.encode("utf8")).digest()
    return int.from_bytes(digest[:4], "big") % 100 < VALIDATION_PERCENT


def fold_of(name, folds):
    """Which of `folds` parts the image of this file name lies in, 0 to folds - 1, by another part of the same hash."""
    digest = hashlib.sha256(name.encode("utf8")).digest()
    return int.from_bytes(digest[4:8], "big") % folds


class CropSet:
    """Crops of one source.

    pixels: uint8, n x 160 x 160 x 3, RGB (may be a memory map); labels: int64, n, index into CODES;
    names: n file names; validation: bool, n.
    """

    def __init__(self, source, pixels, labels, names):
        self.source = source
        self.pixels = pixels
        self.labels = np.asarray(labels, np.int64)
        self.names = list(names)
        self.validation = np.array([is_validation(name) for name in self.names], bool)

    def __len__(self):
        return len(self.labels)

    def validate_on(self, part, folds):
        """Takes part `part` of `folds` for validation instead, 0 to folds - 1: cross-validation."""
        self.validation = np.array([fold_of(name, folds) == part for name in self.names], bool)


def _decode(data):
    image = Image.open(io.BytesIO(data)).convert("RGB")
    if image.size != (STORED_PX, STORED_PX):
        image = image.resize((STORED_PX, STORED_PX), Image.BOX)
    return np.asarray(image)


def _tar_entries(path):
    with tarfile.open(path) as tar:
        for member in tar:
            if member.isfile():
                yield member.name, tar.extractfile(member).read()


def _folder_entries(path):
    for file in sorted(path.rglob("*")):
        if file.suffix.lower() in (".jpg", ".jpeg", ".png"):
            yield f"{file.relative_to(path).parts[0]}/{file.name}", file.read_bytes()


def load(source, path, cache_folder):
    """The crops of a tar or folder of CLASS/NAME images (a folder may divide its classes further, as the public marrow database
    does: CLASS/0001-1000/NAME), decoded once and memory-mapped afterwards.

    The cache is keyed by the path's size and time, so a replaced set is decoded anew. Unknown class folders are an error.
    """
    path = pathlib.Path(path)
    cache_folder = pathlib.Path(cache_folder)
    stat = path.stat()
    key = hashlib.sha256(f"{path.resolve()} {stat.st_size} {stat.st_mtime_ns}".encode()).hexdigest()[:12]
    pixels_file = cache_folder / f"{source}-{key}.npy"
    index_file = cache_folder / f"{source}-{key}.json"
    if not index_file.exists():
        cache_folder.mkdir(parents=True, exist_ok=True)
        pixels, labels, names = [], [], []
        for name, data in (_folder_entries if path.is_dir() else _tar_entries)(path):
            code, file_name = name.split("/")[-2:]
            code = RELABEL.get(code, code)
            if code not in CODES:
                raise ValueError(f"{path}: folder {code} is not a class of the taxonomy")
            pixels.append(_decode(data))
            labels.append(CODES.index(code))
            names.append(file_name)
        if not names:
            raise ValueError(f"{path} holds no images in class folders")
        np.save(pixels_file, np.stack(pixels))
        index_file.write_text(json.dumps({"labels": labels, "names": names}))
    index = json.loads(index_file.read_text())
    return CropSet(source, np.load(pixels_file, mmap_mode="r"), index["labels"], index["names"])


def centre_crops(pixels, size_px, pixel_um):
    """What the bench gives the model: the stored crops' centre at the model's scale, averaged over area.

    pixels: uint8, n x 160 x 160 x 3 -> uint8, n x size_px x size_px x 3. Edge pixels continue where a crop shows too little.
    """
    centre = STORED_PX / 2
    out = np.empty((len(pixels), size_px, size_px, 3), np.uint8)
    for i, crop in enumerate(pixels):
        out[i] = crop_at(crop, centre, centre, STORED_PIXEL_UM, size_px, pixel_um)
    return out


def crop_at(image, x_px, y_px, image_pixel_um, size_px, pixel_um):
    """The square round a cell's centre (continuous pixels: a pixel's middle is at .5), averaged over area: the same
    arithmetic as `cropSquare` in src/main/vision/crop.ts, which a test compares.

    image: uint8, height x width x 3 -> uint8, size_px x size_px x 3.
    """
    step = pixel_um / image_pixel_um
    rows = _area_weights(size_px, y_px - size_px * step / 2, step, image.shape[0])
    columns = _area_weights(size_px, x_px - size_px * step / 2, step, image.shape[1])
    used_rows, used_columns = np.flatnonzero(rows.any(0)), np.flatnonzero(columns.any(0))
    patch = np.asarray(image[used_rows[0] : used_rows[-1] + 1, used_columns[0] : used_columns[-1] + 1], np.float64)
    rows = rows[:, used_rows[0] : used_rows[-1] + 1]
    columns = columns[:, used_columns[0] : used_columns[-1] + 1]
    mixed = np.tensordot(np.tensordot(rows, patch, (1, 0)), columns, (1, 1)).transpose(0, 2, 1)
    return np.clip(np.floor(mixed + 0.5), 0, 255).astype(np.uint8)


@functools.lru_cache(maxsize=4096)
def _area_weights(size_px, low, step, length):
    """size_px x length: the share of each source pixel in each output pixel (bilinear where the output is finer)."""
    weights = np.zeros((size_px, length))
    last = length - 1
    for i in range(size_px):
        if step >= 1:
            start, stop = low + i * step, low + (i + 1) * step
            for j in range(int(np.floor(start)), int(np.ceil(stop))):
                weights[i, min(max(j, 0), last)] += min(stop, j + 1) - max(start, j)
        else:
            centre = low + (i + 0.5) * step - 0.5
            j = int(np.floor(centre))
            weights[i, min(max(j, 0), last)] += 1 - (centre - j)
            weights[i, min(max(j + 1, 0), last)] += centre - j
        weights[i] /= weights[i].sum()
    return weights
