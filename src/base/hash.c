#include "base/hash.h"

#include <string.h>

static uint32_t rotate_right32(uint32_t x, int n)
{
    return x >> n | x << (32 - n);
}

static uint64_t rotate_left64(uint64_t x, int n)
{
    return x << n | x >> (64 - n);
}

static uint32_t load_big32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void store_big32(uint8_t *p, uint32_t x)
{
    for (int i = 0; i < 4; i++) p[i] = (uint8_t)(x >> (24 - 8 * i));
}

static uint32_t load_little32(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint64_t load_little64(const uint8_t *p)
{
    return load_little32(p) | (uint64_t)load_little32(p + 4) << 32;
}

/* SHA-256. Names are those of FIPS 180-4. */

enum { SHA_BLOCK = 64 };

static const uint32_t sha_k[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
    0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
    0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
    0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
    0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
    0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
    0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
    0xc67178f2};

/* The message schedule: sixteen words of the block, and forty-eight made from them. */
static void sha_schedule(uint32_t w[64], const uint8_t *block)
{
    for (int t = 0; t < 16; t++) w[t] = load_big32(block + 4 * t);
    for (int t = 16; t < 64; t++) {
        uint32_t x = w[t - 15];
        uint32_t y = w[t - 2];
        uint32_t s0 = rotate_right32(x, 7) ^ rotate_right32(x, 18) ^ x >> 3;
        uint32_t s1 = rotate_right32(y, 17) ^ rotate_right32(y, 19) ^ y >> 10;
        w[t] = w[t - 16] + s0 + w[t - 7] + s1;
    }
}

static void sha_block(uint32_t *state, const uint8_t *block)
{
    uint32_t w[64];
    sha_schedule(w, block);
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    for (int t = 0; t < 64; t++) {
        uint32_t s1 = rotate_right32(e, 6) ^ rotate_right32(e, 11) ^ rotate_right32(e, 25);
        uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + sha_k[t] + w[t];
        uint32_t s0 = rotate_right32(a, 2) ^ rotate_right32(a, 13) ^ rotate_right32(a, 22);
        uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
        h = g, g = f, f = e, e = d + t1;
        d = c, c = b, b = a, a = t1 + t2;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d;
    state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

void ask_sha256_begin(ask_sha256 *s)
{
    *s = (ask_sha256){.state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f,
                                0x9b05688c, 0x1f83d9ab, 0x5be0cd19}};
}

/* What both hashes do with pieces: whole blocks are hashed, the rest is held in block. */
static void sha_update(uint32_t *state, uint8_t *block, uint64_t *n_hashed,
                       void (*hash_block)(uint32_t *state, const uint8_t *block),
                       const void *bytes, size_t n_bytes)
{
    if (n_bytes == 0) return; // bytes may be NULL
    const uint8_t *p = bytes;
    size_t held = (size_t)(*n_hashed % SHA_BLOCK);
    *n_hashed += n_bytes;
    if (held > 0) {
        size_t n = SHA_BLOCK - held < n_bytes ? SHA_BLOCK - held : n_bytes;
        memcpy(block + held, p, n);
        if (held + n < SHA_BLOCK) return;
        hash_block(state, block);
        p += n;
        n_bytes -= n;
    }
    for (; n_bytes >= SHA_BLOCK; p += SHA_BLOCK, n_bytes -= SHA_BLOCK) hash_block(state, p);
    if (n_bytes > 0) memcpy(block, p, n_bytes);
}

/* What ends the last block of both: a bit, zeros, and the length in bits. Returns the bytes
 * of it in out. */
static size_t sha_padding(uint8_t out[2 * SHA_BLOCK], uint64_t n_hashed)
{
    enum { LENGTH = 8 };
    size_t held = (size_t)(n_hashed % SHA_BLOCK);
    size_t n = (held < SHA_BLOCK - LENGTH ? SHA_BLOCK : 2 * SHA_BLOCK) - held;
    memset(out, 0, n);
    out[0] = 0x80;
    store_big32(out + n - 8, (uint32_t)(n_hashed * 8 >> 32));
    store_big32(out + n - 4, (uint32_t)(n_hashed * 8));
    return n;
}

void ask_sha256_update(ask_sha256 *s, const void *bytes, size_t n_bytes)
{
    sha_update(s->state, s->block, &s->n_bytes, sha_block, bytes, n_bytes);
}

void ask_sha256_end(ask_sha256 *s, uint8_t out[ASK_SHA256_BYTES])
{
    uint8_t padding[2 * SHA_BLOCK];
    size_t n = sha_padding(padding, s->n_bytes);
    ask_sha256_update(s, padding, n);
    for (int i = 0; i < 8; i++) store_big32(out + 4 * i, s->state[i]);
}

void ask_sha256_of(uint8_t out[ASK_SHA256_BYTES], const void *bytes, size_t n_bytes)
{
    ask_sha256 s;
    ask_sha256_begin(&s);
    ask_sha256_update(&s, bytes, n_bytes);
    ask_sha256_end(&s, out);
}

/* SHA-1, with the names of FIPS 180-4 too. */

static uint32_t rotate_left32(uint32_t x, int n)
{
    return x << n | x >> (32 - n);
}

/* The function and the constant of step t. */
static uint32_t sha1_mix(int t, uint32_t b, uint32_t c, uint32_t d)
{
    if (t < 20) return ((b & c) | (~b & d)) + 0x5a827999;
    if (t < 40) return (b ^ c ^ d) + 0x6ed9eba1;
    if (t < 60) return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
    return (b ^ c ^ d) + 0xca62c1d6;
}

static void sha1_block(uint32_t *state, const uint8_t *block)
{
    uint32_t w[80];
    for (int t = 0; t < 16; t++) w[t] = load_big32(block + 4 * t);
    for (int t = 16; t < 80; t++)
        w[t] = rotate_left32(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    for (int t = 0; t < 80; t++) {
        uint32_t next = rotate_left32(a, 5) + sha1_mix(t, b, c, d) + e + w[t];
        e = d, d = c, c = rotate_left32(b, 30), b = a, a = next;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e;
}

void ask_sha1_begin(ask_sha1 *s)
{
    *s = (ask_sha1){.state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0}};
}

void ask_sha1_update(ask_sha1 *s, const void *bytes, size_t n_bytes)
{
    sha_update(s->state, s->block, &s->n_bytes, sha1_block, bytes, n_bytes);
}

void ask_sha1_end(ask_sha1 *s, uint8_t out[ASK_SHA1_BYTES])
{
    uint8_t padding[2 * SHA_BLOCK];
    size_t n = sha_padding(padding, s->n_bytes);
    ask_sha1_update(s, padding, n);
    for (int i = 0; i < 5; i++) store_big32(out + 4 * i, s->state[i]);
}

void ask_hex(char *out, const void *bytes, size_t n_bytes)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *p = bytes;
    for (size_t i = 0; i < n_bytes; i++) {
        out[2 * i] = digits[p[i] >> 4];
        out[2 * i + 1] = digits[p[i] & 15];
    }
    out[2 * n_bytes] = '\0';
}

/* XXH64: four lanes over stripes of 32 bytes, folded together, then the rest byte groups.
 */

static const uint64_t xx_1 = 0x9E3779B185EBCA87u;
static const uint64_t xx_2 = 0xC2B2AE3D27D4EB4Fu;
static const uint64_t xx_3 = 0x165667B19E3779F9u;
static const uint64_t xx_4 = 0x85EBCA77C2B2AE63u;
static const uint64_t xx_5 = 0x27D4EB2F165667C5u;

static uint64_t xx_round(uint64_t lane, uint64_t input)
{
    return rotate_left64(lane + input * xx_2, 31) * xx_1;
}

static uint64_t xx_fold(uint64_t hash, uint64_t lane)
{
    return (hash ^ xx_round(0, lane)) * xx_1 + xx_4;
}

/* Steps *p over all whole stripes before end and returns their hash. */
static uint64_t xx_stripes(const uint8_t **p, const uint8_t *end, uint64_t seed)
{
    uint64_t lane[4] = {seed + xx_1 + xx_2, seed + xx_2, seed, seed - xx_1};
    for (; end - *p >= 32; *p += 32)
        for (int i = 0; i < 4; i++) lane[i] = xx_round(lane[i], load_little64(*p + 8 * i));
    uint64_t hash = rotate_left64(lane[0], 1) + rotate_left64(lane[1], 7) +
                    rotate_left64(lane[2], 12) + rotate_left64(lane[3], 18);
    for (int i = 0; i < 4; i++) hash = xx_fold(hash, lane[i]);
    return hash;
}

static uint64_t xx_avalanche(uint64_t hash)
{
    hash = (hash ^ hash >> 33) * xx_2;
    hash = (hash ^ hash >> 29) * xx_3;
    return hash ^ hash >> 32;
}

uint64_t ask_hash64(const void *bytes, size_t n_bytes, uint64_t seed)
{
    if (n_bytes == 0) return xx_avalanche(seed + xx_5);
    const uint8_t *p = bytes;
    const uint8_t *end = p + n_bytes;
    uint64_t hash = n_bytes >= 32 ? xx_stripes(&p, end, seed) : seed + xx_5;
    hash += n_bytes;
    for (; end - p >= 8; p += 8)
        hash = rotate_left64(hash ^ xx_round(0, load_little64(p)), 27) * xx_1 + xx_4;
    for (; end - p >= 4; p += 4)
        hash = rotate_left64(hash ^ load_little32(p) * xx_1, 23) * xx_2 + xx_3;
    for (; p < end; p++) hash = rotate_left64(hash ^ *p * xx_5, 11) * xx_1;
    return xx_avalanche(hash);
}

/* ---- CRC-32C ---- */

/* Bit by bit: what it is for are lines of a log. */
uint32_t ask_crc32c(const void *bytes, size_t n_bytes)
{
    const uint32_t reflected = 0x82f63b78;
    const uint8_t *p = bytes;
    uint32_t crc = ~(uint32_t)0;
    for (size_t i = 0; i < n_bytes; i++) {
        crc ^= p[i];
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? reflected : 0);
    }
    return ~crc;
}
