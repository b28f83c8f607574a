#include "support/clip.h"

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

void bench_clip_dir(char dir[BENCH_MODEL_DIR_BYTES], bench_clip clip)
{
    bench_model_dir(dir, clips[clip].name, clips[clip].config);
}
