#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "eval/watched_priv.h"

static bool is_seen(const watched *w, const ask_data_record *r)
{
    return w->path && strcmp(w->path, r->video_path) == 0 && w->has_clip == r->has_clip &&
           (!r->has_clip ||
            (w->clip.start_s == r->clip.start_s && w->clip.end_s == r->clip.end_s));
}

static bool look(watched *w, const watcher *who, const ask_data_record *r, ask_error *err)
{
    ask_video_options options = ask_video_defaults();
    options.cancel = who->cancel;
    w->sampling = who->sampling;
    if (r->has_clip) {
        w->sampling.start_s = r->clip.start_s;
        w->sampling.end_s = r->clip.end_s;
    }
    w->video = ask_video_open(r->video_path, &options, err);
    return w->video && who->look(who->user, w->video, &w->sampling, err);
}

static bool is_kept(ask_error_code code)
{
    return code != ASK_ERR_CANCELLED && code != ASK_ERR_NOMEM;
}

bool watched_see(watched *w, const watcher *who, const ask_data_record *r, ask_error *err)
{
    if (!r->video_path)
        return ask_fail(err, ASK_ERR_IO, "no file of the video %s", r->video);
    if (!is_seen(w, r)) {
        watched_forget(w, who);
        w->path = ask_strdup(r->video_path, err);
        if (!w->path) return false;
        w->has_clip = r->has_clip;
        w->clip = r->clip;
        look(w, who, r, &w->failure);
    }
    if (w->failure.code == ASK_OK) return true;
    if (err) *err = w->failure;
    if (!is_kept(w->failure.code)) watched_forget(w, who);
    return false;
}

void watched_forget(watched *w, const watcher *who)
{
    who->forget(who->user);
    ask_video_close(w->video);
    free(w->path);
    *w = (watched){0};
}
