/* Frames one after the other from one start.
 *
 * A run holds two frames, the one on display and the next: a frame is known to be the last
 * one at or before a time only when a later one has come. */
#include "media/libav_priv.h"
#include "media/source_libav_priv.h"

bool ask_run_open(ask_run *r, ask_packets *packets, ask_decoders *decoders, ask_error *err)
{
    *r = (ask_run){.packets = packets, .decoders = decoders};
    r->current = av_frame_alloc();
    r->next = av_frame_alloc();
    return (r->current && r->next) || ask_fail_memory(err);
}

void ask_run_end(ask_run *r)
{
    if (r->current) av_frame_unref(r->current);
    if (r->next) av_frame_unref(r->next);
    r->has_current = r->has_next = false;
    r->codec = NULL;
}

void ask_run_close(ask_run *r)
{
    av_frame_free(&r->current);
    av_frame_free(&r->next);
}

/* ---- display times ---- */

/* The display time that a tag stands for; false when no frame of the table has this tag. */
static bool display_time(const ask_run *r, int64_t tag, int64_t *pts)
{
    if (tag == AV_NOPTS_VALUE) return false;
    if (!r->map) {
        *pts = tag;
        return true;
    }
    const ask_source_frame *f = ask_source_find_tag(r->map, tag);
    if (f) *pts = f->pts;
    return f;
}

/* ---- packets that were read lately ---- */

static const ask_recent *recent_at(const ask_run *r, int64_t i)
{
    return &r->recent[i % ASK_RECENT];
}

static int64_t first_recent(const ask_run *r)
{
    return r->n_recent > ASK_RECENT ? r->n_recent - ASK_RECENT : 0;
}

static void remember(ask_run *r, const ask_packet *packet, int64_t pts)
{
    r->recent[r->n_recent++ % ASK_RECENT] =
        (ask_recent){packet->tag, pts, r->n_packets, packet->key};
}

static const ask_recent *recent_of_tag(const ask_run *r, int64_t tag)
{
    for (int64_t i = r->n_recent - 1; i >= first_recent(r); i--)
        if (recent_at(r, i)->tag == tag) return recent_at(r, i);
    return NULL;
}

/* Whether a packet with after < pts <= until was read. */
static bool saw_between(const ask_run *r, int64_t after, int64_t until)
{
    for (int64_t i = r->n_recent - 1; i >= first_recent(r); i--) {
        int64_t pts = recent_at(r, i)->pts;
        if (pts > after && pts <= until) return true;
    }
    return false;
}

bool ask_run_misses(const ask_run *r, int64_t pts)
{
    return saw_between(r, ask_run_pts(r), pts);
}

/* ---- packets into the decoder ---- */

static void note_error(ask_run *r, int64_t tag, int64_t number)
{
    if (r->has_error) return;
    r->has_error = true;
    r->error_tag = tag;
    r->error_number = number;
}

/* The first wanted time at or after pts; false when there is none. */
static bool first_wanted(int64_t *out, int64_t pts, const int64_t *wanted, int n)
{
    int low = 0, high = n;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (wanted[middle] < pts)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < n) *out = wanted[low];
    return low < n;
}

/* Whether the packet's frame is on display at no wanted time, and no other frame needs it:
 * then leaving it out changes nothing that anybody sees. A later frame is on display at the
 * wanted time when its packet was read already, which for frames that nobody refers to is
 * the rule: they stand behind the frames that they refer to. */
static bool can_be_left_out(const ask_run *r, const ask_packet *packet, int64_t pts,
                            const int64_t *wanted, int n_wanted)
{
    int64_t time;
    return r->damage == ASK_DAMAGE_STOPS && packet->shown && !r->map &&
           first_wanted(&time, pts, wanted, n_wanted) && saw_between(r, pts, time) &&
           ask_packet_is_disposable(r->packets->stream->codecpar, packet->av->data,
                                    (size_t)packet->av->size);
}

/* Packets behind a start that are displayed before it refer to frames before it. */
static bool is_lost_at_start(const ask_run *r, int64_t pts)
{
    return pts < r->start_pts && !r->keeps_leading;
}

static ask_run_result send(ask_run *r, AVPacket *av, ask_error *err)
{
    int64_t tag = av ? av->pts : AV_NOPTS_VALUE;
    int code = avcodec_send_packet(r->codec, av);
    if (code == AVERROR(ENOMEM)) {
        ask_fail_memory(err);
        return ASK_RUN_FAILED;
    }
    if (code >= 0 || code == AVERROR_EOF) return ASK_RUN_OK;
    note_error(r, tag, r->n_packets);
    return r->damage == ASK_DAMAGE_FILLED ? ASK_RUN_OK : ASK_RUN_DAMAGED;
}

/* Gives the decoder one packet, or tells it that there are no more. */
static ask_run_result feed(ask_run *r, const int64_t *wanted, int n_wanted, ask_error *err)
{
    for (;;) {
        ask_packet packet;
        ask_read read = ask_packets_next(r->packets, &packet, err);
        if (read == ASK_READ_FAILED) return ASK_RUN_FAILED;
        if (read == ASK_READ_END) {
            r->is_drained = true;
            return send(r, NULL, err);
        }
        int64_t pts;
        bool has_pts = display_time(r, packet.tag, &pts);
        if (has_pts && is_lost_at_start(r, pts)) continue;
        r->n_packets++;
        bool leave_out = has_pts && can_be_left_out(r, &packet, pts, wanted, n_wanted);
        if (has_pts && packet.shown) remember(r, &packet, pts);
        if (leave_out || packet.av->size == 0) continue;
        packet.av->pts = packet.tag;
        return send(r, packet.av, err);
    }
}

/* ---- frames out of the decoder ---- */

static bool shows_damage(const AVFrame *f)
{
    return f->decode_error_flags || f->flags & AV_FRAME_FLAG_CORRUPT;
}

/* Of a frame that is of the run. */
static int64_t frame_pts(const ask_run *r, const AVFrame *f)
{
    int64_t pts = f->pts;
    display_time(r, f->pts, &pts);
    return pts;
}

/* Whether a frame belongs to the run, and is in its place there. */
static bool is_of_run(const ask_run *r, const AVFrame *f)
{
    int64_t pts;
    if (!display_time(r, f->pts, &pts) || is_lost_at_start(r, pts)) return false;
    return r->any_order || !r->has_current || pts >= frame_pts(r, r->current);
}

/* Gets the next frame into r->next; leaves has_next false at the end. */
static ask_run_result receive(ask_run *r, const int64_t *wanted, int n_wanted,
                              ask_error *err)
{
    for (;;) {
        int code = avcodec_receive_frame(r->codec, r->next);
        ask_run_result result = ASK_RUN_OK;
        if (code == AVERROR_EOF) return ASK_RUN_OK;
        if (code == AVERROR(EAGAIN)) {
            if (r->is_drained) return ASK_RUN_OK;
            result = feed(r, wanted, n_wanted, err);
        } else if (code == AVERROR(ENOMEM)) {
            ask_fail_memory(err);
            return ASK_RUN_FAILED;
        } else if (code < 0) {
            const ask_recent *last = r->n_recent ? recent_at(r, r->n_recent - 1) : NULL;
            note_error(r, last ? last->tag : r->start_pts, r->n_packets);
            if (r->damage != ASK_DAMAGE_FILLED) return ASK_RUN_DAMAGED;
        } else if (r->damage != ASK_DAMAGE_FILLED && shows_damage(r->next)) {
            note_error(r, r->next->pts, r->n_packets);
            return ASK_RUN_DAMAGED;
        } else if (is_of_run(r, r->next)) {
            r->has_next = true;
            return ASK_RUN_OK;
        }
        if (result != ASK_RUN_OK) return result;
    }
}

ask_run_result ask_run_first(ask_run *r, const int64_t *wanted, int n_wanted,
                             ask_error *err)
{
    bool is_begun = r->has_current || r->has_next || r->is_drained;
    return is_begun ? ASK_RUN_OK : receive(r, wanted, n_wanted, err);
}

ask_run_result ask_run_step(ask_run *r, const int64_t *wanted, int n_wanted, ask_error *err)
{
    if (!r->has_next) return ASK_RUN_END;
    AVFrame *shown = r->current;
    r->current = r->next;
    r->next = shown;
    r->has_current = true;
    r->has_next = false;
    av_frame_unref(r->next);
    return receive(r, wanted, n_wanted, err);
}

int64_t ask_run_pts(const ask_run *r)
{
    return frame_pts(r, r->current);
}

int64_t ask_run_next_pts(const ask_run *r)
{
    return frame_pts(r, r->next);
}

ask_run_result ask_run_to(ask_run *r, int64_t pts, const int64_t *wanted, int n_wanted,
                          ask_error *err)
{
    ask_run_result result = ask_run_first(r, wanted, n_wanted, err);
    while (result == ASK_RUN_OK && r->has_next && frame_pts(r, r->next) <= pts)
        result = ask_run_step(r, wanted, n_wanted, err);
    if (result != ASK_RUN_OK) return result;
    return r->has_current && ask_run_pts(r) <= pts ? ASK_RUN_OK : ASK_RUN_END;
}

bool ask_run_key(const ask_run *r)
{
    const ask_recent *packet = recent_of_tag(r, r->current->pts);
    return packet && packet->key;
}

bool ask_run_is_damaged(const ask_run *r)
{
    const ask_recent *packet = recent_of_tag(r, r->current->pts);
    return shows_damage(r->current) ||
           (r->has_error && packet && packet->number >= r->error_number);
}

/* ---- beginning ---- */

static ask_run_result begin(ask_run *r, const ask_source_start *start, ask_damage damage,
                            ask_error *err)
{
    r->codec = ask_decoders_begin(r->decoders, r->packets, damage, err);
    if (!r->codec) return ASK_RUN_FAILED;
    r->damage = damage;
    r->start_pts = start->pts;
    r->keeps_leading = r->packets->keeps_leading && start->tag == r->packets->first_tag;
    r->is_drained = false;
    r->n_packets = 0;
    r->n_recent = 0;
    r->has_error = false;
    return ASK_RUN_OK;
}

ask_run_result ask_run_begin(ask_run *r, int64_t pts, ask_damage damage, ask_error *err)
{
    ask_run_end(r);
    int64_t tag;
    ask_read read = ask_packets_seek(r->packets, pts, &tag, err);
    if (read != ASK_READ_OK) return ASK_RUN_FAILED;
    return begin(r, &(ask_source_start){.pts = tag, .tag = tag}, damage, err);
}

/* Reads on to a key packet of this tag. */
static ask_read read_on_to(ask_packets *p, int64_t tag, ask_error *err)
{
    for (;;) {
        ask_packet packet;
        ask_read read = ask_packets_next(p, &packet, err);
        if (read != ASK_READ_OK) return read;
        if (packet.tag == tag) break;
    }
    ask_packets_hold(p);
    return ASK_READ_OK;
}

ask_run_result ask_run_begin_at(ask_run *r, const ask_source_start *start,
                                ask_damage damage, ask_error *err)
{
    ask_run_end(r);
    int64_t at;
    ask_read read = ask_packets_seek(r->packets, start->tag, &at, err);
    if (read == ASK_READ_OK && at != start->tag)
        read = read_on_to(r->packets, start->tag, err);
    if (read == ASK_READ_FAILED) return ASK_RUN_FAILED;
    if (read == ASK_READ_END) return ASK_RUN_END;
    return begin(r, start, damage, err);
}
