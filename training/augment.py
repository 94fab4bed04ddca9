"""Random variation of crops, whole batches at a time: where the camera, stain and light of another laboratory would differ."""
import io
import math

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from training.images import STORED_PIXEL_UM, STORED_PX


def _normal(generator, *shape):
    return torch.randn(*shape, generator=generator)


def _uniform(generator, low, high, *shape):
    return low + (high - low) * torch.rand(*shape, generator=generator)


def place(images, size_px, pixel_um, generator, strength=1.0):
    """Turned, mirrored, scaled (0.8-1.25, a little unevenly) and shifted (as a detector's centre is): n x 3 x 160 x 160 in,
    n x 3 x size_px x size_px out. At strength 0 only turning and mirroring remain."""
    n = len(images)
    angle = _uniform(generator, 0, 2 * math.pi, n)
    mirror = torch.where(torch.rand(n, generator=generator) < 0.5, -1.0, 1.0)
    scale = torch.exp(_uniform(generator, -math.log(1.25), math.log(1.25), n) * strength)
    aspect = torch.exp(_normal(generator, n) * 0.05 * strength)
    shift_um = _normal(generator, n, 2) * 0.6 * strength
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


def coarsen(images, generator, share=0.2):
    """A smaller objective: some images at half their resolution."""
    chosen = torch.nonzero(torch.rand(len(images), generator=generator) < share).flatten()
    coarse = F.avg_pool2d(images[chosen], 2)
    images[chosen] = F.interpolate(coarse, size=images.shape[2:], mode="bilinear", align_corners=False)
    return images


def stain(images, generator, strength=1.0):
    """Another stain and scanner: optical densities mixed between the channels and scaled (pale to dark), then contrast,
    tint, brightness and stray light."""
    n = len(images)
    density = -torch.log(images.clamp(min=1 / 255))
    mix = torch.eye(3).expand(n, 3, 3) + _normal(generator, n, 3, 3) * 0.10 * strength
    mix = mix * torch.exp(_normal(generator, n, 3, 1) * 0.15 * strength) * torch.exp(_uniform(generator, -1.0, 0.4, n, 1, 1) * strength)
    height, width = images.shape[2:]
    density = torch.bmm(mix, density.reshape(n, 3, -1)).reshape(n, 3, height, width)
    gamma = torch.exp(_normal(generator, n, 1, 1, 1) * 0.15 * strength)
    density = density.clamp(min=0).pow(gamma) if strength > 0 else density
    tint = _normal(generator, n, 3, 1, 1) * 0.06 * strength + _uniform(generator, -0.05, 0.25, n, 1, 1, 1) * strength
    veil = _uniform(generator, 0, 0.08, n, 1, 1, 1) * strength
    return (torch.exp(-(density + tint)) * (1 - veil) + veil).clamp(0, 1)


def noise(images, generator, strength=1.0):
    """Sensor noise, none to strong."""
    n = len(images)
    sigma = _uniform(generator, -0.02, 0.03, n, 1, 1, 1).clamp(min=0) * strength
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
    images = place(images.contiguous(), size_px, pixel_um, generator, strength)
    images = blur(images, generator)
    images = coarsen(images, generator) if strength > 0 else images
    images = stain(images, generator, strength)
    images = noise(images, generator, strength)
    images = jpeg(images, generator)
    return images * 255
