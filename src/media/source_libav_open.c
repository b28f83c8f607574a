/* Opening a file with libav: which containers, within which limits, and which stream. */
#include <string.h>

#include "base/file.h"
#include "base/path.h"
#include "media/libav_priv.h"
#include "media/source_libav_priv.h"

/* Containers that hold a video in one file. What is missing here on purpose: playlists and
 * descriptions that name other files or addresses, devices, rows of numbered pictures. */
static const char *const containers[] = {
    "3dostr",
    "apng",
    "asf",
    "avi",
    "dv",
    "flv",
    "gif",
    "h264",
    "hevc",
    "ivf",
    "m4v",
    "matroska,webm",
    "mov,mp4,m4a,3gp,3g2,mj2",
    "mpeg",
    "mpegts",
    "mpegvideo",
    "mxf",
    "nut",
    "obu",
    "ogg",
    "rm",
    "vc1",
    "wtv",
    "yuv4mpegpipe",
};

/* Containers without times, or (MPEG program streams) with times for some packets only,
 * which libav guesses the others from, differently after each jump: a frame's number is all
 * that is known. */
static const char *const bare[] = {"h264",      "hevc", "m4v", "mpeg",
                                   "mpegvideo", "obu",  "vc1"};

/* Containers whose header says all about their streams. */
static const char *const complete[] = {"apng", "avi",           "gif",
                                       "ivf",  "matroska,webm", "mov,mp4,m4a,3gp,3g2,mj2"};

/* Containers that say where other files are. */
static const char *const playlists[] = {
    "concat", "dash", "hls", "imf", "rtsp", "sdp", "webm_dash_manifest"};

#define IS_ONE_OF(name, list) is_one_of(name, list, sizeof(list) / sizeof *(list))

static bool is_one_of(const char *name, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(name, list[i]) == 0) return true;
    return false;
}

/* ---- the container ---- */

static bool check_container(const AVInputFormat *format, int score, ask_error *err)
{
    if (IS_ONE_OF(format->name, containers)) return true;
    if (IS_ONE_OF(format->name, playlists))
        return ask_fail(err, ASK_ERR_UNSUPPORTED,
                        "a playlist (%s): only single files are opened; give the video "
                        "file that it names",
                        format->name);
    if (score <= AVPROBE_SCORE_RETRY)
        return ask_fail(err, ASK_ERR_FORMAT, "not a media file, or a damaged one");
    return ask_fail(err, ASK_ERR_UNSUPPORTED, "%s files are not read as videos",
                    format->name);
}

/* A container may ask for more files: it gets none. */
static int refuse_to_open(AVFormatContext *format, AVIOContext **io, const char *url,
                          int flags, AVDictionary **options)
{
    (void)format, (void)io, (void)url, (void)flags, (void)options;
    return AVERROR(EPERM);
}

static AVFormatContext *new_format(ask_packets *p, ask_error *err)
{
    AVFormatContext *format = avformat_alloc_context();
    if (!format) {
        ask_fail_memory(err);
        return NULL;
    }
    format->pb = p->file->io;
    format->io_open = refuse_to_open;
    format->max_streams = p->options->max_streams + 1; // one more tells that it is too many
    format->probesize = 4 << 20;
    format->max_analyze_duration = 2 * AV_TIME_BASE;
    return format;
}

/* libav's error, or the better reason that the file or the user gave. */
static bool fail_to_read(const ask_packets *p, int number, const char *what, ask_error *err)
{
    if (number == AVERROR_EXIT && !ask_cancel_check(p->options->cancel, err)) return false;
    if (p->file->reason) return ask_fail_errno(err, p->file->reason, "cannot read");
    if (number == AVERROR(ENOMEM))
        return ask_fail(err, ASK_ERR_LIMIT, "more than %d streams, or no memory for them",
                        p->options->max_streams);
    if (number == AVERROR_EOF) number = AVERROR_INVALIDDATA;
    return ask_fail_libav(err, number, "%s", what);
}

static bool open_container(ask_packets *p, ask_error *err)
{
    const char *name = ask_path_basename(p->path);
    const AVInputFormat *kind = NULL;
    int score = av_probe_input_buffer2(p->file->io, &kind, "", NULL, 0, 0); // by content
    if (score < 0 || !kind) {
        if (p->file->reason || ask_cancel_signal(p->options->cancel))
            return fail_to_read(p, score, "cannot read", err);
        return ask_fail(err, ASK_ERR_FORMAT, "not a media file, or a damaged one");
    }
    if (!check_container(kind, score, err)) return false;
    AVFormatContext *format = new_format(p, err);
    if (!format) return false;
    // The delays that a GIF says; libav would read 10 ms as 100 ms, as browsers do.
    AVDictionary *options = NULL;
    av_dict_set_int(&options, "min_delay", 1, 0);
    int code = avformat_open_input(&format, name, kind, &options); // frees it on failure
    av_dict_free(&options);
    if (code < 0)
        return fail_to_read(p, code, "the file is damaged, cut off, or has no frames", err);
    p->format = format;
    // A packet that ends before its time is not there; in a transport stream, where packets
    // are put together from pieces, the rest may do.
    if (strcmp(kind->name, "mpegts") != 0) format->flags |= AVFMT_FLAG_DISCARD_CORRUPT;
    return true;
}

/* ---- the stream ---- */

static bool is_picture_of_a_sound(const AVStream *st)
{
    return st->disposition &
           (AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS);
}

static bool is_video(const AVStream *st)
{
    return st->codecpar->codec_type == AVMEDIA_TYPE_VIDEO && !is_picture_of_a_sound(st);
}

static bool has_all_parameters(const AVFormatContext *format)
{
    if (!IS_ONE_OF(format->iformat->name, complete)) return false;
    bool any = false;
    for (unsigned i = 0; i < format->nb_streams; i++) {
        const AVStream *st = format->streams[i];
        if (!is_video(st)) continue;
        const AVCodecParameters *c = st->codecpar;
        if (c->codec_id == AV_CODEC_ID_NONE || c->width <= 0 || c->height <= 0)
            return false;
        any = true;
    }
    return any || format->nb_streams > 0;
}

/* What a decoder may be given while the streams are looked at. */
static AVDictionary **probing_options(const ask_packets *p, unsigned n)
{
    AVDictionary **options = av_calloc(n ? n : 1, sizeof *options);
    for (unsigned i = 0; options && i < n; i++) {
        av_dict_set_int(&options[i], "max_pixels", p->options->max_pixels, 0);
        av_dict_set_int(&options[i], "threads", 1, 0);
    }
    return options;
}

/* Reads some packets where the header does not tell what is inside. */
static bool look_at_streams(ask_packets *p, ask_error *err)
{
    unsigned n = p->format->nb_streams;
    if (n > (unsigned)p->options->max_streams)
        return ask_fail(err, ASK_ERR_LIMIT, "%u streams or more; at most %d are read", n,
                        p->options->max_streams);
    if (has_all_parameters(p->format)) return true;
    AVDictionary **options = probing_options(p, n);
    if (!options) return ask_fail_memory(err);
    int code = avformat_find_stream_info(p->format, options);
    for (unsigned i = 0; i < n; i++) av_dict_free(&options[i]);
    av_free(options);
    if (code < 0) return fail_to_read(p, code, "the streams cannot be read", err);
    return true;
}

static int count_streams(const AVFormatContext *format, enum AVMediaType type)
{
    int n = 0;
    for (unsigned i = 0; i < format->nb_streams; i++) {
        const AVStream *st = format->streams[i];
        n += st->codecpar->codec_type == type && !is_picture_of_a_sound(st);
    }
    return n;
}

static bool fail_without_video(const AVFormatContext *format, ask_error *err)
{
    if (format->nb_streams == 0)
        return ask_fail(err, ASK_ERR_FORMAT, "no streams: the file is damaged or cut off");
    int n_audio = count_streams(format, AVMEDIA_TYPE_AUDIO);
    int n_subtitle = count_streams(format, AVMEDIA_TYPE_SUBTITLE);
    int n_other = (int)format->nb_streams - n_audio - n_subtitle;
    return ask_fail(err, ASK_ERR_UNSUPPORTED,
                    "no video stream (streams: %d audio, %d subtitle, %d other)", n_audio,
                    n_subtitle, n_other);
}

/* The stream that its file puts first: the default one, else the first. */
static AVStream *choose_stream(const AVFormatContext *format)
{
    AVStream *first = NULL;
    for (unsigned i = 0; i < format->nb_streams; i++) {
        AVStream *st = format->streams[i];
        if (!is_video(st)) continue;
        if (st->disposition & AV_DISPOSITION_DEFAULT) return st;
        if (!first) first = st;
    }
    return first;
}

static bool check_size(const AVCodecParameters *c, const ask_video_options *o,
                       ask_error *err)
{
    if (c->width <= 0 || c->height <= 0)
        return ask_fail(err, ASK_ERR_FORMAT,
                        "the video stream has no size; the file is damaged or cut");
    if (c->width > o->max_side_px || c->height > o->max_side_px ||
        (int64_t)c->width * c->height > o->max_pixels)
        return ask_fail(err, ASK_ERR_LIMIT,
                        "frames of %d x %d pixels; at most %d a side and %lld in all",
                        c->width, c->height, o->max_side_px, (long long)o->max_pixels);
    return true;
}

/* The packets of the others are not read. */
static void read_only(ask_packets *p, AVStream *stream)
{
    const AVFormatContext *format = p->format;
    p->stream = stream;
    for (unsigned i = 0; i < format->nb_streams; i++)
        if (format->streams[i] != stream) format->streams[i]->discard = AVDISCARD_ALL;
}

static bool take_stream(ask_packets *p, ask_error *err)
{
    AVStream *stream = choose_stream(p->format);
    if (!stream) return fail_without_video(p->format, err);
    read_only(p, stream);
    const AVCodecParameters *c = p->stream->codecpar;
    if (c->codec_id == AV_CODEC_ID_NONE || !avcodec_find_decoder(c->codec_id))
        return ask_fail(err, ASK_ERR_UNSUPPORTED, "no decoder for %s video",
                        avcodec_get_name(c->codec_id));
    return check_size(c, p->options, err);
}

/* ---- together ---- */

static void close_format(ask_packets *p)
{
    avformat_close_input(&p->format);
    ask_libav_file_close(p->file);
    p->file = NULL;
    p->stream = NULL;
    p->is_held = false;
    p->n_read = 0;
}

static bool open_streams(ask_packets *p, ask_error *err)
{
    p->file = ask_libav_file_open(p->path, p->options->cancel, err);
    return p->file && open_container(p, err) && look_at_streams(p, err);
}

static bool open_format(ask_packets *p, ask_error *err)
{
    return open_streams(p, err) && take_stream(p, err);
}

bool ask_packets_reopen(ask_packets *p, ask_error *err)
{
    close_format(p);
    return open_format(p, err);
}

static AVRational frame_period(const ask_packets *p)
{
    AVRational rate = av_guess_frame_rate(p->format, p->stream, NULL);
    if (rate.num <= 0 || rate.den <= 0) rate = (AVRational){25, 1};
    return av_inv_q(rate);
}

bool ask_packets_have_delays(const ask_packets *p)
{
    enum AVCodecID codec = p->stream->codecpar->codec_id;
    return codec == AV_CODEC_ID_GIF || codec == AV_CODEC_ID_APNG;
}

/* Decides what packets are known by. */
static void choose_tags(ask_packets *p)
{
    const char *container = p->format->iformat->name;
    p->time_base = p->stream->time_base;
    p->seeks = !ask_packets_have_delays(p);
    p->tags = ASK_TAG_PTS;
    if (strcmp(container, "avi") == 0) p->tags = ASK_TAG_DTS;
    if (IS_ONE_OF(container, bare)) {
        p->tags = ASK_TAG_COUNT;
        p->time_base = frame_period(p);
        p->seeks = false;
    }
}

bool ask_packets_open(ask_packets *p, const char *path, const ask_video_options *options,
                      ask_error *err)
{
    ask_libav_quiet();
    *p = (ask_packets){.path = path, .options = options};
    p->held = av_packet_alloc();
    if (!p->held) return ask_fail_memory(err);
    if (!open_format(p, err)) return false;
    choose_tags(p);
    return ask_packets_find_first(p, err);
}

bool ask_packets_open_streams(ask_packets *p, const char *path,
                              const ask_video_options *options, ask_error *err)
{
    ask_libav_quiet();
    *p = (ask_packets){.path = path, .options = options};
    p->held = av_packet_alloc();
    return p->held ? open_streams(p, err) : ask_fail_memory(err);
}

void ask_packets_take(ask_packets *p, int stream)
{
    read_only(p, p->format->streams[stream]);
    p->time_base = p->stream->time_base;
    p->tags = ASK_TAG_PTS;
}

void ask_packets_close(ask_packets *p)
{
    close_format(p);
    av_packet_free(&p->held);
}
