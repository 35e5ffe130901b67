/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KPOOL_BENCH_SIZED_H
#define _KPOOL_BENCH_SIZED_H

int bench_sized(void);

#endif /* _KPOOL_BENCH_SIZED_H */
