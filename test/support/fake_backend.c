#include "support/fake_backend.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tensor/cpu/cpu.h"

typedef struct {
    ask_backend base; // first: an ask_backend * is a fake_backend *
    ask_backend *cpu;
    int lacks;
    int n_run[N_OPS], n_refused[N_OPS];
    size_t bytes;
} fake_backend;

/* ---- memory ---- */

static size_t whole_pages(size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (bytes / page + 1) * page;
}

static bool protect(const ask_buffer *buffer, int how, ask_error *err)
{
    if (mprotect(buffer->handle, whole_pages(buffer->bytes), how) == 0) return true;
    return ask_fail(err, ASK_ERR_DEVICE, "fake: mprotect: %s", strerror(errno));
}

static bool show(const ask_buffer *buffer, ask_error *err)
{
    return protect(buffer, PROT_READ | PROT_WRITE, err);
}

static bool hide(const ask_buffer *buffer, ask_error *err)
{
    return protect(buffer, PROT_NONE, err);
}

static bool fake_alloc(ask_backend *b, size_t bytes, ask_buffer *out, ask_error *err)
{
    void *pages =
        mmap(NULL, whole_pages(bytes), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED)
        return ask_fail(err, ASK_ERR_NOMEM, "fake: mmap: %s", strerror(errno));
    *out = (ask_buffer){.backend = b, .handle = pages, .bytes = bytes};
    ((fake_backend *)b)->bytes += bytes;
    return true;
}

static void fake_free(ask_backend *b, ask_buffer *buffer)
{
    if (!buffer->handle) return;
    munmap(buffer->handle, whole_pages(buffer->bytes));
    ((fake_backend *)b)->bytes -= buffer->bytes;
    *buffer = (ask_buffer){0};
}

static bool inside(const ask_buffer *buffer, size_t offset, size_t bytes, ask_error *err)
{
    if (offset <= buffer->bytes && bytes <= buffer->bytes - offset) return true;
    return ask_fail(err, ASK_ERR_BUG, "fake: %zu bytes at %zu of a buffer of %zu", bytes,
                    offset, buffer->bytes);
}

static bool fake_upload(ask_buffer *dst, size_t offset, const void *src, size_t bytes,
                        ask_error *err)
{
    if (!inside(dst, offset, bytes, err) || !show(dst, err)) return false;
    memcpy((char *)dst->handle + offset, src, bytes);
    return hide(dst, err);
}

static bool fake_download(const ask_buffer *src, size_t offset, void *dst, size_t bytes,
                          ask_error *err)
{
    if (!inside(src, offset, bytes, err) || !show(src, err)) return false;
    memcpy(dst, (const char *)src->handle + offset, bytes);
    return hide(src, err);
}

/* ---- nodes ---- */

static bool fake_supports(ask_backend *b, const ask_node *node)
{
    fake_backend *f = (fake_backend *)b;
    bool has = node->op % 3 != f->lacks && f->cpu->supports(f->cpu, node);
    if (!has) f->n_refused[node->op]++;
    return has;
}

static size_t fake_scratch_bytes(ask_backend *b, const ask_node *node)
{
    fake_backend *f = (fake_backend *)b;
    return f->cpu->scratch_bytes(f->cpu, node);
}

enum { MAX_VIEWS = ASK_MAX_SRC + 2 };

/* The views of a node that have a buffer. */
static int views_of(ask_node *node, ask_view *view[MAX_VIEWS])
{
    int n = 0;
    for (int i = 0; i < node->n_src; i++)
        if (node->src[i].buffer) view[n++] = &node->src[i];
    view[n++] = &node->out;
    if (node->scratch.buffer) view[n++] = &node->scratch;
    return n;
}

/* The CPU gets a node of its own, whose buffers are the same pages. */
static bool fake_run(ask_backend *b, const ask_node *node, ask_error *err)
{
    fake_backend *f = (fake_backend *)b;
    ask_node lent = *node;
    ask_view *view[MAX_VIEWS];
    ask_buffer mine[MAX_VIEWS], theirs[MAX_VIEWS];
    int n = views_of(&lent, view);
    bool ok = true;
    for (int i = 0; i < n; i++) {
        if (view[i]->buffer->backend != b)
            return ask_fail(err, ASK_ERR_BUG, "fake: a buffer of another backend");
        mine[i] = theirs[i] = *view[i]->buffer;
        theirs[i].backend = f->cpu;
        view[i]->buffer = &theirs[i];
    }
    for (int i = 0; i < n && ok; i++) ok = show(&mine[i], err);
    ok = ok && f->cpu->run(f->cpu, &lent, err) && f->cpu->synchronise(f->cpu, err);
    for (int i = 0; i < n; i++)
        if (!hide(&mine[i], ok ? err : NULL)) ok = false;
    f->n_run[node->op]++;
    return ok;
}

static bool fake_synchronise(ask_backend *b, ask_error *err)
{
    (void)b;
    (void)err;
    return true;
}

/* ---- opening ---- */

static void fake_close(ask_backend *b)
{
    ask_backend_close(((fake_backend *)b)->cpu);
    free(b);
}

ask_backend *fake_backend_open(int lacks, ask_error *err)
{
    ask_cpu_options opt = {
        .struct_size = sizeof opt, .isa = ASK_ISA_SCALAR, .n_threads = 1};
    fake_backend *f = calloc(1, sizeof *f);
    if (!f) {
        ask_fail(err, ASK_ERR_NOMEM, "out of memory");
        return NULL;
    }
    f->base = (ask_backend){.name = "fake",
                            .alloc = fake_alloc,
                            .free = fake_free,
                            .upload = fake_upload,
                            .download = fake_download,
                            .supports = fake_supports,
                            .scratch_bytes = fake_scratch_bytes,
                            .run = fake_run,
                            .synchronise = fake_synchronise,
                            .close = fake_close};
    f->lacks = lacks;
    f->cpu = ask_cpu_open(&opt, err);
    if (!f->cpu) {
        free(f);
        return NULL;
    }
    return &f->base;
}

int fake_backend_n_run(const ask_backend *b, ask_op op)
{
    return ((const fake_backend *)b)->n_run[op];
}

int fake_backend_n_refused(const ask_backend *b, ask_op op)
{
    return ((const fake_backend *)b)->n_refused[op];
}

size_t fake_backend_bytes(const ask_backend *b)
{
    return ((const fake_backend *)b)->bytes;
}
