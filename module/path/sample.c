// SPDX-License-Identifier: GPL-2.0-only
/*
 * Samples: about one put in so many tears its object down. An idle object looks alive to memory
 * debuggers, and bypass costs too much for production. So KFENCE, for example, sees a use after put
 * in some of the objects.
 *
 * A hit does not know of samples. The counter of puts says how many there were since the last put
 * that missed. So a put that misses tears down as many objects as are due, of those that were put
 * last: its own ones, and then the warmest of this CPU's loaded magazine. Puts of a pool may all
 * hit. So ageing closes the caches that are in use, and does the same with the objects in there.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>

#include "base/chance.h"
#include "base/context.h"
#include "object/due.h"
#include "object/object.h"
#include "path/cache.h"
#include "path/sample.h"
#include "pool.h"
#include "store/stats.h"

/* One put tears down so many objects at most, whatever its context, and so does ageing. */
#define MOST	KP_TEARDOWN_BATCH

/*
 * How many samples are due after so many puts. By chance, so that the average is right for any
 * number, and no sample keeps step with the consumer.
 */
static u64 due(u64 puts, u32 chance)
{
	unsigned int every = READ_ONCE(kp_sample_every);

	return every ? div_u64(puts + reciprocal_scale(chance, every), every) : 0;
}

/**
 * kp_sample() - tear down some objects for memory debuggers
 * @pool: the pool, which may be gone afterwards if all objects of @objs are torn down
 * @objs: objects that are being put, and were reset and wiped
 * @n: how many
 *
 * Context: any that kpool_put() may be called from and that is not restricted.
 * Return: how many objects, from the first of @objs, are torn down, and counted as put.
 */
unsigned int kp_sample(struct kp_pool *pool, void **objs, unsigned int n)
{
	unsigned int here = 0, others = 0, most;
	void *more[MOST];
	unsigned long flags;
	struct kpool_cpu *c;
	u32 chance;

	/* Atomic context on PREEMPT_RT could only defer the teardown. Later puts take more. */
	if (!kp_may_allocate(pool))
		return 0;
	chance = kp_chance();
	c = cache_enter(pool, &flags);
	/* If the gate is not open, waiters want the objects, or all are torn down. */
	if (c && READ_ONCE(pool->gate) == GATE_OPEN) {
		/* The difference is right while less than 2^16 puts hit one after the other. */
		most = min_t(u64, due((u16)(c->puts - c->sampled) + n, chance), MOST);
		here = min(most, n);
		others = kp_is_open(c) ? pop(pool, c, more, most - here) : 0;
		count_puts(pool, c, here);
		c->sampled = c->puts + n - here;
	}
	cache_leave(pool, c, flags);
	if (others)
		kp_discard(pool, more, others, KP_SAMPLED);
	if (here)
		kp_discard(pool, objs, here, KP_SAMPLED);
	return here;
}

/**
 * kp_samples_due() - how many objects of a pool ageing has to tear down as samples
 * @pool: the pool
 *
 * These are the samples of all puts since the last call, less those that puts took.
 *
 * Context: process context; the caller is the pass of ageing.
 */
unsigned int kp_samples_due(struct kp_pool *pool)
{
	unsigned long taken = atomic_long_read(&pool->gone[KP_SAMPLED]);
	u64 gets, puts, all;

	kp_traffic(pool, &gets, &puts);
	all = due(puts - pool->sampled_puts, kp_chance());
	all -= min_t(u64, all, taken - pool->samples_taken);
	pool->sampled_puts = puts;
	pool->samples_taken = taken + min_t(u64, all, MOST);
	return min_t(u64, all, MOST);
}
