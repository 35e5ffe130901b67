// SPDX-License-Identifier: GPL-2.0-only
/*
 * The slow half of a get: what the inline half could not find, and a special
 * pool's hits.
 */
#include <linux/smp.h>

#include "base/age.h"
#include "base/clock.h"
#include "base/context.h"
#include "base/work.h"
#include "object/expiry.h"
#include "object/keep.h"
#include "object/object.h"
#include "path/cache.h"
#include "path/wait.h"
#include "pool.h"
#include "store/depot.h"
#include "store/expired.h"
#include "store/magazine.h"
#include "store/waitlist.h"

/*
 * Takes up to n objects out of this CPU's cache, for which it loads one magazine
 * at most, or out of this node's depot: a bulk get leaves interrupts off for no
 * longer than that, and calls again. So does who finds all of a magazine too old.
 */
static unsigned int refill(struct kp_pool *pool, void **objs, unsigned int n, bool *again)
{
	unsigned int got = 0;
	unsigned long flags;
	struct kpool_cpu *c = cache_enter(pool, &flags);

	if (c)
		WRITE_ONCE(c->get_misses, c->get_misses + 1);
	if (READ_ONCE(pool->gate) != GATE_OPEN)
		goto out;
	if (!c || !may_load(pool)) {
		objs[0] = kp_depot_get_one(pool, kp_depot(pool));
		got = !!objs[0];
	} else if (kp_level(c) || kp_load_full(pool, c)) {
		got = pop(pool, c, objs, n);
		*again = !got;
		if (!got) {
			kp_defer_expired(pool, c->loaded->objs, kp_level(c), KP_IDLE_AGE);
			WRITE_ONCE(c->top, c->loaded->objs);
		}
		kp_rule_in(pool, c);
	}
	count_gets(pool, c, got);
out:
	cache_leave(pool, c, flags);
	return got;
}

/*
 * Last resort of a get that cannot build: one object from another node's depot
 * or another CPU's spare.
 */
static void *steal(struct kp_pool *pool)
{
	unsigned long flags;
	struct kpool_cpu *c = cache_enter(pool, &flags);
	struct kpool_magazine *mag;
	void *obj = NULL;
	unsigned int i;
	int cpu;

	if (READ_ONCE(pool->gate) != GATE_OPEN)
		goto out;
	for (i = 0; i < pool->nr_depots && !obj; i++)
		obj = kp_depot_get_one(pool, &pool->depots[i]);
	for_each_online_cpu(cpu) {
		if (obj)
			break;
		mag = kp_take_spare(per_cpu_ptr(pool->kpool.cpu, cpu));
		if (!mag)
			continue;
		if (kp_all_stale(pool, mag->objs, mag->count)) {
			kp_defer_expired(pool, mag->objs, mag->count, KP_IDLE_AGE);
			WRITE_ONCE(mag->count, 0);
		}
		if (mag->count) {
			WRITE_ONCE(mag->count, mag->count - 1);
			obj = mag->objs[mag->count];
		}
		kp_keep(pool, kp_depot(pool), mag);
	}
	count_gets(pool, c, !!obj);
out:
	cache_leave(pool, c, flags);
	return obj;
}

/* No callback runs in NMI, so nobody can say there whether an object is healthy. */
static bool may_validate(const struct kp_pool *pool)
{
	return !pool->ops.check || !in_nmi();
}

static noinline unsigned int validate_all(struct kp_pool *pool, void **objs, unsigned int n)
{
	unsigned int fit = n ? kp_validate(pool, objs, n) : 0;

	if (fit < n)
		kp_count_outside(pool, (int)fit - (int)n, 0);
	return fit;
}

/* kp_validate() for objects that were counted as got. */
static __always_inline unsigned int validate(struct kp_pool *pool, void **objs, unsigned int n)
{
	return likely(!pool->validated) ? n : validate_all(pool, objs, n);
}

/*
 * A get in NMI, or under locks that this pool is to keep clear of: the cache,
 * unless this interrupted its owner, and what a trylock gives.
 */
static void *take_restricted(struct kp_pool *pool)
{
	unsigned long flags;
	struct kpool_cpu *c = cache_enter(pool, &flags);
	enum kp_gate gate = READ_ONCE(pool->gate);
	void *obj = NULL;
	unsigned int i;

	if (c)
		WRITE_ONCE(c->get_misses, c->get_misses + 1);
	if (gate == GATE_SHUT || !may_validate(pool))
		goto out;
	if (gate == GATE_WAITING)
		obj = kp_waitlist_try_take(pool);
	/* In an open cache that stays open, so the RULE has nothing to say. */
	else if (c && kp_is_open(c) && (kp_level(c) || kp_load_spare(pool, c)))
		pop(pool, c, &obj, 1);
	for (i = 0; i < pool->nr_depots && !obj && gate == GATE_OPEN; i++)
		obj = kp_depot_try_get_one(pool, &pool->depots[i]);
	if (!obj && gate == GATE_OPEN && kp_reserve_idle(pool))
		obj = kp_waitlist_try_take(pool);
	count_gets(pool, c, !!obj);
out:
	cache_leave(pool, c, flags);
	return obj;
}

static void *get_restricted(struct kp_pool *pool)
{
	void *obj;

	while ((obj = take_restricted(pool)))
		if (validate(pool, &obj, 1))
			return obj;
	kp_queue_refill(pool);
	return ERR_PTR(READ_ONCE(pool->state) == KPOOL_STATE_LIVE ? -EBUSY : -ESHUTDOWN);
}

/*
 * The flags of mempool_alloc(): where the page allocator would rather go on for ever,
 * or take what is set aside for those who free memory, the reserve is the better choice.
 */
static gfp_t with_reserve(const struct kp_pool *pool, gfp_t gfp)
{
	if (READ_ONCE(pool->reserve))
		gfp |= __GFP_NOMEMALLOC | __GFP_NORETRY | __GFP_NOWARN;
	return gfp;
}

static bool may_build(const struct kp_pool *pool, gfp_t gfp)
{
	if (pool->flags & (KPOOL_SLEEPING | KPOOL_VMALLOC | KPOOL_BUILD_IN_WORKER))
		return gfpflags_allow_blocking(gfp);
	return kp_may_allocate(pool);
}

/* What is in stock, for a get that found no memory: an object, which is counted as got, or NULL. */
static void *take_reserve(struct kp_pool *pool)
{
	void *obj = kp_waitlist_take_reserve(pool);

	kp_count_outside(pool, !!obj, 0);
	return obj;
}

/* What other CPUs and nodes have, where nothing can be built. All or nothing, err then. */
static int get_stolen(struct kp_pool *pool, void **objs, unsigned int n, int err)
{
	unsigned int got = 0;

	if (READ_ONCE(pool->state) != KPOOL_STATE_LIVE)
		return -ESHUTDOWN;
	while (got < n && (objs[got] = steal(pool) ?: take_reserve(pool)))
		got += validate(pool, objs + got, 1);
	if (got == n)
		return 0;
	kpool_put_bulk(&pool->kpool, objs, got);
	return err;
}

/* For gets that come after one that could not build, where the worker could. */
static void refill_for_next(struct kp_pool *pool, gfp_t gfp)
{
	if (!may_build(pool, gfp) ||
	    (pool->flags & KPOOL_KVMALLOC && !gfpflags_allow_blocking(gfp)))
		kp_queue_refill(pool);
}

/* Builds what caches and depot did not have. All or nothing. */
static int get_build(struct kp_pool *pool, gfp_t gfp, void **objs, unsigned int n)
{
	int err = -ENOMEM;

	if (may_build(pool, gfp))
		err = kp_build(pool, gfp, objs, n);
	if (err == -ENOMEM)
		refill_for_next(pool, gfp);
	if (!err) {
		kp_count_outside(pool, n, 0);
		return 0;
	}
	return err == -ENOMEM ? get_stolen(pool, objs, n, err) : err;
}

/* "As many exist as may": what a waiting get waits for, and no error that a ctor can return. */
#define EXHAUSTED	1

static int build_in_slots(struct kp_pool *pool, gfp_t gfp, void **objs, unsigned int n)
{
	int err = kp_build(pool, gfp, objs, n);

	if (err)
		kp_slots_give(pool, n);
	else
		kp_count_outside(pool, n, 0);
	return err;
}

/* get_build() in a pool with a bound. */
static int get_bounded(struct kp_pool *pool, gfp_t gfp, void **objs, unsigned int n)
{
	unsigned int slots, more, fit, got = 0;
	bool no_memory = false;
	int err = EXHAUSTED;

again:
	do {
		more = kp_waitlist_take(pool, objs + got, n - got, &slots);
		kp_count_outside(pool, more, 0);
		fit = validate(pool, objs + got, more);
		got += fit;
		/* Not enough for those that were unfit, too. */
		if (fit < more && slots) {
			kp_slots_give(pool, slots);
			slots = 0;
		}
	} while (more && !slots && got < n);
	if (got == n)
		return 0;
	/* What was too old still has its slot. */
	if (!slots && kp_reap(pool, gfp))
		goto again;
	if (slots && may_build(pool, gfp)) {
		err = build_in_slots(pool, gfp, objs + got, slots);
		no_memory = err == -ENOMEM;
	} else if (slots) {
		kp_slots_give(pool, slots);
		err = -ENOMEM;
	}
	if (err == -ENOMEM)
		refill_for_next(pool, gfp);
	if (err == EXHAUSTED || err == -ENOMEM)
		err = get_stolen(pool, objs + got, n - got, err);
	if (!err && no_memory)
		kp_reserve_count(pool);
	if (err == EXHAUSTED && pool->overflow && may_build(pool, gfp)) {
		kp_slots_exceed(pool, n - got);
		err = build_in_slots(pool, gfp, objs + got, n - got);
	}
	if (err)
		kpool_put_bulk(&pool->kpool, objs, got);
	return err;
}

static int get_miss(struct kp_pool *pool, gfp_t gfp, void **objs, unsigned int n)
{
	unsigned int got = 0, more;
	bool again;
	int err;

	do {
		again = false;
		more = refill(pool, objs + got, n - got, &again);
		got += validate(pool, objs + got, more);
	} while ((more || again) && got < n);
	if (got == n)
		return 0;
	if (pool->waitlist)
		err = get_bounded(pool, gfp, objs + got, n - got);
	else
		err = get_build(pool, gfp, objs + got, n - got);
	if (err)
		kpool_put_bulk(&pool->kpool, objs, got);
	return err;
}

static int gfp_check(const struct kp_pool *pool, gfp_t gfp)
{
	gfp_t refused = gfp & (KPOOL_GFP_REFUSED | __GFP_ZERO);

	if (likely(!refused))
		return 0;
	pr_err_ratelimited("pool %s: get with gfp flags %pGg, which a get cannot have\n",
			   pool->name, &refused);
	return -EINVAL;
}

static noinline void *get_one_miss(struct kp_pool *pool, gfp_t gfp)
{
	void *obj;
	int err;

	err = gfp_check(pool, gfp);
	if (err)
		return ERR_PTR(err);
	if (kp_is_restricted(pool) && !gfpflags_allow_blocking(gfp))
		return get_restricted(pool);
	err = get_miss(pool, gfp, &obj, 1);
	if (err)
		return ERR_PTR(err == EXHAUSTED ? -EBUSY : err);
	return obj;
}

/*
 * __kpool_hit_get() where objects grow too old. One that did stays where it is: the
 * slow half sees to it. It does so too while the time is not sure.
 */
static __always_inline bool fresh_hit(struct kp_pool *pool, __kpool_cpu *c,
				      enum kp_hit_checks checks, void **obj)
{
	unsigned long now;
	void **top;

	if (static_branch_unlikely(&kp_clock_unsure))
		return false;
	now = jiffies + READ_ONCE(kp_clock_slept);
	WRITE_ONCE(c->state, KPOOL_CPU_VALIDATING | KPOOL_CPU_BUSY);
	barrier();
	top = c->top;
	*obj = top[-1];
	if (unlikely(!*obj))
		goto miss;
	if (checks_stamp(pool, checks) &&
	    unlikely(kp_too_idle(pool, *kp_stamp_of(pool, c, top - 1), now)))
		goto miss;
	if (unlikely(check_birth(pool, *obj, checks, now)))
		goto miss;
	__kpool_move_top(c, top, -1);
	data_race(c->gets++);	/* as in __kpool_hit_get_sum() */
	barrier();
	WRITE_ONCE(c->state, KPOOL_CPU_VALIDATING);
	return true;

miss:
	barrier();
	WRITE_ONCE(c->state, KPOOL_CPU_VALIDATING);
	return false;
}

/* A hit in a picky pool, whose cache is at rest. */
static __always_inline bool validating_hit(struct kp_pool *pool, __kpool_cpu *c,
					   enum kp_hit_checks checks, void **obj)
{
	if (checks != CHECK_NONE)
		return fresh_hit(pool, c, checks, obj);
	return __kpool_hit_get(c, KPOOL_CPU_VALIDATING, obj);
}

static noinline void *get_other(struct kp_pool *pool, gfp_t gfp, void *unhealthy)
{
	kp_count_outside(pool, -1, 0);
	kp_evict(pool, unhealthy, KP_UNHEALTHY);
	return get_one_miss(pool, gfp);
}

static __always_inline void *get_healthy(struct kp_pool *pool, gfp_t gfp, __kpool_cpu *c,
					 enum kp_hit_checks checks)
{
	bool found;
	void *obj;

	found = !in_nmi() && validating_hit(pool, c, checks, &obj);
	preempt_enable();
	if (unlikely(!found))
		return get_one_miss(pool, gfp);
	if (unlikely(!pool->ops.check(obj, pool->ctx)))
		return get_other(pool, gfp, obj);
	return obj;
}

static __always_inline void *get_fresh(struct kp_pool *pool, gfp_t gfp, __kpool_cpu *c,
				       enum kp_hit_checks checks)
{
	void *obj;

	if (likely(fresh_hit(pool, c, checks, &obj))) {
		preempt_enable();
		return obj;
	}
	preempt_enable();
	return get_one_miss(pool, gfp);
}

/* Each sort has a function of its own, so that it needs no stack, or little. */
static noinline void *get_stamped(struct kp_pool *pool, gfp_t gfp, __kpool_cpu *c)
{
	return get_fresh(pool, gfp, c, CHECK_STAMP);
}

static noinline void *get_with_birth(struct kp_pool *pool, gfp_t gfp, __kpool_cpu *c)
{
	return get_fresh(pool, gfp, c, CHECK_BIRTH);
}

static noinline void *get_checked(struct kp_pool *pool, gfp_t gfp, __kpool_cpu *c)
{
	return get_healthy(pool, gfp, c, CHECK_NONE);
}

static noinline void *get_validating_checked(struct kp_pool *pool, gfp_t gfp, __kpool_cpu *c)
{
	return get_healthy(pool, gfp, c, CHECK_ALL);
}

static noinline void *get_validating(struct kp_pool *pool, gfp_t gfp, __kpool_cpu *c)
{
	return get_fresh(pool, gfp, c, CHECK_ALL);
}

static noinline void *get_not_special(struct kp_pool *pool, gfp_t gfp, __kpool_cpu *c)
{
	if (data_race(c->state) == KPOOL_CPU_VALIDATING) {	/* as in __kpool_may_hit() */
		if (likely(pool->hit_kind == HIT_STAMPED))
			return get_stamped(pool, gfp, c);
		if (pool->hit_kind == HIT_BIRTH)
			return get_with_birth(pool, gfp, c);
		if (pool->hit_kind == HIT_CHECKED)
			return get_checked(pool, gfp, c);
		if (pool->ops.check)
			return get_validating_checked(pool, gfp, c);
		return get_validating(pool, gfp, c);
	}
	preempt_enable();
	return get_one_miss(pool, gfp);
}

/**
 * kpool_get_slow() - what kpool_get() calls where it cannot go on inline
 * @kpool: the pool
 * @gfp: as for kpool_get()
 * @c: this CPU's cache
 *
 * A special pool's hits are here.
 *
 * Context: as for kpool_get(), but with preemption off by one more level, which
 * ends here: a special pool's hits need not turn it off twice.
 * Return: as kpool_get().
 */
void *kpool_get_slow(struct kpool *kpool, gfp_t gfp, __kpool_cpu *c)
{
	void *obj;

	/* data_race(): as in __kpool_may_hit() */
	if (unlikely(data_race(c->state) != KPOOL_CPU_SPECIAL))
		return get_not_special(to_pool(kpool), gfp, c);
	if (likely(__kpool_hit_get(c, KPOOL_CPU_SPECIAL, &obj))) {
		preempt_enable();
		return obj;
	}
	preempt_enable();
	return get_one_miss(to_pool(kpool), gfp);
}
EXPORT_SYMBOL_GPL(kpool_get_slow);

/**
 * kpool_get_zeroed() - what kpool_get() calls for __GFP_ZERO
 * @kpool: the pool
 * @gfp: as for kpool_get()
 *
 * Context: as for kpool_get().
 * Return: as kpool_get(); -EINVAL in a pool with a constructor.
 */
void *kpool_get_zeroed(struct kpool *kpool, gfp_t gfp)
{
	struct kp_pool *pool = to_pool(kpool);
	void *obj;

	if (pool->ops.ctor) {
		pr_err_ratelimited("pool %s: get with __GFP_ZERO would undo what ctor built\n",
				   pool->name);
		return ERR_PTR(-EINVAL);
	}
	obj = kpool_get(kpool, gfp & ~__GFP_ZERO);
	if (!IS_ERR(obj))
		memset(obj, 0, pool->size);
	return obj;
}
EXPORT_SYMBOL_GPL(kpool_get_zeroed);

/* A bulk get's hits. */
static __always_inline unsigned int get_hits(struct kp_pool *pool, void **objs, unsigned int n)
{
	struct kpool_cpu *c;
	unsigned int got = 0;

	if (unlikely(pool->validated && !may_validate(pool)))
		return 0;
	preempt_disable();
	c = cache_begin(pool);
	if (likely(c)) {
		got = pop(pool, c, objs, n);
		data_race(c->gets += got);	/* as in pop() */
		cache_end(pool, c);
	}
	preempt_enable();
	return validate(pool, objs, got);
}

static int bulk_check(const struct kp_pool *pool, unsigned int n)
{
	unsigned int most = READ_ONCE(pool->max);

	if (likely(!most || n <= most || pool->overflow))
		return 0;
	pr_err_ratelimited("pool %s: bulk get of %u objects, but max is %u\n", pool->name, n,
			   most);
	return -EINVAL;
}

/* The rest of a bulk get of n objects that has some. All or nothing. */
static int get_remaining(struct kp_pool *pool, gfp_t gfp, void **objs, unsigned int got,
			 unsigned int n)
{
	int err = gfp_check(pool, gfp) ?: bulk_check(pool, n);

	if (!err && kp_is_restricted(pool) && !gfpflags_allow_blocking(gfp))
		err = -EBUSY;
	if (!err)
		err = get_miss(pool, gfp, objs + got, n - got);
	if (err)
		kpool_put_bulk(&pool->kpool, objs, got);
	return err;
}

int kpool_get_bulk(struct kpool *kpool, gfp_t gfp, void **objs, unsigned int n)
{
	struct kp_pool *pool = to_pool(kpool);
	unsigned int got;
	int err;

#ifdef CONFIG_DEBUG_ATOMIC_SLEEP
	might_sleep_if(gfpflags_allow_blocking(gfp));
#endif
	got = get_hits(pool, objs, n);
	if (likely(got == n))
		return 0;
	err = get_remaining(pool, gfp, objs, got, n);
	return err == EXHAUSTED ? -EBUSY : err;
}
EXPORT_SYMBOL_GPL(kpool_get_bulk);

/* A get that has some of n objects, and waits for all of them: with empty hands. */
static int get_waiting(struct kp_pool *pool, gfp_t gfp, void **objs, unsigned int got,
		       unsigned int n, long timeout, unsigned int state)
{
	int err;

	if (!gfpflags_allow_blocking(gfp)) {
		pr_err_ratelimited("pool %s: a get that waits, with gfp flags that may not\n",
				   pool->name);
		kpool_put_bulk(&pool->kpool, objs, got);
		return -EINVAL;
	}
	gfp = with_reserve(pool, gfp);
	err = get_remaining(pool, gfp, objs, got, n);
	if (err == EXHAUSTED || (err == -ENOMEM && n <= READ_ONCE(pool->reserve)))
		err = kp_wait(pool, gfp, objs, n, timeout, state, err == -ENOMEM);
	return err;
}

/**
 * kpool_get_waiting() - what the waiting forms of kpool_get() call where they cannot go on inline
 * @kpool: the pool
 * @gfp: as for kpool_get_timeout()
 * @c: this CPU's cache
 * @timeout: as for kpool_get_timeout()
 * @state: the task's while it sleeps
 *
 * Context: process context, sleeps, with preemption off by one level, which ends
 * here.
 * Return: as the call that is meant.
 */
void *kpool_get_waiting(struct kpool *kpool, gfp_t gfp, __kpool_cpu *c, long timeout,
			unsigned int state)
{
	struct kp_pool *pool = to_pool(kpool);
	u8 state_here;
	bool found;
	void *obj;
	int err;

	state_here = data_race(c->state);	/* as in __kpool_may_hit() */
	if (state_here == KPOOL_CPU_VALIDATING)
		found = fresh_hit(pool, c, CHECK_ALL, &obj);
	else
		found = state_here == KPOOL_CPU_SPECIAL &&
			__kpool_hit_get(c, KPOOL_CPU_SPECIAL, &obj);
	preempt_enable();
	if (found && (!pool->ops.check || validate(pool, &obj, 1)))
		return obj;
	err = get_waiting(pool, gfp, &obj, 0, 1, timeout, state);
	return err ? ERR_PTR(err) : obj;
}
EXPORT_SYMBOL_GPL(kpool_get_waiting);

/**
 * kpool_get_bulk_waiting() - what the waiting forms of kpool_get_bulk() call
 * @kpool: the pool
 * @gfp: as for kpool_get_timeout()
 * @objs: where the objects go
 * @n: how many
 * @timeout: as for kpool_get_timeout()
 * @state: the task's while it sleeps
 *
 * Context: process context, sleeps.
 * Return: as the call that is meant.
 */
int kpool_get_bulk_waiting(struct kpool *kpool, gfp_t gfp, void **objs, unsigned int n,
			   long timeout, unsigned int state)
{
	struct kp_pool *pool = to_pool(kpool);
	unsigned int got;

	might_sleep();
	got = get_hits(pool, objs, n);
	if (likely(got == n))
		return 0;
	return get_waiting(pool, gfp, objs, got, n, timeout, state);
}
EXPORT_SYMBOL_GPL(kpool_get_bulk_waiting);
