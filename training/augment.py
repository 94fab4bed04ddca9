"""Random variation of crops, whole batches at a time: where the camera, stain and light of another laboratory would differ."""
import io
import math

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from training.images import STORED_PIXEL_UM, STORED_PX


SCALE = 1.35
"""A cell is shown up to this many times bigger or smaller."""
VEIL_SHARE = 0.45
"""Share of the images seen through stray light of up to VEIL: pale nuclei, red cells nearly as dense. Another laboratory's
camera does that; without it the answers fell apart there."""
VEIL = 0.6


def _normal(generator, *shape):
    return torch.randn(*shape, generator=generator)


def _uniform(generator, low, high, *shape):
    return low + (high - low) * torch.rand(*shape, generator=generator)


def place(images, size_px, pixel_um, generator, strength=1.0):
    """Turned, mirrored, scaled (1 / SCALE to SCALE, a little unevenly) and shifted (as a detector's centre is): n x 3 x 160 x 160 in,
    n x 3 x size_px x size_px out. At strength 0 only turning and mirroring remain."""
    n = len(images)
    strength = torch.as_tensor(strength).reshape(-1)
    angle = _uniform(generator, 0, 2 * math.pi, n)
    mirror = torch.where(torch.rand(n, generator=generator) < 0.5, -1.0, 1.0)
    scale = torch.exp(_uniform(generator, -math.log(SCALE), math.log(SCALE), n) * strength)
    aspect = torch.exp(_normal(generator, n) * 0.05 * strength)
    shift_um = _normal(generator, n, 2) * 0.6 * strength[:, None]
    side = size_px * pixel_um / (STORED_PX * STORED_PIXEL_UM)
    cos, sin = torch.cos(angle), torch.sin(angle)
    theta = torch.zeros(n, 2, 3)
    theta[:, 0, 0] = side * scale * aspect * cos * mirror
    theta[:, 0, 1] = -side * scale / aspect * sin
    theta[:, 1, 0] = side * scale * aspect * sin * mirror
    theta[:, 1, 1] = side * scale / aspect * cos
    theta[:, :, 2] = shift_um / (STORED_PX * STORED_PIXEL_UM / 2)
    grid = F.affine_grid(theta, (n, 3, size_px, size_px), align_corners=False)
    return F.grid_sample(images, grid, mode="bilinear", padding_mode="reflection", align_corners=False)


def cut_off(images, generator, share=0.12):
    """Some cells lie at the edge of their field, where the bench continues the last row or column of pixels."""
    n, _, height, width = images.shape
    for i in torch.nonzero(torch.rand(n, generator=generator) < share).flatten().tolist():
        side = int(torch.randint(4, (1,), generator=generator))
        kept = int(_uniform(generator, 0.62, 0.95, 1).item() * height)
        if side == 0:
            images[i, :, kept:] = images[i, :, kept - 1 : kept]
        elif side == 1:
            images[i, :, : height - kept] = images[i, :, height - kept : height - kept + 1]
        elif side == 2:
            images[i, :, :, kept:] = images[i, :, :, kept - 1 : kept]
        else:
            images[i, :, :, : width - kept] = images[i, :, :, width - kept : width - kept + 1]
    return images


def surround(images, generator, share=0.25):
    """Another cell's surroundings: beyond 8 to 10 um of the centre a soft edge leads over to another image of the batch, so
    that crowded marrow and lone red cells say nothing about the class. The background's colour is brought to the image's own."""
    n, _, height, width = images.shape
    chosen = torch.nonzero(torch.rand(n, generator=generator) < share).flatten()
    if len(chosen) == 0:
        return images
    other = images[torch.randperm(n, generator=generator)[: len(chosen)]]
    ground = images[chosen].flatten(2).quantile(0.9, dim=2)[..., None, None]
    other_ground = other.flatten(2).quantile(0.9, dim=2)[..., None, None]
    other = (other * (ground / other_ground.clamp(min=0.05))).clamp(0, 1)
    y = (torch.arange(height) + 0.5) / height * 2 - 1
    x = (torch.arange(width) + 0.5) / width * 2 - 1
    radius = torch.sqrt(y[:, None] ** 2 + x[None] ** 2)
    edge = _uniform(generator, 0.72, 0.92, len(chosen), 1, 1, 1)
    share_of_other = ((radius - edge) / 0.12 + 0.5).clamp(0, 1)
    images[chosen] = images[chosen] * (1 - share_of_other) + other * share_of_other
    return images


def restyle(images, generator, share=0.4):
    """Another image's stain: optical densities mapped linearly so that their mean and covariance over the channels go part of
    the way to those of another image of the batch (Monge-Kantorovich map; Pitie and Kokaram 2007)."""
    n, _, height, width = images.shape
    chosen = torch.nonzero(torch.rand(n, generator=generator) < share).flatten()
    if len(chosen) == 0:
        return images
    density = -torch.log(images.clamp(min=1 / 255)).flatten(2)
    mean = density.mean(2, keepdim=True)
    centred = density - mean
    covariance = centred @ centred.transpose(1, 2) / centred.shape[2] + 1e-3 * torch.eye(3)
    other = torch.randperm(n, generator=generator)[: len(chosen)]
    root, inverse = _roots(covariance[chosen])
    middle, _ = _roots(root @ covariance[other] @ root)
    way = _uniform(generator, 0.2, 1.1, len(chosen), 1, 1)
    change = (1 - way) * torch.eye(3) + way * (inverse @ middle @ inverse)
    moved = change @ centred[chosen] + mean[chosen] + way * (mean[other] - mean[chosen])
    images[chosen] = torch.exp(-moved).clamp(0, 1).reshape(-1, 3, height, width)
    return images


def _roots(matrices):
    """Square roots of symmetric positive matrices (n x 3 x 3), and their inverses."""
    values, vectors = torch.linalg.eigh(matrices)
    root = values.clamp(min=1e-6).sqrt()
    turned = vectors.transpose(1, 2)
    return vectors @ (root[..., None] * turned), vectors @ (turned / root[..., None])


def blur(images, generator):
    """Between sharpened and well out of focus, image by image; half of them stay as they are."""
    n = len(images)
    amount = _uniform(generator, -0.6, 1.6, n).clamp(max=1.0) * (torch.rand(n, generator=generator) < 0.5)
    chosen = torch.nonzero(amount).flatten()
    soft = F.pad(images[chosen], (2, 2, 2, 2), mode="reflect")
    soft = (soft[..., :-4] + soft[..., 4:] + 4 * (soft[..., 1:-3] + soft[..., 3:-1]) + 6 * soft[..., 2:-2]) / 16
    soft = (soft[:, :, :-4] + soft[:, :, 4:] + 4 * (soft[:, :, 1:-3] + soft[:, :, 3:-1]) + 6 * soft[:, :, 2:-2]) / 16
    images[chosen] += amount[chosen, None, None, None] * (soft - images[chosen])
    return images


def coarsen(images, generator, shares=((3, 0.12), (2, 0.2))):
    """A smaller objective: some images at a third or half of their resolution."""
    for times, share in shares:
        chosen = torch.nonzero(torch.rand(len(images), generator=generator) < share).flatten()
        coarse = F.avg_pool2d(images[chosen], times, ceil_mode=True)
        images[chosen] = F.interpolate(coarse, size=images.shape[2:], mode="bilinear", align_corners=False)
    return images


def stain(images, generator, strength=1.0):
    """Another stain, scanner and camera: optical densities mixed between the channels and scaled (pale to dark; now and then
    one channel by itself, the blue most of all), then contrast, tint, brightness and stray light."""
    n = len(images)
    strength = torch.as_tensor(strength, dtype=torch.float32).reshape(-1, 1, 1)
    density = -torch.log(images.clamp(min=1 / 255))
    mix = torch.eye(3).expand(n, 3, 3) + _normal(generator, n, 3, 3) * 0.10 * strength
    mix = mix * torch.exp(_normal(generator, n, 3, 1) * 0.25 * strength) * torch.exp(_uniform(generator, -1.0, 0.4, n, 1, 1) * strength)
    height, width = images.shape[2:]
    density = torch.bmm(mix, density.reshape(n, 3, -1)).reshape(n, 3, height, width)
    strength = strength[..., None]
    density = density.clamp(min=0).pow(torch.exp(_normal(generator, n, 1, 1, 1) * 0.3 * strength))
    alone = torch.rand(n, 3, 1, 1, generator=generator) < torch.tensor([0.1, 0.1, 0.3])[None, :, None, None]
    density = density * torch.where(alone, _uniform(generator, 0.1, 1.4, n, 3, 1, 1), torch.ones(1)).pow(strength)
    tint = _normal(generator, n, 3, 1, 1) * 0.06 * strength + _uniform(generator, -0.05, 0.25, n, 1, 1, 1) * strength
    heavy = torch.rand(n, 1, 1, 1, generator=generator) < VEIL_SHARE
    veil = torch.where(heavy, _uniform(generator, 0, VEIL, n, 1, 1, 1), _uniform(generator, 0, 0.08, n, 1, 1, 1)) * strength
    return (torch.exp(-(density + tint)) * (1 - veil) + veil).clamp(0, 1)


def noise(images, generator, strength=1.0):
    """Sensor noise, none to strong."""
    n = len(images)
    sigma = _uniform(generator, -0.02, 0.03, n, 1, 1, 1).clamp(min=0) * torch.as_tensor(strength).reshape(-1, 1, 1, 1)
    return (images + sigma * _normal(generator, *images.shape)).clamp(0, 1)


def jpeg(images, generator, share=0.15):
    """Some images through a JPEG of quality 40 to 95."""
    chosen = torch.nonzero(torch.rand(len(images), generator=generator) < share).flatten().tolist()
    qualities = torch.randint(40, 96, (len(images),), generator=generator).tolist()
    for i in chosen:
        pixels = (images[i].permute(1, 2, 0).numpy() * 255 + 0.5).astype(np.uint8)
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "JPEG", quality=qualities[i])
        images[i] = torch.from_numpy(np.array(Image.open(buffer))).permute(2, 0, 1).float() / 255
    return images


def augment(pixels, size_px, pixel_um, generator, strength=1.0):
    """uint8 n x 160 x 160 x 3 (numpy) -> float n x 3 x size_px x size_px, 0-255, as the network takes it."""
    images = torch.from_numpy(np.ascontiguousarray(pixels)).permute(0, 3, 1, 2).float().div_(255)
    # From nearly as it was to far off: the model must know both, the laboratory it learned from and one it did not.
    each = strength * torch.rand(len(images), generator=generator)
    images = place(images.contiguous(), size_px, pixel_um, generator, each)
    if strength > 0:
        images = surround(images, generator)
        images = restyle(images, generator)
        images = cut_off(images, generator)
    images = blur(images, generator)
    images = coarsen(images, generator) if strength > 0 else images
    images = stain(images, generator, each)
    images = noise(images, generator, each)
    images = jpeg(images, generator)
    return images * 255
