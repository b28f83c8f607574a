#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/dir.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/path.h"
#include "train/tensorboard_priv.h"

struct train_tensorboard {
    FILE *file;
    char *path;
    double opened_s, opened_unix_s;
    ask_str event, summary, value; // being put together
};

/* ---- protocol buffers: a key is the number of a field and how it is written ---- */

enum { VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5 };

/* Fields of Event, Summary, Summary.Value and SessionLog (tensorflow/core/util/event.proto,
 * framework/summary.proto). */
enum {
    EVENT_WALL_TIME = 1,
    EVENT_STEP = 2,
    EVENT_FILE_VERSION = 3,
    EVENT_SUMMARY = 5,
    EVENT_SESSION_LOG = 7,
    SUMMARY_VALUE = 1,
    VALUE_TAG = 1,
    VALUE_SIMPLE = 2,
    SESSION_STATUS = 1,
    SESSION_START = 1,
};

static void put_varint(ask_str *out, uint64_t x)
{
    for (; x >= 0x80; x >>= 7) ask_str_append_char(out, (char)(x | 0x80));
    ask_str_append_char(out, (char)x);
}

/* Little-endian on every machine. */
static void put_fixed(ask_str *out, uint64_t x, int n_bytes)
{
    for (int i = 0; i < n_bytes; i++) ask_str_append_char(out, (char)(x >> 8 * i));
}

static void put_key(ask_str *out, int field, int kind)
{
    put_varint(out, (uint64_t)(field << 3 | kind));
}

static void put_int(ask_str *out, int field, int64_t x)
{
    put_key(out, field, VARINT);
    put_varint(out, (uint64_t)x);
}

static void put_double(ask_str *out, int field, double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    put_key(out, field, FIXED64);
    put_fixed(out, bits, 8);
}

static void put_float(ask_str *out, int field, float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    put_key(out, field, FIXED32);
    put_fixed(out, bits, 4);
}

static void put_bytes(ask_str *out, int field, const char *bytes, size_t n)
{
    put_key(out, field, BYTES);
    put_varint(out, n);
    ask_str_append_bytes(out, bytes, n);
}

static void put_message(ask_str *out, int field, const ask_str *message)
{
    put_bytes(out, field, ask_str_text(message), message->length);
    out->failed |= message->failed;
}

/* ---- frames ---- */

static uint32_t masked_crc(const void *bytes, size_t n)
{
    uint32_t crc = ask_crc32c(bytes, n);
    return (crc >> 15 | crc << 17) + 0xa282ead8;
}

static void frame(ask_str *out, const ask_str *data)
{
    put_fixed(out, data->length, 8);
    put_fixed(out, masked_crc(out->data, out->failed ? 0 : 8), 4);
    ask_str_append_bytes(out, data->data, data->length);
    put_fixed(out, masked_crc(data->data, data->length), 4);
}

/* Writes b->event as a frame. */
static bool write_event(train_tensorboard *b, ask_error *err)
{
    ask_str out = {0};
    if (!b->event.failed) frame(&out, &b->event);
    bool ok = !out.failed && !b->event.failed;
    if (!ok) {
        ask_fail_memory(err);
    } else if (fwrite(out.data, 1, out.length, b->file) != out.length ||
               fflush(b->file) != 0) {
        ok = ask_fail_errno(err, errno, "%s: cannot write", b->path);
    }
    ask_str_free(&out);
    return ok;
}

/* ---- events ---- */

static void begin_event(train_tensorboard *b, int64_t step)
{
    ask_str_clear(&b->event);
    put_double(&b->event, EVENT_WALL_TIME, b->opened_unix_s + ask_clock_s() - b->opened_s);
    put_int(&b->event, EVENT_STEP, step);
}

static bool write_version(train_tensorboard *b, ask_error *err)
{
    static const char version[] = "brain.Event:2";
    begin_event(b, 0);
    put_bytes(&b->event, EVENT_FILE_VERSION, version, strlen(version));
    return write_event(b, err);
}

static bool write_restart(train_tensorboard *b, int64_t step, ask_error *err)
{
    begin_event(b, step);
    ask_str_clear(&b->value);
    put_int(&b->value, SESSION_STATUS, SESSION_START);
    put_message(&b->event, EVENT_SESSION_LOG, &b->value);
    return write_event(b, err);
}

bool train_tensorboard_add(train_tensorboard *b, const train_entry *e, ask_error *err)
{
    begin_event(b, e->step);
    ask_str_clear(&b->summary);
    for (int i = 0; i < e->n; i++) {
        char tag[TRAIN_KEY_BYTES];
        if (!isfinite(e->values[i].value)) continue;
        ask_format(tag, sizeof tag, "%s/%s", e->is_evaluation ? "eval" : "train",
                   e->values[i].name);
        ask_str_clear(&b->value);
        put_bytes(&b->value, VALUE_TAG, tag, strlen(tag));
        put_float(&b->value, VALUE_SIMPLE, (float)e->values[i].value);
        put_message(&b->summary, SUMMARY_VALUE, &b->value);
    }
    put_message(&b->event, EVENT_SUMMARY, &b->summary);
    return write_event(b, err);
}

/* ---- the file ---- */

/* A file of its own, whatever else ran in this second. */
static bool open_file(train_tensorboard *b, const char *dir, ask_error *err)
{
    enum { MOST_TRIES = 1000 };
    for (int i = 0; i < MOST_TRIES && !b->file; i++) {
        char name[96];
        ask_format(name, sizeof name, "events.out.tfevents.%010lld.askance.%d.%d",
                   (long long)b->opened_unix_s, (int)getpid(), i);
        free(b->path);
        b->path = ask_path_join(dir, name, err);
        if (!b->path) return false;
        b->file = fopen(b->path, "wbx");
        if (!b->file && errno != EEXIST) break;
    }
    return b->file || ask_fail_errno(err, errno, "%s: cannot make the file", b->path);
}

train_tensorboard *train_tensorboard_open(const char *dir, int64_t after, ask_error *err)
{
    if (!ask_dir_make(dir, err)) return NULL;
    train_tensorboard *b = calloc(1, sizeof *b);
    if (!b) {
        ask_fail_memory(err);
        return NULL;
    }
    b->opened_s = ask_clock_s();
    b->opened_unix_s = (double)ask_clock_unix_s();
    if (open_file(b, dir, err) && write_version(b, err) &&
        (after == 0 || write_restart(b, after + 1, err)))
        return b;
    train_tensorboard_close(b);
    return NULL;
}

void train_tensorboard_close(train_tensorboard *b)
{
    if (!b) return;
    if (b->file) fclose(b->file);
    free(b->path);
    ask_str_free(&b->event);
    ask_str_free(&b->summary);
    ask_str_free(&b->value);
    free(b);
}
