#include "support/clip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "model/init.h"
#include "support/place.h"

/* As published; what is not said here has the defaults of CLIP's configuration. */
static const struct {
    const char *name, *config;
} clips[] = {
    [BENCH_CLIP_B32] =
        {"clip-vit-base-patch32",
         "{\"model_type\": \"clip\", \"architectures\": [\"CLIPModel\"],\n"
         " \"projection_dim\": 512,\n"
         " \"text_config\": {\"projection_dim\": 512, \"hidden_size\": 512,\n"
         "  \"intermediate_size\": 2048, \"num_hidden_layers\": 12,\n"
         "  \"num_attention_heads\": 8},\n"
         " \"vision_config\": {\"projection_dim\": 512, \"hidden_size\": 768,\n"
         "  \"intermediate_size\": 3072, \"num_hidden_layers\": 12,\n"
         "  \"num_attention_heads\": 12, \"patch_size\": 32}}\n"},
    [BENCH_CLIP_L14] =
        {"clip-vit-large-patch14",
         "{\"model_type\": \"clip\", \"architectures\": [\"CLIPModel\"],\n"
         " \"projection_dim\": 768,\n"
         " \"text_config\": {\"projection_dim\": 768, \"hidden_size\": 768,\n"
         "  \"intermediate_size\": 3072, \"num_hidden_layers\": 12,\n"
         "  \"num_attention_heads\": 12},\n"
         " \"vision_config\": {\"projection_dim\": 768, \"hidden_size\": 1024,\n"
         "  \"intermediate_size\": 4096, \"num_hidden_layers\": 24,\n"
         "  \"num_attention_heads\": 16, \"patch_size\": 14}}\n"},
};

static void give_up(const ask_error *err)
{
    fprintf(stderr, "bench: %s\n", err->message);
    exit(1);
}

static void make(const char *dir, const char *config)
{
    char path[BENCH_CLIP_DIR_BYTES + 8];
    ask_error err = {0};
    snprintf(path, sizeof path, "%s.json", dir);
    if (!ask_file_write(path, config, strlen(config), &err) ||
        !ask_model_init(dir, path, NULL, &err))
        give_up(&err);
    unlink(path);
}

void bench_clip_dir(char dir[BENCH_CLIP_DIR_BYTES], bench_clip clip)
{
    char file[BENCH_CLIP_DIR_BYTES + 16], *place = bench_place(clips[clip].name);
    snprintf(dir, BENCH_CLIP_DIR_BYTES, "%s", place);
    free(place);
    snprintf(file, sizeof file, "%s/config.json", dir);
    if (!ask_file_exists(file)) make(dir, clips[clip].config);
}
