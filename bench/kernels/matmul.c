// Floating point over arrays: a product of matrices.
#include <stdio.h>

enum { n = 400 };
static double a[n][n], b[n][n], c[n][n];

int main(void)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) a[i][j] = i - j * 0.5, b[i][j] = i * 0.25 + j;
    for (int round = 0; round < 5; round++)
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++) {
                double sum = 0;
                for (int k = 0; k < n; k++) sum += a[i][k] * b[k][j];
                c[i][j] += sum;
            }
    printf("%.3f\n", c[17][23] + c[n - 1][n - 1]);
    return 0;
}
