#include "media/codecs.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libswscale/swscale.h>

#include "base/str.h"

static const struct {
    enum AVCodecID id;
    bool written; // by media/writer.h or media/image.h
} formats[] = {
    {AV_CODEC_ID_H264, true},        {AV_CODEC_ID_HEVC, false},
    {AV_CODEC_ID_VP8, false},        {AV_CODEC_ID_VP9, false},
    {AV_CODEC_ID_AV1, false},        {AV_CODEC_ID_MPEG4, false},
    {AV_CODEC_ID_MPEG2VIDEO, false}, {AV_CODEC_ID_PRORES, false},
    {AV_CODEC_ID_THEORA, false},     {AV_CODEC_ID_MJPEG, true},
    {AV_CODEC_ID_GIF, true},         {AV_CODEC_ID_PNG, true},
    {AV_CODEC_ID_WEBP, false},
};

bool ask_codec_at(ask_codec *out, size_t i)
{
    if (i >= sizeof formats / sizeof *formats) return false;
    const AVCodec *decoder = avcodec_find_decoder(formats[i].id);
    const AVCodec *encoder =
        formats[i].written ? avcodec_find_encoder(formats[i].id) : NULL;
    *out = (ask_codec){
        .format = avcodec_get_name(formats[i].id),
        .decoder = decoder ? decoder->name : NULL,
        .encoder = encoder ? encoder->name : NULL,
    };
    return true;
}

bool ask_media_library_at(ask_library *out, size_t i)
{
    static const struct {
        const char *name;
        unsigned (*version)(void);
    } libraries[] = {
        {"libavformat", avformat_version},
        {"libavcodec", avcodec_version},
        {"libswscale", swscale_version},
    };
    if (i >= sizeof libraries / sizeof *libraries) return false;
    unsigned v = libraries[i].version();
    *out = (ask_library){.name = libraries[i].name};
    ask_format(out->version, sizeof out->version, "%u.%u.%u", AV_VERSION_MAJOR(v),
               AV_VERSION_MINOR(v), AV_VERSION_MICRO(v));
    return true;
}
