// SPDX-License-Identifier: GPL-2.0-only
/*
 * Puts out of line. After a miss, an object goes to a waiter, a magazine or a depot, or is torn
 * down. This file also has the hits of special and validating pools, and the bulk puts.
 * <linux/kpool/hit.h> has the inline hits, path/cache.c loads magazines, and object/object.c tears
 * objects down.
 */
#include <linux/kmsan-checks.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "base/age.h"
#include "base/clock.h"
#include "base/context.h"
#include "base/export.h"
#include "base/track.h"
#include "base/wipe.h"
#include "base/work.h"
#include "object/debug.h"
#include "object/due.h"
#include "object/expiry.h"
#include "object/object.h"
#include "path/cache.h"
#include "path/put.h"
#include "path/sample.h"
#include "path/window.h"
#include "pool.h"
#include "store/depot.h"
#include "store/magazine.h"
#include "store/slots.h"
#include "store/waitlist.h"

#ifdef KPOOL_FOR_TESTS
kp_window_fn kp_in_window;
EXPORT_SYMBOL_FOR_TESTS(kp_in_window);
#endif

/*
 * The error of an insertion of a single object. If max_idle has no room, this object is torn down
 * (-EXFULL). No magazine of colder objects is torn down for it (-ENOSPC).
 */
static int one_too_many(int err)
{
	return err == -ENOSPC ? -EXFULL : err;
}

/*
 * Puts some of n objects into this CPU's cache or this node's depot, or gives them to waiters.
 * Loads at most one magazine. Sets *placed to the number of objects, from the first on. *mag is an
 * empty magazine to use, or NULL. After -ENOSPC it is a magazine with objects, else NULL. wakes
 * receives the tasks to be woken.
 *
 * Returns 0, or an error that says what the caller has to do:
 * -ENOMEM	There is no empty magazine. Allocate one and call again.
 * -ENOSPC	max_idle has no room for the objects in *mag. Tear them down and call again.
 * -EDQUOT	*placed objects are above max. Tear these down.
 * -EXFULL	max_idle has no room. Tear all n objects down.
 * -ESHUTDOWN	The pool keeps no objects. Tear all n objects down.
 * After the last three, the objects to be torn down are already counted as put.
 */
static int put_some(struct kp_pool *pool, void **objs, unsigned int n, unsigned int *placed,
		    struct kpool_magazine **mag, struct kp_wakes *wakes)
{
	unsigned int done = 0;
	unsigned long flags;
	struct kpool_cpu *c = cache_enter(pool, &flags);
	enum kp_gate gate = READ_ONCE(pool->gate);
	int err = 0;

	kp_window(pool);
	if (c && !*mag)		/* the first attempt */
		WRITE_ONCE(c->put_misses, c->put_misses + 1);
	if (gate == GATE_WAITING) {
		err = one_too_many(kp_waitlist_put(pool, objs, n, &done, mag, wakes));
	} else if (gate == GATE_SHUT) {
		err = -ESHUTDOWN;
	} else if (READ_ONCE(pool->nothing_idle)) {
		err = -EXFULL;
	} else if (!c || !may_load(pool)) {
		err = one_too_many(kp_depot_put_one(pool, kp_depot(pool), objs[0], mag));
		done = !err;
	} else {
		if (kp_level(c) == c->loaded->room)
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
 * Tears down those of these objects that are above max, from the first on. Returns how many. Puts
 * on several CPUs at once may tear down a few objects too many, which later gets build again.
 * Context: any that is not restricted.
 */
static unsigned int torn_down(struct kp_pool *pool, void **objs, unsigned int n)
{
	n = min_t(unsigned long, n, kp_excess(pool));
	if (!n)
		return 0;
	kp_count_outside(pool, 0, n);
	kp_discard(pool, objs, n, KP_OVERFLOW);
	return n;
}

/**
 * kp_put_objects() - keep objects that were reset and wiped, or tear them down
 * @pool: the pool
 * @objs: the objects
 * @n: how many, not 0
 *
 * Context: any that kpool_put() may be called from and that is not restricted.
 */
void kp_put_objects(struct kp_pool *pool, void **objs, unsigned int n)
{
	struct kpool_magazine *mag = NULL;
	struct kp_wakes wakes;
	unsigned int placed;
	int err;

	if (unlikely(pool->overflow)) {
		placed = torn_down(pool, objs, n);
		objs += placed;
		n -= placed;
	}
	if (unlikely(kp_samples()) && n) {
		placed = kp_sample(pool, objs, n);
		objs += placed;
		n -= placed;
	}
	/* The pool may be gone as soon as the last object is placed. */
	for (; n; objs += placed, n -= placed) {
		kp_wakes_init(&wakes);
		rcu_read_lock();	/* keeps the tasks: see begin_hold() */
		err = put_some(pool, objs, n, &placed, &mag, &wakes);
		if (unlikely(wakes.n))
			kp_wake_all(&wakes);
		rcu_read_unlock();
		switch (err) {
		case 0:
			break;
		case -EDQUOT:
			kp_discard(pool, objs, placed, KP_OVER_MAX);
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
			kp_discard(pool, objs, n, KP_NO_MAGAZINE);
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

/*
 * The counterpart of get_restricted(): takes depot locks by trylock only. If the object has no
 * place now, the irq_work puts it.
 */
static void put_restricted(struct kp_pool *pool, void *obj)
{
	unsigned long flags;
	struct kpool_cpu *c = cache_enter(pool, &flags);
	unsigned int i;
	int err = -EBUSY;

	if (READ_ONCE(pool->gate) != GATE_OPEN || READ_ONCE(pool->nothing_idle))
		goto defer;
	kp_window(pool);
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
	kp_defer(pool, &pool->deferred_inserts, obj);
out:
	cache_leave(pool, c, flags);
}

/*
 * Calls the consumer's reset, unless the consumer is gone. orphan() declares the consumer gone and
 * then waits for a grace period. So after orphan() no reset runs.
 */
static __always_inline void reset(struct kp_pool *pool, void *obj)
{
	/* kpool's own reset is never gone. It may let other tasks run while it wipes a ring. */
	if (pool->ownership.own_ops) {
		pool->ops.reset(obj, pool->ctx);
		return;
	}
	rcu_read_lock();
	if (!READ_ONCE(pool->orphan))
		pool->ops.reset(obj, pool->ctx);
	rcu_read_unlock();
}

/* may_sleep: as for kp_wipe() */
static __always_inline void reset_and_wipe(struct kp_pool *pool, void *obj, bool may_sleep)
{
	if (pool->ops.reset)
		reset(pool, obj);
	if (pool->wipe_size)
		kp_wipe(obj + pool->wipe_offset, pool->wipe_size, may_sleep);
	if (kp_forgets(pool))
		kmsan_poison_memory(obj, pool->size, GFP_ATOMIC);
}

/*
 * Leaves the whole put of an object to a worker, or to the irq_work: see defer_irq_work(). The
 * caller can neither reset nor wipe the object, or not all of its bytes.
 */
static void defer_put(struct kp_pool *pool, void *obj)
{
	preempt_disable();	/* keeps the pool until the irq_work is queued */
	kp_defer(pool, &pool->deferred_puts, obj);
	preempt_enable();
}

/**
 * kp_put_back() - put back objects of a get that failed
 * @pool: the pool
 * @objs: the objects, which the consumer has not seen
 * @n: how many
 *
 * Context: as for kpool_put().
 */
void kp_put_back(struct kp_pool *pool, void **objs, unsigned int n)
{
	unsigned int i;

	if (!kp_is_restricted(pool)) {
		kp_put_objects(pool, objs, n);
		return;
	}
	for (i = 0; i < n; i++)
		put_restricted(pool, objs[i]);
}

/* Does the whole put of an object in deferred_puts. */
void kp_put_finish(struct kp_pool *pool, void *obj)
{
	/* The irq_work comes here only if there is little to wipe: see defer_irq_work(). */
	reset_and_wipe(pool, obj, true);
	if (kp_is_debugged(pool))
		kp_debug_idle(pool, &obj, 1);
	kp_put_objects(pool, &obj, 1);
}

static noinline void put_one_miss(struct kp_pool *pool, void *obj)
{
	if (kp_is_restricted(pool))
		put_restricted(pool, obj);
	else
		kp_put_objects(pool, &obj, 1);
}

/*
 * A put after a miss in a validating pool. Tears the object down if it is past its lifetime or
 * above max, even if there is room.
 */
static noinline void put_validating_miss(struct kp_pool *pool, void *obj)
{
	if (!kp_is_restricted(pool)) {
		if (pool->has_birth && kp_past_lifetime(pool, obj, kp_now())) {
			kp_count_outside(pool, 0, 1);
			kp_discard_expired(pool, &obj, 1, KP_LIFETIME);
			return;
		}
		if (pool->overflow && torn_down(pool, &obj, 1))
			return;
	}
	put_one_miss(pool, obj);
}

/*
 * __kpool_hit_put() that also checks the object's lifetime and stamps the object. A put of an
 * object past its lifetime misses. While the clock is not sure, every put misses.
 */
static __always_inline bool fresh_hit(struct kp_pool *pool, __kpool_cpu *c,
				      enum kp_hit_checks checks, void *obj)
{
	unsigned long now;
	void **top;

	if (static_branch_unlikely(&kp_clock_unsure))
		return false;
	now = jiffies + READ_ONCE(kp_clock_slept);
	if (unlikely(check_birth(pool, obj, checks, now)))
		return false;
	WRITE_ONCE(c->state, KPOOL_CPU_VALIDATING | KPOOL_CPU_BUSY);
	barrier();
	top = c->top;
	if (unlikely(!*top)) {
		barrier();
		WRITE_ONCE(c->state, KPOOL_CPU_VALIDATING);
		return false;
	}
	*top = obj;
	if (checks_stamp(pool, checks))
		*kp_stamp_of(pool, c, top) = now;
	__kpool_move_top(c, top, 1);
	data_race(c->puts++);	/* as in __kpool_hit_put() */
	barrier();
	WRITE_ONCE(c->state, KPOOL_CPU_VALIDATING);
	return true;
}

/* A hit in a validating pool, if no other code of this CPU works in the cache. */
static __always_inline bool validating_hit(struct kp_pool *pool, __kpool_cpu *c,
					   enum kp_hit_checks checks, void *obj)
{
	/* data_race(): as in __kpool_may_hit() */
	if (unlikely(data_race(c->state) != KPOOL_CPU_VALIDATING))
		return false;
	if (checks != CHECK_NONE)
		return fresh_hit(pool, c, checks, obj);
	return __kpool_hit_put(c, KPOOL_CPU_VALIDATING, obj);
}

/* Puts an object into a validating pool. c is this CPU's cache. Enables preemption. */
static __always_inline void put_validating(struct kp_pool *pool, enum kp_hit_checks checks,
					   void *obj, __kpool_cpu *c)
{
	if (likely(validating_hit(pool, c, checks, obj))) {
		preempt_enable();
		return;
	}
	preempt_enable();
	put_validating_miss(pool, obj);
}

/* A function of its own, because CHECK_ALL needs a stack frame. Other checks do not. */
static noinline void put_validating_all(struct kp_pool *pool, void *obj, __kpool_cpu *c)
{
	put_validating(pool, CHECK_ALL, obj, c);
}

/**
 * kp_put_checked() - put an object that kp_tell_put() has accepted
 * @pool: the pool
 * @obj: the object, which was not reset and wiped yet
 *
 * Misses: in a pool with an instrument no put hits.
 *
 * Context: as for kpool_put().
 */
void kp_put_checked(struct kp_pool *pool, void *obj)
{
	if (unlikely(in_nmi() && kp_changes_at_put(pool)) ||
	    unlikely(!kp_may_wipe(pool->wipe_size))) {
		defer_put(pool, obj);
		return;
	}
	reset_and_wipe(pool, obj, false);
	if (kp_is_debugged(pool))
		kp_debug_idle(pool, &obj, 1);
	if (pool->validating)
		put_validating_miss(pool, obj);
	else
		put_one_miss(pool, obj);
}

/**
 * kp_tell_put() - tell the instruments of a pool about a put
 * @pool: the pool
 * @obj: the address that is put
 *
 * Context: any.
 * Return: false if the put is refused. Then the log says why.
 */
bool kp_tell_put(struct kp_pool *pool, void *obj)
{
	u8 instruments = READ_ONCE(pool->instruments);

	if (instruments & KP_DEBUG && !kp_debug_put(pool, obj))
		return false;
	if (instruments & KP_TRACK)
		kp_track_put(pool, obj);
	return true;
}

static noinline void put_instrumented(struct kp_pool *pool, void *obj)
{
	if (kp_tell_put(pool, obj))
		kp_put_checked(pool, obj);
}

static noinline void put_validating_reset(struct kp_pool *pool, void *obj)
{
	if (unlikely(in_nmi() && kp_changes_at_put(pool)) ||
	    unlikely(!kp_may_wipe(pool->wipe_size))) {
		defer_put(pool, obj);
		return;
	}
	reset_and_wipe(pool, obj, false);
	if (pool->overflow && READ_ONCE(pool->waitlist->slots) > READ_ONCE(pool->max)) {
		put_validating_miss(pool, obj);
		return;
	}
	preempt_disable();
	put_validating(pool, CHECK_ALL, obj, __kpool_cpu_here(pool->kpool.cpu));
}

/* c is this CPU's cache. Enables preemption. */
static noinline void put_not_special(struct kp_pool *pool, void *obj, __kpool_cpu *c,
				     enum kp_hit_kind kind)
{
	/* One copy of the code for each kind of hit. So a hit tests as little as possible. */
	if (likely(kind == HIT_STAMPED)) {
		put_validating(pool, CHECK_STAMP, obj, c);
	} else if (kind == HIT_BIRTH) {
		put_validating(pool, CHECK_BIRTH, obj, c);
	} else if (kind == HIT_CHECKED) {
		put_validating(pool, CHECK_NONE, obj, c);
	} else if (kind == HIT_OTHER) {
		put_validating_all(pool, obj, c);
	} else {
		preempt_enable();
		if (unlikely(kind == HIT_INSTRUMENTED))
			put_instrumented(pool, obj);
		else if (pool->validating)
			put_validating_reset(pool, obj);
		else
			put_one_miss(pool, obj);
	}
}

/* Puts an object that was reset and wiped. c is this CPU's cache. Enables preemption. */
static __always_inline void put_reset(struct kp_pool *pool, void *obj, __kpool_cpu *c)
{
	/* data_race(): as in __kpool_may_hit() */
	if (likely(data_race(c->state) == KPOOL_CPU_SPECIAL) &&
	    __kpool_hit_put(c, KPOOL_CPU_SPECIAL, obj)) {
		preempt_enable();
		return;
	}
	preempt_enable();
	put_one_miss(pool, obj);
}

/*
 * put_special() with preemption on during reset and wiping: on PREEMPT_RT a reset may take locks
 * that sleep, and wiping may take long. Enables preemption.
 */
static noinline void put_preemptible(struct kp_pool *pool, void *obj)
{
	preempt_enable();
	if (unlikely(!kp_may_wipe(pool->wipe_size))) {
		defer_put(pool, obj);
		return;
	}
	reset_and_wipe(pool, obj, false);
	preempt_disable();
	put_reset(pool, obj, __kpool_cpu_here(pool->kpool.cpu));
}

/*
 * A function of its own, because other puts need no stack frame. Enables preemption.
 *
 * Preemption is off during reset. The grace period in orphan() waits for code that has preemption
 * off, so this function calls no function of RCU.
 */
static noinline void put_special(struct kp_pool *pool, void *obj, __kpool_cpu *c)
{
	if (unlikely(in_nmi())) {
		preempt_enable();
		kp_defer(pool, &pool->deferred_puts, obj);
		return;
	}
	if (IS_ENABLED(CONFIG_PREEMPT_RT) || pool->wipe_size || kp_forgets(pool)) {
		put_preemptible(pool, obj);
		return;
	}
	if (!READ_ONCE(pool->orphan))
		pool->ops.reset(obj, pool->ctx);
	put_reset(pool, obj, c);
}

static __always_inline void put_slow(struct kpool *kpool, void *obj, __kpool_cpu *c)
{
	struct kp_pool *pool = to_pool(kpool);
	enum kp_hit_kind kind = READ_ONCE(pool->put_kind);

	if (kind == HIT_SPECIAL)
		put_special(pool, obj, c);
	else
		put_not_special(pool, obj, c, kind);
}

/**
 * kpool_put_slow() - the out-of-line part of kpool_put()
 * @kpool: the pool
 * @obj: the object
 * @cache: address of this CPU's cache, as __kpool_cpu_here() says
 *
 * kpool_put() calls this if it cannot hit inline. The hits of special and validating pools are
 * here.
 *
 * Context: as for kpool_put(), but the caller has disabled preemption once more. This function
 * enables it again. So a hit in a special or validating pool disables preemption only once.
 */
void kpool_put_slow(struct kpool *kpool, void *obj, unsigned long cache)
{
	put_slow(kpool, obj, cache_of_address(kpool, cache, false));
}
EXPORT_SYMBOL_GPL(kpool_put_slow);

#ifdef KPOOL_GS_ADDRESSES
/**
 * kpool_put_slow_gs() - kpool_put_slow() for consumers whose hits use %gs
 * @kpool: the pool
 * @obj: the object
 * @cache: address of this CPU's cache for %gs
 *
 * Context: as for kpool_put_slow().
 */
void kpool_put_slow_gs(struct kpool *kpool, void *obj, unsigned long cache)
{
	put_slow(kpool, obj, cache_of_address(kpool, cache, true));
}
EXPORT_SYMBOL_GPL(kpool_put_slow_gs);
#endif

void kpool_discard(struct kpool *kpool, void *obj)
{
	struct kp_pool *pool = to_pool(kpool);

	if (IS_ERR_OR_NULL(obj) || __kpool_is_none(kpool, __func__))
		return;
	if (unlikely(READ_ONCE(pool->instruments)) && !kp_tell_put(pool, obj))
		return;
	kpool_lockdep_put(kpool, obj);
	kp_count_outside(pool, 0, 1);
	kp_evict(pool, obj, KP_DISCARDED);
}
EXPORT_SYMBOL_GPL(kpool_discard);

/*
 * Is none of these NULL or an ERR_PTR? This takes three instructions an object. Most kernels have
 * all memory at addresses with the highest bit set. There MAX_ERRNO + 1 more clears that bit of
 * NULL and of each ERR_PTR, and of no other address. Other kernels always get the answer false.
 */
static __always_inline bool all_are_objects(void **objs, unsigned int n)
{
	const unsigned long *p = (const unsigned long *)objs, more = MAX_ERRNO + 1;
	unsigned long all = ~0UL;

	for (; n >= 4; n -= 4, p += 4)
		all &= (p[0] + more) & (p[1] + more) & (p[2] + more) & (p[3] + more);
	while (n--)
		all &= *p++ + more;
	return (long)all < 0;
}

/* Returns false if the caller may not wipe so much. A worker puts the objects then. */
static noinline bool reset_and_wipe_all(struct kp_pool *pool, void **objs, unsigned int n)
{
	bool may = kp_may_wipe((u64)n * pool->wipe_size);
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (may)
			reset_and_wipe(pool, objs[i], false);
		else
			defer_put(pool, objs[i]);
	}
	return may;
}

static __always_inline void put_bulk(struct kp_pool *pool, void **objs, unsigned int n)
{
	struct kpool *kpool = &pool->kpool;
	unsigned int i, done = 0;
	struct kpool_cpu *c;

	if (unlikely(READ_ONCE(pool->instruments))) {
		for (i = 0; i < n; i++)
			put_instrumented(pool, objs[i]);
		return;
	}
	if (kp_is_restricted(pool)) {
		for (i = 0; i < n; i++)
			kpool_put(kpool, objs[i]);
		return;
	}
	if (pool->idle_state && !reset_and_wipe_all(pool, objs, n))
		return;
	if (unlikely(pool->overflow)) {
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
		data_race(c->puts += done);	/* as in __kpool_hit_put() */
		cache_end(pool, c);
	}
	preempt_enable();
	if (unlikely(done < n))
		kp_put_objects(pool, objs + done, n - done);
}

/* Puts each run of objects between what is no object. */
static noinline void put_runs(struct kp_pool *pool, void **objs, unsigned int n)
{
	unsigned int i, begin = 0;

	for (i = 0; i < n; i++) {
		if (!IS_ERR_OR_NULL(objs[i]))
			continue;
		if (i > begin)
			put_bulk(pool, objs + begin, i - begin);
		begin = i + 1;
	}
	if (n > begin)
		put_bulk(pool, objs + begin, n - begin);
}

void kpool_put_bulk(struct kpool *kpool, void **objs, unsigned int n)
{
	unsigned int i;

	if (__kpool_is_none(kpool, __func__))
		return;
	for (i = 0; IS_ENABLED(CONFIG_PROVE_LOCKING) && i < n; i++)
		if (!IS_ERR_OR_NULL(objs[i]))
			kpool_lockdep_put(kpool, objs[i]);
	if (unlikely(!n))
		return;
	if (likely(all_are_objects(objs, n)))
		put_bulk(to_pool(kpool), objs, n);
	else
		put_runs(to_pool(kpool), objs, n);
}
EXPORT_SYMBOL_GPL(kpool_put_bulk);
