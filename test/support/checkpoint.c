#include "support/checkpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json_write.h"
#include "support/testing.h"
#include "weights/safetensors.h"

/* ---- tensors ---- */

static void *copy_of(const void *data, size_t bytes)
{
    void *copy = malloc(bytes + 1);
    if (!copy) fail_msg("out of memory");
    memcpy(copy, data, bytes);
    return copy;
}

static void set_size(ask_weights_entry *e, ask_dtype type, int n_dims, const int64_t *shape)
{
    e->type = type;
    e->n_dims = n_dims;
    e->n_elements = 1;
    for (int i = 0; i < n_dims; i++) e->n_elements *= e->shape[i] = shape[i];
    e->bytes = (size_t)e->n_elements * ask_dtype_bytes(type);
}

ask_weights_entry *tensors_add(tensor_list *list, const char *name, ask_dtype type,
                               int n_dims, const int64_t *shape)
{
    list->entries = realloc(list->entries, (list->n + 1) * sizeof *list->entries);
    if (!list->entries) fail_msg("out of memory");
    ask_weights_entry *e = &list->entries[list->n++];
    *e = (ask_weights_entry){.name = copy_of(name, strlen(name) + 1)};
    set_size(e, type, n_dims, shape);
    e->data = calloc(1, e->bytes + 1);
    return e;
}

tensor_list tensors_read(const char *path)
{
    ask_error err = {0};
    tensor_list list = {0};
    ask_weights *file;
    CHECK_OK(file = ask_weights_open(path, &err), &err);
    for (size_t i = 0; i < ask_weights_count(file); i++) {
        const ask_weights_entry *from = ask_weights_at(file, i);
        ask_weights_entry *e =
            tensors_add(&list, from->name, from->type, from->n_dims, from->shape);
        memcpy((void *)(uintptr_t)e->data, from->data, from->bytes);
    }
    ask_weights_close(file);
    return list;
}

void tensors_write(const tensor_list *list, const char *path)
{
    ask_error err = {0};
    CHECK_OK(ask_safetensors_write(path, list->entries, list->n, NULL, 0, &err), &err);
}

static void entry_free(ask_weights_entry *e)
{
    free((void *)(uintptr_t)e->name);
    free((void *)(uintptr_t)e->data);
}

void tensors_free(tensor_list *list)
{
    for (size_t i = 0; i < list->n; i++) entry_free(&list->entries[i]);
    free(list->entries);
    *list = (tensor_list){0};
}

ask_weights_entry *tensors_get(tensor_list *list, const char *name)
{
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->entries[i].name, name) == 0) return &list->entries[i];
    fail_msg("the checkpoint has no tensor %s", name);
    return NULL;
}

void tensors_drop(tensor_list *list, const char *name)
{
    ask_weights_entry *e = tensors_get(list, name);
    entry_free(e);
    *e = list->entries[--list->n];
}

void tensors_reshape(tensor_list *list, const char *name, ask_dtype type, int n_dims,
                     const int64_t *shape)
{
    tensors_drop(list, name);
    tensors_add(list, name, type, n_dims, shape);
}

void tensors_rename(tensor_list *list, const char *from, const char *to)
{
    size_t n = strlen(from), n_renamed = 0;
    for (size_t i = 0; i < list->n; i++) {
        ask_weights_entry *e = &list->entries[i];
        if (strncmp(e->name, from, n) != 0) continue;
        size_t size = strlen(to) + strlen(e->name) - n + 1;
        char *name = malloc(size);
        if (!name) fail_msg("out of memory");
        snprintf(name, size, "%s%s", to, e->name + n);
        free((void *)(uintptr_t)e->name);
        e->name = name;
        n_renamed++;
    }
    if (n_renamed == 0) fail_msg("the checkpoint has no tensor %s...", from);
}

void tensors_narrow(tensor_list *list, ask_dtype type)
{
    for (size_t i = 0; i < list->n; i++) {
        ask_weights_entry *e = &list->entries[i];
        if (e->type != ASK_F32) continue;
        const float *wide = e->data;
        uint16_t *narrow = copy_of(wide, e->bytes);
        for (int64_t k = 0; k < e->n_elements; k++)
            narrow[k] =
                type == ASK_F16 ? ask_f32_to_f16(wide[k]) : ask_f32_to_bf16(wide[k]);
        free((void *)(uintptr_t)e->data);
        e->data = narrow;
        e->type = type;
        e->bytes /= 2;
    }
}

float *tensors_floats(tensor_list *list, const char *name)
{
    ask_weights_entry *e = tensors_get(list, name);
    if (e->type != ASK_F32) fail_msg("%s is not f32", name);
    return (float *)(uintptr_t)e->data;
}

/* ---- folders ---- */

static const char *file_of(const char *fixture, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", fixture, name);
    return test_fixture(path);
}

checkpoint checkpoint_of(const char *fixture)
{
    size_t n_bytes;
    return (checkpoint){
        .config = test_read(file_of(fixture, "config.json"), &n_bytes),
        .weights = tensors_read(file_of(fixture, "model.safetensors")),
        .inputs = tensors_read(file_of(fixture, "inputs.safetensors")),
        .outputs = tensors_read(file_of(fixture, "outputs.safetensors")),
    };
}

void checkpoint_free(checkpoint *c)
{
    free(c->config);
    tensors_free(&c->weights);
    tensors_free(&c->inputs);
    tensors_free(&c->outputs);
}

void checkpoint_edit(checkpoint *c, const char *from, const char *to)
{
    char *place = strstr(c->config, from);
    if (!place) fail_msg("config.json has no %s", from);
    size_t size = strlen(c->config) + strlen(to) + 1;
    char *edited = malloc(size);
    if (!edited) fail_msg("out of memory");
    snprintf(edited, size, "%.*s%s%s", (int)(place - c->config), c->config, to,
             place + strlen(from));
    free(c->config);
    c->config = edited;
}

static void write_beside(const checkpoint *c, const char *dir)
{
    test_write_text(test_path(dir, "config.json"), c->config);
    tensors_write(&c->inputs, test_path(dir, "inputs.safetensors"));
    tensors_write(&c->outputs, test_path(dir, "outputs.safetensors"));
}

void checkpoint_write(const checkpoint *c, const char *dir)
{
    write_beside(c, dir);
    tensors_write(&c->weights, test_path(dir, "model.safetensors"));
}

void checkpoint_write_sharded(const checkpoint *c, const char *dir)
{
    static const char *const names[] = {"model-00001-of-00002.safetensors",
                                        "model-00002-of-00002.safetensors"};
    write_beside(c, dir);
    size_t half = c->weights.n / 2;
    const tensor_list parts[] = {{c->weights.entries, half},
                                 {c->weights.entries + half, c->weights.n - half}};
    ask_str index = {0};
    ask_json_writer w = {.out = &index};
    ask_json_open_object(&w, NULL);
    ask_json_open_object(&w, "weight_map");
    for (int i = 0; i < 2; i++) {
        tensors_write(&parts[i], test_path(dir, names[i]));
        for (size_t k = 0; k < parts[i].n; k++)
            ask_json_put_string(&w, parts[i].entries[k].name, names[i]);
    }
    ask_json_close(&w);
    ask_json_close(&w);
    test_write_text(test_path(dir, "model.safetensors.index.json"), ask_str_text(&index));
    ask_str_free(&index);
}
