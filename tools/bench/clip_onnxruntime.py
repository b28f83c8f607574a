#!/usr/bin/env python3
"""The image tower of a CLIP folder in ONNX Runtime, for bench/f32 to be compared with.

    python3 -m venv peers
    peers/bin/pip install onnxruntime onnx onnxscript torch transformers
    ASKANCE_PEERS=peers make bench ROWS=f32

Speaks the language of bench/support/peer.h: clip_onnxruntime.py DIR BATCH THREADS takes the pixels
of a batch as floats, tells what it is, gives the embeddings at unit length as floats, and then
computes once for every line. Two graphs are tried, and the faster one stays: PyTorch's export as
it is, and the same after ONNX Runtime's own optimizer for transformers, which fuses attention,
biases and activations. Both are kept beside the folder for the next time.
"""
import json
import os
import sys
import time

import numpy
import onnxruntime

directory, batch, n_threads = sys.argv[1].rstrip("/"), int(sys.argv[2]), int(sys.argv[3])
kept = f"{directory}-onnx-{onnxruntime.__version__}"
answers = os.fdopen(os.dup(1), "wb")
os.dup2(2, 1)  # what libraries print is not an answer

with open(os.path.join(directory, "config.json")) as file:
    vision = json.load(file)["vision_config"]


def export(path):
    import torch
    from transformers import CLIPVisionModelWithProjection

    class Tower(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = CLIPVisionModelWithProjection.from_pretrained(directory).eval()

        def forward(self, pixels):
            return self.model(pixel_values=pixels).image_embeds

    side = vision.get("image_size", 224)
    torch.onnx.export(Tower(), (torch.randn(2, 3, side, side),), path, input_names=["pixels"],
                      output_names=["embeds"], external_data=True, dynamo=True,
                      dynamic_shapes={"pixels": {0: torch.export.Dim("batch")}})


def optimize(path, source):
    from onnxruntime.transformers import optimizer
    optimizer.optimize_model(
        source, model_type="clip", num_heads=vision["num_attention_heads"],
        hidden_size=vision["hidden_size"], opt_level=0,
    ).save_model_to_file(path, use_external_data_format=True)


def graph(name, make, *more):
    """A kept graph; it is made in another place first, so that a half-made one is never used."""
    path = os.path.join(kept, name, "model.onnx")
    if not os.path.exists(path):
        os.makedirs(kept, exist_ok=True)
        making = os.path.join(kept, name + ".making")
        os.makedirs(making, exist_ok=True)
        make(os.path.join(making, "model.onnx"), *more)
        os.rename(making, os.path.join(kept, name))
    return path


def session(path):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.intra_op_num_threads = n_threads
    options.inter_op_num_threads = 1
    # Its threads do not spin after a run: they would take time from whoever is measured next.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def seconds(made):
    start = time.perf_counter()
    made.run(None, {"pixels": pixels})
    return time.perf_counter() - start


def fastest(graphs):
    sessions = {name: session(path) for name, path in graphs.items()}
    for made in sessions.values():
        seconds(made)
    times = {name: min(seconds(made), seconds(made)) for name, made in sessions.items()}
    name = min(times, key=times.get)
    return name, sessions[name]


side = vision.get("image_size", 224)
pixels = numpy.frombuffer(sys.stdin.buffer.read(batch * 3 * side * side * 4), "<f4")
pixels = pixels.reshape(batch, 3, side, side)
exported = graph("exported", export)
name, model = fastest({"as exported": exported,
                       "after its transformers optimizer": graph("optimized", optimize, exported)})
embeds = model.run(None, {"pixels": pixels})[0]
embeds /= numpy.linalg.norm(embeds, axis=-1, keepdims=True)
answers.write(f"ONNX Runtime {onnxruntime.__version__}, {name}, ORT_ENABLE_ALL\n".encode())
answers.write(numpy.ascontiguousarray(embeds, "<f4").tobytes())
answers.flush()
for _ in sys.stdin.buffer:
    model.run(None, {"pixels": pixels})
    answers.write(b"done\n")
    answers.flush()
