/* The torch.* entries of golden/resize: pictures resized as PyTorch's interpolate does. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/golden.h"

enum { N_ENTRIES = 24 };

static golden file;

static int open_file(void **state)
{
    (void)state;
    file = golden_open("resize");
    return 0;
}

static int close_file(void **state)
{
    (void)state;
    golden_close(&file);
    return 0;
}

/* torch.<kind>[_antialias].<picture>.<height>x<width> */
typedef struct {
    ask_interpolate_options opt;
    char picture[16];
    int height, width;
} resizing;

static resizing parse(const char *name)
{
    char kind[32];
    resizing r = {0};
    if (sscanf(name, "torch.%31[a-z_].%15[a-z0-9].%dx%d", kind, r.picture, &r.height,
               &r.width) != 4)
        fail_msg("%s: a name of no known form", name);
    if (strncmp(kind, "bicubic", 7) == 0)
        r.opt.kind = ASK_BICUBIC;
    else if (strncmp(kind, "bilinear", 8) == 0)
        r.opt.kind = ASK_BILINEAR;
    else
        fail_msg("%s: an unknown kind", name);
    r.opt.antialias = strstr(kind, "antialias") != NULL;
    return r;
}

/* bytes: [H, W, 3], as f32 of 0 .. 1 */
static void put_picture(ask_tensor *t, const ask_weights_entry *bytes)
{
    float *v = malloc((size_t)bytes->n_elements * sizeof *v);
    assert_non_null(v);
    ask_dtype_to_f32(bytes->type, v, bytes->data, (size_t)bytes->n_elements);
    for (int64_t i = 0; i < bytes->n_elements; i++) v[i] /= 255;
    test_put(t, v);
    free(v);
}

static void check_entry(const ask_weights_entry *e, ask_backend *b)
{
    resizing r = parse(e->name);
    const ask_weights_entry *bytes = golden_get(&file, "%s", r.picture);
    ask_graph *g = test_graph();
    ask_tensor *x = ask_input(g, ASK_F32, 3, bytes->shape);   // [H, W, 3]
    ask_tensor *planes = ask_permute(g, x, (int[]){2, 0, 1}); // [3, H, W]
    planes = ask_reshape(g, planes, 4, (int64_t[]){1, 3, bytes->shape[0], bytes->shape[1]});
    ask_tensor *y = ask_keep(g, ask_interpolate(g, planes, r.height, r.width, &r.opt));
    test_plan(g, b);
    put_picture(x, bytes);
    test_run(g);
    golden_check(ask_isa_name(ask_cpu_isa(b)), y, e);
    ask_graph_free(g);
}

static void pictures_are_resized_as_the_reference_does(void **state)
{
    ask_backend *backends[] = {test_cpu(ASK_ISA_SCALAR, 1), test_cpu(ASK_ISA_AUTO, 2)};
    int n = 0;
    (void)state;
    for (size_t i = 0; i < ask_weights_count(file.file); i++) {
        const ask_weights_entry *e = ask_weights_at(file.file, i);
        if (strncmp(e->name, "torch.", 6) != 0) continue;
        for (int b = 0; b < 2; b++) check_entry(e, backends[b]);
        n++;
    }
    assert_int_equal(n, N_ENTRIES);
    for (int b = 0; b < 2; b++) ask_backend_close(backends[b]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_are_resized_as_the_reference_does)};
    return cmocka_run_group_tests(tests, open_file, close_file);
}
