#include "metric/point.h"

bool ask_point_in(double x, double y, const ask_box *boxes, int n)
{
    for (int i = 0; i < n; i++) {
        const ask_box *b = &boxes[i];
        bool has_area = b->right > b->left && b->bottom > b->top;
        if (has_area && x >= b->left && x <= b->right && y >= b->top && y <= b->bottom)
            return true;
    }
    return false;
}
