/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The window between a put's look at the gate and its insertion of the object. Interrupts are off
 * there. Tests stretch the window. Only a kpool.ko that is built for tests has code for this.
 */
#ifndef _KPOOL_PATH_WINDOW_H
#define _KPOOL_PATH_WINDOW_H

#include <linux/compiler.h>

struct kp_pool;

typedef void (*kp_window_fn)(struct kp_pool *pool);

extern kp_window_fn kp_in_window;	/* NULL: nothing happens */

static inline void kp_window(struct kp_pool *pool)
{
#ifdef KPOOL_FOR_TESTS
	kp_window_fn in_window = READ_ONCE(kp_in_window);

	if (in_window)
		in_window(pool);
#endif
}

#endif /* _KPOOL_PATH_WINDOW_H */
