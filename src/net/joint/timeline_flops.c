/* How much work the parts of Timeline are. */
#include "net/joint/timeline_priv.h"

/* Of a matrix with so many rows. */
static double product(double rows, double n_in, double n_out)
{
    return 2 * rows * n_in * n_out;
}

/* Every field has queries, keys, and shares of what all sights are. */
static double pointing_flops(const ask_timeline_config *c, double n)
{
    const int *values = c->kinds.n_values;
    const double each = (double)c->width / c->n_heads;
    const double kinds = values[ASK_KIND_OF_COLOR] + values[ASK_KIND_OF_SHAPE] +
                         values[ASK_KIND_OF_SIZE] + values[ASK_KIND_OF_TEXTURE];
    return ASK_TIMELINE_N_POINTED *
           (2 * product(n, c->width, each) + product(n, each + kinds, n));
}

double ask_timeline_glance_flops(const ask_timeline_config *c)
{
    const ask_stack_config stack = timeline_stack_config(c, c->glance_layers);
    const double n = (double)c->n_frames * c->n_sights, width = c->width;
    const double n_in = ask_sight_width(&c->kinds) +
                        c->cells.widths[ASK_CELLS_N_LEVELS - 1] +
                        3.0 * ASK_TIMELINE_N_BUMPS;
    const double pointed = timeline_pointed_field(&c->kinds).n;
    const double n_pairs =
        (double)c->kinds.n_values[ASK_KIND_OF_COLOR] * c->kinds.n_values[ASK_KIND_OF_SHAPE];
    return product(n, n_in, width) + ask_stack_flops(&stack, n, n) +
           product(n, width, ask_glimpse_width(&c->kinds) - pointed) +
           pointing_flops(c, n) + product(n, n_pairs, 1) +
           product(c->n_toy_slots, n, ask_record_width(&c->kinds));
}

double ask_timeline_text_flops(const ask_timeline_config *c, int n_tokens)
{
    const ask_stack_config stack = timeline_stack_config(c, c->text_layers);
    return ask_stack_flops(&stack, n_tokens, n_tokens) + product(1, c->width, c->width);
}

/* A layer looks at the memory besides. */
double ask_timeline_focus_flops(const ask_timeline_config *c, int n_tokens, int n_answers)
{
    const ask_stack_config stack = timeline_stack_config(c, c->focus_layers),
                           remembering = timeline_stack_config(c, c->memory_layers);
    const double n = n_tokens + 1.0, width = c->width, n_slots = ask_timeline_n_slots(c);
    const double asked = product(n, width, width), seen = product(n_slots, width, width);
    const double memory = 2 * asked + 2 * seen + 2 * product(n, width, n_slots);
    return product(n_slots, ask_record_width(&c->kinds), width) + seen +
           ask_stack_flops(&remembering, n_slots, n_slots) +
           product(n_answers, width, width + n_slots + 1) + product(1, n_slots, n_answers) +
           ask_stack_flops(&stack, n, n) + c->focus_layers * memory +
           2 * product(1, width, width) + product(1, width, n_slots + n_answers);
}
