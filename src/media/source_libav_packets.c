/* The packets of one video stream: one after the other, and from a place to start. */
#include <errno.h>

#include "base/file.h"
#include "media/source_libav_priv.h"

/* ---- one after the other ---- */

/* A time beyond this is nonsense and counts as none; of the others, sums and differences of
 * a few fit an int64_t. */
static const int64_t MOST_TICKS = INT64_C(1) << 60;

int64_t ask_sensible_ticks(int64_t ticks)
{
    return ticks > -MOST_TICKS && ticks < MOST_TICKS ? ticks : AV_NOPTS_VALUE;
}

static int64_t tag_of(const ask_packets *p, const AVPacket *av)
{
    switch (p->tags) {
    case ASK_TAG_PTS:
        return ask_sensible_ticks(av->pts);
    case ASK_TAG_DTS:
        return ask_sensible_ticks(av->dts != AV_NOPTS_VALUE ? av->dts : av->pts);
    case ASK_TAG_COUNT:
        break;
    }
    return p->n_read - 1;
}

/* Decoding an animation starts at its beginning, whatever its packets say. */
static bool is_key(const ask_packets *p, const AVPacket *av)
{
    enum AVCodecID codec = p->stream->codecpar->codec_id;
    if (codec == AV_CODEC_ID_GIF || codec == AV_CODEC_ID_APNG) return p->n_read == 1;
    return av->flags & AV_PKT_FLAG_KEY;
}

static void describe(const ask_packets *p, ask_packet *out)
{
    AVPacket *av = p->held;
    out->av = av;
    out->tag = tag_of(p, av);
    out->key = is_key(p, av);
    out->shown =
        out->tag != AV_NOPTS_VALUE && !(av->flags & AV_PKT_FLAG_DISCARD) &&
        !ask_packet_is_hidden(p->stream->codecpar->codec_id, av->data, (size_t)av->size);
}

/* Why no more packets come: an end, also a sudden one, is the end of what is there. */
static ask_read end_of_packets(const ask_packets *p, int code, ask_error *err)
{
    if (!ask_cancel_check(p->options->cancel, err)) return ASK_READ_FAILED;
    if (p->file->reason) {
        ask_fail_errno(err, p->file->reason, "cannot read");
        return ASK_READ_FAILED;
    }
    if (code == AVERROR(ENOMEM)) {
        ask_fail_memory(err);
        return ASK_READ_FAILED;
    }
    return ASK_READ_END;
}

/* Reads the stream's next packet into p->held. */
static ask_read read_packet(ask_packets *p, ask_error *err)
{
    for (;;) {
        av_packet_unref(p->held);
        if (!ask_cancel_check(p->options->cancel, err)) return ASK_READ_FAILED;
        int code = av_read_frame(p->format, p->held);
        if (code == AVERROR(EAGAIN)) continue;
        if (code < 0) return end_of_packets(p, code, err);
        if (p->held->stream_index != p->stream->index) continue;
        p->n_read++;
        return ASK_READ_OK;
    }
}

ask_read ask_packets_next(ask_packets *p, ask_packet *out, ask_error *err)
{
    if (!p->is_held) {
        ask_read result = read_packet(p, err);
        if (result != ASK_READ_OK) return result;
    }
    p->is_held = false;
    describe(p, out);
    return ASK_READ_OK;
}

void ask_packets_hold(ask_packets *p)
{
    p->is_held = true;
}

/* ---- the beginning ---- */

enum {
    MAX_HEAD = 1000, // packets looked at for a key packet
    REORDERED = 32,  // packets after which no earlier display time can come
};

/* Finds the packet that decoding begins with: the first key packet, or the first of all in
 * a stream that marks none. */
static bool find_first_start(ask_packets *p, ask_packet *out, ask_error *err)
{
    int64_t first = AV_NOPTS_VALUE;
    ask_read result = ASK_READ_OK;
    for (int i = 0; i < MAX_HEAD; i++) {
        result = ask_packets_next(p, out, err);
        if (result != ASK_READ_OK) break;
        if (out->tag == AV_NOPTS_VALUE) continue;
        if (out->key) return true;
        if (first == AV_NOPTS_VALUE) first = out->tag;
    }
    if (result == ASK_READ_FAILED) return false;
    if (first == AV_NOPTS_VALUE)
        return ask_fail(err, ASK_ERR_FORMAT, "the video stream has no frames");
    p->marks_no_keys = true;
    return ask_packets_reopen(p, err) && ask_packets_next(p, out, err) == ASK_READ_OK;
}

static void lower(int64_t *least, int64_t tag)
{
    if (*least == AV_NOPTS_VALUE || tag < *least) *least = tag;
}

bool ask_packets_find_first(ask_packets *p, ask_error *err)
{
    ask_packet packet;
    if (!find_first_start(p, &packet, err)) return false;
    p->first_tag = packet.tag;
    p->first_shown = p->first_leading = AV_NOPTS_VALUE;
    for (int n_shown = 0; n_shown < REORDERED;) {
        if (packet.shown) {
            n_shown++;
            lower(packet.tag < p->first_tag ? &p->first_leading : &p->first_shown,
                  packet.tag);
            // The usual case: nothing comes before the first packet, as the second shows.
            if (n_shown == 2 && packet.tag > p->first_tag && p->first_shown == p->first_tag)
                break;
        }
        ask_read result = ask_packets_next(p, &packet, err);
        if (result == ASK_READ_FAILED) return false;
        if (result == ASK_READ_END) break;
    }
    if (p->first_shown == AV_NOPTS_VALUE)
        return ask_fail(err, ASK_ERR_FORMAT, "the video stream has no frames");
    return true;
}

static bool is_first(const ask_packets *p, const ask_packet *packet)
{
    return packet->tag == p->first_tag && (packet->key || p->marks_no_keys);
}

/* Reads on to the first start, for at most n packets. */
static ask_read find_again(ask_packets *p, int n, ask_error *err)
{
    for (int i = 0; i < n; i++) {
        ask_packet packet;
        ask_read result = ask_packets_next(p, &packet, err);
        if (result != ASK_READ_OK) return result;
        if (is_first(p, &packet)) {
            ask_packets_hold(p);
            return ASK_READ_OK;
        }
    }
    return ASK_READ_END;
}

static bool jump(ask_packets *p, int64_t tag)
{
    p->is_held = false;
    p->n_read = 0;
    return av_seek_frame(p->format, p->stream->index, tag, AVSEEK_FLAG_BACKWARD) >= 0;
}

bool ask_packets_rewind(ask_packets *p, ask_error *err)
{
    if (p->seeks && jump(p, p->first_tag)) {
        ask_read result = find_again(p, REORDERED, err);
        if (result != ASK_READ_END) return result == ASK_READ_OK;
    }
    if (!ask_packets_reopen(p, err)) return false;
    ask_read result = find_again(p, MAX_HEAD + 1, err);
    if (result == ASK_READ_END)
        ask_fail(err, ASK_ERR_IO, "the beginning cannot be read again");
    return result == ASK_READ_OK;
}

/* ---- places in the middle ---- */

enum {
    MAX_LANDING = 5000, // packets looked at for a key packet after a jump
    MAX_JUMPS = 5,
};

/* Reads on to the next key packet. */
static ask_read find_key(ask_packets *p, ask_packet *out, ask_error *err)
{
    for (int i = 0; i < MAX_LANDING; i++) {
        ask_read result = ask_packets_next(p, out, err);
        if (result != ASK_READ_OK) return result;
        if (out->key && out->tag != AV_NOPTS_VALUE) return ASK_READ_OK;
    }
    return ASK_READ_END;
}

/* Jumps to earlier and earlier places until the key packet found there is early enough: an
 * index may hold decoding times, or be wrong. */
static ask_read land(ask_packets *p, int64_t tag, int64_t *start, ask_error *err)
{
    int64_t back = av_rescale_q(1, (AVRational){1, 1}, p->time_base) + 1;
    int64_t to = tag;
    for (int i = 0; i < MAX_JUMPS && to > p->first_tag && jump(p, to); i++) {
        ask_packet packet;
        ask_read result = find_key(p, &packet, err);
        if (result == ASK_READ_FAILED) return result;
        if (result == ASK_READ_OK && packet.tag <= tag) {
            *start = packet.tag;
            ask_packets_hold(p);
            return ASK_READ_OK;
        }
        to = to > p->first_tag + back ? to - back : p->first_tag;
        back *= 4;
    }
    return ASK_READ_END;
}

ask_read ask_packets_seek(ask_packets *p, int64_t tag, int64_t *start, ask_error *err)
{
    if (p->seeks && tag > p->first_tag) {
        ask_read result = land(p, tag, start, err);
        if (result != ASK_READ_END) return result;
    }
    if (!ask_packets_rewind(p, err)) return ASK_READ_FAILED;
    *start = p->first_tag;
    return ASK_READ_OK;
}

/* ---- the container's index ---- */

int64_t ask_packets_indexed_start(const ask_packets *p, int64_t tag)
{
    const AVIndexEntry *e =
        p->seeks
            ? avformat_index_get_entry_from_timestamp(p->stream, tag, AVSEEK_FLAG_BACKWARD)
            : NULL;
    return e ? e->timestamp : AV_NOPTS_VALUE;
}

int64_t ask_packets_count_starts(const ask_packets *p)
{
    int64_t n = 0;
    int n_entries = avformat_index_get_entries_count(p->stream);
    for (int i = 0; i < n_entries; i++) {
        const AVIndexEntry *e = avformat_index_get_entry(p->stream, i);
        n += (e->flags & AVINDEX_KEYFRAME) && !(e->flags & AVINDEX_DISCARD_FRAME);
    }
    return n;
}
