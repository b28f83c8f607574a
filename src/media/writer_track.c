#include "media/libav_priv.h"
#include "media/writer_priv.h"

enum { BUFFER_BYTES = 64 * 1024 };

/* ---- libav's way to the file ---- */

static int write_bytes(void *track, uint8_t *bytes, int n_bytes)
{
    ask_track *t = track;
    if (t->gives_up) return n_bytes;
    bool ok = ask_file_writer_write(t->file, bytes, (size_t)n_bytes, &t->file_error);
    return ok ? n_bytes : AVERROR(EIO);
}

static int64_t seek(void *track, int64_t offset, int whence)
{
    ask_track *t = track;
    if (whence != SEEK_SET) return AVERROR(ENOSYS);
    if (t->gives_up) return offset;
    return ask_file_writer_seek(t->file, offset, &t->file_error) ? offset : AVERROR(EIO);
}

static int open_io(ask_track *t)
{
    uint8_t *buffer = av_malloc(BUFFER_BYTES);
    if (!buffer) return AVERROR(ENOMEM);
    t->muxer->pb = avio_alloc_context(buffer, BUFFER_BYTES, 1, t, NULL, write_bytes, seek);
    if (t->muxer->pb) return 0;
    av_free(buffer);
    return AVERROR(ENOMEM);
}

/* Reports what really happened: the file's reason where there is one. */
static bool fail(const ask_track *t, int number, const char *what, ask_error *err)
{
    if (t->file_error.code == ASK_OK) return ask_fail_libav(err, number, "%s", what);
    if (err) *err = t->file_error;
    return false;
}

/* ---- opening ---- */

static int open_encoder(ask_track *t, const AVCodec *codec, AVDictionary **options)
{
    t->encoder->flags |= AV_CODEC_FLAG_BITEXACT;
    if (t->muxer->oformat->flags & AVFMT_GLOBALHEADER)
        t->encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    return avcodec_open2(t->encoder, codec, options);
}

static int write_header(ask_track *t, AVDictionary **options)
{
    AVStream *stream = avformat_new_stream(t->muxer, NULL);
    if (!stream) return AVERROR(ENOMEM);
    stream->time_base = t->encoder->time_base;
    int result = avcodec_parameters_from_context(stream->codecpar, t->encoder);
    t->muxer->flags |= AVFMT_FLAG_BITEXACT;
    if (result >= 0) result = avformat_write_header(t->muxer, options);
    t->is_begun = result >= 0;
    return result;
}

static int make_parts(ask_track *t, const ask_writer_format *format, const AVCodec *codec)
{
    int result = avformat_alloc_output_context2(&t->muxer, NULL, format->container, NULL);
    if (result < 0) return result;
    t->encoder = avcodec_alloc_context3(codec);
    t->frame = av_frame_alloc();
    t->next = av_packet_alloc();
    t->held = av_packet_alloc();
    if (!t->encoder || !t->frame || !t->next || !t->held) return AVERROR(ENOMEM);
    return open_io(t);
}

static int open_parts(ask_track *t, const ask_writer_format *format, const AVCodec *codec,
                      const ask_writer_options *opt)
{
    AVDictionary *encoder_options = NULL, *muxer_options = NULL;
    int result = format->set_up(t->encoder, &encoder_options, &muxer_options, opt);
    if (result >= 0) result = open_encoder(t, codec, &encoder_options);
    if (result >= 0) result = write_header(t, &muxer_options);
    av_dict_free(&encoder_options);
    av_dict_free(&muxer_options);
    return result;
}

bool ask_track_open(ask_track *t, const ask_writer_format *format, ask_file_writer *file,
                    int width, int height, AVRational time_base,
                    const ask_writer_options *opt, ask_error *err)
{
    ask_libav_quiet();
    const AVCodec *codec = avcodec_find_encoder_by_name(format->encoder);
    if (!codec)
        return ask_fail(err, ASK_ERR_UNSUPPORTED, "this libavcodec has no encoder \"%s\"",
                        format->encoder);
    t->file = file;
    int result = make_parts(t, format, codec);
    if (result < 0) return fail(t, result, "opening the encoder", err);
    t->encoder->width = t->frame->width = width;
    t->encoder->height = t->frame->height = height;
    t->encoder->pix_fmt = format->pixels;
    t->encoder->time_base = time_base;
    t->frame->format = format->pixels;
    result = open_parts(t, format, codec, opt);
    if (result >= 0) result = av_frame_get_buffer(t->frame, 0);
    return result >= 0 || fail(t, result, "opening the encoder", err);
}

/* ---- frames and packets ---- */

static int mux_held(ask_track *t)
{
    if (!t->held->data) return 0;
    AVStream *stream = t->muxer->streams[0];
    av_packet_rescale_ts(t->held, t->encoder->time_base, stream->time_base);
    return av_interleaved_write_frame(t->muxer, t->held);
}

/* Takes the packets that are ready; each but the last goes on to the muxer. */
static int drain(ask_track *t)
{
    for (;;) {
        int result = avcodec_receive_packet(t->encoder, t->next);
        if (result == AVERROR(EAGAIN) || result == AVERROR_EOF) return 0;
        if (result < 0) return result;
        if (!t->held->data)
            t->first_dts = t->next->dts;
        else if ((result = mux_held(t)) < 0)
            return result;
        av_packet_unref(t->held);
        av_packet_move_ref(t->held, t->next);
    }
}

bool ask_track_send(ask_track *t, int64_t pts, ask_error *err)
{
    t->frame->pts = pts;
    int result = avcodec_send_frame(t->encoder, t->frame);
    if (result >= 0) result = drain(t);
    // The encoder may keep the pixels; the next picture then gets others.
    if (result >= 0) result = av_frame_make_writable(t->frame);
    return result >= 0 || fail(t, result, "encoding a frame", err);
}

bool ask_track_finish(ask_track *t, const ask_writer_format *format, int64_t last_pts,
                      int64_t end_pts, ask_error *err)
{
    int result = avcodec_send_frame(t->encoder, NULL);
    if (result >= 0) result = drain(t);
    // The container adds durations up in decoding order; the last packet, perhaps of
    // another frame, has what the others leave over of the whole.
    t->held->duration = end_pts - (t->held->dts - t->first_dts);
    if (result >= 0) result = mux_held(t);
    if (result >= 0 && format->end) result = format->end(t->muxer, end_pts - last_pts);
    if (result >= 0) {
        t->is_begun = false;
        result = av_write_trailer(t->muxer);
    }
    avio_flush(t->muxer->pb);
    if (result >= 0) result = t->muxer->pb->error;
    return result >= 0 || fail(t, result, "ending the video", err);
}

void ask_track_close(ask_track *t)
{
    t->gives_up = true;
    // Some muxers free what they hold only here.
    if (t->is_begun) av_write_trailer(t->muxer);
    if (t->muxer && t->muxer->pb) {
        av_freep(&t->muxer->pb->buffer);
        avio_context_free(&t->muxer->pb);
    }
    avformat_free_context(t->muxer);
    avcodec_free_context(&t->encoder);
    av_frame_free(&t->frame);
    av_packet_free(&t->next);
    av_packet_free(&t->held);
}
