/* support/gguf_file.h - GGUF files for tests: put together piece by piece, copied from one
 * with a few changes, or made of a Hugging Face folder of f32 weights.
 *
 *     gguf_file f = {0};
 *     gguf_file_put_text(&f, "general.architecture", "llama");
 *     gguf_file_add(&f, "output_norm.weight", 1, (int64_t[]){32}, ASK_F32, values);
 *     gguf_file_write(&f, path); // f is empty again
 *
 * A key that is put again is replaced. Whatever goes wrong in here ends the test with a
 * message. */
#ifndef SUPPORT_GGUF_FILE_H
#define SUPPORT_GGUF_FILE_H

#include "base/str.h"
#include "weights/gguf.h"

enum { GGUF_FILE_VALUES = 64 };

typedef struct {
    struct {
        char key[80];
        ask_str bytes; // type and value
    } values[GGUF_FILE_VALUES];
    int n_values, n_tensors;
    ask_str tensors, data;
} gguf_file;

void gguf_file_put_int(gguf_file *f, const char *key, int64_t value); // i64
void gguf_file_put_float(gguf_file *f, const char *key, float value);
void gguf_file_put_bool(gguf_file *f, const char *key, bool value);
void gguf_file_put_text(gguf_file *f, const char *key, const char *text);
void gguf_file_put_chars(gguf_file *f, const char *key, const char *text, size_t n_bytes);
void gguf_file_put_texts(gguf_file *f, const char *key, const char *const *texts, int n);
void gguf_file_put_ints(gguf_file *f, const char *key, const int32_t *items, int n);
void gguf_file_put_floats(gguf_file *f, const char *key, const float *items, int n);
void gguf_file_drop(gguf_file *f, const char *key);

/* A tensor: outermost first. Only f32 and i8. */
void gguf_file_add(gguf_file *f, const char *name, int n_dims, const int64_t *shape,
                   ask_dtype type, const void *data);

/* All of another file: values, and tensors as they are. */
void gguf_file_copy(gguf_file *f, const char *path);

/* A folder of LLaMA or Qwen2: sizes of config.json, tensors by GGUF's names, queries and
 * keys of LLaMA with the rows in its order; of Llama 3's scaling the factors. */
void gguf_file_convert(gguf_file *f, const char *dir);

/* The bytes of the file, freed by the caller; or written. f is empty afterwards. */
char *gguf_file_take(gguf_file *f, size_t *n_bytes);
void gguf_file_write(gguf_file *f, const char *path);

#endif
