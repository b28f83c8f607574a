/* The full table, from all packets; decoded too where the container has no display times.
 */
#include <libavutil/parseutils.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "media/source_libav_priv.h"

enum { FRAMES_BETWEEN_REPORTS = 256 };

/* A table being made. */
typedef struct {
    ask_libav_source *source;
    ask_source_table table;
    int64_t frames_room, starts_room;
    int64_t last_pts, last_duration; // of the frame that is displayed last
    int64_t n_packets;
    int64_t furthest; // place in the file
} builder;

/* Makes room for one more item. */
static bool grow(void **items, int64_t *room, int64_t n, size_t item_bytes, ask_error *err)
{
    if (n < *room) return true;
    int64_t more = *room ? 2 * *room : 256;
    size_t n_bytes;
    void *grown =
        ask_bytes_of(&n_bytes, more, item_bytes) ? realloc(*items, n_bytes) : NULL;
    if (!grown) return ask_fail_memory(err);
    *items = grown;
    *room = more;
    return true;
}

static bool add_frame(builder *b, const ask_source_frame *frame, ask_error *err)
{
    ask_source_table *t = &b->table;
    if (!grow((void **)&t->frames, &b->frames_room, t->n_frames, sizeof *frame, err))
        return false;
    t->frames[t->n_frames++] = *frame;
    return true;
}

static bool add_start(builder *b, const ask_source_start *start, ask_error *err)
{
    ask_source_table *t = &b->table;
    if (!grow((void **)&t->starts, &b->starts_room, t->n_starts, sizeof *start, err))
        return false;
    t->starts[t->n_starts++] = *start;
    return true;
}

static void report(builder *b)
{
    const ask_packets *p = &b->source->packets;
    if (p->file->at > b->furthest) b->furthest = p->file->at;
    ask_progress_send(p->options->progress, b->furthest, p->file->n_bytes, "bytes",
                      "reading frame times");
}

static bool count_packet(builder *b, ask_error *err)
{
    int64_t most = b->source->packets.options->max_packets;
    if (b->n_packets++ % FRAMES_BETWEEN_REPORTS == 0) report(b);
    return b->n_packets <= most ||
           ask_fail(err, ASK_ERR_LIMIT, "more than %lld packets", (long long)most);
}

/* ---- from packets ---- */

/* Packets behind the first start with earlier times need frames that were cut off. */
static bool is_lost(const ask_packets *p, int64_t tag)
{
    return tag == AV_NOPTS_VALUE || (tag < p->first_tag && !p->keeps_leading);
}

static bool add_packet(builder *b, const ask_packet *packet, ask_error *err)
{
    const ask_packets *p = &b->source->packets;
    if (is_lost(p, packet->tag)) return true;
    bool starts = packet->key || (p->marks_no_keys && packet->tag == p->first_tag);
    if (starts && !add_start(b, &(ask_source_start){packet->tag, packet->tag}, err))
        return false;
    if (!packet->shown || packet->tag < b->source->base.head.first_pts) return true;
    if (b->table.n_frames == 0 || packet->tag >= b->last_pts) {
        b->last_pts = packet->tag;
        b->last_duration = ask_sensible_ticks(packet->av->duration);
    }
    return add_frame(b, &(ask_source_frame){packet->tag, packet->tag, starts}, err);
}

static bool walk_packets(builder *b, ask_error *err)
{
    ask_packets *p = &b->source->packets;
    if (!ask_packets_rewind(p, err)) return false;
    for (;;) {
        ask_packet packet;
        ask_read result = ask_packets_next(p, &packet, err);
        if (result == ASK_READ_FAILED) return false;
        if (result == ASK_READ_END) return true;
        if (!count_packet(b, err) || !add_packet(b, &packet, err)) return false;
    }
}

/* ---- from frames ---- */

static int compare_times(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The frames are there in display order with the tags of their packets, which are in order
 * of decoding: the first frame on display takes the first tag as its time, and so on. */
static bool give_times(builder *b, ask_error *err)
{
    ask_source_table *t = &b->table;
    if (t->n_frames == 0) return true;
    int64_t first_tag = b->source->packets.first_tag;
    int64_t *times = malloc((size_t)t->n_frames * sizeof *times);
    if (!times) return ask_fail_memory(err);
    for (int64_t i = 0; i < t->n_frames; i++) times[i] = t->frames[i].tag;
    qsort(times, (size_t)t->n_frames, sizeof *times, compare_times);
    bool ok = add_start(b, &(ask_source_start){times[0], first_tag}, err);
    for (int64_t i = 0; ok && i < t->n_frames; i++) {
        ask_source_frame *f = &t->frames[i];
        f->pts = b->last_pts = times[i];
        if (f->key && f->tag != first_tag)
            ok = add_start(b, &(ask_source_start){f->pts, f->tag}, err);
    }
    free(times);
    return ok;
}

static bool decode_all(builder *b, ask_error *err)
{
    ask_run *r = &b->source->run;
    int64_t first = b->source->packets.first_tag;
    ask_run_result result = ask_run_begin(r, first, ASK_DAMAGE_FILLED, err);
    r->map = NULL;
    r->any_order = true;
    if (result == ASK_RUN_OK) result = ask_run_first(r, NULL, 0, err);
    while (result == ASK_RUN_OK && r->has_next) {
        result = ask_run_step(r, NULL, 0, err);
        if (result != ASK_RUN_OK) break;
        const ask_source_frame frame = {.tag = r->current->pts, .key = ask_run_key(r)};
        b->last_duration = ask_sensible_ticks(r->current->pkt_duration);
        if (!count_packet(b, err) || !add_frame(b, &frame, err)) result = ASK_RUN_FAILED;
    }
    r->any_order = false;
    ask_run_end(r);
    return result == ASK_RUN_OK && give_times(b, err);
}

/* ---- the end ---- */

/* The longest time between two frames. */
static int64_t longest_step(const ask_source_table *t)
{
    int64_t longest = 0;
    for (int64_t i = 1; i < t->n_frames; i++) {
        int64_t step = t->frames[i].pts - t->frames[i - 1].pts;
        if (step > longest) longest = step;
    }
    return longest;
}

/* When the stream ends by what is said of it alone: by its tag in Matroska, or by the
 * container when it has no other stream; AV_NOPTS_VALUE when nothing is said. */
static int64_t end_of_stream(const ask_packets *p)
{
    const AVDictionaryEntry *tag =
        av_dict_get(p->stream->metadata, "DURATION", NULL, AV_DICT_MATCH_CASE);
    int64_t us = p->format->nb_streams == 1 ? p->format->duration : AV_NOPTS_VALUE;
    if (tag && av_parse_time(&us, tag->value, 1) < 0) us = AV_NOPTS_VALUE;
    if (us <= 0) return AV_NOPTS_VALUE;
    return av_rescale_q(us, AV_TIME_BASE_Q, p->time_base);
}

/* When the last frame ends by the header; last_pts when it does not tell. Containers that
 * store durations in the order of decoding, or none, do not tell it in the packets. What
 * the header says is believed when all packets are there; where their number is not known,
 * when the last frame would not stay much longer than others did. */
static int64_t stated_end(const builder *b)
{
    const ask_packets *p = &b->source->packets;
    const ask_source_table *t = &b->table;
    const AVStream *st = p->stream;
    int64_t end_pts = AV_NOPTS_VALUE;
    if (st->nb_frames > 0) {
        bool is_whole = st->nb_frames == b->n_packets && st->duration > 0;
        if (is_whole && ask_add_i64(&end_pts, t->frames[0].pts, st->duration))
            return end_pts;
    } else if (strcmp(p->format->iformat->name, "matroska,webm") == 0) {
        end_pts = end_of_stream(p);
        bool is_known = end_pts != AV_NOPTS_VALUE && end_pts > b->last_pts;
        if (is_known && end_pts - b->last_pts <= 2 * longest_step(t)) return end_pts;
    }
    return b->last_pts;
}

/* How long the last frame is displayed: until the stated end, else as its packet says, else
 * as long as the others on average, else as the container says. */
static int64_t last_duration(const builder *b)
{
    const ask_source_table *t = &b->table;
    int64_t n = t->n_frames, stated = stated_end(b);
    if (stated > b->last_pts) return stated - b->last_pts;
    if (b->source->packets.tags == ASK_TAG_COUNT) return 1;
    if (b->last_duration > 0) return b->last_duration;
    if (n > 1) {
        int64_t span = t->frames[n - 1].pts - t->frames[0].pts;
        return (span + (n - 1) / 2) / (n - 1);
    }
    int64_t all = b->source->base.head.duration;
    return all > 0 ? all : 0;
}

bool ask_libav_table(ask_source *source, ask_source_table *out, ask_error *err)
{
    builder b = {.source = (ask_libav_source *)source};
    ask_run_end(&b.source->run);
    bool ok = source->head.is_counted ? decode_all(&b, err) : walk_packets(&b, err);
    if (!ok || !ask_source_table_order(&b.table, err)) {
        ask_source_table_free(&b.table);
        return false;
    }
    b.table.end_pts = b.last_pts;
    if (!ask_add_i64(&b.table.end_pts, b.last_pts, last_duration(&b)))
        b.table.end_pts = b.last_pts;
    report(&b);
    *out = b.table;
    return true;
}
