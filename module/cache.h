/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A CPU's cache as the slow halves of get and put see it.
 *
 * A cache belongs to its CPU. Who works in it sets KPOOL_CPU_BUSY with
 * preemption off (the hits) or with interrupts off (all else, which takes more
 * steps than an NMI may see half of); who finds it set has interrupted that
 * work, leaves the cache alone and uses the depot.
 *
 * A put gives up the object that kept the pool alive. So all that follows the
 * moment when others can see the object happens with interrupts or preemption
 * still off, and a pool is freed a grace period after its last object.
 */
#ifndef _KPOOL_CACHE_H
#define _KPOOL_CACHE_H

#include <linux/hardirq.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/tick.h>

#include "pool.h"

/* Begins work in this CPU's cache, preemption off; NULL if it is at work there already. */
static inline struct kpool_cpu *cache_begin(struct pool *pool)
{
	struct kpool_cpu *c = this_cpu_ptr(pool->kpool.cpu);

	if (unlikely(data_race(c->state) & KPOOL_CPU_BUSY))	/* as in __kpool_may_hit() */
		return NULL;
	WRITE_ONCE(c->state, pool->rest | KPOOL_CPU_BUSY);
	barrier();
	return c;
}

static inline void cache_end(struct pool *pool, struct kpool_cpu *c)
{
	barrier();
	WRITE_ONCE(c->state, pool->rest);
}

static inline struct kpool_cpu *cache_enter(struct pool *pool, unsigned long *flags)
{
	local_irq_save(*flags);
	return cache_begin(pool);
}

static inline void cache_leave(struct pool *pool, struct kpool_cpu *c, unsigned long flags)
{
	if (c)
		cache_end(pool, c);
	local_irq_restore(flags);
}

/*
 * Counts for a section that cache_enter() began; c may be NULL, n below 0: not after all.
 * Only this CPU writes the counters of its cache. Others read them for a sum.
 */
static inline void count_gets(struct pool *pool, struct kpool_cpu *c, int n)
{
	if (c)
		WRITE_ONCE(c->gets, c->gets + n);
	else
		atomic64_add(n, &pool->nested_gets);
}

static inline void count_puts(struct pool *pool, struct kpool_cpu *c, int n)
{
	if (c)
		WRITE_ONCE(c->puts, c->puts + n);
	else
		atomic64_add(n, &pool->nested_puts);
}

/* Of the warmest n objects in a cache, those that were put not too long ago. */
static inline unsigned int fresh(struct pool *pool, struct kpool_cpu *c, unsigned int n)
{
	const u32 *stamps = kp_stamps(pool, c->slots);
	unsigned int i = 0;

	while (i < n && !kp_is_stale(pool, stamps[c->count - 1 - i]))
		i++;
	return i;
}

/*
 * Takes up to n objects out of the loaded magazine, the warmest. data_race(), here and below:
 * as in __kpool_hit_get_sum(), also for the sake of bulk hits.
 */
static inline unsigned int pop(struct pool *pool, struct kpool_cpu *c, void **objs,
			       unsigned int n)
{
	n = min(n, c->count);
	if (unlikely(pool->stamped))
		n = fresh(pool, c, n);
	data_race(c->count -= n);	/* see above */
	memcpy(objs, c->slots + c->count, n * sizeof(*objs));
	return n;
}

static inline unsigned int push(struct pool *pool, struct kpool_cpu *c, void **objs,
				unsigned int n)
{
	n = min(n, c->capacity - c->count);
	memcpy(c->slots + c->count, objs, n * sizeof(*objs));
	if (unlikely(pool->stamped))
		kp_stamp(pool, c->slots, c->count, n);
	data_race(c->count += n);	/* see above */
	return n;
}

static __always_inline bool is_over(const struct pool *pool, unsigned long date, unsigned long now)
{
	return (long)(now - date) >= READ_ONCE(pool->lifetime);
}

/* Has a dated object existed for too long, now? Context: any. */
static __always_inline bool kp_is_over(const struct pool *pool, void *obj, unsigned long now)
{
	return is_over(pool, *kp_date(pool, obj), now);
}

/* What hits have to look at; a constant, wherever it counts. */
enum look { LOOK_NONE, LOOK_STAMP, LOOK_DATE, LOOK_ALL };

/* The part of it that is the object's own. */
static __always_inline bool look_over(const struct pool *pool, void *obj, enum look look,
				      unsigned long now)
{
	if (look == LOOK_DATE)
		return is_over(pool, *(unsigned long *)(obj + pool->date), now);
	return look == LOOK_ALL && pool->dated && kp_is_over(pool, obj, now);
}

static __always_inline bool look_at_stamp(const struct pool *pool, enum look look)
{
	return look == LOOK_STAMP || (look == LOOK_ALL && pool->stamped);
}

/* Why it must not be handed out, or 0. Context: any but NMI, where there is a check. */
static __always_inline enum kp_cause kp_unfit(struct pool *pool, void *obj)
{
	if (pool->dated && kp_is_over(pool, obj, kp_now()))
		return KP_LIFETIME;
	if (pool->ops.check && !pool->ops.check(obj, pool->ctx))
		return KP_UNHEALTHY;
	return 0;
}

static inline bool may_load(const struct pool *pool)
{
	int cpu = smp_processor_id();

	/* Waiters interrupt CPUs with a cache, and nobody shall interrupt those without a tick. */
	return READ_ONCE(pool->magazine) && cpu_online(cpu) &&
	       !(pool->line && tick_nohz_full_cpu(cpu));
}

static inline bool is_restricted(const struct pool *pool)
{
	return in_nmi() || (pool->flags & KPOOL_ANYCTX);
}

/* cache.c */
void kp_count_outside(struct pool *pool, int gets, int puts);
bool kp_load_spare(struct pool *pool, struct kpool_cpu *c);
bool kp_load_full(struct pool *pool, struct kpool_cpu *c);
int kp_load_empty(struct pool *pool, struct kpool_cpu *c, struct kpool_magazine **mag);
void kp_rule_in(struct pool *pool, struct kpool_cpu *c);

#endif /* _KPOOL_CACHE_H */
