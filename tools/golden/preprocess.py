#!/usr/bin/env python3
"""Writes test/fixtures/preprocess/hashes.txt: what transformers' image processors make of pictures
of many sizes, under many configurations.

    python3 -m venv venv && venv/bin/pip install transformers==4.45.2 pillow==9.4.0 numpy==1.24.2
    venv/bin/python tools/golden/preprocess.py > test/fixtures/preprocess/hashes.txt

A line: the number of the case, mode, size of the picture, size of the tensor, SHA-256 of the
tensor's floats (little-endian), the processor for a file that names none, and the file. The
pictures come from the generator below; the test repeats it.

test/fixtures/golden/preprocess/ is different: pictures and tensors of five whole processors.
"""
import hashlib
import json
import random
import sys

import numpy
from PIL import Image
from transformers import (BitImageProcessor, BlipImageProcessor, CLIPImageProcessor,
                          SiglipImageProcessor, ViTImageProcessor)

CLASSES = {"CLIP": CLIPImageProcessor, "Bit": BitImageProcessor, "Siglip": SiglipImageProcessor,
           "ViT": ViTImageProcessor, "Blip": BlipImageProcessor}
CROPPING = ("CLIP", "Bit")
MODES = {"L": 1, "RGB": 3, "RGBA": 4}
IMAGE_NET = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}

random.seed(3)


def side():
    return random.randint(1, 60)


def rectangle():
    return random.choice(({"height": side(), "width": side()}, side(), [side(), side()]))


def size(name):
    square = {"height": side(), "width": side()}
    if name == "Siglip":  # of this one, 4.45 refuses the older forms
        return square
    if name not in CROPPING:
        return random.choice((square, side(), [side(), side()]))
    return random.choice((square, side(), [side(), side()], {"shortest_edge": side()},
                          {"shortest_edge": side(), "longest_edge": 10}))


def config(name):
    """A few keys out of all, so that the defaults of the class show too."""
    made = {"size": size(name), "crop_size": rectangle()}
    if random.random() < 0.8:
        made["image_processor_type"] = name + "ImageProcessor"
    elif random.random() < 0.5:
        made["feature_extractor_type"] = name + "FeatureExtractor"
    for key, values in (("resample", range(6)), ("do_center_crop", (True, False, None)),
                        ("do_resize", (True, True, True, False)), ("do_rescale", (True, False)),
                        ("rescale_factor", (1 / 255, 0.00392156862745098, 1 / 127.5, 0.5)),
                        ("do_normalize", (True, True, False)), ("do_convert_rgb", (True, None))):
        if random.random() < 0.4:
            made[key] = random.choice(values)
    if random.random() < 0.3:
        made.update(random.choice((IMAGE_NET, {"image_mean": 0.25, "image_std": 0.1},
                                   {"image_mean": None}, {"image_std": [0.3, 2.5, -1]})))
    return made


def picture(mode, width, height, seed):
    state, values = seed, bytearray()
    for _ in range(width * height * MODES[mode]):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        values.append(state >> 24)
    return Image.frombytes(mode, (width, height), bytes(values))


def line(number, mode, width, height, name, file):
    image = picture(mode, width, height, number).convert("RGB")
    processor = CLASSES[name].from_dict(json.loads(file))
    # Told, because a picture of 1 or 3 rows would be taken for one of 1 or 3 channels.
    made = processor(numpy.asarray(image), return_tensors="np",
                     input_data_format="channels_last")["pixel_values"][0]
    floats = numpy.ascontiguousarray(made.astype("<f4"))
    return (f"{number} {mode} {width}x{height} {floats.shape[2]}x{floats.shape[1]} "
            f"{hashlib.sha256(floats.tobytes()).hexdigest()} {name} {file}")


cases = []
for name in CLASSES:
    for width, height in ((1, 1), (1, 40), (77, 1), (3, 2), (2, 3), (224, 224), (300, 200)):
        cases.append((width, height, name, {}))  # nothing but defaults
    for _ in range(60):
        cases.append((random.randint(1, 90), random.randint(1, 90), name, config(name)))
cases.append((1920, 1080, "CLIP", {}))
cases.append((1080, 1920, "ViT", {}))
for number, (width, height, name, made) in enumerate(cases):
    sys.stdout.write(line(number, random.choice(list(MODES)), width, height, name,
                          json.dumps(made)) + "\n")
