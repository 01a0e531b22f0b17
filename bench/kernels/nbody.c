// Floating point: five bodies under their own gravity.
#include <math.h>
#include <stdio.h>

enum { n = 5 };
static double p[n][3] = {{0, 0, 0}, {4.8, -1.2, -0.1}, {8.3, 4.1, -0.4}, {12.9, -15.1, -0.2}, {15.4, -25.9, 0.2}};
static double v[n][3] = {{0, 0, 0}, {0.6, 2.8, 0}, {-1.0, 1.8, 0}, {1.1, 0.9, 0}, {1.0, 0.6, 0}};
static const double mass[n] = {39.5, 0.04, 0.01, 0.002, 0.002};

int main(void)
{
    for (int step = 0; step < 1500000; step++) {
        for (int i = 0; i < n; i++)
            for (int j = i + 1; j < n; j++) {
                double d[3], square = 0;
                for (int k = 0; k < 3; k++) d[k] = p[i][k] - p[j][k], square += d[k] * d[k];
                const double pull = 0.001 / (square * sqrt(square));
                for (int k = 0; k < 3; k++) v[i][k] -= d[k] * mass[j] * pull, v[j][k] += d[k] * mass[i] * pull;
            }
        for (int i = 0; i < n; i++)
            for (int k = 0; k < 3; k++) p[i][k] += 0.001 * v[i][k];
    }
    printf("%.9f\n", p[0][0] + p[4][1]);
    return 0;
}
