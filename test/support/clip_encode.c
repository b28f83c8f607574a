#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/channel_layout.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "support/clips_priv.h"
#include "support/testing.h"

/* Goes on, or ends the test with libav's reason. */
static void check(int result, const char *file, const char *what)
{
    if (result < 0) fail_msg("%s: %s: %s", file, what, av_err2str(result));
}

static void check_memory(const void *p, const char *file)
{
    if (!p) fail_msg("%s: out of memory", file);
}

/* ---- containers ---- */

/* What a container does to times. */
typedef struct {
    const char *ending, *demuxer;
    AVRational time_base; // {0, 1}: that of the ticks
    bool knows_duration;
    bool has_headers;    // for the decoder; else it finds them in the packets
    bool adds_durations; // the duration is the sum of those of the packets
} container;

static const container containers[] = {
    {.ending = "mp4",
     .demuxer = "mp4",
     .time_base = {0, 1},
     .knows_duration = true,
     .has_headers = true,
     .adds_durations = true},
    {.ending = "mkv",
     .demuxer = "matroska",
     .time_base = {1, 1000},
     .knows_duration = true,
     .has_headers = true},
    {.ending = "webm",
     .demuxer = "webm",
     .time_base = {1, 1000},
     .knows_duration = true,
     .has_headers = true},
    {.ending = "avi", .demuxer = "avi", .time_base = {0, 1}, .knows_duration = true},
    // no header tells it, but the times at the end of the file do
    {.ending = "ts", .demuxer = "mpegts", .time_base = {1, 90000}, .knows_duration = true},
    {.ending = "gif",
     .demuxer = "gif",
     .time_base = {1, 100},
     .knows_duration = true,
     .has_headers = true},
    {.ending = "h264", .demuxer = "h264", .time_base = {0, 1}},
};

static const container *container_of(const char *file)
{
    const char *ending = ask_path_extension(file);
    for (size_t i = 0; i < TEST_COUNT(containers); i++)
        if (*ending && strcmp(ending + 1, containers[i].ending) == 0) return &containers[i];
    fail_msg("%s: no such container", file);
    return NULL;
}

static AVRational ticks_of(const clip_spec *s)
{
    return (AVRational){s->time_base_num ? s->time_base_num : 1, s->time_base_den};
}

/* When frame i begins; for i = n_frames, when the last one ends. */
static int64_t tick_of(const clip_spec *s, int i)
{
    int step = s->step ? s->step : 1;
    return s->first_tick + (s->ticks ? s->ticks[i] : (int64_t)i * step);
}

static bool is_key(const clip_spec *s, int i)
{
    return i % (s->gop ? s->gop : 12) == 0;
}

/* ---- pictures ---- */

static ask_image turned(const ask_image *image, int degrees)
{
    bool swapped = degrees % 180 != 0;
    ask_image out;
    ask_error err = {0};
    int width = swapped ? image->height : image->width;
    int height = swapped ? image->width : image->height;
    CHECK_OK(ask_image_new(&out, width, height, 3, &err), &err);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            int from_x = degrees == 90    ? y
                         : degrees == 180 ? width - 1 - x
                                          : height - 1 - y;
            int from_y = degrees == 90    ? width - 1 - x
                         : degrees == 180 ? height - 1 - y
                                          : x;
            memcpy(out.pixels + 3 * ((size_t)y * (size_t)width + (size_t)x),
                   image->pixels +
                       3 * ((size_t)from_y * (size_t)image->width + (size_t)from_x),
                   3);
        }
    return out;
}

/* The picture as coded: turning it by s->rotation makes the number stand upright. */
static ask_image draw_coded(const clip_spec *s, int number)
{
    bool swapped = s->rotation % 180 != 0;
    ask_image image;
    ask_error err = {0};
    int width = swapped ? s->height : s->width, height = swapped ? s->width : s->height;
    CHECK_OK(ask_image_new(&image, width, height, 3, &err), &err);
    clip_draw(&image, number);
    if (s->rotation == 0) return image;
    ask_image coded = turned(&image, 360 - s->rotation);
    ask_image_free(&image);
    return coded;
}

/* ---- encoding ---- */

typedef struct {
    AVPacket **items;
    int n;
} packets;

/* Everything that stands between a spec and its file. */
typedef struct {
    const clip_spec *spec;
    AVCodecContext *video, *audio;
    packets video_packets, audio_packets;
    AVFormatContext *muxer;
} movie;

static void set_options(AVDictionary **options, const char *text, const char *file)
{
    if (text) check(av_dict_parse_string(options, text, "=", ":", 0), file, "options");
}

static AVCodecContext *open_encoder(const clip_spec *s)
{
    const AVCodec *codec = avcodec_find_encoder_by_name(s->codec);
    if (!codec) fail_msg("%s: this libavcodec has no encoder %s", s->file, s->codec);
    AVCodecContext *e = avcodec_alloc_context3(codec);
    check_memory(e, s->file);
    AVRational tick = ticks_of(s);
    int step = s->step ? s->step : 1;
    e->width = s->width;
    e->height = s->height;
    e->pix_fmt = av_get_pix_fmt(s->pixels ? s->pixels : "yuv420p");
    if (s->aspect_num) e->sample_aspect_ratio = (AVRational){s->aspect_num, s->aspect_den};
    e->time_base = tick;
    e->framerate = (AVRational){tick.den, tick.num * step};
    e->gop_size = s->gop ? s->gop : 12;
    e->thread_count = 1;
    e->flags |= AV_CODEC_FLAG_BITEXACT;
    const container *c = container_of(s->file);
    if (c->has_headers) e->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    AVDictionary *options = NULL;
    if (strcmp(s->codec, "libx264") == 0) // key frames where we say, and only there
        set_options(&options, "preset=ultrafast:sc_threshold=0:bf=0", s->file);
    set_options(&options, s->codec_options, s->file);
    check(avcodec_open2(e, codec, &options), s->file, "opening the encoder");
    if (av_dict_count(options) > 0) fail_msg("%s: unknown codec options", s->file);
    av_dict_free(&options);
    return e;
}

static void take_packets(packets *out, AVCodecContext *e, const AVFrame *f,
                         const char *file)
{
    check(avcodec_send_frame(e, f), file, "encoding");
    for (;;) {
        AVPacket *p = av_packet_alloc();
        check_memory(p, file);
        int result = avcodec_receive_packet(e, p);
        if (result < 0) av_packet_free(&p);
        if (result == AVERROR(EAGAIN) || result == AVERROR_EOF) return;
        check(result, file, "encoding");
        out->items = realloc(out->items, (size_t)(out->n + 1) * sizeof *out->items);
        check_memory(out->items, file);
        out->items[out->n++] = p;
    }
}

static void free_packets(packets *p)
{
    for (int i = 0; i < p->n; i++) av_packet_free(&p->items[i]);
    free(p->items);
    *p = (packets){0};
}

static AVFrame *new_video_frame(const AVCodecContext *e, const char *file)
{
    AVFrame *f = av_frame_alloc();
    check_memory(f, file);
    f->width = e->width;
    f->height = e->height;
    f->format = e->pix_fmt;
    check(av_frame_get_buffer(f, 0), file, "a frame");
    return f;
}

static void encode_video(movie *m)
{
    const clip_spec *s = m->spec;
    AVCodecContext *e = m->video = open_encoder(s);
    struct SwsContext *scaler =
        sws_getContext(s->width, s->height, AV_PIX_FMT_RGB24, s->width, s->height,
                       e->pix_fmt, SWS_POINT, NULL, NULL, NULL);
    check_memory(scaler, s->file);
    for (int i = 0; i < s->n_frames; i++) {
        AVFrame *f = new_video_frame(e, s->file);
        ask_image image = draw_coded(s, i);
        const int row_bytes = 3 * image.width;
        sws_scale(scaler, (const uint8_t *const *)&image.pixels, &row_bytes, 0,
                  image.height, f->data, f->linesize);
        ask_image_free(&image);
        f->pts = tick_of(s, i);
        f->pict_type = is_key(s, i) ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
        take_packets(&m->video_packets, e, f, s->file);
        av_frame_free(&f);
    }
    take_packets(&m->video_packets, e, NULL, s->file);
    sws_freeContext(scaler);
}

/* Which frame a packet holds. */
static int frame_of(const clip_spec *s, const AVPacket *p)
{
    for (int i = 0; i < s->n_frames; i++)
        if (tick_of(s, i) == p->pts) return i;
    fail_msg("%s: a packet at tick %lld", s->file, (long long)p->pts);
    return -1;
}

/* Where the duration of a stream is the sum of those of its packets in decoding order, the
 * last packet has what the others, of other frames, leave over. */
static void last_packet_fills(movie *m)
{
    const clip_spec *s = m->spec;
    AVPacket *first = m->video_packets.items[0];
    AVPacket *last = m->video_packets.items[m->video_packets.n - 1];
    last->duration = tick_of(s, s->n_frames) - tick_of(s, 0) - (last->dts - first->dts);
}

/* The encoder's key frames must be those that the spec promises. */
static void finish_video_packets(movie *m)
{
    const clip_spec *s = m->spec;
    bool intra =
        avcodec_descriptor_get(m->video->codec_id)->props & AV_CODEC_PROP_INTRA_ONLY;
    if (m->video_packets.n != s->n_frames)
        fail_msg("%s: %d packets for %d frames", s->file, m->video_packets.n, s->n_frames);
    for (int k = 0; k < m->video_packets.n; k++) {
        AVPacket *p = m->video_packets.items[k];
        int i = frame_of(s, p);
        bool key = p->flags & AV_PKT_FLAG_KEY;
        if (!intra && key != is_key(s, i))
            fail_msg("%s: frame %d is %sa key frame", s->file, i, key ? "" : "not ");
        p->duration = tick_of(s, i + 1) - tick_of(s, i);
        p->stream_index = 0;
    }
    if (container_of(s->file)->adds_durations && s->n_frames > 0) last_packet_fills(m);
}

enum { AUDIO_HZ = 16000 };

/* Silence, as AAC. */
static void encode_audio(movie *m)
{
    const clip_spec *s = m->spec;
    const AVCodec *codec = avcodec_find_encoder_by_name("aac");
    AVCodecContext *e = m->audio = avcodec_alloc_context3(codec);
    check_memory(e, s->file);
    e->sample_rate = AUDIO_HZ;
    e->sample_fmt = AV_SAMPLE_FMT_FLTP;
    e->ch_layout = (AVChannelLayout)AV_CHANNEL_LAYOUT_MONO;
    e->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
    check(avcodec_open2(e, codec, NULL), s->file, "opening the audio encoder");
    AVRational tick = ticks_of(s);
    int64_t n_samples =
        AUDIO_HZ / 2 + av_rescale(tick_of(s, s->n_frames) * AUDIO_HZ, tick.num, tick.den);
    for (int64_t at = 0; at < n_samples; at += e->frame_size) {
        AVFrame *f = av_frame_alloc();
        check_memory(f, s->file);
        f->nb_samples = e->frame_size;
        f->format = e->sample_fmt;
        f->ch_layout = e->ch_layout;
        f->sample_rate = e->sample_rate;
        f->pts = at;
        check(av_frame_get_buffer(f, 0), s->file, "audio samples");
        memset(f->data[0], 0, (size_t)f->nb_samples * sizeof(float));
        take_packets(&m->audio_packets, e, f, s->file);
        av_frame_free(&f);
    }
    take_packets(&m->audio_packets, e, NULL, s->file);
}

/* ---- muxing ---- */

static int write_without_seeking(void *file, uint8_t *bytes, int n_bytes)
{
    return fwrite(bytes, 1, (size_t)n_bytes, file) == (size_t)n_bytes ? n_bytes
                                                                      : AVERROR(EIO);
}

static void open_streamed(AVFormatContext *mux, const char *path)
{
    enum { BUFFER_BYTES = 4096 };
    FILE *file = fopen(path, "wb");
    uint8_t *buffer = av_malloc(BUFFER_BYTES);
    check_memory(file, path);
    check_memory(buffer, path);
    mux->pb = avio_alloc_context(buffer, BUFFER_BYTES, 1, file, NULL, write_without_seeking,
                                 NULL);
    check_memory(mux->pb, path);
    mux->pb->seekable = 0;
}

static void close_streamed(AVFormatContext *mux, const char *path)
{
    avio_flush(mux->pb);
    if (fclose(mux->pb->opaque) != 0) fail_msg("%s: cannot write", path);
    av_freep(&mux->pb->buffer);
    avio_context_free(&mux->pb);
}

/* Degrees clockwise as the matrix of a track: x' = a x + c y, y' = b x + d y. */
static void set_rotation(AVStream *stream, int degrees, const char *file)
{
    enum { ONE = 1 << 16 };
    int c = degrees == 0 ? ONE : degrees == 180 ? -ONE : 0;
    int s = degrees == 90 ? ONE : degrees == 270 ? -ONE : 0;
    const int32_t matrix[9] = {c, s, 0, -s, c, 0, 0, 0, 1 << 30};
    uint8_t *data =
        av_stream_new_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, sizeof matrix);
    check_memory(data, file);
    memcpy(data, matrix, sizeof matrix);
}

static void add_stream(movie *m, const AVCodecContext *e)
{
    const char *file = m->spec->file;
    AVStream *stream = avformat_new_stream(m->muxer, NULL);
    check_memory(stream, file);
    check(avcodec_parameters_from_context(stream->codecpar, e), file, "a stream");
    stream->time_base = e->time_base;
    if (e->codec_type != AVMEDIA_TYPE_VIDEO) return;
    stream->sample_aspect_ratio = e->sample_aspect_ratio;
    stream->avg_frame_rate = m->spec->ticks ? (AVRational){0, 1} : e->framerate;
    if (m->spec->rotation) set_rotation(stream, m->spec->rotation, file);
}

static void write_packets(movie *m, const packets *from, int stream, AVRational time_base)
{
    for (int k = 0; k < from->n; k++) {
        AVPacket *p = av_packet_clone(from->items[k]);
        check_memory(p, m->spec->file);
        p->stream_index = stream;
        av_packet_rescale_ts(p, time_base, m->muxer->streams[stream]->time_base);
        check(av_interleaved_write_frame(m->muxer, p), m->spec->file, "muxing");
        av_packet_free(&p);
    }
}

static void write_header(movie *m)
{
    const clip_spec *s = m->spec;
    AVDictionary *options = NULL;
    check(av_dict_set_int(&options, "video_track_timescale", s->time_base_den, 0), s->file,
          "options");
    check(av_dict_set(&options, "avoid_negative_ts", "disabled", 0), s->file, "options");
    set_options(&options, s->muxer_options, s->file);
    m->muxer->flags |= AVFMT_FLAG_BITEXACT;
    check(avformat_write_header(m->muxer, &options), s->file, "muxing");
    av_dict_free(&options);
}

static void mux(movie *m, const char *path)
{
    const clip_spec *s = m->spec;
    check(avformat_alloc_output_context2(&m->muxer, NULL, NULL, path), path, "muxer");
    if (m->video) add_stream(m, m->video);
    if (m->audio) add_stream(m, m->audio);
    clip_add_tracks(m->muxer, s);
    if (s->streamed)
        open_streamed(m->muxer, path);
    else
        check(avio_open(&m->muxer->pb, path, AVIO_FLAG_WRITE), path, "opening");
    write_header(m);
    clip_write_tracks(m->muxer, s);
    if (m->audio)
        write_packets(m, &m->audio_packets, m->video != NULL, m->audio->time_base);
    if (m->video) write_packets(m, &m->video_packets, 0, m->video->time_base);
    check(av_write_trailer(m->muxer), path, "muxing");
    if (s->streamed)
        close_streamed(m->muxer, path);
    else
        check(avio_closep(&m->muxer->pb), path, "closing");
    avformat_free_context(m->muxer);
}

/* ---- what is in the file ---- */

void clip_set_times(clip *out, const int64_t *pts, int n, int first_number)
{
    double unit_s = (double)out->time_base_num / (double)out->time_base_den;
    out->frames = calloc((size_t)n, sizeof *out->frames);
    check_memory(out->frames, out->path);
    out->n_frames = n;
    for (int i = 0; i < n; i++) {
        out->frames[i] = (clip_frame){
            .number = first_number + i,
            .pts = pts[i],
            .t_s = (double)(pts[i] - pts[0]) * unit_s,
            .duration_s = (double)(pts[i + 1] - pts[i]) * unit_s,
            .key = true,
        };
    }
    out->duration_s = (double)(pts[n] - pts[0]) * unit_s;
}

/* To the nearest, halves away from zero. */
static int64_t rescale(int64_t value, AVRational from, AVRational to)
{
    int64_t num = (int64_t)from.num * to.den, den = (int64_t)from.den * to.num;
    int64_t twice = 2 * value * num + (value < 0 ? -den : den);
    return twice / (2 * den);
}

static void describe_frames(clip *out, const clip_spec *s, bool intra)
{
    AVRational unit = {(int)out->time_base_num, (int)out->time_base_den};
    int begin = s->edit_begin;
    int end = s->edit_end ? s->edit_end : s->cut_frame ? s->cut_frame : s->n_frames;
    int64_t *pts = calloc((size_t)(end - begin) + 1, sizeof *pts);
    check_memory(pts, s->file);
    for (int i = begin; i <= end; i++)
        pts[i - begin] = rescale(tick_of(s, i), ticks_of(s), unit);
    if (s->edit_end)
        for (int i = end; i >= begin; i--) pts[i - begin] -= pts[0];
    clip_set_times(out, pts, end - begin, begin);
    free(pts);
    bool damaged = false;
    for (int i = begin; i < end; i++) {
        clip_frame *f = &out->frames[i - begin];
        f->key = intra || is_key(s, i);
        damaged = (damaged && !f->key) || (s->damaged_frame && i == s->damaged_frame) ||
                  (s->lost_frame && i == s->lost_frame);
        if (damaged) f->number = CLIP_DAMAGED;
        if (s->lost_frame && i == s->lost_frame) f->number = CLIP_LOST;
    }
}

static bool has_even_steps(const clip_spec *s)
{
    for (int i = 1; s->ticks && i < s->n_frames; i++)
        if (s->ticks[i + 1] - s->ticks[i] != s->ticks[1] - s->ticks[0]) return false;
    return true;
}

static void describe(clip *out, const movie *m)
{
    const clip_spec *s = m->spec;
    const container *c = container_of(s->file);
    AVRational unit = c->time_base.num ? c->time_base : ticks_of(s);
    const AVCodecDescriptor *codec = avcodec_descriptor_get(m->video->codec_id);
    bool swapped = s->rotation % 180 != 0;
    out->time_base_num = unit.num;
    out->time_base_den = unit.den;
    out->vfr = !has_even_steps(s);
    out->duration_known = c->knows_duration && !s->streamed;
    out->width = swapped ? s->height : s->width;
    out->height = swapped ? s->width : s->height;
    out->rotation = s->rotation;
    out->aspect_num = swapped ? s->aspect_den : s->aspect_num;
    out->aspect_den = !s->aspect_num ? 1 : swapped ? s->aspect_num : s->aspect_den;
    out->container = c->demuxer;
    out->codec = codec->name;
    out->n_audio_streams = s->audio;
    describe_frames(out, s, codec->props & AV_CODEC_PROP_INTRA_ONLY);
}

/* ---- the whole ---- */

static void change(const clip *out, const movie *m)
{
    const clip_spec *s = m->spec;
    for (int k = 0; k < m->video_packets.n; k++) {
        const AVPacket *p = m->video_packets.items[k];
        int i = frame_of(s, p);
        if (s->damaged_frame && i == s->damaged_frame)
            clip_overwrite(out->path, p->data, (size_t)p->size, (size_t)p->size / 2);
        if (s->lost_frame && i == s->lost_frame)
            clip_overwrite(out->path, p->data, (size_t)p->size, 0);
        if (s->cut_frame && i == s->cut_frame)
            clip_cut_within(out->path, p->data, (size_t)p->size);
    }
    if (s->edit_end) {
        int64_t begin = tick_of(s, s->edit_begin) - tick_of(s, 0);
        int64_t length = tick_of(s, s->edit_end) - tick_of(s, s->edit_begin);
        clip_edit_mp4(out->path, begin,
                      rescale(length, ticks_of(s), (AVRational){1, 1000}));
    }
    if (s->header_side_px) clip_resize_header(out->path, s->header_side_px);
    if (s->no_index) clip_remove_cues(out->path);
}

void clip_encode(clip *out, const clip_spec *spec, const char *dir)
{
    av_log_set_level(AV_LOG_QUIET);
    movie m = {.spec = spec};
    *out = (clip){.name = spec->file, .path = strdup(test_path(dir, spec->file))};
    check_memory(out->path, spec->file);
    if (spec->codec) {
        encode_video(&m);
        finish_video_packets(&m);
    }
    if (spec->audio) encode_audio(&m);
    mux(&m, out->path);
    if (spec->codec && spec->n_frames > 0) describe(out, &m);
    change(out, &m);
    free_packets(&m.video_packets);
    free_packets(&m.audio_packets);
    avcodec_free_context(&m.video);
    avcodec_free_context(&m.audio);
}
