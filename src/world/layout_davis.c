/* layout_davis.c - DAVIS 2017: folders of pictures and of what is where in them.
 *
 *     JPEGImages/480p/train_000000/00000.jpg     a frame
 *     Annotations/480p/train_000000/00000.png    its objects: palette index = their id + 1
 *     ImageSets/2017/train.txt                   the clips
 *
 * After: Pont-Tuset et al. 2017 (DAVIS). "480p" is the folder's name in the set; pictures
 * are as large as the world's. */
#include <stdlib.h>
#include <string.h>

#include "base/dir.h"
#include "base/path.h"
#include "media/image.h"
#include "world/layout_priv.h"

enum { FINE = 2 }; // of a JPEG's quantizer

/* ---- what stands there already ---- */

/* The number between two parts of a name; -1: it is called otherwise. */
static int64_t number_in(const char *name, const char *before, const char *after)
{
    if (!ask_starts_with(name, before)) return -1;
    const char *digits = name + strlen(before);
    size_t n = strspn(digits, "0123456789");
    bool is_one = n > 0 && n < 18 && strcmp(digits + n, after) == 0;
    return is_one ? strtoll(digits, NULL, 10) : -1;
}

static bool check_names(const char *dir, const char *before, const char *after, int64_t n,
                        ask_error *err)
{
    ask_dir_names all;
    if (!ask_dir_list(&all, dir, NULL, err)) return false;
    bool ok = true;
    for (size_t i = 0; i < all.n && ok; i++)
        if (number_in(all.names[i], before, after) >= n)
            ok = ask_fail(err, ASK_ERR_USAGE,
                          "%s/%s is not of this world: remove what is there of another, "
                          "or name another folder",
                          dir, all.names[i]);
    ask_dir_names_free(&all);
    return ok;
}

/* Whether what is numbered so in a folder, if it is there, has numbers below n. */
static bool check_folder(const layout_run *r, const char *folder, const char *before,
                         const char *after, int64_t n, ask_error *err)
{
    char *dir = ask_path_join(r->dir, folder, err);
    bool ok = dir && (!ask_file_exists(dir) || check_names(dir, before, after, n, err));
    free(dir);
    return ok;
}

static bool begin(layout_run *r, ask_error *err)
{
    char clip[16];
    ask_format(clip, sizeof clip, "%s_", ask_split_name(r->split));
    return check_folder(r, "JPEGImages/480p", clip, "", r->n_clips, err) &&
           check_folder(r, "Annotations/480p", clip, "", r->n_clips, err);
}

static bool check(const layout_run *r, const ask_world_clip *c, ask_error *err)
{
    char video[LAYOUT_VIDEO_CHARS], images[64], objects[64];
    layout_video(video, c);
    ask_format(images, sizeof images, "JPEGImages/480p/%s", video);
    ask_format(objects, sizeof objects, "Annotations/480p/%s", video);
    return check_folder(r, images, "", ".jpg", c->scene.n_frames, err) &&
           check_folder(r, objects, "", ".png", c->scene.n_frames, err);
}

/* ---- what is written ---- */

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
    .begin = begin,
    .check = check,
    .add = add,
};
