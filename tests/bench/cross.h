/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KPOOL_BENCH_CROSS_H
#define _KPOOL_BENCH_CROSS_H

int bench_cross(void);

#endif /* _KPOOL_BENCH_CROSS_H */
