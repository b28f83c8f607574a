/* support/checkpoint.h - checkpoints taken from the fixtures, changed, and written.
 *
 *     checkpoint c = checkpoint_of("golden/clip");
 *     checkpoint_drop(&c, "logit_scale");
 *     checkpoint_write(&c, dir);
 *     checkpoint_free(&c);
 *
 * Whatever goes wrong in here ends the test with a message. */
#ifndef TEST_CHECKPOINT_H
#define TEST_CHECKPOINT_H

#include "weights/weights.h"

/* Tensors in memory, which may be changed: names, shapes and data are owned. */
typedef struct {
    ask_weights_entry *entries;
    size_t n;
} tensor_list;

tensor_list tensors_read(const char *path);
void tensors_write(const tensor_list *list, const char *path);
void tensors_free(tensor_list *list);

ask_weights_entry *tensors_get(tensor_list *list, const char *name);
void tensors_drop(tensor_list *list, const char *name);
/* Adds a tensor of zeros. */
ask_weights_entry *tensors_add(tensor_list *list, const char *name, ask_dtype type,
                               int n_dims, const int64_t *shape);
/* Gives it another shape or type, with zeros for data. */
void tensors_reshape(tensor_list *list, const char *name, ask_dtype type, int n_dims,
                     const int64_t *shape);
/* All names that begin with `from`, some of which there must be, begin with `to`. */
void tensors_rename(tensor_list *list, const char *from, const char *to);
/* Rounds f32 tensors to f16 or bf16. */
void tensors_narrow(tensor_list *list, ask_dtype type);
/* The data of an f32 tensor. */
float *tensors_floats(tensor_list *list, const char *name);

/* A folder of the fixtures: a model, and what a reference gave. */
typedef struct {
    char *config; // text
    tensor_list weights, inputs, outputs;
} checkpoint;

checkpoint checkpoint_of(const char *fixture);
void checkpoint_free(checkpoint *c);

/* Replaces a piece of config.json, which must be there. */
void checkpoint_edit(checkpoint *c, const char *from, const char *to);

/* Writes config.json, model.safetensors, inputs.safetensors and outputs.safetensors into a
 * folder, which is made if it is missing. */
void checkpoint_write(const checkpoint *c, const char *dir);

/* The same with the weights in two files and an index. */
void checkpoint_write_sharded(const checkpoint *c, const char *dir);

#endif
