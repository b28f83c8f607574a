/* Tracks of subtitles in clips: their packets are written as they are, not encoded. */
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <string.h>

#include "support/clips_priv.h"
#include "support/testing.h"

static const AVRational ms = {1, 1000};

static enum AVCodecID codec_of(const clip_track *t)
{
    const AVCodecDescriptor *d = avcodec_descriptor_get_by_name(t->codec);
    if (!d) fail_msg("there is no codec %s", t->codec);
    return d->id;
}

static bool is_mov_text(const clip_track *t)
{
    return strcmp(t->codec, "mov_text") == 0;
}

/* What a player needs to know before the first line. */
static const char *header_of(const clip_track *t)
{
    bool is_ass = strcmp(t->codec, "ass") == 0;
    return is_ass ? "[Script Info]\r\nScriptType: v4.00+\r\n\r\n[Events]\r\nFormat: Layer, "
                    "Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\r\n"
                  : NULL;
}

static void set_header(AVCodecParameters *c, const char *header)
{
    if (!header) return;
    size_t n = strlen(header);
    c->extradata = av_mallocz(n + AV_INPUT_BUFFER_PADDING_SIZE);
    assert_non_null(c->extradata);
    memcpy(c->extradata, header, n);
    c->extradata_size = (int)n;
}

void clip_add_tracks(AVFormatContext *muxer, const clip_spec *s)
{
    for (const clip_track *t = s->tracks; t && t->codec; t++) {
        AVStream *stream = avformat_new_stream(muxer, NULL);
        assert_non_null(stream);
        stream->codecpar->codec_type = AVMEDIA_TYPE_SUBTITLE;
        stream->codecpar->codec_id = codec_of(t);
        stream->time_base = ms;
        set_header(stream->codecpar, header_of(t));
        if (t->is_default) stream->disposition |= AV_DISPOSITION_DEFAULT;
        if (t->is_forced) stream->disposition |= AV_DISPOSITION_FORCED;
        if (t->language) av_dict_set(&stream->metadata, "language", t->language, 0);
    }
}

static void write_cue(AVFormatContext *muxer, AVStream *stream, const clip_track *t,
                      const clip_cue *c)
{
    size_t n = strlen(c->text), n_size = is_mov_text(t) ? 2 : 0;
    AVPacket *p = av_packet_alloc();
    assert_non_null(p);
    assert_int_equal(av_new_packet(p, (int)(n + n_size)), 0);
    if (n_size) p->data[0] = (uint8_t)(n >> 8), p->data[1] = (uint8_t)n;
    memcpy(p->data + n_size, c->text, n);
    p->stream_index = stream->index;
    p->pts = p->dts = c->start_ms;
    p->duration = c->end_ms - c->start_ms;
    p->flags = AV_PKT_FLAG_KEY;
    av_packet_rescale_ts(p, ms, stream->time_base);
    if (av_interleaved_write_frame(muxer, p) < 0)
        fail_msg("%s: cannot mux \"%s\"", t->codec, c->text);
    av_packet_free(&p);
}

void clip_write_tracks(AVFormatContext *muxer, const clip_spec *s)
{
    int n = 0;
    while (s->tracks && s->tracks[n].codec) n++;
    AVStream **streams = muxer->streams + muxer->nb_streams - n; // the last ones
    for (int i = 0; i < n; i++)
        for (const clip_cue *c = s->tracks[i].cues; c && c->text; c++)
            write_cue(muxer, streams[i], &s->tracks[i], c);
}
