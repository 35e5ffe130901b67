/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KPOOL_BENCH_SUITE_H
#define _KPOOL_BENCH_SUITE_H

int bench_suite_start(void);
void bench_suite_end(void);

#endif /* _KPOOL_BENCH_SUITE_H */
