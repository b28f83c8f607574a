#include "media/resize_priv.h"

enum { HALF = 1 << (ASK_WEIGHT_BITS - 1) };

static uint8_t clamp_fixed(int32_t sum)
{
    int32_t value = sum >> ASK_WEIGHT_BITS;
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

void ask_weigh_scalar(uint8_t *dst, const uint8_t *src, size_t stride,
                      const int32_t *weight, int n_weights, size_t n)
{
    enum { BLOCK = 8 };
    for (; n >= BLOCK; n -= BLOCK, src += BLOCK, dst += BLOCK) {
        int32_t sum[BLOCK];
        for (int i = 0; i < BLOCK; i++) sum[i] = HALF;
        const uint8_t *from = src;
        for (int t = 0; t < n_weights; t++, from += stride)
            for (int i = 0; i < BLOCK; i++) sum[i] += weight[t] * from[i];
        for (int i = 0; i < BLOCK; i++) dst[i] = clamp_fixed(sum[i]);
    }
    for (size_t i = 0; i < n; i++) {
        int32_t sum = HALF;
        for (int t = 0; t < n_weights; t++) sum += weight[t] * src[(size_t)t * stride + i];
        dst[i] = clamp_fixed(sum);
    }
}

#if defined(__x86_64__)
#include <immintrin.h>

/* n_vectors (at most 4) times 8 bytes. */
__attribute__((target("avx2"), always_inline)) static inline void
weigh_block(uint8_t *dst, const uint8_t *src, size_t stride, const int32_t *weight,
            int n_weights, const int n_vectors)
{
    __m256i sum[4];
    for (int i = 0; i < n_vectors; i++) sum[i] = _mm256_set1_epi32(HALF);
    for (int t = 0; t < n_weights; t++, src += stride) {
        __m256i w = _mm256_set1_epi32(weight[t]);
#pragma GCC unroll 4
        for (int i = 0; i < n_vectors; i++) {
            __m128i bytes = _mm_loadl_epi64((const __m128i *)(src + 8 * i));
            __m256i product = _mm256_mullo_epi32(_mm256_cvtepu8_epi32(bytes), w);
            sum[i] = _mm256_add_epi32(sum[i], product);
        }
    }
#pragma GCC unroll 4
    for (int i = 0; i < n_vectors; i++) {
        __m256i value = _mm256_srai_epi32(sum[i], ASK_WEIGHT_BITS);
        __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(value),
                                        _mm256_extracti128_si256(value, 1));
        _mm_storel_epi64((__m128i *)(dst + 8 * i), _mm_packus_epi16(words, words));
    }
}

/* Three vectors at a time, because a row of pixels has three channels. */
__attribute__((target("avx2"))) static void weigh_avx2(uint8_t *dst, const uint8_t *src,
                                                       size_t stride, const int32_t *weight,
                                                       int n_weights, size_t n)
{
    for (; n >= 24; n -= 24, src += 24, dst += 24)
        weigh_block(dst, src, stride, weight, n_weights, 3);
    for (; n >= 8; n -= 8, src += 8, dst += 8)
        weigh_block(dst, src, stride, weight, n_weights, 1);
    ask_weigh_scalar(dst, src, stride, weight, n_weights, n);
}
#endif

ask_weigh_fn *ask_weigh_best(void)
{
#if defined(__x86_64__)
    // Not base/cpu.h: this is asked for every picture and must not cost microseconds.
    if (__builtin_cpu_supports("avx2")) return weigh_avx2;
#endif
    return ask_weigh_scalar;
}
