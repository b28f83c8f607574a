#include "support/long_clip.h"

#include <libavformat/avformat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "media/writer.h"

static void give_up(const char *what, const char *why)
{
    fprintf(stderr, "bench: %s: %s\n", what, why);
    exit(1);
}

/* ---- the seed ---- */

typedef struct {
    int x, y, dx, dy, size;
    uint8_t rgb[3];
} block;

enum { N_BLOCKS = 12 };

static void paint_background(ask_image *image)
{
    ask_rng rng = ask_rng_new(1);
    for (int y = 0; y < image->height; y++) {
        for (int x = 0; x < image->width; x++) {
            uint8_t *p = image->pixels + ((size_t)y * image->width + x) * 3;
            int grain = (int)ask_rng_below(&rng, 12);
            p[0] = (uint8_t)(60 + 90 * x / image->width + grain);
            p[1] = (uint8_t)(80 + 60 * y / image->height + grain);
            p[2] = (uint8_t)(120 + grain);
        }
    }
}

static void make_blocks(block *blocks, const ask_image *image)
{
    ask_rng rng = ask_rng_new(2);
    for (int i = 0; i < N_BLOCKS; i++) {
        block *b = &blocks[i];
        b->size = (int)ask_rng_between(&rng, image->height / 12, image->height / 4);
        b->x = (int)ask_rng_below(&rng, (uint64_t)(image->width - b->size));
        b->y = (int)ask_rng_below(&rng, (uint64_t)(image->height - b->size));
        b->dx = (int)ask_rng_between(&rng, -9, 9);
        b->dy = (int)ask_rng_between(&rng, -9, 9);
        for (int c = 0; c < 3; c++) b->rgb[c] = (uint8_t)ask_rng_below(&rng, 256);
    }
}

static void paint_block(ask_image *image, const block *b)
{
    for (int y = b->y; y < b->y + b->size; y++) {
        uint8_t *row = image->pixels + ((size_t)y * image->width + b->x) * 3;
        for (int x = 0; x < b->size; x++) {
            for (int c = 0; c < 3; c++) row[3 * x + c] = (uint8_t)(b->rgb[c] ^ (x / 8 & 7));
        }
    }
}

/* One step; turns at the edges. */
static void move_block(block *b, const ask_image *image)
{
    if (b->x + b->dx < 0 || b->x + b->dx + b->size > image->width) b->dx = -b->dx;
    if (b->y + b->dy < 0 || b->y + b->dy + b->size > image->height) b->dy = -b->dy;
    b->x += b->dx;
    b->y += b->dy;
}

static bool write_frames(ask_video_writer *w, ask_image *frame, const ask_image *background,
                         ask_error *err)
{
    block blocks[N_BLOCKS];
    make_blocks(blocks, frame);
    size_t n_bytes = (size_t)frame->width * frame->height * 3;
    for (int i = 0; i < LONG_CLIP_SEED_FRAMES; i++) {
        memcpy(frame->pixels, background->pixels, n_bytes);
        for (int b = 0; b < N_BLOCKS; b++) {
            paint_block(frame, &blocks[b]);
            move_block(&blocks[b], frame);
        }
        if (!ask_video_writer_add(w, frame, i, err)) return false;
    }
    return true;
}

void bench_seed_clip(const char *path, int width, int height)
{
    ask_error err = {0};
    ask_writer_options options = ask_writer_defaults();
    options.fps_num = LONG_CLIP_FPS;
    options.fps_den = 1;
    options.gop = LONG_CLIP_GOP;
    options.crf = 32;
    ask_image background = {0}, frame = {0};
    if (!ask_image_new(&background, width, height, 3, &err) ||
        !ask_image_new(&frame, width, height, 3, &err))
        give_up(path, err.message);
    paint_background(&background);
    ask_video_writer *w = ask_video_writer_open(path, width, height, &options, &err);
    if (!w || !write_frames(w, &frame, &background, &err) ||
        !ask_video_writer_commit(w, LONG_CLIP_SEED_FRAMES, &err))
        give_up(path, err.message);
    ask_image_free(&frame);
    ask_image_free(&background);
}

/* ---- repeating ---- */

typedef struct {
    AVFormatContext *in, *out;
    AVPacket *packets[LONG_CLIP_SEED_FRAMES];
} repeater;

static void check(int result, const char *what)
{
    if (result < 0) give_up(what, av_err2str(result));
}

static void read_packets(repeater *r)
{
    for (int i = 0; i < LONG_CLIP_SEED_FRAMES; i++) {
        r->packets[i] = av_packet_alloc();
        if (!r->packets[i]) give_up("packets", "out of memory");
        check(av_read_frame(r->in, r->packets[i]), "reading the seed clip");
    }
}

static void open_output(repeater *r, const char *path)
{
    check(avformat_alloc_output_context2(&r->out, NULL, NULL, path), path);
    AVStream *to = avformat_new_stream(r->out, NULL), *from = r->in->streams[0];
    if (!to) give_up(path, "out of memory");
    check(avcodec_parameters_copy(to->codecpar, from->codecpar), path);
    to->codecpar->codec_tag = 0;
    to->time_base = from->time_base;
    check(avio_open(&r->out->pb, path, AVIO_FLAG_WRITE), path);
    check(avformat_write_header(r->out, NULL), path);
}

static void write_packet(repeater *r, const AVPacket *from, int64_t shift)
{
    AVPacket *p = av_packet_clone(from);
    if (!p) give_up("packet", "out of memory");
    p->pts += shift;
    p->dts += shift;
    av_packet_rescale_ts(p, r->in->streams[0]->time_base, r->out->streams[0]->time_base);
    check(av_write_frame(r->out, p), "writing a packet");
    av_packet_free(&p);
}

void bench_repeat_clip(const char *path, const char *seed, int duration_s)
{
    av_log_set_level(AV_LOG_ERROR);
    repeater r = {0};
    check(avformat_open_input(&r.in, seed, NULL, NULL), seed);
    check(avformat_find_stream_info(r.in, NULL), seed);
    read_packets(&r);
    open_output(&r, path);
    int64_t seed_ticks = av_rescale_q(LONG_CLIP_SEED_FRAMES, (AVRational){1, LONG_CLIP_FPS},
                                      r.in->streams[0]->time_base);
    int n_times = duration_s * LONG_CLIP_FPS / LONG_CLIP_SEED_FRAMES;
    for (int k = 0; k < n_times; k++) {
        for (int i = 0; i < LONG_CLIP_SEED_FRAMES; i++)
            write_packet(&r, r.packets[i], k * seed_ticks);
    }
    check(av_write_trailer(r.out), path);
    check(avio_closep(&r.out->pb), path);
    avformat_free_context(r.out);
    avformat_close_input(&r.in);
    for (int i = 0; i < LONG_CLIP_SEED_FRAMES; i++) av_packet_free(&r.packets[i]);
}
