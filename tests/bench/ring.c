// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cost of a ring: a write of some bytes and a read of the same bytes. Next to it the cost
 * of a kfifo, and of two calls of memcpy().
 */
#include <linux/kfifo.h>
#include <linux/kpool_ring.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "ring.h"

#define RING_SIZE	SZ_64K
#define SMALL		64
#define LARGE		4096

static struct kpool_ring *ring;
static struct kfifo fifo;
static u8 *from, *to;

static int setup(unsigned int flags)
{
	from = kzalloc(LARGE, GFP_KERNEL);
	to = kzalloc(LARGE, GFP_KERNEL);
	ring = kpool_ring_create(RING_SIZE, flags, GFP_KERNEL);
	if (from && to && !IS_ERR(ring))
		return 0;
	ring_cleanup();
	return -ENOMEM;
}

int ring_setup_refuse(void)
{
	return setup(0);
}

int ring_setup_overwrite(void)
{
	return setup(KPOOL_RING_OVERWRITE);
}

int ring_setup_kfifo(void)
{
	int err = setup(0);

	return err ?: kfifo_alloc(&fifo, RING_SIZE, GFP_KERNEL);
}

void ring_cleanup(void)
{
	kfifo_free(&fifo);
	kpool_ring_destroy(ring);
	kfree(from);
	kfree(to);
}

static __always_inline void run(unsigned int n, size_t size)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (kpool_ring_write(ring, from, size) != size)
			break;
		if (kpool_ring_read(ring, to, size) != size)
			break;
	}
}

noinline void ring_run_small(unsigned int n)
{
	run(n, SMALL);
}

noinline void ring_run_large(unsigned int n)
{
	run(n, LARGE);
}

static __always_inline void run_kfifo(unsigned int n, size_t size)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (kfifo_in(&fifo, from, size) != size)
			break;
		if (kfifo_out(&fifo, to, size) != size)
			break;
	}
}

noinline void ring_run_kfifo_small(unsigned int n)
{
	run_kfifo(n, SMALL);
}

noinline void ring_run_kfifo_large(unsigned int n)
{
	run_kfifo(n, LARGE);
}

noinline void ring_run_memcpy_large(unsigned int n)
{
	size_t size = LARGE;
	unsigned int i;

	for (i = 0; i < n; i++) {
		OPTIMIZER_HIDE_VAR(size);
		memcpy(to, from, size);
		memcpy(from, to, size);
	}
}
