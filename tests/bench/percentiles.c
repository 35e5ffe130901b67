// SPDX-License-Identifier: GPL-2.0-only
/* Percentiles, because a mean hides the rare slow calls. */
#include <linux/kernel.h>
#include <linux/sort.h>

#include "percentiles.h"

static int compare(const void *a, const void *b)
{
	u32 x = *(const u32 *)a, y = *(const u32 *)b;

	return x < y ? -1 : x > y;
}

/**
 * bench_percentiles() - print p50, p99, p99.9 and the largest of some times
 * @out: as passed to measure
 * @metrics: the names of the four
 * @times: the times, which come out sorted
 * @n: how many; 0 prints nothing
 */
void bench_percentiles(struct bench_out *out, const char *const metrics[4], u32 *times,
		       unsigned int n)
{
	if (!n)
		return;
	sort(times, n, sizeof(*times), compare, NULL);
	bench_figure(out, metrics[0], times[n / 2] * 100ULL);
	bench_figure(out, metrics[1], times[n - 1 - n / 100] * 100ULL);
	bench_figure(out, metrics[2], times[n - 1 - n / 1000] * 100ULL);
	bench_figure(out, metrics[3], times[n - 1] * 100ULL);
}
