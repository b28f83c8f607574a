#include "support/clips.h"
#include "support/testing.h"

/* A picture is a grid of GRID x GRID cells. The corners tell which way is up and which
 * channel is which; the other cells are the bits of the number, white for 1, the lowest bit
 * last. */
enum { GRID = 4, N_BITS = GRID * GRID - 4 };

typedef enum { CELL_BIT, CELL_WHITE, CELL_BLUE, CELL_RED, CELL_BLACK } cell_kind;

static cell_kind kind_of(int row, int col)
{
    int last = GRID - 1;
    if (row == 0 && col == 0) return CELL_WHITE;
    if (row == 0 && col == last) return CELL_BLUE;
    if (row == last && col == 0) return CELL_RED;
    if (row == last && col == last) return CELL_BLACK;
    return CELL_BIT;
}

static void paint(uint8_t *pixel, int channels, bool red, bool green, bool blue)
{
    if (channels == 1) {
        pixel[0] = red && green && blue ? 255 : 0;
        return;
    }
    pixel[0] = red ? 255 : 0;
    pixel[1] = green ? 255 : 0;
    pixel[2] = blue ? 255 : 0;
    if (channels == 4) pixel[3] = 255;
}

static uint8_t *pixel_at(const ask_image *image, int x, int y)
{
    return image->pixels +
           ((size_t)y * (size_t)image->width + (size_t)x) * (size_t)image->channels;
}

/* The bit that a cell shows: cells are counted along the rows, without the corners. */
static int bit_of(int row, int col)
{
    int before = row * GRID + col - 1 - (row > 0) - (row == GRID - 1);
    return N_BITS - 1 - before;
}

void clip_draw(ask_image *image, int number)
{
    assert_true(number >= 0 && number < 1 << N_BITS);
    for (int y = 0; y < image->height; y++)
        for (int x = 0; x < image->width; x++) {
            int row = y * GRID / image->height, col = x * GRID / image->width;
            cell_kind kind = kind_of(row, col);
            bool white =
                kind == CELL_WHITE || (kind == CELL_BIT && number >> bit_of(row, col) & 1);
            paint(pixel_at(image, x, y), image->channels, white || kind == CELL_RED, white,
                  white || kind == CELL_BLUE);
        }
}

typedef struct {
    int r, g, b;
} color;

/* The mean colour of the middle half of a cell. */
static color cell_color(const ask_image *image, int row, int col)
{
    int x0 = (4 * col + 1) * image->width / (4 * GRID);
    int x1 = (4 * col + 3) * image->width / (4 * GRID);
    int y0 = (4 * row + 1) * image->height / (4 * GRID);
    int y1 = (4 * row + 3) * image->height / (4 * GRID);
    int64_t sum[3] = {0}, n = 0;
    for (int y = y0; y < y1; y++)
        for (int x = x0; x < x1; x++, n++)
            for (int c = 0; c < 3; c++)
                sum[c] += pixel_at(image, x, y)[image->channels == 1 ? 0 : c];
    return (color){(int)(sum[0] / n), (int)(sum[1] / n), (int)(sum[2] / n)};
}

enum { DARK = 90, BRIGHT = 165 };

static bool is_white(color c)
{
    return c.r > BRIGHT && c.g > BRIGHT && c.b > BRIGHT;
}

static bool is_black(color c)
{
    return c.r < DARK && c.g < DARK && c.b < DARK;
}

static bool corner_is_right(const ask_image *image, cell_kind kind, color c)
{
    bool grey = image->channels == 1;
    switch (kind) {
    case CELL_WHITE:
        return is_white(c);
    case CELL_BLUE:
        return grey ? is_black(c) : c.b > BRIGHT && c.r < DARK && c.g < DARK;
    case CELL_RED:
        return grey ? is_black(c) : c.r > BRIGHT && c.b < DARK && c.g < DARK;
    default:
        return is_black(c);
    }
}

int clip_number(const ask_image *image)
{
    if (image->width < 2 * GRID || image->height < 2 * GRID) return -1;
    int number = 0;
    for (int row = 0; row < GRID; row++)
        for (int col = 0; col < GRID; col++) {
            color c = cell_color(image, row, col);
            cell_kind kind = kind_of(row, col);
            if (kind != CELL_BIT) {
                if (!corner_is_right(image, kind, c)) return -1;
            } else if (is_white(c)) {
                number |= 1 << bit_of(row, col);
            } else if (!is_black(c)) {
                return -1;
            }
        }
    return number;
}

void clip_check_number(const char *where, const ask_image *image, int number)
{
    int shown = clip_number(image);
    if (shown != number)
        fail_msg("%s: the picture of %d x %d shows %d, not %d", where, image->width,
                 image->height, shown, number);
}
