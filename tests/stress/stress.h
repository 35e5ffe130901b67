/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KPOOL_STRESS_H
#define _KPOOL_STRESS_H

#include <linux/bits.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/types.h>

/*
 * Waits until the condition holds, for as long as a loaded machine may need. While a
 * worker moves an object, no figure counts it: so a figure at rest is one that comes to
 * rest.
 */
#define STRESS_PATIENCE_MS	30000

#define comes_to_rest(condition)						\
({										\
	unsigned long __end = jiffies + msecs_to_jiffies(STRESS_PATIENCE_MS);	\
	bool __met;								\
										\
	while (!(__met = (condition)) && time_before(jiffies, __end))		\
		usleep_range(1000, 2000);					\
	__met;									\
})

/* How often a stress reads the figures in a row, each 20 ms. */
#define STRESS_LOOKS		200

/*
 * With positions of 32 bits, rings that overwrite are refused.
 * Documentation/ring.rst says why.
 */
#define CAN_OVERWRITE	(BITS_PER_LONG >= 64)

int stress_sets(unsigned int ops);
int stress_rings(unsigned int ops);
int stress_ring_waits(unsigned int ops);

#endif /* _KPOOL_STRESS_H */
