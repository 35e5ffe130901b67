/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KPOOL_BENCH_BURST_H
#define _KPOOL_BENCH_BURST_H

int bench_burst(void);

#endif /* _KPOOL_BENCH_BURST_H */
