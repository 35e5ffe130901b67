// SPDX-License-Identifier: GPL-2.0-only
/*
 * Gets out of line: the hits of special and validating pools, bulk gets, and gets that wait.
 * <linux/kpool/hit.h> has the inline hits, miss.c the gets that miss, and wait.c the part of a get
 * that sleeps.
 */
#include <linux/smp.h>

#include "base/age.h"
#include "base/clock.h"
#include "base/context.h"
#include "base/fault.h"
#include "base/refusal.h"
#include "object/build.h"
#include "object/expiry.h"
#include "path/cache.h"
#include "path/miss.h"
#include "path/put.h"
#include "path/wait.h"
#include "pool.h"
#include "store/magazine.h"
#include "store/waitlist.h"

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
	return kp_get_one_miss(pool, gfp);
}

static __always_inline void *get_healthy(struct kp_pool *pool, gfp_t gfp, __kpool_cpu *c,
					 enum kp_hit_checks checks)
{
	bool found;
	void *obj;

	found = !in_nmi() && validating_hit(pool, c, checks, &obj);
	preempt_enable();
	if (unlikely(!found))
		return kp_get_one_miss(pool, gfp);
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
	return kp_get_one_miss(pool, gfp);
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
	return kp_get_one_miss(pool, gfp);
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
	return kp_get_one_miss(to_pool(kpool), gfp);
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

/* Checks the flags of a get that has one of __KPOOL_GFP_SLOW. */
static int check_slow_gfp(const struct kp_pool *pool, gfp_t gfp)
{
	if (pool->ops.ctor && gfp & __GFP_ZERO) {
		pr_err_ratelimited("pool %s: get by %pS with __GFP_ZERO would undo what ctor built\n",
				   pool->name, kp_consumer());
		return -EINVAL;
	}
	return kp_gfp_check(pool, gfp);
}

/* The same for a get that waits, with flags for which __kpool_is_slow_waiting_gfp() is true. */
static int check_slow_waiting_gfp(const struct kp_pool *pool, gfp_t gfp)
{
	if (!gfpflags_allow_blocking(gfp)) {
		pr_err_ratelimited("pool %s: a get by %pS waits, with gfp flags that may not\n",
				   pool->name, kp_consumer());
		return -EINVAL;
	}
	return check_slow_gfp(pool, gfp);
}

static void zero(const struct kp_pool *pool, void **objs, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		memset(objs[i], 0, pool->size);
}

/**
 * kpool_get_zeroed() - kpool_get() with __GFP_ZERO or a flag that is refused
 * @kpool: the pool
 * @gfp: as for kpool_get(), with a flag of __KPOOL_GFP_SLOW
 *
 * Context: as for kpool_get().
 * Return: as kpool_get(); -EINVAL in a pool with a constructor.
 */
void *kpool_get_zeroed(struct kpool *kpool, gfp_t gfp)
{
	int err = check_slow_gfp(to_pool(kpool), gfp);
	void *obj;

	if (err)
		return ERR_PTR(err);
	obj = kpool_get(kpool, gfp & ~__KPOOL_GFP_SLOW);
	if (!IS_ERR(obj))
		zero(to_pool(kpool), &obj, 1);
	return obj;
}
EXPORT_SYMBOL_GPL(kpool_get_zeroed);

/**
 * kpool_get_zeroed_waiting() - kpool_get_zeroed() for the gets that wait
 * @kpool: the pool
 * @gfp: as for kpool_get_timeout(), with a flag of __KPOOL_GFP_SLOW; or one that may not block
 * @timeout_jiffies: as for kpool_get_timeout()
 * @state: the task's state while it sleeps
 *
 * Context: process context, sleeps.
 * Return: as the calling function; -EINVAL in a pool with a constructor, and for a @gfp that is
 * refused.
 */
void *kpool_get_zeroed_waiting(struct kpool *kpool, gfp_t gfp, long timeout_jiffies,
			       unsigned int state)
{
	int err = check_slow_waiting_gfp(to_pool(kpool), gfp);
	void *obj;

	if (err)
		return ERR_PTR(err);
	obj = __kpool_get_waiting(kpool, gfp & ~__KPOOL_GFP_SLOW, timeout_jiffies, state);
	if (!IS_ERR(obj))
		zero(to_pool(kpool), &obj, 1);
	return obj;
}
EXPORT_SYMBOL_GPL(kpool_get_zeroed_waiting);

/* __kpool_got() for a bulk get. Passes its error on. */
static __always_inline int bulk_got(struct kp_pool *pool, void **objs, unsigned int n, int err)
{
	unsigned int i;

	for (i = 0; IS_ENABLED(CONFIG_PROVE_LOCKING) && !err && i < n; i++)
		kpool_lockdep_got(&pool->kpool, objs[i]);
	return err;
}

/* The hits of a bulk get. Returns how many objects of the loaded magazine it got. */
static __always_inline unsigned int get_hits(struct kp_pool *pool, void **objs, unsigned int n)
{
	struct kpool_cpu *c;
	unsigned int got = 0;

	if (unlikely(READ_ONCE(pool->validated) && !may_validate(pool)))
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
	/* If max was larger before, the caller may have chosen n by that: this is no error. */
	if (n > READ_ONCE(pool->max_highest))
		pr_err_ratelimited("pool %s: bulk get by %pS of %u objects, but max is %u\n",
				   pool->name, kp_consumer(), n, most);
	return -EINVAL;
}

/*
 * Gets the remaining objects of a get of n objects that has the first ones. All or none: after an
 * error puts those back, too. If the get does not wait next, it collects before it fails.
 */
static int get_remaining(struct kp_pool *pool, gfp_t gfp, void **objs, unsigned int got,
			 unsigned int n, const struct kp_patience *patience, bool waits)
{
	int err = kp_gfp_check(pool, gfp) ?: bulk_check(pool, n);

	if (!err && !waits)
		err = kp_fail(pool, KP_FAIL_GET);
	if (!err && kp_is_restricted(pool) && !gfpflags_allow_blocking(gfp))
		err = -EBUSY;
	if (!err && waits)
		err = kp_get_miss(pool, gfp, objs + got, n - got, patience);
	else if (!err)
		err = kp_get_or_collect(pool, gfp, objs + got, n - got, patience);
	if (err)
		kp_put_back(pool, objs, got);
	return err;
}

static noinline int get_bulk_zeroed(struct kp_pool *pool, gfp_t gfp, void **objs, unsigned int n)
{
	int err = check_slow_gfp(pool, gfp) ?:
		  kpool_get_bulk(&pool->kpool, gfp & ~__KPOOL_GFP_SLOW, objs, n);

	if (!err)
		zero(pool, objs, n);
	return err;
}

/**
 * __kpool_get_bulk() - kpool_get_bulk() after the compiler's look at the flags
 * @kpool: the pool
 * @gfp: as for kpool_get()
 * @objs: receives the objects
 * @n: how many
 *
 * Context: as for kpool_get_bulk().
 * Return: as kpool_get_bulk().
 */
int __kpool_get_bulk(struct kpool *kpool, gfp_t gfp, void **objs, unsigned int n)
{
	struct kp_pool *pool = to_pool(kpool);
	unsigned int got;
	int err;

	if (__kpool_is_none(kpool, "kpool_get_bulk"))
		return -EINVAL;
	__kpool_might_alloc(gfp);
	if (unlikely(gfp & __KPOOL_GFP_SLOW))
		return get_bulk_zeroed(pool, gfp, objs, n);
	got = get_hits(pool, objs, n);
	if (likely(got == n))
		return bulk_got(pool, objs, n, 0);
	err = get_remaining(pool, gfp, objs, got, n, &kp_until_killed, false);
	if (unlikely(err == EXHAUSTED))
		err = kp_get_closing(pool, gfp, objs, n);
	if (!err)
		kp_tell_got(pool, gfp, objs, n);
	return bulk_got(pool, objs, n, err);
}
EXPORT_SYMBOL_GPL(__kpool_get_bulk);

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

/*
 * The error of a waiting get that fails on purpose: an error that the get can have anyway. In a
 * pool with a reserve that is no want of memory. So there a get without a deadline does not fail.
 */
static int fail_waiting(struct kp_pool *pool, unsigned int n, const struct kp_patience *patience)
{
	if (n > READ_ONCE(pool->reserve))
		return kp_fail(pool, KP_FAIL_GET);
	if (patience->forever)
		return 0;
	return kp_fail(pool, KP_FAIL_GET) ? -ETIMEDOUT : 0;
}

/*
 * Gets the remaining objects of a get of n objects that has the first ones. If there are too few,
 * puts those back and waits for all n. So this get holds no objects when its wait begins.
 */
static int get_waiting(struct kp_pool *pool, gfp_t gfp, void **objs, unsigned int got,
		       unsigned int n, long timeout_jiffies, unsigned int state)
{
	bool ended = false;
	const struct kp_patience patience = {
		.expires = jiffies + max(timeout_jiffies, 0L),
		.forever = timeout_jiffies == MAX_SCHEDULE_TIMEOUT,
		.state = state,
		.ended = &ended,
	};
	int err;

	err = fail_waiting(pool, n, &patience);
	if (err) {
		kp_put_back(pool, objs, got);
		return err;
	}
	gfp = with_reserve(pool, gfp);
	err = get_remaining(pool, gfp, objs, got, n, &patience, true);
	/* A get of more than the reserve does not wait for want of memory. */
	if (err == -ENOMEM && n > READ_ONCE(pool->reserve))
		err = kp_get_or_collect(pool, gfp, objs, n, &patience);
	if (err == EXHAUSTED || (err == -ENOMEM && n <= READ_ONCE(pool->reserve)))
		err = kp_wait(pool, gfp, objs, n, &patience, err == -ENOMEM);
	if (!err)
		kp_tell_got(pool, gfp, objs, n);
	return err;
}

static void *get_one_waiting(struct kpool *kpool, gfp_t gfp, __kpool_cpu *c, long timeout_jiffies,
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
	err = get_waiting(pool, gfp, &obj, 0, 1, timeout_jiffies, state);
	return err ? ERR_PTR(err) : obj;
}

/**
 * kpool_get_waiting() - the out-of-line part of kpool_get_timeout() and the like
 * @kpool: the pool
 * @gfp: as for kpool_get_timeout()
 * @cache: address of this CPU's cache, as __kpool_cpu_here() says
 * @timeout_jiffies: as for kpool_get_timeout()
 * @state: the task's state while it sleeps
 *
 * Context: process context, sleeps. The caller has disabled preemption once. This function enables
 * it again.
 * Return: as the calling function.
 */
void *kpool_get_waiting(struct kpool *kpool, gfp_t gfp, unsigned long cache, long timeout_jiffies,
			unsigned int state)
{
	return get_one_waiting(kpool, gfp, cache_of_address(kpool, cache, false),
			       timeout_jiffies, state);
}
EXPORT_SYMBOL_GPL(kpool_get_waiting);

#ifdef KPOOL_GS_ADDRESSES
/**
 * kpool_get_waiting_gs() - kpool_get_waiting() for consumers whose hits use %gs
 * @kpool: the pool
 * @gfp: as for kpool_get_timeout()
 * @cache: address of this CPU's cache for %gs
 * @timeout_jiffies: as for kpool_get_timeout()
 * @state: the task's state while it sleeps
 *
 * Context: as for kpool_get_waiting().
 * Return: as the calling function.
 */
void *kpool_get_waiting_gs(struct kpool *kpool, gfp_t gfp, unsigned long cache,
			   long timeout_jiffies, unsigned int state)
{
	return get_one_waiting(kpool, gfp, cache_of_address(kpool, cache, true),
			       timeout_jiffies, state);
}
EXPORT_SYMBOL_GPL(kpool_get_waiting_gs);
#endif

/**
 * kpool_get_bulk_waiting() - the waiting forms of kpool_get_bulk()
 * @kpool: the pool
 * @gfp: as for kpool_get_timeout()
 * @objs: receives the objects
 * @n: how many
 * @timeout_jiffies: as for kpool_get_timeout()
 * @state: the task's state while it sleeps
 *
 * Context: process context, sleeps.
 * Return: as the calling function.
 */
int kpool_get_bulk_waiting(struct kpool *kpool, gfp_t gfp, void **objs, unsigned int n,
			   long timeout_jiffies, unsigned int state)
{
	struct kp_pool *pool = to_pool(kpool);
	unsigned int got;
	int err = 0;

	if (__kpool_is_none(kpool, "kpool_get_bulk_*_timeout"))
		return -EINVAL;
	might_sleep();
	__kpool_might_wait(kpool, gfp, timeout_jiffies);
	if (unlikely(__kpool_is_slow_waiting_gfp(gfp)))
		err = check_slow_waiting_gfp(pool, gfp);
	if (err)
		return err;
	got = get_hits(pool, objs, n);
	if (unlikely(got < n))
		err = get_waiting(pool, gfp & ~__GFP_ZERO, objs, got, n, timeout_jiffies, state);
	if (unlikely(gfp & __GFP_ZERO) && !err)
		zero(pool, objs, n);
	return bulk_got(pool, objs, n, err);
}
EXPORT_SYMBOL_GPL(kpool_get_bulk_waiting);
