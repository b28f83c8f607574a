/* layout_davis.c - DAVIS 2017: folders of pictures and of what is where in them.
 *
 *     JPEGImages/480p/train_000000/00000.jpg     a frame
 *     Annotations/480p/train_000000/00000.png    its objects: palette index = object's id +
 * 1 ImageSets/2017/train.txt                   the clips
 *
 * After: Pont-Tuset et al. 2017 (DAVIS). "480p" is the folder's name in the set; pictures
 * are as large as the world's. */
#include <stdlib.h>

#include "media/image.h"
#include "world/layout_priv.h"

enum { FINE = 2 }; // of a JPEG's quantizer

/* Colours that differ well for numbers that follow one another: each three bits of the
 * number give the next lower bit of red, green and blue. As in PASCAL VOC. */
static void make_palette(uint8_t palette[ASK_PALETTE_SIZE][3])
{
    for (int i = 0; i < ASK_PALETTE_SIZE; i++) {
        int rgb[3] = {0};
        for (int bit = 0; bit < 8; bit++) rgb[bit % 3] |= (i >> bit & 1) << (7 - bit / 3);
        for (int c = 0; c < 3; c++) palette[i][c] = (uint8_t)rgb[c];
    }
}

static bool write_picture(const layout_run *r, const ask_world_clip *c, int frame,
                          ask_image *image, ask_error *err)
{
    char video[LAYOUT_VIDEO_CHARS];
    layout_video(video, c);
    char *path = layout_path(r, err, "JPEGImages/480p/%s/%05d.jpg", video, frame);
    if (!path) return false;
    ask_paint(r->painter, &c->scene, frame, image, NULL);
    bool ok = ask_image_write_jpeg(image, FINE, path, err);
    free(path);
    return ok;
}

static bool write_objects(const layout_run *r, const ask_world_clip *c, int frame,
                          ask_error *err)
{
    char video[LAYOUT_VIDEO_CHARS];
    uint8_t palette[ASK_PALETTE_SIZE][3];
    layout_video(video, c);
    make_palette(palette);
    char *path = layout_path(r, err, "Annotations/480p/%s/%05d.png", video, frame);
    if (!path) return false;
    const ask_image ids = {ASK_WORLD_SIDE_PX, ASK_WORLD_SIDE_PX, 1, c->views[frame].ids};
    bool ok = ask_image_write_palette_png(&ids, palette, path, err);
    free(path);
    return ok;
}

static bool add(layout_run *r, const ask_world_clip *c, ask_error *err)
{
    char video[LAYOUT_VIDEO_CHARS];
    ask_image image;
    if (!ask_image_new(&image, ASK_WORLD_SIDE_PX, ASK_WORLD_SIDE_PX, 3, err)) return false;
    bool ok = true;
    for (int t = 0; t < c->scene.n_frames && ok; t++)
        ok = write_picture(r, c, t, &image, err) && write_objects(r, c, t, err);
    ask_image_free(&image);
    layout_video(video, c);
    ask_str_printf(&r->files[0].text, "%s\n", video);
    return ok;
}

const layout_kind layout_davis = {
    .name = "davis",
    .title = "DAVIS 2017 (pictures and masks)",
    .split_words = {"train", "val", "test-dev"},
    .files = {{.name = "ImageSets/2017/*.txt"}},
    .add = add,
};
