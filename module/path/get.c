// SPDX-License-Identifier: GPL-2.0-only
/*
 * Gets out of line. After a miss, a get takes an object from a magazine or a depot, builds one, or
 * takes one from another CPU or node. This file also has the hits of special and validating pools,
 * and the bulk gets. <linux/kpool/hit.h> has the inline hits, path/wait.c the part of a get that
 * sleeps, and object/object.c builds objects.
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
 * Takes up to n objects out of this CPU's cache, for which it loads at most one magazine. If the
 * cache cannot be used, takes one object out of this node's depot. So interrupts are off for a
 * short time only, and a bulk get calls again. Sets *again if all objects of the magazine were
 * stale. Then the caller calls again, too.
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
 * Takes one object from any node's depot or any CPU's spare, for a get that cannot build. Returns
 * NULL if there is none.
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

/* May this context ask check whether an object is healthy? kpool calls no callback in NMI. */
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

/* kp_validate() for objects that were counted as got. Takes back the count of expired objects. */
static __always_inline unsigned int validate(struct kp_pool *pool, void **objs, unsigned int n)
{
	return likely(!pool->validated) ? n : validate_all(pool, objs, n);
}

/*
 * Takes an object for a restricted get, see kp_is_restricted(). The get uses the cache, unless it
 * interrupted code that works in the cache. The get takes depot->lock and waitlist->lock by trylock
 * only. Returns NULL if this finds no object.
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
	/* This opens no cache and inserts no object, so the RULE is not needed. */
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
 * In a pool with a reserve, adds the flags that mempool_alloc() uses. With these flags the page
 * allocator gives up early. It also leaves alone the memory that is set aside for tasks that free
 * memory. The get then uses the reserve.
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

/*
 * Takes an object from the reserve list, for a get that found no memory. Counts the object as got.
 * Returns NULL if there is none.
 */
static void *take_reserve(struct kp_pool *pool)
{
	void *obj = kp_waitlist_take_reserve(pool);

	kp_count_outside(pool, !!obj, 0);
	return obj;
}

/*
 * Takes n objects from other CPUs, other nodes and the reserve list, for a get that cannot build.
 * All or none. Returns 0, -ESHUTDOWN, or err if there are fewer than n objects.
 */
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

/* Has the worker build objects for later gets, if the worker can build where this get could not. */
static void refill_for_next(struct kp_pool *pool, gfp_t gfp)
{
	if (!may_build(pool, gfp) ||
	    (pool->flags & KPOOL_KVMALLOC && !gfpflags_allow_blocking(gfp)))
		kp_queue_refill(pool);
}

/*
 * Builds n objects after a miss. If there is no memory, or this get may not build, takes idle
 * objects from elsewhere. All or none.
 */
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

/*
 * The get found no idle object and no slot: max objects exist, or other gets wait. A get with a
 * timeout then waits. This value is no error that a ctor can return.
 */
#define EXHAUSTED	1

/* Builds n objects in n slots of the caller. All or none; after an error gives the slots back. */
static int build_in_slots(struct kp_pool *pool, gfp_t gfp, void **objs, unsigned int n)
{
	int err = kp_build(pool, gfp, objs, n);

	if (err)
		kp_slots_give(pool, n);
	else
		kp_count_outside(pool, n, 0);
	return err;
}

/*
 * get_build() for a pool with a wait list. Takes idle objects and slots, and builds objects in the
 * slots. All or none.
 */
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
		/* The slots are not enough to replace the expired objects, too. */
		if (fit < more && slots) {
			kp_slots_give(pool, slots);
			slots = 0;
		}
	} while (more && !slots && got < n);
	if (got == n)
		return 0;
	/* Expired objects on the teardown list still have their slots. */
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
 * __kpool_hit_get() that also checks the object's idle time and lifetime. If the object is expired,
 * the get misses, and the miss path removes the object. While the clock is not sure, every get
 * misses.
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

/* A hit in a validating pool. The caller has seen that no other code works in the cache. */
static __always_inline bool validating_hit(struct kp_pool *pool, __kpool_cpu *c,
					   enum kp_hit_checks checks, void **obj)
{
	if (checks != CHECK_NONE)
		return fresh_hit(pool, c, checks, obj);
	return __kpool_hit_get(c, KPOOL_CPU_VALIDATING, obj);
}

/* Tears down an unhealthy object that a hit counted as got, and gets another object. */
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

/* Each kind of hit has a function of its own, which needs no stack frame or a small one. */
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

static __always_inline void *get_slow(struct kpool *kpool, gfp_t gfp, __kpool_cpu *c)
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

/**
 * kpool_get_slow() - the out-of-line part of kpool_get()
 * @kpool: the pool
 * @gfp: as for kpool_get()
 * @cache: address of this CPU's cache, as __kpool_cpu_here() says
 *
 * kpool_get() calls this if it cannot hit inline. The hits of special and validating pools are
 * here.
 *
 * Context: as for kpool_get(), but the caller has disabled preemption once more. This function
 * enables it again. So a hit in a special or validating pool disables preemption only once.
 * Return: as kpool_get().
 */
void *kpool_get_slow(struct kpool *kpool, gfp_t gfp, unsigned long cache)
{
	return get_slow(kpool, gfp, cache_of_address(kpool, cache, false));
}
EXPORT_SYMBOL_GPL(kpool_get_slow);

#ifdef KPOOL_GS_ADDRESSES
/**
 * kpool_get_slow_gs() - kpool_get_slow() for consumers whose hits use %gs
 * @kpool: the pool
 * @gfp: as for kpool_get()
 * @cache: address of this CPU's cache for %gs
 *
 * Context: as for kpool_get_slow().
 * Return: as kpool_get().
 */
void *kpool_get_slow_gs(struct kpool *kpool, gfp_t gfp, unsigned long cache)
{
	return get_slow(kpool, gfp, cache_of_address(kpool, cache, true));
}
EXPORT_SYMBOL_GPL(kpool_get_slow_gs);
#endif

/**
 * kpool_get_zeroed() - kpool_get() with __GFP_ZERO
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

/* The hits of a bulk get. Returns how many objects of the loaded magazine it got. */
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
		data_race(c->gets += got);	/* as in __kpool_hit_get_sum() */
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

/*
 * Gets the remaining objects of a get of n objects that has the first ones. All or none: after an
 * error puts those back, too.
 */
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

/*
 * Gets the remaining objects of a get of n objects that has the first ones. If there are too few,
 * puts those back and waits for all n. So this get holds no objects when its wait begins.
 */
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

static void *get_one_waiting(struct kpool *kpool, gfp_t gfp, __kpool_cpu *c, long timeout,
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

/**
 * kpool_get_waiting() - the out-of-line part of kpool_get_timeout() and the like
 * @kpool: the pool
 * @gfp: as for kpool_get_timeout()
 * @cache: address of this CPU's cache, as __kpool_cpu_here() says
 * @timeout: as for kpool_get_timeout()
 * @state: the task's state while it sleeps
 *
 * Context: process context, sleeps. The caller has disabled preemption once. This function enables
 * it again.
 * Return: as the calling function.
 */
void *kpool_get_waiting(struct kpool *kpool, gfp_t gfp, unsigned long cache, long timeout,
			unsigned int state)
{
	return get_one_waiting(kpool, gfp, cache_of_address(kpool, cache, false), timeout, state);
}
EXPORT_SYMBOL_GPL(kpool_get_waiting);

#ifdef KPOOL_GS_ADDRESSES
/**
 * kpool_get_waiting_gs() - kpool_get_waiting() for consumers whose hits use %gs
 * @kpool: the pool
 * @gfp: as for kpool_get_timeout()
 * @cache: address of this CPU's cache for %gs
 * @timeout: as for kpool_get_timeout()
 * @state: the task's state while it sleeps
 *
 * Context: as for kpool_get_waiting().
 * Return: as the calling function.
 */
void *kpool_get_waiting_gs(struct kpool *kpool, gfp_t gfp, unsigned long cache, long timeout,
			   unsigned int state)
{
	return get_one_waiting(kpool, gfp, cache_of_address(kpool, cache, true), timeout, state);
}
EXPORT_SYMBOL_GPL(kpool_get_waiting_gs);
#endif

/**
 * kpool_get_bulk_waiting() - the waiting forms of kpool_get_bulk()
 * @kpool: the pool
 * @gfp: as for kpool_get_timeout()
 * @objs: receives the objects
 * @n: how many
 * @timeout: as for kpool_get_timeout()
 * @state: the task's state while it sleeps
 *
 * Context: process context, sleeps.
 * Return: as the calling function.
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
