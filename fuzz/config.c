/* config.json, adapter_config.json and preprocessor_config.json: what every network, and
 * every image processor, makes of them. A configuration that is accepted must have sizes
 * that can be bound. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "model/network_priv.h"
#include "net/block/lora.h"

static void check(bool condition)
{
    if (!condition) abort();
}

static bool check_row(void *user, const ask_param_row *row, ask_error *err)
{
    (void)err;
    size_t *n_rows = user;
    int64_t n = 1;
    for (int i = 0; i < row->n_dims; i++)
        check(row->shape[i] > 0 && ask_mul_i64(&n, n, row->shape[i]));
    check(row->name[0] && strlen(row->name) < 255); // not cut
    ++*n_rows;
    return true;
}

static void check_rules(const network *n, const void *net)
{
    const network_qa_rules r = n->qa->rules(net);
    check(r.info.width > 0 && r.info.n_frames > 0 && r.info.n_events > 0);
    check(r.info.n_classes >= 0 && r.info.video_gflop > 0 && r.info.text_gflop > 0);
    check((r.info.kind == ASK_QA_OPTIONS) == (r.info.n_options > 0));
    check((r.info.kind == ASK_QA_VOCABULARY) == (r.info.n_answers > 0));
    check(r.text.n_context > 0 && r.text.pad_id < r.text.n_vocab && r.option_joint);
}

static void bind(const network *n, void *net, ask_arena *room)
{
    ask_error err = {0};
    size_t n_rows = 0;
    ask_params *p = ask_params_list(check_row, &n_rows, room, &err);
    check(p);
    n->bind(net, p);
    check(ask_params_finish(p, NULL, &err) && n_rows > 0);
    ask_model_size size;
    for (size_t i = 0; n->size_at(net, i, &size); i++) check(size.value > 0);
    if (n->dual) check(n->dual->sizes(net).image_flops > 0);
    if (n->qa) check_rules(n, net);
}

static void read_config(const network *n, ask_json_value root)
{
    ask_error err = {0};
    ask_arena *room = ask_arena_new(0);
    check(room);
    void *net = ask_arena_alloc64(room, n->net_bytes);
    check(net);
    if (n->read_config(net, root, &err)) {
        check(!n->set_compat || n->set_compat(net, "paper", &err));
        bind(n, net, room);
    } else
        check(err.code == ASK_ERR_MODEL && err.message[0]);
    ask_arena_free(room);
}

static void read_adapter(ask_json_value root)
{
    ask_error err = {0};
    ask_lora_config c;
    if (ask_lora_config_read(&c, root, &err))
        check(c.rank > 0 && isfinite(c.scale));
    else
        check(err.code == ASK_ERR_MODEL && err.message[0]);
}

static void read_networks(const char *text, size_t size)
{
    ask_error err = {0};
    ask_json *doc = ask_json_parse(text, size, "config.json", NULL, &err);
    if (!doc) return;
    ask_json_value root = ask_json_root(doc);
    check(network_find(NULL, root, NULL, &err) || err.code == ASK_ERR_MODEL);
    for (size_t i = 0; network_at(i); i++) read_config(network_at(i), root);
    read_adapter(root);
    ask_json_free(doc);
}

/* A picture of 5 x 3 pixels, where what it becomes is not large. */
static void prepare(const ask_preprocess *p)
{
    enum { LARGE = 128 * 128 };
    uint8_t pixels[3 * 5 * 3] = {0, 50, 100, 255};
    const ask_image image = {.width = 5, .height = 3, .channels = 3, .pixels = pixels};
    int width, height;
    ask_error err = {0};
    if (!ask_preprocess_size(&width, &height, p, &image, &err)) return;
    check(width > 0 && height > 0);
    int64_t resized = p->fit == ASK_FIT_EXACT ? (int64_t)p->width_px * p->height_px
                                              : (int64_t)p->shorter_px * p->shorter_px * 2;
    if ((int64_t)width * height > LARGE || resized > LARGE) return;
    float *out = malloc((size_t)width * (size_t)height * 3 * sizeof *out);
    check(out && ask_preprocess_apply(out, p, &image, &err));
    free(out);
}

static void read_preprocess(const char *text, size_t size)
{
    static const ask_processor processors[] = {ASK_PROCESSOR_CLIP, ASK_PROCESSOR_BIT,
                                               ASK_PROCESSOR_SIGLIP, ASK_PROCESSOR_VIT,
                                               ASK_PROCESSOR_BLIP};
    for (size_t i = 0; i < sizeof processors / sizeof *processors; i++) {
        ask_error err = {0};
        ask_preprocess p;
        if (ask_preprocess_parse(&p, text, size, "preprocessor_config.json", processors[i],
                                 &err))
            prepare(&p);
        else
            check(err.code == ASK_ERR_MODEL && err.message[0]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 1 << 16) return 0;
    read_networks((const char *)data, size);
    read_preprocess((const char *)data, size);
    return 0;
}
