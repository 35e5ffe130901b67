/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The longest time for which interrupts were off. A new row is an entry in an array of struct
 * hold_case and a line in tests/bench/budgets; a new array goes into the list in hold.c.
 */
#ifndef _KPOOL_BENCH_HOLD_H
#define _KPOOL_BENCH_HOLD_H

#include <linux/types.h>

struct hold_case {
	const char *name;		/* as in tests/bench/budgets; NULL ends an array */
	int (*setup)(void);		/* may be NULL, like cleanup */
	int (*run)(void);		/* the part that is watched */
	void (*cleanup)(void);		/* also runs after a run that failed */
	bool soft;			/* watch for late softirqs, not for late interrupts */
	unsigned int rounds;		/* the lowest counts, if the kernel disturbs some; 0: one */
	int (*figure)(u64 *hundredths);	/* instead of all these: a figure of another kind */
};

int bench_hold(const char *only);
void bench_hold_end(void);

/* hold_wait.c */
extern const struct hold_case hold_wait_cases[];
void hold_wait_end(void);

/* hold_idle.c */
extern const struct hold_case hold_idle_cases[];

#endif /* _KPOOL_BENCH_HOLD_H */
