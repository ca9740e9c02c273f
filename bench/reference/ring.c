// The ring's work in plain C loops, for cc -O3 -march=native. Reads lines "name repetitions" and answers each with the
// milliseconds of the best repetition.
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef uint64_t word;
typedef unsigned __int128 wide;

#define ELEMENTS (1 << 20)

#define MATMUL(name, type)                                                                                   \
  static void name(type *restrict c, const type *restrict a, const type *restrict b, int m, int k, int n) { \
    memset(c, 0, sizeof(type) * m * n);                                                                      \
    for (int i = 0; i < m; i++)                                                                              \
      for (int l = 0; l < k; l++) {                                                                          \
        const type x = a[i * k + l];                                                                         \
        for (int j = 0; j < n; j++) c[i * n + j] += x * b[l * n + j];                                        \
      }                                                                                                      \
  }

MATMUL(matmul64, word)
MATMUL(matmul128, wide)

static word *a, *b, *c;
static double *values;

static void run(const char *name) {
  if (!strcmp(name, "matmul64-512")) matmul64(c, a, b, 512, 512, 512);
  else if (!strcmp(name, "matmul64-1024")) matmul64(c, a, b, 1024, 1024, 1024);
  else if (!strcmp(name, "thin64")) matmul64(c, a, b, 1, 784, 128);
  else if (!strcmp(name, "matmul128-256")) matmul128((wide *)c, (wide *)a, (wide *)b, 256, 256, 256);
  else if (!strcmp(name, "add64")) for (int i = 0; i < ELEMENTS; i++) c[i] = a[i] + b[i];
  else if (!strcmp(name, "mul64")) for (int i = 0; i < ELEMENTS; i++) c[i] = a[i] * b[i];
  else if (!strcmp(name, "encode64")) for (int i = 0; i < ELEMENTS; i++) c[i] = (word)(int64_t)rint(values[i] * 65536);
  else if (!strcmp(name, "decode64")) for (int i = 0; i < ELEMENTS; i++) ((double *)c)[i] = (double)(int64_t)a[i] / 65536;
  else exit(1);
  __asm__ volatile("" : : "r"(c) : "memory");
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static word *words(word seed) {
  word *result = aligned_alloc(64, sizeof(word) * ELEMENTS);
  for (int i = 0; i < ELEMENTS; i++) {
    seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
    result[i] = seed;
  }
  return result;
}

int main(void) {
  a = words(88172645463325252u), b = words(362436069362436069u), c = words(521288629521288629u);
  values = malloc(sizeof(double) * ELEMENTS);
  for (int i = 0; i < ELEMENTS; i++) values[i] = (double)(int64_t)a[i] / 9007199254740992.0;
  char name[32];
  int repetitions;
  while (scanf("%31s %d", name, &repetitions) == 2) {
    double best = INFINITY;
    for (int r = 0; r < repetitions; r++) {
      const double start = now();
      run(name);
      best = fmin(best, now() - start);
    }
    printf("%.6f\n", best);
    fflush(stdout);
  }
}
