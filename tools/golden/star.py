#!/usr/bin/env python3
"""Writes test/fixtures/data/star-situations/STAR_classes/: lists of classes without a line
feed behind the last, and a pickle of frames per second, as STAR has them.

    python3 tools/golden/star.py test/fixtures/data/star-situations/STAR_classes
"""
import os
import pickle
import sys

out = sys.argv[1]
os.makedirs(out, exist_ok=True)
lists = {
    "object_classes.txt": ["o000 person", "o006 table", "o017 book"],
    "relationship_classes.txt": ["r002 on", "r009 holding"],
    "action_classes.txt": ["a051 Eating a sandwich"],
}
for name, lines in lists.items():
    with open(os.path.join(out, name), "w") as f:
        f.write("\n".join(lines))
with open(os.path.join(out, "video_fps"), "wb") as f:
    pickle.dump({"TJZ0P.mp4": 30.0, "0A8CF.mp4": 29.97}, f, protocol=3)
