/* The source that reads files with libav. */
#include <libavutil/display.h>
#include <stdlib.h>
#include <string.h>

#include "media/libav_priv.h"
#include "media/source_libav_priv.h"

/* Goes up whenever the rules change by which a table is made: kept tables are made anew. */
enum { TABLE_RULES = 1 };

/* ---- what the header tells ---- */

static ask_orientation stored_orientation(const AVStream *st)
{
    size_t n_bytes = 0;
    const uint8_t *matrix =
        av_stream_get_side_data(st, AV_PKT_DATA_DISPLAYMATRIX, &n_bytes);
    bool is_whole = matrix && n_bytes >= 9 * sizeof(int32_t);
    return ask_orientation_of_matrix(is_whole ? (const int32_t *)(const void *)matrix
                                              : NULL);
}

static void count_streams(ask_video_info *info, const AVFormatContext *format)
{
    for (unsigned i = 0; i < format->nb_streams; i++) {
        switch (format->streams[i]->codecpar->codec_type) {
        case AVMEDIA_TYPE_VIDEO:
            info->n_video_streams++;
            break;
        case AVMEDIA_TYPE_AUDIO:
            info->n_audio_streams++;
            break;
        case AVMEDIA_TYPE_SUBTITLE:
            info->n_subtitle_streams++;
            break;
        default:
            info->n_other_streams++;
        }
    }
}

static ask_video_info info_of(const ask_libav_source *s)
{
    const ask_packets *p = &s->packets;
    const AVCodecParameters *c = p->stream->codecpar;
    bool is_turned = ask_orientation_degrees(s->orientation) % 180 != 0;
    AVRational aspect = av_guess_sample_aspect_ratio(p->format, p->stream, NULL);
    if (is_turned && aspect.num > 0) aspect = av_inv_q(aspect);
    ask_video_info info = {
        .container = p->format->iformat->name,
        .codec = avcodec_get_name(c->codec_id),
        .width = is_turned ? c->height : c->width,
        .height = is_turned ? c->width : c->height,
        .coded_width = c->width,
        .coded_height = c->height,
        .sample_aspect_num = aspect.num,
        .sample_aspect_den = aspect.den,
        .rotation = ask_orientation_degrees(s->orientation),
        .time_base_num = p->time_base.num,
        .time_base_den = p->time_base.den,
        .file_bytes = p->file->n_bytes,
    };
    count_streams(&info, p->format);
    return info;
}

/* In units of the time base, from the first displayed frame; -1 when nothing says it. */
static int64_t duration_of(const ask_libav_source *s)
{
    const ask_packets *p = &s->packets;
    const AVFormatContext *format = p->format;
    const AVStream *st = p->stream;
    if (st->duration > 0) return av_rescale_q(st->duration, st->time_base, p->time_base);
    if (format->duration <= 0 ||
        format->duration_estimation_method == AVFMT_DURATION_FROM_BITRATE)
        return -1;
    int64_t duration = av_rescale_q(format->duration, AV_TIME_BASE_Q, p->time_base);
    // Matroska says when the last stream ends, not how long it takes.
    bool is_end = strcmp(format->iformat->name, "matroska,webm") == 0;
    bool is_late = is_end && p->first_shown > 0 && p->first_shown < duration;
    return is_late ? duration - p->first_shown : duration;
}

static double fps_of(const ask_libav_source *s, int64_t duration)
{
    const AVStream *st = s->packets.stream;
    const ask_packets *p = &s->packets;
    if (p->tags == ASK_TAG_COUNT) return av_q2d(av_inv_q(p->time_base));
    if (st->avg_frame_rate.num > 0 && st->avg_frame_rate.den > 0)
        return av_q2d(st->avg_frame_rate);
    if (st->nb_frames > 0 && duration > 0)
        return (double)st->nb_frames / ((double)duration * av_q2d(p->time_base));
    if (st->r_frame_rate.num > 0 && st->r_frame_rate.den > 0)
        return av_q2d(st->r_frame_rate);
    return 0;
}

static int64_t estimate_frames(const ask_libav_source *s, const ask_source_head *head)
{
    const AVStream *st = s->packets.stream;
    if (st->nb_frames > 0) return st->nb_frames;
    if (head->duration <= 0 || head->fps <= 0) return -1;
    double n = (double)head->duration * av_q2d(s->packets.time_base) * head->fps;
    return n < 1 ? 1 : n < 1e15 ? (int64_t)(n + 0.5) : -1;
}

static bool is_reordered(const ask_packets *p)
{
    const AVCodecDescriptor *d = avcodec_descriptor_get(p->stream->codecpar->codec_id);
    return !d || d->props & AV_CODEC_PROP_REORDER;
}

static void fill_head(ask_libav_source *s)
{
    const ask_packets *p = &s->packets;
    ask_source_head *head = &s->base.head;
    head->info = info_of(s);
    head->has_delays = ask_packets_have_delays(p);
    head->first_pts = p->keeps_leading ? p->first_leading : p->first_shown;
    head->duration = ask_sensible_ticks(duration_of(s));
    head->fps = fps_of(s, head->duration);
    head->n_frames = estimate_frames(s, head);
    head->n_keys = ask_packets_count_starts(p);
    head->table_version = (avformat_version() * 31 + avcodec_version()) * 31 + TABLE_RULES;
}

/* ---- the frames before the first start ---- */

/* Frames that are decoded behind the first start and displayed before it refer to frames
 * that were cut off, or to the start alone: decoding them tells. They are kept when all of
 * them come out. */
static bool try_leading(ask_libav_source *s, ask_error *err)
{
    ask_packets *p = &s->packets;
    ask_run *r = &s->run;
    if (s->base.head.is_counted || p->first_leading == AV_NOPTS_VALUE) return true;
    p->keeps_leading = true;
    ask_run_result result = ask_run_begin(r, p->first_tag, ASK_DAMAGE_STOPS, err);
    if (result == ASK_RUN_OK) result = ask_run_to(r, p->first_leading, NULL, 0, err);
    bool all = result == ASK_RUN_OK && ask_run_pts(r) == p->first_leading;
    while (result == ASK_RUN_OK && all && ask_run_pts(r) < p->first_tag) {
        all = r->has_next && !ask_run_misses(r, ask_run_next_pts(r) - 1);
        result = ask_run_step(r, NULL, 0, err);
    }
    ask_run_end(r);
    p->keeps_leading = result == ASK_RUN_OK && all;
    return result != ASK_RUN_FAILED;
}

/* ---- open and close ---- */

static void close_source(ask_source *source)
{
    ask_libav_source *s = (ask_libav_source *)source;
    ask_run_close(&s->run);
    ask_decoders_close(&s->decoders);
    ask_picture_maker_close(&s->maker);
    ask_packets_close(&s->packets);
    free(s);
}

static const ask_source_kind kind = {.reads_slowly = true,
                                     .table = ask_libav_table,
                                     .frames = ask_libav_frames,
                                     .close = close_source};

ask_source *ask_source_libav_open(const char *path, const ask_video_options *options,
                                  ask_error *err)
{
    ask_libav_source *s = calloc(1, sizeof *s);
    if (!s) {
        ask_fail_memory(err);
        return NULL;
    }
    s->base = (ask_source){.kind = &kind, .options = *options, .path = path};
    s->judged = -1;
    if (!ask_packets_open(&s->packets, path, &s->base.options, err)) goto fail;
    if (!ask_run_open(&s->run, &s->packets, &s->decoders, err)) goto fail;
    s->orientation = stored_orientation(s->packets.stream);
    s->base.head.is_counted = s->packets.tags != ASK_TAG_PTS && is_reordered(&s->packets);
    if (!try_leading(s, err)) goto fail;
    fill_head(s);
    return &s->base;

fail:
    close_source(&s->base);
    return NULL;
}
