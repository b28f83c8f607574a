/* Packed matrices, in a list that is sorted by the address of what they were packed from.
 */
#include "tensor/cpu/packed_priv.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/checked.h"

struct packed_matrix {
    const ask_real *from;
    int64_t b_row, b_col, k, n;
    void *memory; // what is freed; NULL until it is packed, as panels is
    ask_real *panels;
};

/* Index of the first entry whose source does not lie in front of `from`. */
static int find(const cpu_packed *p, const void *from)
{
    int low = 0, high = p->n;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if ((uintptr_t)p->list[middle].from < (uintptr_t)from)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* ---- packing ---- */

typedef struct {
    const cpu_gemm_kernel *kernel;
    const struct packed_matrix *m;
} pack_job;

static void pack_panels(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const pack_job *job = ctx;
    const struct packed_matrix *m = job->m;
    int64_t from = begin * job->kernel->width, to = end * job->kernel->width;
    job->kernel->pack(m->panels + from * m->k, m->from + from * m->b_col, m->b_row,
                      m->b_col, m->k, (to < m->n ? to : m->n) - from);
}

/* Memory at a multiple of 64 bytes, in large pages where the system has them: it is read
 * all the time, in strides. */
static bool allocate(struct packed_matrix *m, size_t bytes)
{
    enum { ALIGNMENT = 64, LARGE = 1 << 21 };
    size_t alignment = bytes >= 2 * LARGE ? LARGE : ALIGNMENT, whole;
    if (!ask_add_size(&whole, bytes, alignment)) return false;
    m->memory = malloc(whole);
    if (!m->memory) return false;
    uintptr_t start = ((uintptr_t)m->memory + alignment - 1) / alignment * alignment;
    m->panels = (ask_real *)start;
    if (alignment == LARGE) madvise(m->panels, bytes / LARGE * LARGE, MADV_HUGEPAGE);
    return true;
}

void cpu_drop_pages(const ask_view *v, int64_t bytes)
{
    if (!v->buffer->mapped) return;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), begin = (uintptr_t)view_data(v);
    uintptr_t first = (begin + page - 1) / page * page;
    uintptr_t end = (begin + (uintptr_t)bytes) / page * page;
    if (first < end) madvise((void *)first, end - first, MADV_DONTNEED);
}

static bool insert(cpu_packed *p, int at, const struct packed_matrix *m)
{
    if (p->n == p->capacity) {
        int capacity = p->capacity ? 2 * p->capacity : 64;
        struct packed_matrix *bigger = realloc(p->list, (size_t)capacity * sizeof *bigger);
        if (!bigger) return false;
        p->list = bigger;
        p->capacity = capacity;
    }
    memmove(p->list + at + 1, p->list + at, (size_t)(p->n - at) * sizeof *p->list);
    p->list[at] = *m;
    p->n++;
    return true;
}

static bool pack(cpu_backend *c, const ask_view *v, struct packed_matrix *m, ask_error *err)
{
    const cpu_gemm_kernel *kernel = cpu_gemm_kernel_of(c);
    size_t bytes;
    if (!ask_bytes_of(&bytes, cpu_gemm_n_packed(kernel, m->k, m->n), sizeof(ask_real)) ||
        !allocate(m, bytes))
        return ask_fail(err, ASK_ERR_NOMEM,
                        "out of memory: packing a matrix of %lld x %lld", (long long)m->k,
                        (long long)m->n);
    pack_job job = {.kernel = kernel, .m = m};
    cpu_parallel(c, (m->n + kernel->width - 1) / kernel->width, 16, pack_panels, &job);
    if (view_is_contiguous(v)) cpu_drop_pages(v, m->k * m->n * (int64_t)sizeof(ask_real));
    return true;
}

/* ---- the interface ---- */

bool cpu_packed_use(cpu_backend *c, const ask_view *v, cpu_gemm *g, ask_error *err)
{
    const cpu_gemm_kernel *kernel = cpu_gemm_kernel_of(c);
    if (!v->buffer->constant || !kernel->pack || g->k == 0 || g->n == 0) return true;
    int at = find(&c->packed, g->b);
    if (at == c->packed.n || c->packed.list[at].from != g->b) {
        const struct packed_matrix first = {
            .from = g->b, .b_row = g->b_row, .b_col = g->b_col, .k = g->k, .n = g->n};
        return insert(&c->packed, at, &first) ||
               ask_fail(err, ASK_ERR_NOMEM, "out of memory");
    }
    struct packed_matrix *m = &c->packed.list[at];
    bool same =
        m->b_row == g->b_row && m->b_col == g->b_col && m->k == g->k && m->n == g->n;
    if (!same) return true;
    if (!m->panels && !pack(c, v, m, err)) return false;
    g->panels = m->panels;
    g->panel_step = kernel->width * g->k;
    return true;
}

void cpu_packed_forget(cpu_packed *p, const ask_buffer *buffer)
{
    const char *end = (const char *)buffer->handle + buffer->bytes;
    int first = find(p, buffer->handle), last = find(p, end);
    if (first == last) return;
    for (int i = first; i < last; i++) free(p->list[i].memory);
    memmove(p->list + first, p->list + last, (size_t)(p->n - last) * sizeof *p->list);
    p->n -= last - first;
}

void cpu_packed_close(cpu_packed *p)
{
    for (int i = 0; i < p->n; i++) free(p->list[i].memory);
    free(p->list);
    *p = (cpu_packed){0};
}
