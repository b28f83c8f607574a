/* What a packet's own bytes tell before it is decoded. */
#include "media/source_libav_priv.h"

/* ---- packets without a frame ---- */

/* RFC 6386, 9.1: bit 4 of the frame tag is show_frame. */
static bool vp8_is_hidden(const uint8_t *data)
{
    return !(data[0] & 0x10);
}

/* VP9 bitstream, 6.2: marker 2 bits, profile 2 (and a reserved one for profile 3),
 * show_existing_frame, frame_type, show_frame. Hidden frames usually share a packet with a
 * shown one (a superframe, which ends in its index); those packets are shown. */
static bool vp9_is_hidden(const uint8_t *data, size_t n_bytes)
{
    if (data[0] >> 6 != 2 || (data[n_bytes - 1] & 0xe0) == 0xc0) return false;
    int profile = (data[0] >> 5 & 1) | (data[0] >> 3 & 2);
    int at = profile == 3 ? 2 : 3; // the bit of show_existing_frame
    bool shows_existing = data[0] >> at & 1;
    bool shows = data[0] >> (at - 2) & 1;
    return !shows_existing && !shows;
}

bool ask_packet_is_hidden(enum AVCodecID codec, const uint8_t *data, size_t n_bytes)
{
    if (n_bytes == 0) return true;
    switch (codec) {
    case AV_CODEC_ID_VP8:
        return vp8_is_hidden(data);
    case AV_CODEC_ID_VP9:
        return vp9_is_hidden(data, n_bytes);
    default:
        return false;
    }
}

/* ---- packets that no other needs: H.264 ---- */

enum { NAL_SLICE = 1, NAL_SLICE_A = 2, NAL_SLICE_C = 4, NAL_IDR = 5 };
enum { NAL_SEI = 6, NAL_DELIMITER = 9, NAL_FILLER = 12 };

/* ITU-T H.264, 7.4.1: a picture whose slices have nal_ref_idc 0 is not used for reference.
 * Parameter sets in the same packet are needed by others. */
static bool nal_is_disposable(uint8_t header)
{
    int type = header & 31, ref_idc = header >> 5 & 3;
    switch (type) {
    case NAL_SLICE:
    case NAL_SLICE_A:
    case NAL_SLICE_A + 1:
    case NAL_SLICE_C:
        return ref_idc == 0;
    case NAL_SEI:
    case NAL_DELIMITER:
    case NAL_FILLER:
        return true;
    default:
        return false;
    }
}

/* Units behind their sizes, as MP4 and Matroska store them. */
static bool sized_units_are_disposable(const uint8_t *data, size_t n_bytes, int size_bytes)
{
    size_t at = 0;
    while (at < n_bytes) {
        size_t unit = 0;
        if (n_bytes - at <= (size_t)size_bytes) return false;
        for (int i = 0; i < size_bytes; i++) unit = unit << 8 | data[at++];
        if (unit == 0 || unit > n_bytes - at || !nal_is_disposable(data[at])) return false;
        at += unit;
    }
    return true;
}

/* Units behind start codes 00 00 01. */
static bool marked_units_are_disposable(const uint8_t *data, size_t n_bytes)
{
    bool any = false;
    for (size_t i = 3; i < n_bytes; i++) {
        if (data[i - 3] || data[i - 2] || data[i - 1] != 1) continue;
        if (!nal_is_disposable(data[i])) return false;
        any = true;
    }
    return any;
}

bool ask_packet_is_disposable(const AVCodecParameters *codec, const uint8_t *data,
                              size_t n_bytes)
{
    if (codec->codec_id != AV_CODEC_ID_H264 || n_bytes == 0) return false;
    bool is_sized = codec->extradata_size >= 7 && codec->extradata[0] == 1;
    if (is_sized)
        return sized_units_are_disposable(data, n_bytes, (codec->extradata[4] & 3) + 1);
    return marked_units_are_disposable(data, n_bytes);
}
