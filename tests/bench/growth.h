/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KPOOL_BENCH_GROWTH_H
#define _KPOOL_BENCH_GROWTH_H

#include "case.h"

extern const struct bench_peer bench_wait_peers[];

#endif /* _KPOOL_BENCH_GROWTH_H */
