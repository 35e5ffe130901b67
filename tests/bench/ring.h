/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KPOOL_BENCH_RING_H
#define _KPOOL_BENCH_RING_H

int ring_setup_refuse(void);
int ring_setup_overwrite(void);
int ring_setup_kfifo(void);
void ring_cleanup(void);

void ring_run_small(unsigned int n);
void ring_run_large(unsigned int n);
void ring_run_kfifo_small(unsigned int n);
void ring_run_kfifo_large(unsigned int n);
void ring_run_memcpy_large(unsigned int n);

#endif /* _KPOOL_BENCH_RING_H */
