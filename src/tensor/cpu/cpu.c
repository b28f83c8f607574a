/* The CPU backend: memory of the host, adaptors from a table, kernels for the best
 * instruction set. */
#include "tensor/cpu/cpu.h"

#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "base/options.h"
#include "tensor/cpu/cpu_priv.h"
#include "tensor/cpu/onednn_priv.h"
#include "tensor/cpu/packed_priv.h"
#include "tensor/cpu/team_priv.h"

enum { ALIGNMENT = 64, MAX_THREADS = 1024 };

static const char *const isa_names[] = {[ASK_ISA_AUTO] = "auto",
                                        [ASK_ISA_SCALAR] = "scalar",
                                        [ASK_ISA_AVX2] = "avx2",
                                        [ASK_ISA_AVX512] = "avx512",
                                        [ASK_ISA_NEON] = "neon"};

const char *ask_isa_name(ask_isa isa)
{
    return isa_names[isa];
}

/* ---- memory ---- */

static bool cpu_alloc(ask_backend *b, size_t bytes, ask_buffer *out, ask_error *err)
{
    if (bytes > SIZE_MAX - ALIGNMENT) return ask_fail_memory(err);
    size_t rounded = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    void *p = NULL;
    if (posix_memalign(&p, ALIGNMENT, rounded ? rounded : ALIGNMENT) != 0)
        return ask_fail(err, ASK_ERR_NOMEM, "out of memory: %zu bytes for tensors", bytes);
    *out = (ask_buffer){.backend = b, .handle = p, .bytes = bytes};
    return true;
}

static bool cpu_borrow(ask_backend *b, const void *data, size_t bytes, bool mapped,
                       ask_buffer *out, ask_error *err)
{
    (void)err;
    *out = (ask_buffer){.backend = b,
                        .handle =
                            (void *)(uintptr_t)data, // constant: nobody writes through it
                        .bytes = bytes,
                        .constant = true,
                        .borrowed = true,
                        .mapped = mapped};
    return true;
}

static void cpu_free(ask_backend *b, ask_buffer *buffer)
{
    cpu_backend *c = (cpu_backend *)b;
    if (c->onednn && buffer->constant) cpu_onednn_forget(c->onednn, buffer);
    if (buffer->constant) cpu_packed_forget(&c->packed, buffer);
    if (!buffer->borrowed) free(buffer->handle);
    *buffer = (ask_buffer){0};
}

static bool cpu_upload(ask_buffer *dst, size_t offset, const void *src, size_t bytes,
                       ask_error *err)
{
    (void)err;
    if (bytes) memcpy((char *)dst->handle + offset, src, bytes);
    return true;
}

static bool cpu_download(const ask_buffer *src, size_t offset, void *dst, size_t bytes,
                         ask_error *err)
{
    (void)err;
    if (bytes) memcpy(dst, (const char *)src->handle + offset, bytes);
    return true;
}

/* ---- nodes ---- */

static bool cpu_supports(ask_backend *b, const ask_node *n)
{
    (void)b;
    return cpu_ops[n->op].run != NULL;
}

static size_t cpu_scratch_bytes(ask_backend *b, const ask_node *n)
{
    const cpu_op *op = &cpu_ops[n->op];
    return op->scratch_bytes ? op->scratch_bytes((const cpu_backend *)b, n) : 0;
}

static bool cpu_run_node(ask_backend *b, const ask_node *n, ask_error *err)
{
    return cpu_ops[n->op].run((cpu_backend *)b, n, err);
}

static bool cpu_synchronise(ask_backend *b, ask_error *err)
{
    (void)b;
    (void)err;
    return true;
}

/* ---- opening ---- */

static void cpu_close(ask_backend *b)
{
    cpu_backend *c = (cpu_backend *)b;
    cpu_onednn_close(c->onednn);
    cpu_packed_close(&c->packed);
    cpu_team_close(c->team);
    free(c);
}

typedef struct {
    ask_isa isa;
    const cpu_kernels *kernels;
    bool present;
} isa_choice;

/* Fills the sets that this build has, best first; returns how many. */
static int list_isas(isa_choice list[4])
{
    int n = 0;
#if defined(__x86_64__) && !defined(ASK_REAL_DOUBLE)
    ask_cpu_features f = ask_cpu_features_read();
    // All that the Makefile lets the compiler use for each of them.
    bool avx2 = f.avx2 && f.fma && f.f16c;
    bool avx512 = avx2 && f.avx512f && f.avx512bw && f.avx512dq && f.avx512vl;
    list[n++] = (isa_choice){ASK_ISA_AVX512, &cpu_kernels__avx512, avx512};
    list[n++] = (isa_choice){ASK_ISA_AVX2, &cpu_kernels__avx2, avx2};
#elif defined(__aarch64__) && !defined(ASK_REAL_DOUBLE)
    list[n++] = (isa_choice){ASK_ISA_NEON, &cpu_kernels__neon, true};
#endif
    list[n++] = (isa_choice){ASK_ISA_SCALAR, &cpu_kernels__scalar, true};
    return n;
}

static bool choose_isa(cpu_backend *c, ask_isa wanted, ask_error *err)
{
    isa_choice list[4];
    int n = list_isas(list);
    for (int i = 0; i < n; i++) {
        if (!list[i].present || (wanted != ASK_ISA_AUTO && wanted != list[i].isa)) continue;
        c->isa = list[i].isa;
        c->kernels = list[i].kernels;
        c->has_vnni = list[i].isa == ASK_ISA_AVX512 && ask_cpu_features_read().avx512vnni;
        return true;
    }
    return ask_fail(err, ASK_ERR_DEVICE, "this processor or build has no %s kernels",
                    ask_isa_name(wanted));
}

ask_backend *ask_cpu_open(const ask_cpu_options *opt, ask_error *err)
{
    ask_cpu_options o = {0};
    ask_options_take(&o, sizeof o, opt);
    if (o.n_threads < 0 || o.n_threads > MAX_THREADS) {
        ask_fail(err, ASK_ERR_USAGE, "%d threads: give 1 to %d, or 0 for the default",
                 o.n_threads, MAX_THREADS);
        return NULL;
    }
    cpu_backend *c = calloc(1, sizeof *c);
    if (!c) {
        ask_fail_memory(err);
        return NULL;
    }
    c->base = (ask_backend){.name = "cpu",
                            .alloc = cpu_alloc,
                            .borrow = cpu_borrow,
                            .free = cpu_free,
                            .upload = cpu_upload,
                            .download = cpu_download,
                            .supports = cpu_supports,
                            .scratch_bytes = cpu_scratch_bytes,
                            .run = cpu_run_node,
                            .synchronise = cpu_synchronise,
                            .close = cpu_close};
    c->n_threads = o.n_threads > 0 ? o.n_threads : ask_cpu_count();
    if (!choose_isa(c, o.isa, err)) goto fail;
    c->team = cpu_team_open(c->n_threads, err);
    if (!c->team) goto fail;
    if (c->isa != ASK_ISA_SCALAR && !cpu_onednn_open(&c->onednn, c->n_threads, err))
        goto fail;
    return &c->base;

fail:
    cpu_close(&c->base);
    return NULL;
}

ask_isa ask_cpu_isa(const ask_backend *cpu)
{
    return ((const cpu_backend *)cpu)->isa;
}

int ask_cpu_n_threads(const ask_backend *cpu)
{
    return ((const cpu_backend *)cpu)->n_threads;
}
