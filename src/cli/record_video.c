#include "cli/record_video.h"

static const char NOT_COUNTED[] = "the frames of the video were not counted";

bool cli_record_video(ask_record *r, ask_video *v, const char *path, bool counted,
                      const char *sha256, const char *why_no_sha256, ask_error *err)
{
    const ask_video_info *info = ask_video_info_of(v);
    const ask_time_table *t = counted ? ask_video_table(v, err) : ask_video_outline(v);
    char quick[17];
    if (!t || !ask_video_quick_id(v, quick, err)) return false;

    ask_record_video part = {
        .path = path,
        .id = {.size = info->file_bytes, .quick = quick, .sha256 = sha256},
        .time_base = {info->time_base_num, info->time_base_den},
        .width = info->width,
        .height = info->height,
        .rotation = info->rotation,
    };
    if (t->duration_s >= 0) part.duration_s = ask_known_real(t->duration_s);
    if (t->full) {
        part.n_frames = ask_known_int(t->n_frames);
        part.vfr = ask_known_bool(t->vfr);
    }
    return ask_record_set_video(r, &part, err) &&
           (sha256 || ask_record_note(r, "video.id.sha256", why_no_sha256, err)) &&
           (part.duration_s.known ||
            ask_record_note(r, "video.duration_s", NOT_COUNTED, err)) &&
           (t->full || (ask_record_note(r, "video.n_frames", NOT_COUNTED, err) &&
                        ask_record_note(r, "video.vfr", NOT_COUNTED, err)));
}
