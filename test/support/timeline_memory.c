#include "support/timeline_memory.h"

#include "train/timeline_truth.h"

int told_value(const float *p, int n)
{
    double sum = 0;
    int best = 0;
    for (int i = 0; i < n; i++) {
        sum += p[i];
        if (p[i] > p[best]) best = i;
    }
    return sum < 0.5 ? -1 : best;
}

static int value_of(const ask_timeline_kinds *k, const float *row, ask_record_field f)
{
    ask_timeline_field at = ask_record_field_of(k, f);
    return told_value(row + at.begin, at.n);
}

static const float *numbers_of(const ask_timeline_kinds *k, const float *row,
                               ask_record_field f)
{
    return row + ask_record_field_of(k, f).begin;
}

told_record told_record_of(const ask_timeline_kinds *k, const float *row)
{
    const float *span = numbers_of(k, row, ASK_RECORD_SPAN);
    const float *places = numbers_of(k, row, ASK_RECORD_PLACES);
    told_record t = {.confidence = *numbers_of(k, row, ASK_RECORD_CONFIDENCE),
                     .class_ = value_of(k, row, ASK_RECORD_CLASS),
                     .color = value_of(k, row, ASK_RECORD_COLOR),
                     .shape = value_of(k, row, ASK_RECORD_SHAPE),
                     .size = value_of(k, row, ASK_RECORD_SIZE),
                     .texture = value_of(k, row, ASK_RECORD_TEXTURE),
                     .other_color = value_of(k, row, ASK_RECORD_OTHER_COLOR),
                     .other_shape = value_of(k, row, ASK_RECORD_OTHER_SHAPE),
                     .later_color = value_of(k, row, ASK_RECORD_LATER_COLOR),
                     .way = value_of(k, row, ASK_RECORD_WAY),
                     .begin = span[0],
                     .end = span[1]};
    for (int i = 0; i < 4; i++) t.places[i] = places[i];
    return t;
}

ask_timeline_config told_config(int n_event_slots, int n_toy_slots)
{
    return (ask_timeline_config){.kinds = ask_timeline_playroom_kinds(),
                                 .n_frames = 24,
                                 .has_memory = true,
                                 .n_event_slots = n_event_slots,
                                 .n_toy_slots = n_toy_slots};
}
