/* support/clips_priv.h - what the makers of clips share. */
#ifndef SUPPORT_CLIPS_PRIV_H
#define SUPPORT_CLIPS_PRIV_H

#include "support/clips.h"

/* Writers of clip cases. */
void clip_write_encoded(clip *out, const clip_case *c, const char *dir); // spec: clip_spec
void clip_write_gif(clip *out, const clip_case *c, const char *dir);     // spec: none

/* out->frames, n_frames and duration_s from times in units of out's time base, of n frames
 * and of the end; numbers count from first_number. Every frame is marked as key. */
void clip_set_times(clip *out, const int64_t *pts, int n, int first_number);

/* Adds the tracks of a spec to a muxer, behind the streams it has; writes their packets
 * when its header is written. */
struct AVFormatContext;
void clip_add_tracks(struct AVFormatContext *muxer, const clip_spec *s);
void clip_write_tracks(struct AVFormatContext *muxer, const clip_spec *s);

/* Changes to a file that has been muxed; what is not found fails the test. */
void clip_overwrite(const char *path, const void *packet, size_t n_bytes, size_t from);
void clip_cut_within(const char *path, const void *packet, size_t n_bytes);
void clip_edit_mp4(const char *path, int64_t begin_media, int64_t duration_ms);
void clip_resize_header(const char *path, int side_px);
void clip_remove_cues(const char *path);

#endif
