#!/usr/bin/env python3
"""Writes test/fixtures/images/: small pictures of every kind, and what Pillow reads in them.

    python3 -m venv venv && venv/bin/pip install pillow==13.0.0 numpy==2.4.6
    venv/bin/python tools/golden/images.py test/fixtures/images

NAME.png, NAME.jpg or NAME.webp has its pixels, [height, width, 3] bytes, in NAME.npy: turned as
EXIF says, on white where transparent, 16-bit samples by their upper byte.
"""
import io
import os
import struct
import sys
import zlib

import numpy as np
from PIL import Image, ImageOps

out = sys.argv[1]
os.makedirs(out, exist_ok=True)
rng = np.random.default_rng(7)


def scene(width, height, channels=3):
    """Slopes, edges and noise: nothing that a wrong shift or rounding would survive."""
    y, x = np.mgrid[0:height, 0:width]
    planes = [(x * 7 + y * 3) % 256, (x * y * 2) % 256, np.where((x // 5 + y // 4) % 2, 230, 20)]
    if channels == 4:
        planes.append((x * 255 // max(width - 1, 1) + y * 40) % 256)
    noise = rng.integers(-20, 21, (height, width, channels))
    return np.clip(np.stack(planes, -1) + noise, 0, 255).astype("u1")


def expect(name, rgb):
    np.save(os.path.join(out, name + ".npy"), np.ascontiguousarray(rgb.astype("u1")))


def write(file_name, data):
    with open(os.path.join(out, file_name), "wb") as file:
        file.write(data)


def read_with_pillow(data):
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        return np.asarray(Image.alpha_composite(Image.new("RGBA", image.size, "white"), image))[..., :3]
    return np.asarray(image.convert("RGB"))


def pillow(file_name, image, **options):
    data = io.BytesIO()
    kind = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP"}[file_name.split(".")[1]]
    image.save(data, kind, **options)
    write(file_name, data.getvalue())
    expect(file_name.split(".")[0], read_with_pillow(data.getvalue()))


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(depth, color, rows, width, height, extra=b"", interlaced=0):
    """A PNG file as ISO/IEC 15948 tells; rows are bytes without the filter type."""
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlaced)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", pixels)
            + chunk(b"IEND", b""))


def on_white(rgb, alpha):
    alpha = alpha[..., None].astype("i4")
    return (rgb * alpha + 255 * (255 - alpha) + 127) // 255


W, H = 37, 21
rgb, rgba = scene(W, H), scene(W, H, 4)
grey = rgb[..., 0]

# PNG by Pillow: what people have
pillow("rgb.png", Image.fromarray(rgb))
pillow("grey.png", Image.fromarray(grey))
pillow("one_pixel.png", Image.fromarray(rgb[:1, :1]))
pillow("palette.png", Image.fromarray(rgb).quantize(50))
pillow("bits1.png", Image.fromarray(grey).convert("1"))
palette = Image.fromarray(rgb).quantize(12)
pillow("palette_transparent.png", palette, transparency=3)
pillow("palette_alpha.png", palette, transparency=bytes(range(0, 240, 20)))

# PNG by hand: what Pillow cannot write, or reads in another way than promised here
rows8 = [row.tobytes() for row in rgba]
write("rgba.png", png(8, 6, rows8, W, H))
expect("rgba", on_white(rgba[..., :3], rgba[..., 3]))
write("grey_alpha.png", png(8, 4, [row.tobytes() for row in rgba[..., [0, 3]]], W, H))
expect("grey_alpha", on_white(np.repeat(rgba[..., :1], 3, -1), rgba[..., 3]))
wide = rng.integers(0, 65536, (H, W, 4)).astype(">u2")
for name, color, use in [("rgb16", 2, [0, 1, 2]), ("rgba16", 6, [0, 1, 2, 3]), ("grey16", 0, [0]),
                         ("grey_alpha16", 4, [0, 3])]:
    write(name + ".png", png(16, color, [row.tobytes() for row in wide[..., use]], W, H))
    high = (wide >> 8).astype("i4")
    colors = high[..., :3] if color & 2 else np.repeat(high[..., :1], 3, -1)
    expect(name, on_white(colors, high[..., 3]) if color & 4 else colors)
for bits in (2, 4):
    levels = (grey >> (8 - bits)).astype("u1")
    bit_rows = np.unpackbits(levels[..., None], axis=-1)[..., 8 - bits:].reshape(H, -1)
    write(f"grey{bits}.png", png(bits, 0, [np.packbits(row).tobytes() for row in bit_rows], W, H))
    expect(f"grey{bits}", np.repeat(levels[..., None] * (255 // (2 ** bits - 1)), 3, -1))
one = rgb[H // 2, W // 2]
keyed = chunk(b"tRNS", struct.pack(">HHH", *one.tolist()))
write("rgb_keyed.png", png(8, 2, [row.tobytes() for row in rgb], W, H, keyed))
expect("rgb_keyed", np.where((rgb == one).all(-1, keepdims=True), 255, rgb))
adam7 = []
for x0, y0, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4),
                       (1, 0, 2, 2), (0, 1, 1, 2)]:
    adam7 += [row.tobytes() for row in rgb[y0::dy, x0::dx]]
write("interlaced.png", png(8, 2, adam7, W, H, interlaced=1))
expect("interlaced", rgb)

# JPEG
for name, subsampling in [("444", 0), ("422", 1), ("420", 2)]:
    pillow(f"jpeg_{name}.jpg", Image.fromarray(rgb), quality=80, subsampling=subsampling)
pillow("jpeg_even.jpg", Image.fromarray(scene(64, 48)), quality=35, subsampling=2)
pillow("jpeg_narrow.jpg", Image.fromarray(scene(3, 5)), quality=90, subsampling=2)
pillow("jpeg_progressive.jpg", Image.fromarray(rgb), quality=60, subsampling=2, progressive=True)
pillow("jpeg_grey.jpg", Image.fromarray(grey), quality=70)
pillow("jpeg_restarts.jpg", Image.fromarray(rgb), quality=70, subsampling=2, restart_marker_blocks=1)
pillow("jpeg_rgb.jpg", Image.fromarray(rgb), quality=75, keep_rgb=True)
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    pillow(f"jpeg_turned{orientation}.jpg", Image.fromarray(scene(19, 11)), quality=85, exif=exif)

# WebP
pillow("webp_lossless.webp", Image.fromarray(rgb), lossless=True)
pillow("webp_lossy.webp", Image.fromarray(rgb), quality=70)
data = io.BytesIO()
Image.fromarray(rgba).save(data, "WEBP", lossless=True, exact=True)
write("webp_alpha.webp", data.getvalue())
expect("webp_alpha", on_white(rgba[..., :3], rgba[..., 3]))
data = io.BytesIO()
Image.fromarray(rgb).save(data, "WEBP", save_all=True, append_images=[Image.fromarray(255 - rgb)])
write("animated.webp", data.getvalue())

# Headers that promise more than anybody has
huge = struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)
write("huge.png", b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", huge) + chunk(b"IDAT", zlib.compress(bytes(64)))
      + chunk(b"IEND", b""))
