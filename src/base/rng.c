#include "base/rng.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"

enum { PHILOX_ROUNDS = 10 };

void ask_philox(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2])
{
    uint32_t x0 = counter[0], x1 = counter[1], x2 = counter[2], x3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];
    for (int i = 0; i < PHILOX_ROUNDS; i++) {
        uint64_t p = (uint64_t)0xD2511F53u * x0;
        uint64_t q = (uint64_t)0xCD9E8D57u * x2;
        x0 = (uint32_t)(q >> 32) ^ x1 ^ k0;
        x1 = (uint32_t)q;
        x2 = (uint32_t)(p >> 32) ^ x3 ^ k1;
        x3 = (uint32_t)p;
        k0 += 0x9E3779B9u; // golden ratio
        k1 += 0xBB67AE85u; // sqrt(3) - 1
    }
    out[0] = x0, out[1] = x1, out[2] = x2, out[3] = x3;
}

static ask_rng rng_at_start(uint64_t seed, uint64_t stream)
{
    return (ask_rng){.seed = seed, .stream = stream};
}

ask_rng ask_rng_new(uint64_t seed)
{
    return rng_at_start(seed, 0);
}

ask_rng ask_rng_split(const ask_rng *parent, const char *name)
{
    return rng_at_start(parent->seed, ask_hash64(name, strlen(name), parent->stream));
}

ask_rng ask_rng_split_at(const ask_rng *parent, uint64_t index)
{
    unsigned char name[9] = {0}; // begins with a NUL, as no name does
    for (int i = 0; i < 8; i++) name[1 + i] = (unsigned char)(index >> 8 * i);
    return rng_at_start(parent->seed, ask_hash64(name, sizeof name, parent->stream));
}

/* Makes the block that the position is at the beginning of. */
static void next_block(ask_rng *r)
{
    uint64_t n = r->position / 4;
    const uint32_t counter[4] = {(uint32_t)n, (uint32_t)(n >> 32), (uint32_t)r->stream,
                                 (uint32_t)(r->stream >> 32)};
    const uint32_t key[2] = {(uint32_t)r->seed, (uint32_t)(r->seed >> 32)};
    ask_philox(r->block, counter, key);
}

uint32_t ask_rng_u32(ask_rng *r)
{
    if (r->position % 4 == 0) next_block(r);
    return r->block[r->position++ % 4];
}

uint64_t ask_rng_u64(ask_rng *r)
{
    uint64_t low = ask_rng_u32(r);
    uint64_t high = ask_rng_u32(r);
    return high << 32 | low;
}

float ask_rng_float(ask_rng *r)
{
    return (float)(ask_rng_u32(r) >> 8) * 0x1p-24f;
}

double ask_rng_double(ask_rng *r)
{
    return (double)(ask_rng_u64(r) >> 11) * 0x1p-53;
}

/* The first 2^64 mod n values are rejected: what remains is a whole number of times n. */
uint64_t ask_rng_below(ask_rng *r, uint64_t n)
{
    uint64_t least = -n % n;
    uint64_t x;
    do {
        x = ask_rng_u64(r);
    } while (x < least);
    return x % n;
}

int64_t ask_rng_between(ask_rng *r, int64_t low, int64_t high)
{
    uint64_t n = (uint64_t)high - (uint64_t)low + 1; // 0 stands for all 2^64
    uint64_t x = n ? ask_rng_below(r, n) : ask_rng_u64(r);
    return (int64_t)((uint64_t)low + x);
}

/* Natural logarithm of a normal x > 0, to within a few units of the last place: x = m 2^e
 * with m near 1, and log m = 2 atanh z with z = (m - 1) / (m + 1), as a series in z.
 *
 * A product and a sum never stand in one statement, here and below: a compiler may join
 * them into one rounding where the machine can, and the result would depend on the machine.
 */
static double portable_log(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    int e = (int)(bits >> 52) - 1023;
    bits = (bits & 0xFFFFFFFFFFFFFu) | (uint64_t)1023 << 52;
    double m; // [1, 2)
    memcpy(&m, &bits, sizeof m);
    if (m > 0x1.6a09e667f3bcdp+0) { // sqrt(2)
        m *= 0.5;
        e++;
    }
    double z = (m - 1) / (m + 1); // |z| < 0.172, so that z^23 / 23 is below 2^-62
    double z2 = z * z;
    double sum = 0;
    for (int k = 21; k >= 1; k -= 2) {
        sum = sum * z2;
        sum = sum + 1.0 / k;
    }
    double log_m = 2 * z * sum;
    double log_2e = e * 0x1.62e42fefa39efp-1; // e log 2
    return log_2e + log_m;
}

/* Marsaglia's polar method: a point in the unit disc gives its angle, -2 log s its radius.
 * The second number that the point could give is not kept, so a copy of *r is all of the
 * state. */
double ask_rng_normal(ask_rng *r)
{
    double u, s;
    do {
        u = 2 * ask_rng_double(r) - 1;
        double v = 2 * ask_rng_double(r) - 1;
        double uu = u * u;
        double vv = v * v;
        s = uu + vv;
    } while (s >= 1 || s == 0);
    return u * sqrt(-2 * portable_log(s) / s);
}

static void swap_bytes(unsigned char *a, unsigned char *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char byte = a[i];
        a[i] = b[i];
        b[i] = byte;
    }
}

void ask_rng_shuffle(ask_rng *r, void *items, size_t n, size_t item_bytes)
{
    unsigned char *bytes = items;
    for (size_t i = n; i > 1; i--) {
        size_t j = (size_t)ask_rng_below(r, i);
        if (j != i - 1)
            swap_bytes(bytes + (i - 1) * item_bytes, bytes + j * item_bytes, item_bytes);
    }
}
