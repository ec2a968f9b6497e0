"""Pixels of any kind as upright 8-bit sRGB without transparency."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageCms, ImageOps

_FULL_SCALES = (1.0, 255.0, 65535.0)
_SRGB_NAMES = ("sRGB IEC61966", "sRGB built-in")


def upright(picture: Image.Image) -> Image.Image:
    """The picture turned as EXIF says; as it was stored where EXIF is damaged."""
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # noqa: BLE001 - damaged metadata raises anything, and the pixels are fine
        return picture


def srgb(picture: Image.Image) -> Image.Image:
    """The picture as mode RGB in the sRGB colour space, transparency laid on white."""
    if picture.mode.startswith("I") or picture.mode == "F":
        return _eight_bits(picture).convert("RGB")
    if picture.mode == "LAB":
        lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
        return _transformed(picture, lab) or picture.convert("RGB")
    if "A" in picture.getbands() or "transparency" in picture.info:
        picture = _on_white(picture)
    return _through_profile(picture).convert("RGB")


def _eight_bits(picture: Image.Image) -> Image.Image:
    """16 bits, 32 bits and fractions scaled to 8 bits, not cut off as Pillow's conversion would.

    Nothing says what white is in 32 bits or fractions: it is the least of 1, 255 and 65535 that no
    pixel exceeds, or else the brightest pixel.
    """
    values = np.nan_to_num(np.asarray(picture, np.float32), posinf=0, neginf=0)
    brightest = float(values.max(initial=0))
    if picture.mode.startswith("I;16"):
        white = 65535.0
    else:
        scales = _FULL_SCALES if picture.mode == "F" else _FULL_SCALES[1:]
        white = next((scale for scale in scales if brightest <= scale), brightest)
    return Image.fromarray(np.rint(values.clip(0) * (255 / white)).astype(np.uint8))


def _on_white(picture: Image.Image) -> Image.Image:
    rgba = picture.convert("RGBA")
    flat = Image.new("RGB", rgba.size, "white")
    flat.paste(rgba, mask=rgba.getchannel("A"))
    profile = picture.info.get("icc_profile")
    if picture.mode != "LA" and profile is not None:
        flat.info["icc_profile"] = profile
    return flat


def _through_profile(picture: Image.Image) -> Image.Image:
    embedded = picture.info.get("icc_profile")
    if not embedded:
        return picture
    if picture.mode == "P":
        picture = picture.convert("RGB")
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(embedded))
        # Most photos say that they are sRGB already; the way there and back takes 100 ms and more.
        if ImageCms.getProfileDescription(profile).startswith(_SRGB_NAMES):
            return picture
    except (ImageCms.PyCMSError, OSError):
        return picture  # a broken profile costs only exact colour
    return _transformed(picture, profile) or picture


def _transformed(picture: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image | None:
    try:
        return ImageCms.profileToProfile(
            picture, profile, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None  # a profile of other channels than the picture has
