"""Random variation of crops, whole batches at a time: where the camera, stain and light of another laboratory would differ.

Everything runs on the device of the batch, with a generator of that device.
"""
import math

import torch
import torch.nn.functional as F

from training.images import STORED_PIXEL_UM, STORED_PX
from training.jpeg import through_jpeg

VARIATION = {"scale": 1.35, "surrounded": 0.25, "blurred": 0.5, "sharpened": 0.0, "wild": 0.0, "pale": 0.0}
"""What the shipped weights were trained with. scale: a cell is shown up to this many times bigger or smaller. The others are shares
of the images: with another cell's surroundings, out of focus, sharpened as scanners' software does it, of a mixture of stains
that no laboratory is known to have, and nearly without colour."""
FAR_VARIATION = {"scale": 1.5, "surrounded": 0.3, "blurred": 0.4, "sharpened": 0.2, "wild": 0.33, "pale": 0.15}
"""For a laboratory left out altogether: red cells of one size lie beside white cells a third larger in a thin smear of blood than in
marrow, and the blood set's scanner sharpens."""
VEIL_SHARE = 0.45
"""Share of the images seen through stray light of up to VEIL: pale nuclei, red cells nearly as dense. Another laboratory's
camera does that; without it the answers fell apart there."""
VEIL = 0.6


def _normal(generator, *shape):
    return torch.randn(*shape, generator=generator, device=generator.device)


def _uniform(generator, low, high, *shape):
    return low + (high - low) * torch.rand(*shape, generator=generator, device=generator.device)


def _chosen(generator, n, share):
    return torch.nonzero(_uniform(generator, 0, 1, n) < share).flatten()


def _others(generator, n, count):
    return torch.randperm(n, generator=generator, device=generator.device)[:count]


def place(images, size_px, pixel_um, generator, strength, largest):
    """Turned, mirrored, scaled (1 / largest to largest, a little unevenly) and shifted (as a detector's centre is): n x 3 x 160 x 160 in,
    n x 3 x size_px x size_px out. At strength 0 (one value an image) only turning and mirroring remain."""
    n = len(images)
    angle = _uniform(generator, 0, 2 * math.pi, n)
    mirror = torch.sign(_uniform(generator, -1, 1, n))
    scale = torch.exp(_uniform(generator, -math.log(largest), math.log(largest), n) * strength)
    aspect = torch.exp(_normal(generator, n) * 0.05 * strength)
    shift_um = _normal(generator, n, 2) * 0.6 * strength[:, None]
    side = size_px * pixel_um / (STORED_PX * STORED_PIXEL_UM)
    cos, sin = torch.cos(angle), torch.sin(angle)
    theta = torch.zeros(n, 2, 3, device=images.device)
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
    cut = _uniform(generator, 0, 1, n) < share
    side = torch.randint(4, (n,), generator=generator, device=generator.device)
    kept = _uniform(generator, 0.62, 0.95, n)

    def kept_indices(length, low_side, high_side):
        low = torch.where(cut & (side == low_side), length * (1 - kept), torch.zeros_like(kept))
        high = torch.where(cut & (side == high_side), length * kept, torch.full_like(kept, length)) - 1
        at = torch.arange(length, device=images.device)[None].float()
        return at.clamp(min=0).maximum(low[:, None]).minimum(high[:, None]).long()

    rows = kept_indices(height, 0, 1)[:, None, :, None].expand_as(images)
    columns = kept_indices(width, 2, 3)[:, None, None, :].expand_as(images)
    return images.gather(2, rows).gather(3, columns)


def ground_of(images):
    """Colour of the background, n x 3 x 1 x 1: the mean of the brightest tenth of the squares of each channel."""
    squares = F.avg_pool2d(images, 4, ceil_mode=True, count_include_pad=False).flatten(2)
    return squares.topk(max(1, squares.shape[2] // 10), dim=2).values.mean(2)[..., None, None]


def surround(images, generator, share):
    """Another cell's surroundings: beyond 8 to 10 um of the centre a soft edge leads over to another image of the batch, so
    that crowded marrow and lone red cells say nothing about the class. The background's colour is brought to the image's own."""
    n, _, height, width = images.shape
    chosen = _chosen(generator, n, share)
    other = images[_others(generator, n, len(chosen))]
    other = (other * (ground_of(images[chosen]) / ground_of(other).clamp(min=0.05))).clamp(0, 1)
    y = (torch.arange(height, device=images.device) + 0.5) / height * 2 - 1
    x = (torch.arange(width, device=images.device) + 0.5) / width * 2 - 1
    radius = torch.sqrt(y[:, None] ** 2 + x[None] ** 2)
    edge = _uniform(generator, 0.72, 0.92, len(chosen), 1, 1, 1)
    share_of_other = ((radius - edge) / 0.12 + 0.5).clamp(0, 1)
    images[chosen] = images[chosen] * (1 - share_of_other) + other * share_of_other
    return images


def restyle(images, generator, share=0.4):
    """Another image's stain: optical densities mapped linearly so that their mean and covariance over the channels go part of
    the way to those of another image of the batch (by their Cholesky factors; after Pitie and Kokaram 2007)."""
    n, _, height, width = images.shape
    chosen = _chosen(generator, n, share)
    density = -torch.log(images.clamp(min=1 / 255)).flatten(2)
    mean = density.mean(2, keepdim=True)
    centred = density - mean
    one = torch.eye(3, device=images.device)
    root = torch.linalg.cholesky(centred @ centred.transpose(1, 2) / centred.shape[2] + 1e-3 * one)
    other = _others(generator, n, len(chosen))
    way = _uniform(generator, 0.2, 1.1, len(chosen), 1, 1)
    change = (1 - way) * one + way * (root[other] @ torch.linalg.inv(root[chosen]))
    moved = change @ centred[chosen] + mean[chosen] + way * (mean[other] - mean[chosen])
    images[chosen] = torch.exp(-moved).clamp(0, 1).reshape(-1, 3, height, width)
    return images


def _soft(images, step):
    """Blurred by a binomial kernel of five taps, `step` pixels apart."""
    reach = 2 * step
    near, far = slice(step, -step), slice(reach, -reach)
    soft = F.pad(images, (reach, reach, reach, reach), mode="reflect")
    outer = soft[..., : -2 * reach] + soft[..., 2 * reach :]
    inner = soft[..., near][..., : -2 * step] + soft[..., near][..., 2 * step :]
    soft = (outer + 4 * inner + 6 * soft[..., far]) / 16
    outer = soft[:, :, : -2 * reach] + soft[:, :, 2 * reach :]
    inner = soft[:, :, near][:, :, : -2 * step] + soft[:, :, near][:, :, 2 * step :]
    return (outer + 4 * inner + 6 * soft[:, :, far]) / 16


def blur(images, generator, blurred, sharpened):
    """Out of focus, or sharpened as scanners' software does it (finely or coarsely): shares of the images; the
    others stay as they are."""
    n = len(images)
    kind = _uniform(generator, 0, 1, n)
    amount = torch.where(kind < blurred, _uniform(generator, 0, 1.6, n).clamp(max=1.0), torch.zeros(n, device=images.device))
    amount = torch.where(kind > 1 - sharpened, -_uniform(generator, 0, 2.5, n), amount)[:, None, None, None]
    coarse = _uniform(generator, 0, 1, n, 1, 1, 1) < 0.5
    soft = torch.where(coarse, _soft(images, 2), _soft(images, 1))
    return (images + amount * (soft - images)).clamp(0, 1)


def coarsen(images, generator, shares=((3, 0.12), (2, 0.2))):
    """A smaller objective: some images at a third or half of their resolution."""
    for times, share in shares:
        chosen = _chosen(generator, len(images), share)
        coarse = F.avg_pool2d(images[chosen], times, ceil_mode=True)
        images[chosen] = F.interpolate(coarse, size=images.shape[2:], mode="bilinear", align_corners=False)
    return images


def stain(images, generator, strength, wild_share, pale_share):
    """Another stain, scanner and camera: optical densities mixed between the channels and scaled (pale to dark; now and then
    one channel by itself, the blue most of all), some nearly without colour, then contrast, tint, brightness and stray light.

    strength: one value an image, 0 leaves it as it is.
    """
    n, _, height, width = images.shape
    strength = strength.reshape(-1, 1, 1)
    one = torch.eye(3, device=images.device)
    density = -torch.log(images.clamp(min=1 / 255))
    # Wild mixtures: no laboratory is known to be so, but the answer may not hang on the hue.
    wild = torch.where(_uniform(generator, 0, 1, n, 1, 1) < wild_share, 2.0, 1.0)
    mix = one.expand(n, 3, 3) + _normal(generator, n, 3, 3) * 0.10 * wild * strength
    pale = _uniform(generator, 0, 1, n, 1, 1) * (_uniform(generator, 0, 1, n, 1, 1) < pale_share) * strength
    mix = mix @ (one * (1 - pale) + pale / 3)
    mix = mix * torch.exp(_normal(generator, n, 3, 1) * 0.25 * strength) * torch.exp(_uniform(generator, -1.0, 0.4, n, 1, 1) * strength)
    density = torch.bmm(mix, density.reshape(n, 3, -1)).reshape(n, 3, height, width)
    strength = strength[..., None]
    density = density.clamp(min=0).pow(torch.exp(_normal(generator, n, 1, 1, 1) * 0.3 * strength))
    alone = _uniform(generator, 0, 1, n, 3, 1, 1) < torch.tensor([0.1, 0.1, 0.3], device=images.device)[None, :, None, None]
    density = density * torch.where(alone, _uniform(generator, 0.1, 1.4, n, 3, 1, 1), torch.ones_like(strength)).pow(strength)
    tint = _normal(generator, n, 3, 1, 1) * 0.06 * strength + _uniform(generator, -0.05, 0.25, n, 1, 1, 1) * strength
    heavy = _uniform(generator, 0, 1, n, 1, 1, 1) < VEIL_SHARE
    veil = torch.where(heavy, _uniform(generator, 0, VEIL, n, 1, 1, 1), _uniform(generator, 0, 0.08, n, 1, 1, 1)) * strength
    return (torch.exp(-(density + tint)) * (1 - veil) + veil).clamp(0, 1)


def noise(images, generator, strength):
    """Sensor noise, none to strong."""
    sigma = _uniform(generator, -0.02, 0.03, len(images), 1, 1, 1).clamp(min=0) * strength.reshape(-1, 1, 1, 1)
    return (images + sigma * _normal(generator, *images.shape)).clamp(0, 1)


def jpeg(images, generator, share=0.15):
    """Some images through a JPEG of quality 40 to 95."""
    chosen = _chosen(generator, len(images), share)
    if len(chosen):
        images[chosen] = through_jpeg(images[chosen], _uniform(generator, 40, 95, len(chosen)))
    return images


def augment(pixels, size_px, pixel_um, generator, strength=1.0, variation=VARIATION):
    """uint8 n x 160 x 160 x 3 (a tensor on the generator's device) -> float n x 3 x size_px x size_px, 0-255, as the network takes it."""
    images = pixels.permute(0, 3, 1, 2).float().div(255).contiguous()
    # From nearly as it was to far off: the model must know both, the laboratory it learned from and one it did not.
    each = strength * _uniform(generator, 0, 1, len(images))
    images = place(images, size_px, pixel_um, generator, each, variation["scale"])
    if strength > 0:
        images = surround(images, generator, variation["surrounded"])
        images = restyle(images, generator)
        images = cut_off(images, generator)
    images = blur(images, generator, variation["blurred"], variation["sharpened"])
    if strength > 0:
        images = coarsen(images, generator)
    images = stain(images, generator, each, variation["wild"], variation["pale"])
    images = noise(images, generator, each)
    images = jpeg(images, generator)
    return images * 255
