"""Cells in whole fields of view: the marrow fields, and a third laboratory's blood fields that no training saw."""
import csv
import json
import pathlib
import xml.etree.ElementTree as ElementTree

import numpy as np
from PIL import Image

from training.images import crop_at, is_validation
from training.taxonomy import CODES

RED_CELL_UM = 7.3
"""Diameter of a red cell on a dried smear, from which the blood fields' scale is estimated."""


def marrow_fields(folder, size_px, pixel_um):
    """(crops, labels, validation) of every cell in `folder`/field_NN.{jpg,png,json}; None where the folder is absent.

    `validation` tells the cells whose source image no training saw.
    """
    folder = pathlib.Path(folder)
    crops, labels, validation = [], [], []
    for truth in sorted(folder.glob("*.json")):
        description = json.loads(truth.read_text())
        image_file = next(f for f in sorted(folder.glob(truth.stem + ".*")) if f.suffix != ".json")
        image = np.asarray(Image.open(image_file).convert("RGB"))
        for cell in description["cells"]:
            crops.append(crop_at(image, cell["x"], cell["y"], description["pixelSizeUm"], size_px, pixel_um))
            labels.append(CODES.index(cell["class"]))
            validation.append(is_validation(cell["source"]))
    return (np.stack(crops), np.array(labels), np.array(validation)) if crops else None


def blood_fields(folder, size_px, pixel_um):
    """(crops, labels) of the blood fields that hold exactly one white cell (types.csv); None where the folder is absent.

    Their scale is unknown: it is taken from the median diameter of the red-cell boxes.
    """
    folder = pathlib.Path(folder)
    if not (folder / "types.csv").exists():
        return None
    with open(folder / "types.csv", encoding="utf8") as file:
        rows = list(csv.DictReader(file))
    cells, diameters = [], []
    for row in rows:
        boxes = ElementTree.parse(folder / (pathlib.Path(row["image"]).stem + ".xml")).findall("object")
        for box in boxes:
            edge = {key: int(box.find("bndbox").find(key).text) for key in ("xmin", "ymin", "xmax", "ymax")}
            name = box.find("name").text
            if name == "RBC":
                diameters.append(max(edge["xmax"] - edge["xmin"], edge["ymax"] - edge["ymin"]))
            elif name == "WBC":
                centre = ((edge["xmin"] + edge["xmax"]) / 2, (edge["ymin"] + edge["ymax"]) / 2)
                cells.append((row["image"], row["class"], *centre))
    image_pixel_um = RED_CELL_UM / float(np.median(diameters))
    crops = []
    for image_name, _, x, y in cells:
        image = np.asarray(Image.open(folder / image_name).convert("RGB"))
        crops.append(crop_at(image, x, y, image_pixel_um, size_px, pixel_um))
    return np.stack(crops), np.array([CODES.index(code) for _, code, _, _ in cells])
