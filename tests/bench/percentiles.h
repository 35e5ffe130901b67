/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KPOOL_BENCH_PERCENTILES_H
#define _KPOOL_BENCH_PERCENTILES_H

#include "case.h"

void bench_percentiles(struct bench_out *out, const char *const metrics[4], u32 *times,
		       unsigned int n);

#endif /* _KPOOL_BENCH_PERCENTILES_H */
