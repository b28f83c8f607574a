/* Tracks of text in video files.
 *
 * libav finds the packets; what is in them is read here. Its decoders would make ASS of all
 * of them, which has no place for a WebVTT voice, and from which the words would have to be
 * taken the same way. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/utf8.h"
#include "media/source_libav_priv.h"
#include "media/subtitles_priv.h"
#include "media/video_priv.h"

/* ---- tracks ---- */

static const struct {
    enum AVCodecID codec;
    ask_markup markup;
} forms[] = {
    {AV_CODEC_ID_MOV_TEXT, ASK_MARKUP_NONE}, {AV_CODEC_ID_SUBRIP, ASK_MARKUP_SUBRIP},
    {AV_CODEC_ID_TEXT, ASK_MARKUP_SUBRIP},   {AV_CODEC_ID_WEBVTT, ASK_MARKUP_WEBVTT},
    {AV_CODEC_ID_ASS, ASK_MARKUP_ASS},
};

static bool find_markup(ask_markup *out, enum AVCodecID codec)
{
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (forms[i].codec != codec) continue;
        *out = forms[i].markup;
        return true;
    }
    return false;
}

static bool is_pictures(enum AVCodecID codec)
{
    const AVCodecDescriptor *d = avcodec_descriptor_get(codec);
    return d && d->props & AV_CODEC_PROP_BITMAP_SUB;
}

static ask_subtitle_track track_of(const AVStream *st)
{
    enum AVCodecID codec = st->codecpar->codec_id;
    ask_markup markup;
    ask_subtitle_track t = {
        .stream = st->index,
        .codec = avcodec_get_name(codec),
        .is_default = st->disposition & AV_DISPOSITION_DEFAULT,
        .is_forced = st->disposition & AV_DISPOSITION_FORCED,
        .is_read = find_markup(&markup, codec),
        .is_pictures = is_pictures(codec),
    };
    const AVDictionaryEntry *language = av_dict_get(st->metadata, "language", NULL, 0);
    if (language && strcmp(language->value, "und") != 0)
        ask_utf8_line(t.language, sizeof t.language, language->value);
    return t;
}

static bool is_subtitle(const AVStream *st)
{
    return st->codecpar->codec_type == AVMEDIA_TYPE_SUBTITLE;
}

/* The tracks of an open container. */
static bool list_tracks(ask_subtitle_track **out, int *n, const AVFormatContext *format,
                        ask_error *err)
{
    ask_subtitle_track *tracks = calloc(format->nb_streams + 1, sizeof *tracks);
    if (!tracks) return ask_fail_memory(err);
    *n = 0;
    for (unsigned i = 0; i < format->nb_streams; i++)
        if (is_subtitle(format->streams[i])) tracks[(*n)++] = track_of(format->streams[i]);
    *out = tracks;
    return true;
}

/* Opens the file of a video once more. `options` is filled, and borrowed by *p. */
static bool open_file(ask_packets *p, ask_video_options *options, const ask_video *v,
                      const ask_cancel *cancel, ask_error *err)
{
    const ask_source *source = ask_video_source(v);
    *options = source->options;
    if (cancel) options->cancel = cancel;
    return ask_packets_open_streams(p, source->path, options, err);
}

bool ask_subtitles_tracks(ask_subtitle_track **out, int *n, const ask_video *v,
                          ask_error *err)
{
    const ask_source *source = ask_video_source(v);
    if (source->head.info.n_subtitle_streams == 0) { // also every folder of images
        ask_subtitle_track *none = calloc(1, sizeof *none);
        if (!none) return ask_fail_memory(err);
        *out = none;
        *n = 0;
        return true;
    }
    ask_packets p;
    ask_video_options options;
    bool ok = open_file(&p, &options, v, NULL, err) && list_tracks(out, n, p.format, err);
    ask_packets_close(&p);
    return ok || ask_subtitles_fail_in(source->path, err);
}

/* ---- the choice ---- */

static bool has_language(const ask_subtitle_track *t, const char *language)
{
    return !language || ask_language_fits(t->language, strlen(t->language), language);
}

static int rank_of(const ask_subtitle_track *t, const ask_subtitle_options *o)
{
    if (!t->is_read || !has_language(t, o->language)) return 0;
    return t->is_forced ? 1 : t->is_default ? 3 : 2;
}

/* Why a track is not read. */
static bool fail_unread(const ask_subtitle_track *t, ask_error *err)
{
    if (t->is_pictures)
        return ask_fail(err, ASK_ERR_UNSUPPORTED,
                        "the subtitles of stream %d (%s) are pictures, not text; give an "
                        ".srt or .vtt file",
                        t->stream, t->codec);
    return ask_fail(err, ASK_ERR_UNSUPPORTED,
                    "the subtitles of stream %d (%s) are of a form that is not read; give "
                    "an .srt or .vtt file",
                    t->stream, t->codec);
}

static const ask_subtitle_track *track_at(const ask_subtitle_track *tracks, int n,
                                          int stream, ask_error *err)
{
    for (int i = 0; i < n; i++) {
        if (tracks[i].stream != stream) continue;
        if (tracks[i].is_read) return &tracks[i];
        fail_unread(&tracks[i], err);
        return NULL;
    }
    ask_fail(err, ASK_ERR_USAGE, "stream %d is no subtitle track (there are %d)", stream,
             n);
    return NULL;
}

static bool fail_without_track(const ask_subtitle_track *tracks, int n,
                               const char *language, ask_error *err)
{
    for (int i = 0; i < n; i++)
        if (!tracks[i].is_read && has_language(&tracks[i], language))
            return fail_unread(&tracks[i], err);
    if (!language) return ask_fail(err, ASK_ERR_NOT_FOUND, "no subtitles in the file");
    return ask_fail(err, ASK_ERR_NOT_FOUND, "no subtitles in \"%s\" (tracks: %d)", language,
                    n);
}

static const ask_subtitle_track *choose(const ask_subtitle_track *tracks, int n,
                                        const ask_subtitle_options *o, ask_error *err)
{
    if (o->stream >= 0) return track_at(tracks, n, o->stream, err);
    const ask_subtitle_track *best = NULL;
    int best_rank = 0;
    for (int i = 0; i < n; i++) {
        int rank = rank_of(&tracks[i], o);
        if (rank <= best_rank) continue;
        best = &tracks[i];
        best_rank = rank;
    }
    if (!best) fail_without_track(tracks, n, o->language, err);
    return best;
}

/* ---- packets ---- */

/* A part of a packet. */
typedef struct {
    const uint8_t *at;
    size_t n;
} span;

/* The text behind its size in 16 bits; boxes of style follow. */
static span mov_text_of(span packet)
{
    if (packet.n < 2) return (span){packet.at, 0};
    size_t n = (size_t)packet.at[0] << 8 | packet.at[1];
    return (span){packet.at + 2, n < packet.n - 2 ? n : packet.n - 2};
}

/* The text behind eight fields, each with its comma; false when they are not there. */
static bool find_ass_text(span *packet)
{
    for (int i = 0; i < 8; i++) {
        const uint8_t *comma = memchr(packet->at, ',', packet->n);
        if (!comma) return false;
        packet->n -= (size_t)(comma + 1 - packet->at);
        packet->at = comma + 1;
    }
    return true;
}

/* A track being read. */
typedef struct {
    ask_packets packets;
    ask_cue_list list;
    ask_markup markup;
    bool is_mov;
    int64_t first_pts;     // when the first frame is displayed, on the same time line
    AVRational first_unit; // of that
    size_t n_bytes;
    int64_t n_packets;
} reader;

static bool add_text(reader *r, double start_s, double end_s, span text, ask_error *err)
{
    size_t n_bom = 0;
    ask_bom bom = r->is_mov ? ask_bom_of(text.at, text.n, &n_bom) : ASK_BOM_NONE;
    const uint8_t *at = text.at + n_bom;
    size_t n = text.n - n_bom;
    if (bom == ASK_BOM_NONE || bom == ASK_BOM_UTF8)
        return ask_cue_list_add(&r->list, start_s, end_s, r->markup, (const char *)at, n,
                                err);
    ask_str utf8 = {0};
    bool ok = ask_utf16_to_utf8(&utf8, at, n, bom == ASK_BOM_UTF16_BE);
    if (!ok) {
        r->list.n_dropped++;
        ok = true;
    } else if (utf8.failed) {
        ok = ask_fail_memory(err);
    } else {
        ok = ask_cue_list_add(&r->list, start_s, end_s, r->markup, ask_str_text(&utf8),
                              utf8.length, err);
    }
    ask_str_free(&utf8);
    return ok;
}

/* Seconds from the first displayed frame, rounded once where that is possible: a cue that
 * begins with a frame then has its very time. */
static double seconds_of(const reader *r, int64_t ticks)
{
    AVRational unit = r->packets.time_base, first_unit = r->first_unit;
    int64_t at, first; // in units of 1 / (unit.den * first_unit.den)
    if (ask_mul_i64(&at, ticks, (int64_t)unit.num * first_unit.den) &&
        ask_mul_i64(&first, r->first_pts, (int64_t)first_unit.num * unit.den) &&
        !__builtin_sub_overflow(at, first, &at))
        return (double)at / ((double)unit.den * (double)first_unit.den);
    return (double)ticks * av_q2d(unit) - (double)r->first_pts * av_q2d(first_unit);
}

static bool add_packet(reader *r, const ask_packet *packet, ask_error *err)
{
    const AVPacket *av = packet->av;
    span text = {av->data, av->size > 0 && av->data ? (size_t)av->size : 0};
    if (text.n == 0) return true;
    if (r->is_mov) text = mov_text_of(text);
    bool is_whole = r->markup != ASK_MARKUP_ASS || find_ass_text(&text);
    if (!is_whole || packet->tag == AV_NOPTS_VALUE) {
        r->list.n_dropped++;
        return true;
    }
    int64_t duration = ask_sensible_ticks(av->duration);
    double start_s = seconds_of(r, packet->tag);
    double end_s = duration > 0 ? seconds_of(r, packet->tag + duration) : INFINITY;
    return add_text(r, start_s, end_s, text, err);
}

static bool check_limits(reader *r, const ask_packet *packet, ask_error *err)
{
    const ask_video_options *o = r->packets.options;
    const ask_libav_file *file = r->packets.file;
    ask_progress_send(o->progress, file->at, file->n_bytes, "bytes", "reading subtitles");
    r->n_bytes += packet->av->size > 0 ? (size_t)packet->av->size : 0;
    if (++r->n_packets > o->max_packets)
        return ask_fail(err, ASK_ERR_LIMIT, "more than %lld packets of subtitles",
                        (long long)o->max_packets);
    return r->n_bytes <= r->list.options->max_bytes ||
           ask_fail(err, ASK_ERR_LIMIT, "more than %zu bytes of subtitles",
                    r->list.options->max_bytes);
}

static bool read_packets(reader *r, ask_error *err)
{
    for (;;) {
        ask_packet packet;
        ask_read result = ask_packets_next(&r->packets, &packet, err);
        if (result != ASK_READ_OK) return result == ASK_READ_END;
        if (!check_limits(r, &packet, err) || !add_packet(r, &packet, err)) return false;
    }
}

/* ---- a track ---- */

static bool take_track(reader *r, const ask_subtitle_options *o, ask_error *err)
{
    ask_subtitle_track *tracks;
    int n;
    if (!list_tracks(&tracks, &n, r->packets.format, err)) return false;
    const ask_subtitle_track *t = choose(tracks, n, o, err);
    if (t) ask_packets_take(&r->packets, t->stream);
    free(tracks);
    if (!t) return false;
    enum AVCodecID codec = r->packets.stream->codecpar->codec_id;
    r->is_mov = codec == AV_CODEC_ID_MOV_TEXT;
    return find_markup(&r->markup, codec);
}

static bool read_track(ask_subtitles *out, reader *r, const ask_video *v, ask_error *err)
{
    double duration_s = ask_video_outline(v)->duration_s;
    const ask_source_head *head = &ask_video_source(v)->head;
    r->first_pts = head->first_pts;
    r->first_unit =
        (AVRational){(int)head->info.time_base_num, (int)head->info.time_base_den};
    if (!read_packets(r, err)) return false;
    if (!ask_cue_list_end(&r->list, out, duration_s < 0 ? INFINITY : duration_s, NULL, err))
        return false;
    out->stream = r->packets.stream->index;
    return true;
}

static bool read_file(ask_subtitles *out, reader *r, const ask_video *v,
                      const ask_subtitle_options *o, ask_error *err)
{
    ask_video_options options;
    bool ok = open_file(&r->packets, &options, v, o->cancel, err) &&
              take_track(r, o, err) && ask_cue_list_begin(&r->list, o, err) &&
              read_track(out, r, v, err);
    ask_cue_list_drop(&r->list);
    ask_packets_close(&r->packets);
    return ok;
}

bool ask_subtitles_of_video(ask_subtitles *out, const ask_video *v,
                            const ask_subtitle_options *opt, ask_error *err)
{
    ask_subtitle_options options;
    if (!ask_subtitle_options_take(&options, opt, err)) return false;
    const ask_source *source = ask_video_source(v);
    reader r = {0};
    bool ok;
    if (source->head.info.n_subtitle_streams > 0)
        ok = read_file(out, &r, v, &options, err);
    else if (options.stream >= 0)
        ok = track_at(NULL, 0, options.stream, err);
    else
        ok = fail_without_track(NULL, 0, options.language, err);
    return ok || ask_subtitles_fail_in(source->path, err);
}
