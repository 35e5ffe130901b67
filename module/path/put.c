// SPDX-License-Identifier: GPL-2.0-only
/*
 * The slow half of a put: what the CPU's cache had no room for, and a special
 * pool's hits.
 */
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "base/age.h"
#include "base/clock.h"
#include "base/context.h"
#include "base/work.h"
#include "object/expiry.h"
#include "object/object.h"
#include "path/cache.h"
#include "path/put.h"
#include "pool.h"
#include "store/depot.h"
#include "store/magazine.h"
#include "store/waitlist.h"

/* Nothing colder gives way to a single object: it is itself what is over max_idle. */
static int one_too_many(int err)
{
	return err == -ENOSPC ? -EXFULL : err;
}

/*
 * Places some of n objects in this CPU's cache, for which it loads one magazine
 * at most, or in this node's depot; *placed says how many. Returns 0, -ENOMEM
 * for want of a magazine, -ENOSPC with *mag full of objects to be torn down, or,
 * if the rest, already counted as put, is to be torn down, -EXFULL for want of room,
 * -ESHUTDOWN where nothing is kept. -EDQUOT if it is those counted in *placed, for max.
 */
static int place(struct pool *pool, void **objs, unsigned int n, unsigned int *placed,
		 struct kpool_magazine **mag)
{
	unsigned int done = 0;
	unsigned long flags;
	struct kpool_cpu *c = cache_enter(pool, &flags);
	enum pool_gate gate = READ_ONCE(pool->gate);
	int err = 0;

	if (c && !*mag)		/* the first attempt */
		WRITE_ONCE(c->put_misses, c->put_misses + 1);
	if (gate == GATE_WAITING) {
		err = one_too_many(kp_line_put(pool, objs, n, &done, mag));
	} else if (gate == GATE_SHUT) {
		err = -ESHUTDOWN;
	} else if (READ_ONCE(pool->nothing_idle)) {
		err = -EXFULL;
	} else if (!c || !may_load(pool)) {
		err = one_too_many(kp_depot_put_one(pool, kp_depot(pool), objs[0], mag));
		done = !err;
	} else {
		if (c->count == c->capacity)
			err = kp_load_empty(pool, c, mag);
		if (!err)
			done = push(pool, c, objs, n);
	}
	count_puts(pool, c, err == -ESHUTDOWN || err == -EXFULL ? n : done);
	if (done && gate == GATE_OPEN)
		kp_rule_in(pool, c);
	if (*mag && err != -ENOSPC) {
		kp_depot_add_empty(kp_depot(pool), *mag);
		*mag = NULL;
	}
	cache_leave(pool, c, flags);
	*placed = done;
	return err;
}

/*
 * Tears down what of these objects is beyond max, and says how many. Those of
 * several CPUs at once may be some too many; they are built again. Not restricted.
 */
static unsigned int torn_down(struct pool *pool, void **objs, unsigned int n)
{
	n = min_t(unsigned long, n, kp_beyond_max(pool));
	if (!n)
		return 0;
	kp_count_outside(pool, 0, n);
	kp_discard(pool, objs, n, KP_OTHER);
	return n;
}

/**
 * kp_place() - keep objects that were reset and wiped, or tear them down
 * @pool: the pool
 * @objs: the objects
 * @n: how many, not 0
 *
 * Context: any that kpool_put() may be called from and that is not restricted.
 */
void kp_place(struct pool *pool, void **objs, unsigned int n)
{
	struct kpool_magazine *mag = NULL;
	unsigned int placed;
	int err;

	if (unlikely(pool->elastic)) {
		placed = torn_down(pool, objs, n);
		objs += placed;
		n -= placed;
	}
	/* The pool may be gone when the last object is placed. */
	for (; n; objs += placed, n -= placed) {
		err = place(pool, objs, n, &placed, &mag);
		switch (err) {
		case 0:
			break;
		case -EDQUOT:
			kp_discard(pool, objs, placed, KP_OTHER);
			break;
		case -ENOSPC:
			kp_discard(pool, mag->objs, mag->count, KP_MAX_IDLE);
			WRITE_ONCE(mag->count, 0);
			break;
		case -ENOMEM:
			if (kp_may_allocate(pool))
				mag = kp_magazine_alloc(pool, GFP_NOWAIT | __GFP_NOWARN);
			if (mag)
				break;
			kp_count_outside(pool, 0, n);
			kp_discard(pool, objs, n, KP_OTHER);
			return;
		case -EXFULL:
			kp_discard(pool, objs, n, KP_MAX_IDLE);
			return;
		default:
			kp_discard(pool, objs, n, kp_why_shut(pool));
			return;
		}
	}
}

/* The counterpart of get_restricted(). What cannot be placed is deferred. */
static void put_restricted(struct pool *pool, void *obj)
{
	unsigned long flags;
	struct kpool_cpu *c = cache_enter(pool, &flags);
	unsigned int i;
	int err = -EBUSY;

	if (READ_ONCE(pool->gate) != GATE_OPEN || READ_ONCE(pool->nothing_idle))
		goto defer;
	if (c && push(pool, c, &obj, 1)) {
		WRITE_ONCE(c->puts, c->puts + 1);
		goto out;
	}
	for (i = 0; i < pool->nr_depots && err; i++)
		err = kp_depot_try_put_one(pool, &pool->depots[i], obj);
	if (err)
		goto defer;
	count_puts(pool, c, 1);
	smp_mb();	/* as in kp_rule() */
	if (READ_ONCE(pool->gate) != GATE_OPEN)
		kp_defer_kick(pool);
	goto out;
defer:
	kp_defer(pool, &pool->unplaced, obj);
out:
	cache_leave(pool, c, flags);
}

/*
 * reset, unless the consumer is gone. Whoever declares it gone waits for a grace
 * period, see orphan().
 */
static __always_inline void reset(struct pool *pool, void *obj)
{
	rcu_read_lock();
	if (!READ_ONCE(pool->orphan))
		pool->ops.reset(obj, pool->ctx);
	rcu_read_unlock();
}

static __always_inline void reset_and_wipe(struct pool *pool, void *obj)
{
	if (pool->ops.reset)
		reset(pool, obj);
	if (pool->wipe_size)
		memzero_explicit(obj + pool->wipe_offset, pool->wipe_size);
}

/* The whole put of an object that could not be reset and wiped where it was put. */
void kp_put_finish(struct pool *pool, void *obj)
{
	reset_and_wipe(pool, obj);
	kp_place(pool, &obj, 1);
}

static noinline void put_one_miss(struct pool *pool, void *obj)
{
	if (kp_is_restricted(pool))
		put_restricted(pool, obj);
	else
		kp_place(pool, &obj, 1);
}

/* The slow half where not each object is kept that there is room for. */
static noinline void put_picky_miss(struct pool *pool, void *obj)
{
	if (!kp_is_restricted(pool)) {
		if (pool->dated && kp_is_over(pool, obj, kp_now())) {
			kp_count_outside(pool, 0, 1);
			kp_discard_useless(pool, &obj, 1, KP_LIFETIME);
			return;
		}
		if (pool->elastic && torn_down(pool, &obj, 1))
			return;
	}
	put_one_miss(pool, obj);
}

/* __kpool_hit_put() where that is looked at, and stamped. */
static __always_inline bool fresh_hit(struct pool *pool, struct kpool_cpu *c, enum look look,
				      void *obj)
{
	unsigned long now;
	unsigned int n;

	if (static_branch_unlikely(&kp_clock_unsure))
		return false;
	now = jiffies + READ_ONCE(kp_clock_slept);
	if (unlikely(look_over(pool, obj, look, now)))
		return false;
	WRITE_ONCE(c->state, KPOOL_CPU_PICKY | KPOOL_CPU_BUSY);
	barrier();
	n = READ_ONCE(c->count);	/* as in __kpool_hit_put() */
	if (unlikely(n >= c->capacity)) {
		barrier();
		WRITE_ONCE(c->state, KPOOL_CPU_PICKY);
		return false;
	}
	c->slots[n] = obj;
	if (look_at_stamp(pool, look))
		kp_stamps(pool, c->slots)[n] = now;
	data_race(c->count++);	/* as in __kpool_hit_put() */
	data_race(c->puts++);	/* likewise */
	barrier();
	WRITE_ONCE(c->state, KPOOL_CPU_PICKY);
	return true;
}

static __always_inline bool picky_hit(struct pool *pool, struct kpool_cpu *c, enum look look,
				      void *obj)
{
	if (unlikely(data_race(c->state) != KPOOL_CPU_PICKY))	/* as in __kpool_may_hit() */
		return false;
	if (look != LOOK_NONE)
		return fresh_hit(pool, c, look, obj);
	return __kpool_hit_put(c, KPOOL_CPU_PICKY, obj);
}

static __always_inline void put_picky(struct pool *pool, enum look look, void *obj)
{
	struct kpool_cpu *c;

	preempt_disable();
	c = this_cpu_ptr(pool->kpool.cpu);
	if (likely(picky_hit(pool, c, look, obj))) {
		preempt_enable();
		return;
	}
	preempt_enable();
	put_picky_miss(pool, obj);
}

/* What needs a stack, apart from what does not. */
static noinline void put_picky_all(struct pool *pool, void *obj)
{
	put_picky(pool, LOOK_ALL, obj);
}

static noinline void put_picky_reset(struct pool *pool, void *obj)
{
	if (unlikely(in_nmi()) && (pool->ops.reset || pool->wipe_size)) {
		kp_defer(pool, &pool->unput, obj);
		return;
	}
	reset_and_wipe(pool, obj);
	if (pool->elastic && READ_ONCE(pool->line->slots) > READ_ONCE(pool->max))
		put_picky_miss(pool, obj);
	else
		put_picky(pool, LOOK_ALL, obj);
}

/* Apart, so that the hits of special pools have nothing to ask, and these need no stack. */
static noinline void put_not_special(struct pool *pool, void *obj)
{
	/* Each sort apart: they ask as little as they can. */
	if (likely(pool->straight == SORT_STAMPED))
		put_picky(pool, LOOK_STAMP, obj);
	else if (pool->straight == SORT_DATED)
		put_picky(pool, LOOK_DATE, obj);
	else if (pool->straight == SORT_CHECKED)
		put_picky(pool, LOOK_NONE, obj);
	else if (pool->straight)
		put_picky_all(pool, obj);
	else if (pool->picky)
		put_picky_reset(pool, obj);
	else
		put_one_miss(pool, obj);
}

/**
 * kpool_put_slow() - what kpool_put() calls where it cannot go on inline
 * @kpool: the pool
 * @obj: the object
 *
 * A special pool's hits are here.
 *
 * Context: as for kpool_put().
 */
void kpool_put_slow(struct kpool *kpool, void *obj)
{
	struct pool *pool = to_pool(kpool);
	struct kpool_cpu *c;

	if (unlikely(pool->rest != KPOOL_CPU_SPECIAL)) {
		put_not_special(pool, obj);
		return;
	}
	if (unlikely(in_nmi())) {
		kp_defer(pool, &pool->unput, obj);
		return;
	}
	reset_and_wipe(pool, obj);
	preempt_disable();
	c = this_cpu_ptr(kpool->cpu);
	/* data_race(): as in __kpool_may_hit() */
	if (likely(data_race(c->state) == KPOOL_CPU_SPECIAL) &&
	    __kpool_hit_put(c, KPOOL_CPU_SPECIAL, obj)) {
		preempt_enable();
		return;
	}
	preempt_enable();
	put_one_miss(pool, obj);
}
EXPORT_SYMBOL_GPL(kpool_put_slow);

void kpool_put_bulk(struct kpool *kpool, void **objs, unsigned int n)
{
	struct pool *pool = to_pool(kpool);
	unsigned int i, done = 0;
	struct kpool_cpu *c;

	if (unlikely(!n))
		return;
	if (kp_is_restricted(pool)) {
		for (i = 0; i < n; i++)
			kpool_put(kpool, objs[i]);
		return;
	}
	if (pool->rest)
		for (i = 0; i < n; i++)
			reset_and_wipe(pool, objs[i]);
	if (unlikely(pool->elastic)) {
		i = torn_down(pool, objs, n);
		objs += i;
		n -= i;
		if (!n)
			return;
	}

	preempt_disable();
	c = cache_begin(pool);
	if (likely(c)) {
		done = push(pool, c, objs, n);
		data_race(c->puts += done);	/* as in push() */
		cache_end(pool, c);
	}
	preempt_enable();
	if (unlikely(done < n))
		kp_place(pool, objs + done, n - done);
}
EXPORT_SYMBOL_GPL(kpool_put_bulk);
