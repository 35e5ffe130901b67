/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A CPU's cache, for the out-of-line parts of gets and puts. <linux/kpool/hit.h> has struct
 * kpool_cpu and the inline hits. path/cache.c loads and unloads magazines.
 *
 * A cache belongs to its CPU. Code that works in the cache sets KPOOL_CPU_BUSY. Hits set it with
 * preemption off. All other code takes several steps and sets it with interrupts off. So only an
 * NMI can come between these steps. Code that finds KPOOL_CPU_BUSY set has interrupted work in the
 * cache. Such code leaves the cache alone and uses the depot.
 *
 * A put gives up the object that kept the pool alive. So interrupts or preemption stay off from the
 * moment at which others can see the object until the put no longer uses the pool. kpool frees a
 * pool a grace period after its last object.
 */
#ifndef _KPOOL_PATH_CACHE_H
#define _KPOOL_PATH_CACHE_H

#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/tick.h>

#include "base/age.h"
#include "base/context.h"
#include "store/magazine.h"

/*
 * The cache that a consumer's hit gave the address of. A consumer may be built by another compiler
 * than this file. Then the consumer's hits use the other kind of address, and this function
 * computes an address of its own. Context: preemption off since the hit.
 */
static __always_inline __kpool_cpu *cache_of_address(struct kpool *kpool, unsigned long address,
						     bool is_for_gs)
{
	if (is_for_gs == KPOOL_HITS_USE_GS)
		return (__kpool_cpu *)address;
	return __kpool_cpu_here(kpool->cpu);
}

/*
 * Begins work in this CPU's cache. Returns NULL if this CPU already works in the cache. Context:
 * preemption off.
 */
static inline struct kpool_cpu *cache_begin(struct kp_pool *pool)
{
	struct kpool_cpu *c = this_cpu_ptr(pool->kpool.cpu);

	if (unlikely(data_race(c->state) & KPOOL_CPU_BUSY))	/* as in __kpool_may_hit() */
		return NULL;
	WRITE_ONCE(c->state, pool->idle_state | KPOOL_CPU_BUSY);
	barrier();
	return c;
}

static inline void cache_end(struct kp_pool *pool, struct kpool_cpu *c)
{
	barrier();
	WRITE_ONCE(c->state, pool->idle_state);
}

static inline struct kpool_cpu *cache_enter(struct kp_pool *pool, unsigned long *flags)
{
	local_irq_save(*flags);
	return cache_begin(pool);
}

static inline void cache_leave(struct kp_pool *pool, struct kpool_cpu *c, unsigned long flags)
{
	if (c)
		cache_end(pool, c);
	local_irq_restore(flags);
}

/*
 * count_gets() and count_puts() count in a section that cache_enter() began. c is the result of
 * cache_enter() and may be NULL. A negative n takes back an earlier count. Only this CPU writes the
 * counters of its cache. Other CPUs read the counters for a sum.
 */
static inline void count_gets(struct kp_pool *pool, struct kpool_cpu *c, int n)
{
	if (c)
		WRITE_ONCE(c->gets, c->gets + n);
	else
		atomic64_add(n, &pool->nested_gets);
}

static inline void count_puts(struct kp_pool *pool, struct kpool_cpu *c, int n)
{
	if (c)
		WRITE_ONCE(c->puts, c->puts + n);
	else
		atomic64_add(n, &pool->nested_puts);
}

/*
 * How many of the warmest n objects in the loaded magazine are not stale. Objects below a stale
 * object were put earlier, so they are stale, too.
 */
static inline unsigned int fresh(struct kp_pool *pool, struct kpool_cpu *c, unsigned int n)
{
	const u32 *stamps = kp_stamps(pool, c->loaded->objs) + kp_level(c);
	unsigned int i = 0;

	while (i < n && !kp_is_stale(pool, *(stamps - 1 - i)))
		i++;
	return i;
}

/*
 * Takes the warmest n objects out of the loaded magazine, or fewer if the magazine has fewer that
 * are not stale. Returns how many. WRITE_ONCE(), here and below: other CPUs read top for a sum or a
 * hint.
 */
static __always_inline unsigned int pop(struct kp_pool *pool, struct kpool_cpu *c, void **objs,
					unsigned int n)
{
	void **from;

	n = min(n, kp_level(c));
	if (unlikely(pool->stamped))
		n = fresh(pool, c, n);
	from = c->top - n;
	memcpy(objs, from, n * sizeof(*objs));
	WRITE_ONCE(c->top, from);	/* see above */
	return n;
}

/* Puts objects into the loaded magazine, from the first on. Returns how many had room. */
static __always_inline unsigned int push(struct kp_pool *pool, struct kpool_cpu *c, void **objs,
					 unsigned int n)
{
	void **to = c->top;

	n = min(n, c->loaded->room - kp_level(c));
	memcpy(to, objs, n * sizeof(*objs));
	if (unlikely(pool->stamped))
		kp_stamp(pool, c->loaded->objs, kp_level(c), n);
	WRITE_ONCE(c->top, to + n);	/* see above */
	return n;
}

/*
 * The stamp of a slot in the loaded magazine: the tick at which the object in the slot was put. The
 * stamp is element slot - objs of kp_stamps(). The code measures the distance of the slot from the
 * begin of the magazine. So the compiler can put the constants into the address of the load or
 * store.
 */
static __always_inline u32 *kp_stamp_of(const struct kp_pool *pool,
					const __kpool_cpu *c, void **slot)
{
	const size_t first = offsetof(struct kpool_magazine, objs);
	const size_t ratio = sizeof(void *) / sizeof(u32);
	void *mag = c->loaded;
	size_t distance = (void *)slot - mag;

	return mag + pool->stamps + distance / ratio + (first - first / ratio);
}

/* May this CPU's cache load a magazine? Context: preemption off. */
static inline bool may_load(const struct kp_pool *pool)
{
	int cpu = smp_processor_id();

	/*
	 * A waiter interrupts each CPU that has an open cache. A CPU without a tick must get no
	 * such interrupt.
	 */
	return READ_ONCE(pool->magazine) && cpu_online(cpu) &&
	       !(pool->waitlist && tick_nohz_full_cpu(cpu));
}

void kp_cache_init(struct kpool_cpu *c, u8 state);
bool kp_close_here(struct kp_pool *pool, struct llist_head *found);
struct kpool_magazine *kp_take_spare(struct kpool_cpu *c);
void kp_cache_to_depot(struct kp_pool *pool, struct kpool_cpu *c, struct kp_depot *depot);
void kp_cache_free(struct kp_pool *pool);
void kp_count_outside(struct kp_pool *pool, int gets, int puts);
bool kp_load_spare(struct kp_pool *pool, struct kpool_cpu *c);
bool kp_load_full(struct kp_pool *pool, struct kpool_cpu *c);
int kp_load_empty(struct kp_pool *pool, struct kpool_cpu *c, struct kpool_magazine **mag);
void kp_rule_in(struct kp_pool *pool, struct kpool_cpu *c);

#endif /* _KPOOL_PATH_CACHE_H */
