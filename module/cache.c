// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPU caches: the slow half of get and put.
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
#include <linux/hardirq.h>
#include <linux/slab.h>
#include <linux/smp.h>

#include "pool.h"

struct kpool_magazine *kp_magazine_alloc(const struct pool *pool, gfp_t gfp)
{
	struct kpool_magazine *mag;

	mag = kmalloc_node(struct_size(mag, objs, pool->container), gfp, pool->node);
	if (mag)
		mag->count = 0;
	return mag;
}

static struct kpool_cpu *cache_enter(struct pool *pool, unsigned long *flags)
{
	struct kpool_cpu *c;

	local_irq_save(*flags);
	c = this_cpu_ptr(pool->kpool.cpu);
	if (c->state & KPOOL_CPU_BUSY)
		return NULL;
	WRITE_ONCE(c->state, pool->rest | KPOOL_CPU_BUSY);
	barrier();
	return c;
}

static void cache_leave(struct pool *pool, struct kpool_cpu *c, unsigned long flags)
{
	barrier();
	if (c)
		WRITE_ONCE(c->state, pool->rest);
	local_irq_restore(flags);
}

/* Counts for a section that cache_enter() began; c may be NULL. */
static void count_gets(struct pool *pool, struct kpool_cpu *c, unsigned int n)
{
	if (c)
		c->gets += n;
	else
		atomic64_add(n, &pool->nested_gets);
}

static void count_puts(struct pool *pool, struct kpool_cpu *c, unsigned int n)
{
	if (c)
		c->puts += n;
	else
		atomic64_add(n, &pool->nested_puts);
}

/* Gets and puts that no cache or depot had a part in. */
static void count_outside(struct pool *pool, unsigned int gets, unsigned int puts)
{
	unsigned long flags;
	struct kpool_cpu *c = cache_enter(pool, &flags);

	count_gets(pool, c, gets);
	count_puts(pool, c, puts);
	cache_leave(pool, c, flags);
}

static struct kpool_magazine *unload(struct kpool_cpu *c)
{
	struct kpool_magazine *mag;

	if (!c->capacity)
		return NULL;
	mag = container_of(c->slots, struct kpool_magazine, objs[0]);
	mag->count = c->count;
	c->count = 0;
	c->capacity = 0;
	c->slots = NULL;
	return mag;
}

static void load(struct pool *pool, struct kpool_cpu *c, struct kpool_magazine *mag)
{
	c->slots = mag->objs;
	c->count = mag->count;
	WRITE_ONCE(c->capacity, pool->magazine);	/* a sweep on another CPU reads it */
}

/* Takes all magazines out of a cache that the caller is at work in, and closes it. */
static void take_all(struct kpool_cpu *c, struct kpool_magazine *mags[2])
{
	mags[0] = unload(c);
	mags[1] = xchg(&c->spare, NULL);
}

/**
 * kp_close_here() - close this CPU's cache
 * @pool: the pool
 * @found: where the magazines go
 *
 * Context: interrupts off.
 * Return: false if the cache is busy; then nothing has changed.
 */
bool kp_close_here(struct pool *pool, struct llist_head *found)
{
	struct kpool_cpu *c = this_cpu_ptr(pool->kpool.cpu);
	struct kpool_magazine *mags[2];
	unsigned int i;

	if (c->state & KPOOL_CPU_BUSY)
		return false;
	WRITE_ONCE(c->state, pool->rest | KPOOL_CPU_BUSY);
	barrier();
	take_all(c, mags);
	barrier();
	WRITE_ONCE(c->state, pool->rest);

	for (i = 0; i < ARRAY_SIZE(mags); i++)
		if (mags[i])
			llist_add(&mags[i]->found, found);
	return true;
}

/**
 * kp_cache_to_depot() - close a cache, its magazines go to the depot
 * @pool: the pool
 * @c: a cache that the caller works in, or that of a dead CPU
 * @depot: the depot
 *
 * Context: interrupts off. Whoever calls looks at the gate next.
 */
void kp_cache_to_depot(struct pool *pool, struct kpool_cpu *c, struct depot *depot)
{
	struct kpool_magazine *mags[2];
	unsigned int i;

	take_all(c, mags);
	for (i = 0; i < ARRAY_SIZE(mags); i++)
		if (mags[i])
			kp_depot_add(pool, depot, mags[i]);
}

/*
 * The RULE: every insertion into a depot or a spare, and every opening of a
 * cache, is followed by this look at the gate. The barrier pairs with that of
 * whoever closes the gate and then looks for objects (kp_gate_close()): either
 * they see what was inserted here, or it is seen here that they came.
 *
 * Interrupts are off since the insertion, so the pool is still there.
 */
static void rule(struct pool *pool, struct kpool_cpu *c)
{
	smp_mb();	/* see above */
	if (likely(READ_ONCE(pool->gate) == GATE_OPEN))
		return;
	if (c)
		kp_cache_to_depot(pool, c, kp_depot(pool));
	kp_kick(pool);
}

static bool may_load(const struct pool *pool)
{
	return pool->magazine && cpu_online(smp_processor_id());
}

/*
 * The cache is empty or closed: load a magazine that has objects, from the
 * spare or the depot.
 */
static bool load_full(struct pool *pool, struct kpool_cpu *c)
{
	struct kpool_magazine *spare = xchg(&c->spare, NULL);
	struct kpool_magazine *full, *old;

	if (spare && spare->count) {
		full = spare;
		spare = NULL;
	} else {
		full = kp_depot_get_full(pool, kp_depot(pool), spare);
		if (!full) {
			xchg(&c->spare, spare);
			return false;
		}
	}
	old = unload(c);
	load(pool, c, full);
	xchg(&c->spare, old);
	return true;
}

/* Takes up to n objects out of the loaded magazine, the warmest. */
static unsigned int pop(struct kpool_cpu *c, void **objs, unsigned int n)
{
	n = min(n, c->count);
	c->count -= n;
	memcpy(objs, c->slots + c->count, n * sizeof(*objs));
	return n;
}

static unsigned int push(struct kpool_cpu *c, void **objs, unsigned int n)
{
	n = min(n, c->capacity - c->count);
	memcpy(c->slots + c->count, objs, n * sizeof(*objs));
	c->count += n;
	return n;
}

/*
 * Takes up to n objects out of this CPU's cache, for which it loads one magazine
 * at most, or out of this node's depot: a bulk get leaves interrupts off for no
 * longer than that, and calls again.
 */
static unsigned int refill(struct pool *pool, void **objs, unsigned int n)
{
	unsigned int got = 0;
	unsigned long flags;
	struct kpool_cpu *c = cache_enter(pool, &flags);

	if (c)
		c->get_misses++;
	if (READ_ONCE(pool->gate) == GATE_CLOSED)
		goto out;
	if (!c || !may_load(pool)) {
		objs[0] = kp_depot_get_one(pool, kp_depot(pool));
		got = !!objs[0];
	} else if (c->count || load_full(pool, c)) {
		got = pop(c, objs, n);
		rule(pool, c);
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
static void *steal(struct pool *pool)
{
	unsigned long flags;
	struct kpool_cpu *c = cache_enter(pool, &flags);
	struct kpool_magazine *mag;
	void *obj = NULL;
	unsigned int i;
	int cpu;

	if (READ_ONCE(pool->gate) == GATE_CLOSED)
		goto out;
	for (i = 0; i < pool->nr_depots && !obj; i++)
		obj = kp_depot_get_one(pool, &pool->depots[i]);
	for_each_online_cpu(cpu) {
		if (obj)
			break;
		mag = xchg(&per_cpu_ptr(pool->kpool.cpu, cpu)->spare, NULL);
		if (!mag)
			continue;
		if (mag->count)
			obj = mag->objs[--mag->count];
		kp_depot_add(pool, kp_depot(pool), mag);
		rule(pool, NULL);
	}
	count_gets(pool, c, !!obj);
out:
	cache_leave(pool, c, flags);
	return obj;
}

/*
 * A get in NMI, or under locks that this pool is to keep clear of: the cache,
 * unless this interrupted its owner, and what a trylock gives.
 */
static void *get_restricted(struct pool *pool)
{
	unsigned long flags;
	struct kpool_cpu *c = cache_enter(pool, &flags);
	void *obj = NULL;
	unsigned int i;

	if (c && c->count)
		pop(c, &obj, 1);
	else if (READ_ONCE(pool->gate) == GATE_OPEN)
		for (i = 0; i < pool->nr_depots && !obj; i++)
			obj = kp_depot_try_get_one(pool, &pool->depots[i]);
	if (c)
		c->get_misses++;
	count_gets(pool, c, !!obj);
	if (!obj)
		kp_want_refill(pool);
	cache_leave(pool, c, flags);
	return obj ?: ERR_PTR(-EBUSY);
}

static bool is_restricted(const struct pool *pool)
{
	return in_nmi() || (pool->flags & KPOOL_ANYCTX);
}

static bool may_build(const struct pool *pool, gfp_t gfp)
{
	if (pool->flags & (KPOOL_SLEEPING | KPOOL_VMALLOC | KPOOL_BUILD_IN_WORKER))
		return gfpflags_allow_blocking(gfp);
	return kp_may_allocate(pool);
}

/* Builds what caches and depot did not have. All or nothing. */
static int get_build(struct pool *pool, gfp_t gfp, void **objs, unsigned int n)
{
	unsigned int got = 0;
	int err = -ENOMEM;

	if (may_build(pool, gfp))
		err = kp_build(pool, gfp, objs, n);
	else
		kp_want_refill(pool);
	if (!err) {
		count_outside(pool, n, 0);
		return 0;
	}
	if (err != -ENOMEM)
		return err;
	if (READ_ONCE(pool->state) != POOL_LIVE)
		return -ESHUTDOWN;
	while (got < n && (objs[got] = steal(pool)))
		got++;
	if (got == n)
		return 0;
	kpool_put_bulk(&pool->kpool, objs, got);
	return err;
}

static int get_miss(struct pool *pool, gfp_t gfp, void **objs, unsigned int n)
{
	unsigned int got = 0, more;
	int err;

	do {
		more = refill(pool, objs + got, n - got);
		got += more;
	} while (more && got < n);
	if (got == n)
		return 0;
	err = get_build(pool, gfp, objs + got, n - got);
	if (err)
		kpool_put_bulk(&pool->kpool, objs, got);
	return err;
}

static int gfp_check(const struct pool *pool, gfp_t gfp)
{
	gfp_t refused = gfp & (KPOOL_GFP_REFUSED | __GFP_ZERO);

	if (likely(!refused))
		return 0;
	pr_err_ratelimited("pool %s: get with gfp flags %pGg, which a get cannot have\n",
			   pool->name, &refused);
	return -EINVAL;
}

static noinline void *get_one_miss(struct pool *pool, gfp_t gfp)
{
	void *obj;
	int err;

	err = gfp_check(pool, gfp);
	if (err)
		return ERR_PTR(err);
	if (is_restricted(pool) && !gfpflags_allow_blocking(gfp))
		return get_restricted(pool);
	err = get_miss(pool, gfp, &obj, 1);
	return err ? ERR_PTR(err) : obj;
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
void *kpool_get_slow(struct kpool *kpool, gfp_t gfp, struct kpool_cpu *c)
{
	void *obj;

	/* data_race(): as in __kpool_may_hit() */
	if (likely(data_race(c->state) == KPOOL_CPU_SPECIAL) &&
	    __kpool_hit_get(c, KPOOL_CPU_SPECIAL, &obj)) {
		preempt_enable();
		return obj;
	}
	preempt_enable();
	return get_one_miss(to_pool(kpool), gfp);
}
EXPORT_SYMBOL_NS_GPL(kpool_get_slow, KPOOL);

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
	struct pool *pool = to_pool(kpool);
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
EXPORT_SYMBOL_NS_GPL(kpool_get_zeroed, KPOOL);

/**
 * kpool_get_bulk() - get several objects, or none
 * @kpool: the pool
 * @gfp: as for kpool_get(), but for __GFP_ZERO, which is refused
 * @objs: where they go, room for @n
 * @n: how many; 0 succeeds and does nothing
 *
 * Context: as for kpool_get(); but in NMI, and for a @gfp that may not block in a
 * pool with %KPOOL_ANYCTX, only what this CPU's loaded magazine has, else -EBUSY.
 * Return: 0, and the caller owns @n objects; else an error as of kpool_get(),
 * the caller owns nothing, and @objs is undefined.
 */
int kpool_get_bulk(struct kpool *kpool, gfp_t gfp, void **objs, unsigned int n)
{
	struct pool *pool = to_pool(kpool);
	unsigned int got = 0;
	struct kpool_cpu *c;
	int err;

#ifdef CONFIG_DEBUG_ATOMIC_SLEEP
	might_sleep_if(gfpflags_allow_blocking(gfp));
#endif
	preempt_disable();
	c = this_cpu_ptr(kpool->cpu);
	if (likely(!(READ_ONCE(c->state) & KPOOL_CPU_BUSY))) {
		WRITE_ONCE(c->state, pool->rest | KPOOL_CPU_BUSY);
		barrier();
		got = pop(c, objs, n);
		c->gets += got;
		barrier();
		WRITE_ONCE(c->state, pool->rest);
	}
	preempt_enable();
	if (likely(got == n))
		return 0;

	err = gfp_check(pool, gfp);
	if (!err && is_restricted(pool) && !gfpflags_allow_blocking(gfp))
		err = -EBUSY;
	if (!err)
		err = get_miss(pool, gfp, objs + got, n - got);
	if (err)
		kpool_put_bulk(kpool, objs, got);
	return err;
}
EXPORT_SYMBOL_NS_GPL(kpool_get_bulk, KPOOL);

/*
 * The loaded magazine is full, or there is none: load one with room. A full
 * spare goes to the depot. *mag is an empty magazine to use, or NULL, and is
 * NULL after it was used; on -ENOSPC it is one whose objects are over max_idle.
 */
static int load_empty(struct pool *pool, struct kpool_cpu *c, struct kpool_magazine **mag)
{
	struct kpool_magazine *spare = xchg(&c->spare, NULL);
	struct kpool_magazine *empty, *old;
	int err;

	if (spare && spare->count < pool->magazine) {
		empty = spare;
	} else {
		empty = *mag;
		err = kp_depot_put_full(pool, kp_depot(pool), spare, &empty);
		if (err == -ENOSPC) {
			if (*mag)
				kp_depot_add_empty(kp_depot(pool), *mag);
			*mag = spare;
			return err;
		}
		if (err) {
			xchg(&c->spare, spare);
			return err;
		}
		*mag = NULL;
	}
	old = unload(c);
	load(pool, c, empty);
	xchg(&c->spare, old);
	return 0;
}

/*
 * Places some of n objects in this CPU's cache, for which it loads one magazine
 * at most, or in this node's depot; *placed says how many. Returns 0, -ENOMEM
 * for want of a magazine, -ENOSPC with *mag full of objects to be torn down, or
 * -ESHUTDOWN if the rest, already counted as put, is to be torn down.
 */
static int place(struct pool *pool, void **objs, unsigned int n, unsigned int *placed,
		 struct kpool_magazine **mag)
{
	unsigned int done = 0;
	unsigned long flags;
	struct kpool_cpu *c = cache_enter(pool, &flags);
	int err = 0;

	if (c && !*mag)		/* the first attempt */
		c->put_misses++;
	if (READ_ONCE(pool->gate) == GATE_CLOSED || pool->nothing_idle) {
		err = -ESHUTDOWN;
	} else if (!c || !may_load(pool)) {
		err = kp_depot_put_one(pool, kp_depot(pool), objs[0], mag);
		done = !err;
		/* Nothing colder to give way: it is this object that is over max_idle. */
		if (err == -ENOSPC)
			err = -ESHUTDOWN;
	} else {
		if (c->count == c->capacity)
			err = load_empty(pool, c, mag);
		if (!err)
			done = push(c, objs, n);
	}
	count_puts(pool, c, err == -ESHUTDOWN ? n : done);
	if (done)
		rule(pool, c);
	if (*mag && err != -ENOSPC) {
		kp_depot_add_empty(kp_depot(pool), *mag);
		*mag = NULL;
	}
	cache_leave(pool, c, flags);
	*placed = done;
	return err;
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

	/* The pool may be gone when the last object is placed. */
	for (; n; objs += placed, n -= placed) {
		err = place(pool, objs, n, &placed, &mag);
		switch (err) {
		case 0:
			break;
		case -ENOSPC:
			kp_discard(pool, mag->objs, mag->count);
			mag->count = 0;
			break;
		case -ENOMEM:
			if (kp_may_allocate(pool))
				mag = kp_magazine_alloc(pool, GFP_NOWAIT | __GFP_NOWARN);
			if (mag)
				break;
			count_outside(pool, 0, n);
			fallthrough;
		default:
			kp_discard(pool, objs, n);
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

	if (READ_ONCE(pool->gate) == GATE_CLOSED || pool->nothing_idle)
		goto defer;
	if (c && push(c, &obj, 1)) {
		c->puts++;
		goto out;
	}
	for (i = 0; i < pool->nr_depots && err; i++)
		err = kp_depot_try_put_one(pool, &pool->depots[i], obj);
	if (err)
		goto defer;
	count_puts(pool, c, 1);
	smp_mb();	/* as in rule() */
	if (READ_ONCE(pool->gate) == GATE_CLOSED)
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
	if (is_restricted(pool))
		put_restricted(pool, obj);
	else
		kp_place(pool, &obj, 1);
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

	if (likely(pool->rest)) {
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
	}
	put_one_miss(pool, obj);
}
EXPORT_SYMBOL_NS_GPL(kpool_put_slow, KPOOL);

/**
 * kpool_put_bulk() - put several objects back
 * @kpool: the pool that they came from
 * @objs: the objects, none of them NULL
 * @n: how many; 0 does nothing
 *
 * Context: as for kpool_put().
 */
void kpool_put_bulk(struct kpool *kpool, void **objs, unsigned int n)
{
	struct pool *pool = to_pool(kpool);
	unsigned int i, done = 0;
	struct kpool_cpu *c;

	if (unlikely(!n))
		return;
	if (is_restricted(pool)) {
		for (i = 0; i < n; i++)
			kpool_put(kpool, objs[i]);
		return;
	}
	if (pool->rest)
		for (i = 0; i < n; i++)
			reset_and_wipe(pool, objs[i]);

	preempt_disable();
	c = this_cpu_ptr(kpool->cpu);
	if (likely(!(READ_ONCE(c->state) & KPOOL_CPU_BUSY))) {
		WRITE_ONCE(c->state, pool->rest | KPOOL_CPU_BUSY);
		barrier();
		done = push(c, objs, n);
		c->puts += done;
		barrier();
		WRITE_ONCE(c->state, pool->rest);
	}
	preempt_enable();
	if (unlikely(done < n))
		kp_place(pool, objs + done, n - done);
}
EXPORT_SYMBOL_NS_GPL(kpool_put_bulk, KPOOL);
