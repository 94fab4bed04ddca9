"""What a JPEG of a given quality leaves of an image, computed on any device: baseline JPEG (ITU-T T.81) without its entropy coding,
which loses nothing. Chroma at half the resolution, as cameras store it."""
import math

import torch
import torch.nn.functional as F

# Example tables of ITU-T T.81, Annex K, which the usual encoders scale by quality.
LUMINANCE = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)
CHROMINANCE = tuple(
    tuple({(0, 0): 17, (0, 1): 18, (1, 0): 18, (0, 2): 24, (2, 0): 24, (1, 1): 21, (1, 2): 26, (2, 1): 26, (0, 3): 47, (3, 0): 47, (1, 3): 66, (3, 1): 66, (2, 2): 56}.get((v, u), 99) for u in range(8))
    for v in range(8)
)
TO_YCC = ((0.299, 0.587, 0.114), (-0.168736, -0.331264, 0.5), (0.5, -0.418688, -0.081312))
"""JFIF's colour transform."""


def _cosines():
    """The orthonormal discrete cosine transform of eight samples, 8 x 8."""
    rows = [[math.sqrt((1 if k == 0 else 2) / 8) * math.cos((2 * i + 1) * k * math.pi / 16) for i in range(8)] for k in range(8)]
    return torch.tensor(rows)


def _quantised(plane, table, factor):
    """A plane (n x h x w, sides multiples of 8) with the coefficients of its 8 x 8 blocks rounded to the scaled table."""
    n, height, width = plane.shape
    cosines = _cosines().to(plane.device)
    blocks = plane.reshape(n, height // 8, 8, width // 8, 8).transpose(2, 3)
    steps = (torch.tensor(table, dtype=torch.float32, device=plane.device) * factor[:, None, None] + 0.5).floor().clamp(1, 255)[:, None, None]
    coefficients = torch.round(cosines @ blocks @ cosines.T / steps) * steps
    return (cosines.T @ coefficients @ cosines).transpose(2, 3).reshape(n, height, width)


def through_jpeg(images, quality):
    """images: n x 3 x h x w, 0-1; quality: n, 1-100 -> the same after a JPEG of that quality."""
    height, width = images.shape[2:]
    padded = F.pad(images, (0, -width % 16, 0, -height % 16), mode="replicate") * 255
    matrix = torch.tensor(TO_YCC, device=images.device)
    planes = torch.einsum("ij,njhw->nihw", matrix, padded)
    factor = torch.where(quality < 50, 50 / quality, 2 - quality / 50)
    luminance = _quantised(planes[:, 0] - 128, LUMINANCE, factor) + 128
    coarse = F.avg_pool2d(planes[:, 1:], 2)
    chroma = [_quantised(coarse[:, i], CHROMINANCE, factor) for i in range(2)]
    chroma = F.interpolate(torch.stack(chroma, 1), scale_factor=2, mode="bilinear", align_corners=False)
    back = torch.einsum("ij,njhw->nihw", torch.linalg.inv(matrix), torch.cat([luminance[:, None], chroma], 1))
    return (back[:, :, :height, :width] / 255).clamp(0, 1)
