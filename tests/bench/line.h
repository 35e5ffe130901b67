/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KPOOL_BENCH_LINE_H
#define _KPOOL_BENCH_LINE_H

int bench_line(void);

#endif /* _KPOOL_BENCH_LINE_H */
