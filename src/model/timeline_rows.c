/* What Timeline's rows of attributes say, for people. */
#include <math.h>

#include "model/timeline_priv.h"

static const ask_timeline_config *config_of(const void *net)
{
    return &((const timeline_model *)net)->net.config;
}

static double clip(double share)
{
    return fmin(fmax(share, 0), 1);
}

/* ---- sights ---- */

ask_sight timeline_read_sight(const void *net, const float *sight)
{
    const ask_timeline_kinds *k = &config_of(net)->kinds;
    const float *box = sight + ask_sight_field_of(k, ASK_SIGHT_BOX).begin;
    const double width = fmax(box[2], 0), height = fmax(box[3], 0);
    const double left = clip(box[0] - width / 2), top = clip(box[1] - height / 2);
    return (ask_sight){
        .seen = sight[ask_sight_field_of(k, ASK_SIGHT_SEEN).begin],
        .x = left,
        .y = top,
        .width = clip(box[0] + width / 2) - left,
        .height = clip(box[1] + height / 2) - top,
    };
}

/* ---- records ---- */

static const float *field(const ask_timeline_config *c, const float *record,
                          ask_record_field f)
{
    return record + ask_record_field_of(&c->kinds, f).begin;
}

static int likeliest(const ask_timeline_config *c, const float *record, ask_record_field f)
{
    const float *p = field(c, record, f);
    int best = 0;
    for (int i = 1; i < ask_record_field_of(&c->kinds, f).n; i++)
        if (p[i] > p[best]) best = i;
    return best;
}

static const char *name_of(const ask_timeline_config *c, const float *record,
                           ask_record_field f, ask_timeline_kind kind)
{
    return c->names[kind][likeliest(c, record, f)].name;
}

/* Whether a field that may be nothing is something, rather than not. */
static bool is_told(const ask_timeline_config *c, const float *record, ask_record_field f)
{
    const float *p = field(c, record, f);
    double sum = 0;
    for (int i = 0; i < ask_record_field_of(&c->kinds, f).n; i++) sum += p[i];
    return sum >= 0.5;
}

static void read_event(ask_memory_slot *out, const ask_timeline_config *c,
                       const float *record, const ask_timeline_name *event)
{
    out->what = event->name;
    if (event->moves_other) {
        out->other_color = name_of(c, record, ASK_RECORD_OTHER_COLOR, ASK_KIND_OF_COLOR);
        out->other_shape = name_of(c, record, ASK_RECORD_OTHER_SHAPE, ASK_KIND_OF_SHAPE);
    }
    if (event->changes_color)
        out->later_color = name_of(c, record, ASK_RECORD_LATER_COLOR, ASK_KIND_OF_COLOR);
}

ask_memory_slot timeline_read_slot(const void *net, const float *record)
{
    const ask_timeline_config *c = config_of(net);
    const int what = likeliest(c, record, ASK_RECORD_CLASS);
    const float *span = field(c, record, ASK_RECORD_SPAN);
    const float *places = field(c, record, ASK_RECORD_PLACES);
    ask_memory_slot slot = {
        .confidence = clip(*field(c, record, ASK_RECORD_CONFIDENCE)),
        .what_p = field(c, record, ASK_RECORD_CLASS)[what],
        .color = name_of(c, record, ASK_RECORD_COLOR, ASK_KIND_OF_COLOR),
        .shape = name_of(c, record, ASK_RECORD_SHAPE, ASK_KIND_OF_SHAPE),
        .size = name_of(c, record, ASK_RECORD_SIZE, ASK_KIND_OF_SIZE),
        .texture = name_of(c, record, ASK_RECORD_TEXTURE, ASK_KIND_OF_TEXTURE),
        .start = clip(span[0]),
        .end = fmax(clip(span[0]), clip(span[1])),
        .from_x = places[0],
        .from_y = places[1],
        .to_x = places[2],
        .to_y = places[3],
    };
    if (what < c->kinds.n_values[ASK_KIND_OF_EVENT])
        read_event(&slot, c, record, &c->names[ASK_KIND_OF_EVENT][what]);
    else if (is_told(c, record, ASK_RECORD_LATER_COLOR))
        slot.later_color = name_of(c, record, ASK_RECORD_LATER_COLOR, ASK_KIND_OF_COLOR);
    return slot;
}
