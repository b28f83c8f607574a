/* bench/media.c - few frames from long videos, against the ffmpeg program; and where
 * seeking stops being worth it.
 *
 * Each measurement of ours is a whole process, as ffmpeg's are: this program runs itself as
 * `media --frames FILE`. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "media/video.h"
#include "support/long_clip.h"
#include "support/place.h"
#include "support/table.h"
#include "support/timing.h"

extern char **environ;

enum { N_FRAMES = 8, MINUTES_S = 60, HOURS_S = 3600, PATH_BYTES = 512 };

static void give_up(const ask_error *err)
{
    fprintf(stderr, "bench/media: %s\n", err->message);
    exit(1);
}

static bool ignore(void *user, const ask_video_frame *frame, ask_error *err)
{
    (void)user, (void)frame, (void)err;
    return true;
}

/* ---- as a child: frames of one file ---- */

/* The middles of n equal parts of the video. */
static void uniform_times(double *t_s, int n, double duration_s)
{
    for (int i = 0; i < n; i++) t_s[i] = (i + 0.5) * duration_s / n;
}

/* Opens the file, takes N_FRAMES frames, and tells the peak of memory in bytes. */
static int take_frames(const char *path)
{
    ask_error err = {0};
    ask_video *v = ask_video_open(path, NULL, &err);
    if (!v) give_up(&err);
    double t_s[N_FRAMES];
    uniform_times(t_s, N_FRAMES, ask_video_outline(v)->duration_s);
    if (!ask_video_frames_at(v, t_s, N_FRAMES, NULL, ignore, NULL, &err)) give_up(&err);
    ask_video_close(v);
    printf("%zu\n", ask_peak_resident_bytes());
    return 0;
}

/* ---- processes ---- */

/* Runs a program to its end with its output going to out (a descriptor). */
static void run_process(char *const *argv, int out)
{
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int status;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    bool ok = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ) == 0 &&
              waitpid(pid, &status, 0) == pid && WIFEXITED(status) && !WEXITSTATUS(status);
    posix_spawn_file_actions_destroy(&actions);
    if (!ok) give_up(&(ask_error){ASK_ERR_IO, "a program that is compared with failed"});
}

/* A long video, and what taking frames from it took. */
typedef struct {
    char path[PATH_BYTES];
    int duration_s;
    size_t peak_bytes; // the most over all runs
} long_clip;

static void run_askance(void *user)
{
    long_clip *clip = user;
    int ends[2];
    if (pipe(ends) != 0) give_up(&(ask_error){ASK_ERR_IO, "no pipe"});
    char *argv[] = {"/proc/self/exe", "--frames", clip->path, NULL};
    run_process(argv, ends[1]);
    char text[32] = {0};
    if (read(ends[0], text, sizeof text - 1) <= 0)
        give_up(&(ask_error){ASK_ERR_IO, "the child told nothing"});
    close(ends[0]);
    close(ends[1]);
    size_t peak_bytes = strtoull(text, NULL, 10);
    if (peak_bytes > clip->peak_bytes) clip->peak_bytes = peak_bytes;
}

static void run_ffmpeg(void *user)
{
    long_clip *clip = user;
    int null = open("/dev/null", O_WRONLY);
    double t_s[N_FRAMES];
    uniform_times(t_s, N_FRAMES, clip->duration_s);
    for (int i = 0; i < N_FRAMES; i++) {
        char at[32];
        snprintf(at, sizeof at, "%.3f", t_s[i]);
        char *argv[] = {"ffmpeg",   "-v",        "error", "-nostdin", "-ss",  at,  "-i",
                        clip->path, "-frames:v", "1",     "-f",       "null", "-", NULL};
        run_process(argv, null);
    }
    close(null);
}

/* The first line of `ffmpeg -version`; false when there is no ffmpeg. */
static bool ffmpeg_version(char *out, size_t size)
{
    FILE *pipe = popen("ffmpeg -version 2>/dev/null", "r");
    bool ok = pipe && fgets(out, (int)size, pipe);
    if (pipe) pclose(pipe);
    if (!ok) return false;
    char *end = strstr(out, " Copyright");
    out[end ? (size_t)(end - out) : strcspn(out, "\n")] = '\0';
    return true;
}

/* ---- few frames from long videos ---- */

typedef struct {
    const char *file, *what;
    int duration_s;
} long_case;

static const long_case long_cases[] = {
    {"10min.mp4", "8 frames of 10 min, 1080p, mp4", 10 * MINUTES_S},
    {"3h.mp4", "8 frames of 3 h, mp4", 3 * HOURS_S},
    {"3h.mkv", "8 frames of 3 h, mkv", 3 * HOURS_S},
};

enum { N_LONG = sizeof long_cases / sizeof *long_cases };

static void make_long_clips(long_clip *clips, const char *dir)
{
    char seed[PATH_BYTES];
    snprintf(seed, sizeof seed, "%s/seed.mp4", dir);
    bench_seed_clip(seed, 1920, 1080);
    for (int i = 0; i < N_LONG; i++) {
        clips[i] = (long_clip){.duration_s = long_cases[i].duration_s};
        snprintf(clips[i].path, PATH_BYTES, "%s/%s", dir, long_cases[i].file);
        bench_repeat_clip(clips[i].path, seed, long_cases[i].duration_s);
    }
    unlink(seed);
}

static double open_s(const char *path)
{
    ask_error err = {0};
    double start = ask_clock_s();
    ask_video *v = ask_video_open(path, NULL, &err);
    if (!v) give_up(&err);
    double seconds = ask_clock_s() - start;
    ask_video_close(v);
    return seconds;
}

static double table_s(const char *path)
{
    ask_error err = {0};
    ask_video *v = ask_video_open(path, NULL, &err);
    double start = ask_clock_s();
    if (!v || !ask_video_table(v, &err)) give_up(&err);
    double seconds = ask_clock_s() - start;
    ask_video_close(v);
    return seconds;
}

static void print_memory(const long_clip *clip)
{
    bench_table_row("  peak memory", (double)clip->peak_bytes / 1e6, "MB",
                    "target: under 250");
}

static void bench_long(const char *dir)
{
    long_clip clips[N_LONG];
    make_long_clips(clips, dir);
    char version[128];
    bool has_ffmpeg = ffmpeg_version(version, sizeof version);
    bench_candidate c[N_LONG + 1];
    for (int i = 0; i < N_LONG; i++)
        c[i] = (bench_candidate){.run = run_askance, .user = &clips[i]};
    c[N_LONG] = (bench_candidate){.run = run_ffmpeg, .user = &clips[0]};
    bench_time(c, has_ffmpeg ? N_LONG + 1 : N_LONG);

    if (has_ffmpeg) {
        bench_table_row(long_cases[0].what, c[0].median_s, "s",
                        "%.2f of ffmpeg's; target: at most 0.9",
                        c[0].median_s / c[N_LONG].median_s);
        bench_table_row("  8 runs of ffmpeg -ss T -frames:v 1", c[N_LONG].median_s, "s",
                        "%s", version);
    } else {
        bench_table_row(long_cases[0].what, c[0].median_s, "s",
                        "ffmpeg is not installed: nothing to compare with");
    }
    print_memory(&clips[0]);
    for (int i = 1; i < N_LONG; i++) {
        bench_table_row(long_cases[i].what, c[i].median_s, "s",
                        "%.2f of 10 min's; target: at most 1.5",
                        c[i].median_s / c[0].median_s);
        print_memory(&clips[i]);
    }
    for (int i = 0; i < N_LONG; i++) {
        char what[64];
        snprintf(what, sizeof what, "opening %s", long_cases[i].file);
        bench_table_row(what, 1e3 * open_s(clips[i].path), "ms", "full table %.3g s",
                        table_s(clips[i].path));
        unlink(clips[i].path);
    }
}

/* ---- seeking or decoding on ---- */

/* Every stride-th frame of a clip, by one way. */
typedef struct {
    ask_video *video;
    int64_t index[16 * LONG_CLIP_FPS];
    int n;
    ask_access access;
} thinning;

static void run_thinning(void *user)
{
    const thinning *t = user;
    const ask_frames_options options = {sizeof options, t->access};
    ask_error err = {0};
    if (!ask_video_frames(t->video, t->index, t->n, &options, ignore, NULL, &err))
        give_up(&err);
}

static thinning thin(ask_video *v, int64_t n_frames, int stride, ask_access access)
{
    thinning t = {.video = v, .access = access};
    for (int64_t i = stride / 2; i < n_frames; i += stride) t.index[t.n++] = i;
    return t;
}

static void bench_stride(ask_video *v, int64_t n_frames, int stride)
{
    thinning seek = thin(v, n_frames, stride, ASK_ACCESS_SEEK),
             on = thin(v, n_frames, stride, ASK_ACCESS_SEQUENTIAL),
             automatic = thin(v, n_frames, stride, ASK_ACCESS_AUTO);
    bench_candidate c[] = {{.run = run_thinning, .user = &seek},
                           {.run = run_thinning, .user = &on},
                           {.run = run_thinning, .user = &automatic}};
    bench_time(c, 3);
    char what[64];
    snprintf(what, sizeof what, "every %d. frame of %lld, 360p: seeking", stride,
             (long long)n_frames);
    bench_table_row(what, 1e3 * c[0].median_s, "ms", "sequential %.4g; automatic %.4g",
                    1e3 * c[1].median_s, 1e3 * c[2].median_s);
}

static void bench_crossover(const char *dir)
{
    static const int strides[] = {6, 12, 24, 48, 96};
    char seed[PATH_BYTES], path[PATH_BYTES];
    snprintf(seed, sizeof seed, "%s/seed.mp4", dir);
    snprintf(path, sizeof path, "%s/crossover.mp4", dir);
    bench_seed_clip(seed, 640, 360);
    bench_repeat_clip(path, seed, 16);
    ask_error err = {0};
    ask_video *v = ask_video_open(path, NULL, &err);
    const ask_time_table *t = v ? ask_video_table(v, &err) : NULL;
    if (!t) give_up(&err);
    for (size_t i = 0; i < sizeof strides / sizeof *strides; i++)
        bench_stride(v, t->n_frames, strides[i]);
    ask_video_close(v);
    unlink(seed);
    unlink(path);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--frames") == 0) return take_frames(argv[2]);
    char *dir = bench_temp_dir();
    bench_machine m = bench_machine_measure();
    char title[96];
    snprintf(title, sizeof title, "media: H.264, %d frames/s, a key frame every %d frames",
             LONG_CLIP_FPS, LONG_CLIP_GOP);
    bench_table_open(title, &m);
    bench_long(dir);
    bench_crossover(dir);
    bench_temp_dir_remove(dir);
    free(dir);
    return 0;
}
