// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks of gets and puts: an object that is put twice, or into the wrong pool; an address that is
 * no object; writes to an object after its put, or behind its end; objects that are held for too
 * long. Each finding is one line of the log, with the names of the functions that got and put the
 * object. A wrong put is refused. Then the pool goes on as if there had been no such put.
 *
 * Each object has a record, see base/records.h. The record says whether the object is in use. If
 * two puts of one object race, one of them wins the exchange of this state, and is the valid put.
 *
 * Debugging can begin in a running pool. Then there are objects without records: unknown objects.
 * They get a record at their next get or put. Records are counted after their objects begin to
 * exist, and before their objects end. So as long as there are more objects than records, an
 * address without a record may be an unknown object, and its put is accepted. With no memory for a
 * record an object stays unknown.
 *
 * Idle objects are filled with a pattern if nobody relies on their contents. Other idle objects
 * have a checksum. A get, ageing and a teardown compare. What is filled and summed belongs to the
 * task that has the idle object in its hands, like the object itself.
 */
#include <linux/jhash.h>
#include <linux/moduleparam.h>
#include <linux/poison.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/rcupdate.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "base/context.h"
#include "base/export.h"
#include "base/link.h"
#include "base/refusal.h"
#include "base/registry.h"
#include "object/debug.h"
#include "pool.h"

static bool debug_all;
module_param_named(debug, debug_all, bool, 0644);
MODULE_PARM_DESC(debug, "Check gets and puts of all pools that are created from now on");

static unsigned int debug_held_ms;
module_param(debug_held_ms, uint, 0644);
MODULE_PARM_DESC(debug_held_ms, "Debugged pools report objects that are held for longer, in milliseconds (default 0: never)");

bool kp_debug_wanted(void)
{
	return READ_ONCE(debug_all);
}

/* Patterns of SLUB, which people recognize. */
#define POISON_IDLE	POISON_FREE
#define RED_ZONE	SLUB_RED_ACTIVE

/* No more bytes than this are filled, summed and compared: a put may be in an interrupt. */
#define FILL_MOST	SZ_64K

static enum kp_debug_fill fill_of(const struct kp_pool *pool)
{
	if (pool->ops.check)
		return KP_FILL_NONE;
	return kp_keeps_contents(pool) ? KP_FILL_SUM : KP_FILL_POISON;
}

/* Sets what debugging needs. Does nothing if the pool has that. Returns 0 or -ENOMEM. */
static int init(struct kp_pool *pool)
{
	struct kp_debug *debug;

	if (pool->debug)
		return 0;
	debug = kzalloc(sizeof(*debug), GFP_KERNEL);
	if (!debug)
		return -ENOMEM;
	kp_records_init(&debug->own);
	debug->records = pool->class_link->records ?: &debug->own;
	debug->fill = fill_of(pool);
	debug->zone_offset = pool->zone_offset;
	debug->zone_size = pool->zone_size;
	smp_store_release(&pool->debug, debug);	/* pairs with readers of debug and instruments */
	return 0;
}

/**
 * kp_debug_begin() - make a pool ready for debugging
 * @pool: the pool, which is not debugged yet. A class of a set uses the records of the set.
 *
 * Context: process context, sleeps; one caller at a time.
 * Return: 0, or -ENOMEM.
 */
int kp_debug_begin(struct kp_pool *pool)
{
	return init(pool);
}

/**
 * kp_debug_end() - forget all objects of a pool
 * @pool: the pool, which is not debugged any more
 *
 * Gets and puts that began before may still look for records, but add none: an object whose put
 * does not change its record must have none.
 *
 * Context: process context, sleeps; one caller at a time.
 */
void kp_debug_end(struct kp_pool *pool)
{
	struct kp_debug *debug = pool->debug;

	if (!debug)
		return;
	kp_records_close(debug->records, &debug->closed, true);
	atomic_long_sub(kp_records_clear(debug->records, pool), &debug->recorded);
}

/* Context: process context; nobody uses the pool any more. */
void kp_debug_exit(struct kp_pool *pool)
{
	/* The records of a set may be gone. Teardowns have removed those of this pool. */
	if (pool->debug)
		kp_records_exit(&pool->debug->own);
	kfree(pool->debug);
}

/* Any number of pools may be misused at once, in a loop. */
struct ratelimit_state kp_debug_limit =
	RATELIMIT_STATE_INIT(kp_debug_limit, DEFAULT_RATELIMIT_INTERVAL, DEFAULT_RATELIMIT_BURST);
EXPORT_SYMBOL_FOR_TESTS(kp_debug_limit);

static __printf(2, 3) void pool_err(struct kp_pool *pool, const char *fmt, ...)
{
	struct va_format vaf = { .fmt = fmt };
	va_list args;

	atomic_long_inc(&pool->misused);
	if (!__ratelimit(&kp_debug_limit))
		return;
	va_start(args, fmt);
	vaf.va = &args;
	pr_err("pool %s (id %u): %pV\n", pool->name, pool->id, &vaf);
	va_end(args);
}

/* Adds a record, unless there is no memory, or this context cannot allocate. */
static bool add(struct kp_pool *pool, void *obj, unsigned long put_by, gfp_t gfp)
{
	struct kp_debug *debug = pool->debug;
	const struct kp_record r = {
		.obj = obj,
		.size = pool->size,
		.owner = pool,
		.name = pool->name,
		.number = atomic_inc_return(&debug->numbers),
		.put_by = put_by,
	};

	if (kp_is_restricted(pool) || !kp_may_allocate(pool) ||
	    !kp_record_add(debug->records, &r, &debug->closed, gfp))
		return false;
	atomic_long_inc(&debug->recorded);
	return true;
}

/* Objects were built. They count as existing already. Context: kp_may_allocate(). */
void kp_debug_built(struct kp_pool *pool, void **objs, unsigned int n, gfp_t gfp)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		add(pool, objs[i], 0, gfp);
}

/* The record of an object of this pool, or NULL. Context: an RCU reader. */
static struct kp_record *find_own(struct kp_pool *pool, void *obj)
{
	struct kp_record *r = kp_record_find(pool->debug->records, obj);

	return r && r->owner == pool ? r : NULL;
}

static void mark_got(struct kp_pool *pool, struct kp_record *r, unsigned long caller)
{
	r->filled = 0;
	r->summed = false;
	WRITE_ONCE(r->told, false);
	kp_holder_note(&r->got, caller);
	/* Pairs with the xchg() of the put. */
	if (xchg(&r->out, true))
		pool_err(pool, "a get by %pS returns object %u, which another user has",
			 (void *)caller, r->number);
}

/**
 * kp_debug_got() - a get is about to return objects
 * @pool: the pool
 * @objs: the objects
 * @n: how many
 * @gfp: the flags of the get
 *
 * Context: as the get.
 */
void kp_debug_got(struct kp_pool *pool, void **objs, unsigned int n, gfp_t gfp)
{
	unsigned long caller = (unsigned long)kp_consumer();
	struct kp_debug *debug = pool->debug;
	struct kp_record *r;
	unsigned int i;
	bool added;

	for (i = 0; i < n; i++) {
		memset(objs[i] + debug->zone_offset, RED_ZONE, debug->zone_size);
		added = false;
again:
		rcu_read_lock();
		r = find_own(pool, objs[i]);
		if (r)
			mark_got(pool, r, caller);
		rcu_read_unlock();
		/* The caller has the object, so no other task adds a record. */
		if (!r && !added) {
			added = true;
			if (add(pool, objs[i], 0, gfp))
				goto again;
		}
	}
}

/* Looks for an address in the records of other pools. */
static void explain(struct kp_pool *pool, void *ptr, char *why)
{
	struct kp_records *mine = pool->debug->records;
	struct kp_pool *other;
	u32 id = 0;

	if (kp_record_explain(mine, pool, ptr, why))
		return;
	while ((other = kp_registry_after(&id))) {
		struct kp_debug *debug = smp_load_acquire(&other->debug);	/* see init() */

		if (debug && debug->records != mine &&
		    kp_record_explain(debug->records, pool, ptr, why))
			return;
	}
}

static void refuse(struct kp_pool *pool, void *ptr, unsigned long caller)
{
	char why[KP_WHY_LEN];

	explain(pool, ptr, why);
	pool_err(pool, "a put by %pS is refused: %s", (void *)caller, why);
}

/* Reports a red zone that was written to, and mends it. */
static void check_zone(struct kp_pool *pool, struct kp_record *r, unsigned long caller)
{
	struct kp_debug *debug = pool->debug;
	u8 *zone = r->obj + debug->zone_offset, *bad;

	bad = memchr_inv(zone, RED_ZONE, debug->zone_size);
	if (!bad)
		return;
	pool_err(pool, "object %u of %zu bytes was written to behind its end, at offset %zu; the last get was by %pS, the put is by %pS",
		 r->number, r->size, (size_t)((void *)bad - r->obj),
	       (void *)READ_ONCE(r->got.caller), (void *)caller);
	memset(zone, RED_ZONE, debug->zone_size);
}

/*
 * May an address without a record be an unknown object? The end of debugging removes all records
 * before it changes their number. So this looks at closed first. The barriers pair with those of
 * the lock that kp_records_close() takes before and after that.
 */
static bool may_be_unknown(const struct kp_pool *pool)
{
	const struct kp_debug *debug = pool->debug;

	smp_rmb();	/* the look-up comes first: see above */
	if (READ_ONCE(debug->closed))
		return true;
	smp_rmb();	/* see above */
	return atomic_long_read(&pool->existing) > atomic_long_read(&debug->recorded);
}

/**
 * kp_debug_put() - check a put
 * @pool: the pool
 * @obj: the address that is put
 *
 * Context: any.
 * Return: true if the put is valid. If not, the log says why.
 */
bool kp_debug_put(struct kp_pool *pool, void *obj)
{
	unsigned long caller = (unsigned long)kp_consumer();
	struct kp_debug *debug = pool->debug;
	struct kp_record *r;
	bool good = true;

	rcu_read_lock();
	r = kp_record_find(debug->records, obj);
	if (!r && may_be_unknown(pool)) {
		/* An unknown object. Its red zone has no pattern yet. */
		add(pool, obj, caller, GFP_NOWAIT);
	} else {
		good = r && r->owner == pool && xchg(&r->out, false);
		if (good) {
			check_zone(pool, r, caller);
			WRITE_ONCE(r->put_by, caller);
		} else {
			refuse(pool, obj, caller);
		}
	}
	rcu_read_unlock();
	return good;
}

/* The bytes of an object that show writes. A pool without a trailer links objects by a word. */
static size_t fill_begin(const struct kp_pool *pool, void *obj)
{
	return pool->trailer || kp_in_pages(pool, obj) ? 0 : min(sizeof(void *), pool->size);
}

static u32 sum_of(const struct kp_pool *pool, void *obj)
{
	return jhash(obj, min_t(size_t, pool->size, FILL_MOST), 0);
}

/* Objects that were put, reset and wiped become idle. Context: as the put. */
void kp_debug_idle(struct kp_pool *pool, void **objs, unsigned int n)
{
	struct kp_debug *debug = pool->debug;
	struct kp_record *r;
	size_t begin, end;
	unsigned int i;

	rcu_read_lock();
	for (i = 0; i < n && debug->fill; i++) {
		r = find_own(pool, objs[i]);
		if (!r)
			continue;
		if (debug->fill == KP_FILL_SUM) {
			r->sum = sum_of(pool, objs[i]);
			r->summed = true;
			continue;
		}
		begin = fill_begin(pool, objs[i]);
		end = min_t(size_t, pool->size, FILL_MOST);
		memset(objs[i] + begin, POISON_IDLE, end - begin);
		r->filled = end;
	}
	rcu_read_unlock();
}

static bool poison_intact(struct kp_pool *pool, struct kp_record *r)
{
	size_t begin = fill_begin(pool, r->obj);
	u8 *bad = memchr_inv(r->obj + begin, POISON_IDLE, r->filled - begin);

	if (!bad)
		return true;
	pool_err(pool, "object %u was written to after its put, at offset %zu; the put was by %pS, the last get by %pS",
		 r->number, (size_t)((void *)bad - r->obj), (void *)READ_ONCE(r->put_by),
	       (void *)READ_ONCE(r->got.caller));
	return false;
}

static bool sum_intact(struct kp_pool *pool, struct kp_record *r)
{
	if (r->sum == sum_of(pool, r->obj))
		return true;
	pool_err(pool, "object %u was written to after its put; the put was by %pS, the last get by %pS",
		 r->number, (void *)READ_ONCE(r->put_by), (void *)READ_ONCE(r->got.caller));
	return false;
}

/**
 * kp_debug_intact() - check that nobody wrote to an idle object
 * @pool: the pool
 * @obj: the object, which the caller has in its hands
 *
 * Reports a write once.
 *
 * Context: any.
 * Return: whether the object is as its put left it, as far as kpool knows.
 */
bool kp_debug_intact(struct kp_pool *pool, void *obj)
{
	bool intact = true;
	struct kp_record *r;

	rcu_read_lock();
	r = find_own(pool, obj);
	if (r && r->filled)
		intact = poison_intact(pool, r);
	else if (r && r->summed)
		intact = sum_intact(pool, r);
	if (!intact) {
		r->filled = 0;
		r->summed = false;
	}
	rcu_read_unlock();
	return intact;
}

/* Objects are about to be torn down. They still count as existing. Context: kp_may_allocate(). */
void kp_debug_teardown(struct kp_pool *pool, void **objs, unsigned int n)
{
	struct kp_debug *debug = pool->debug;
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (kp_is_debugged(pool))
			kp_debug_intact(pool, objs[i]);
		if (kp_record_remove(debug->records, objs[i]))
			atomic_long_dec(&debug->recorded);
	}
}

static void tell_held(const struct kp_held *held, void *pool)
{
	pool_err(pool, "object %u is in use for %llu ms, since a get by %pS in task %s[%d]",
		 held->number, held->ms, (void *)held->by.caller, held->by.comm, held->by.pid);
}

/* Reports objects that are held for longer than held_ms, each once. Context: the pool's work. */
void kp_debug_look_for_held(struct kp_pool *pool)
{
	struct kp_debug *debug = pool->debug;
	unsigned int most = READ_ONCE(debug->held_ms) ?: READ_ONCE(debug_held_ms);

	if (most)
		kp_records_tell_held(debug->records, pool, most, tell_held, pool);
}
