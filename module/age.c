// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ageing: what is not needed is given back.
 *
 * A pass in each interval looks at all pools. A CPU's cache whose counters did
 * not move since the last pass is closed, and its objects are torn down; so is
 * what a depot did not need since then. So an unused pool drains in two passes,
 * and a busy one keeps its working set.
 */
#include <linux/cpu.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <linux/smp.h>

#include "pool.h"

/* Pools that one interrupt looks at, so that interrupts are not off for too long. */
#define BATCH	64

static unsigned int age_interval_ms = 15000;

struct batch {
	unsigned int n;
	struct {
		struct pool *pool;
		struct llist_head found;
		bool close;		/* on the CPU that is being looked at */
	} at[BATCH];
};

/* Static for its size; protected by pass_lock, as are all kpool_cpu.seen. */
static struct batch batch;
static DEFINE_MUTEX(pass_lock);

static bool quiet(struct kpool_cpu *c)
{
	/* A wrap of the sum hides 2^32 operations, and costs one early close. */
	unsigned int now = READ_ONCE(c->gets) + READ_ONCE(c->puts);
	bool quiet = READ_ONCE(c->capacity) && c->seen == now;

	c->seen = now;
	return quiet;
}

/* Interrupts off, on the CPU. A cache that is busy is not quiet either. */
static void close_quiet(void *unused)
{
	unsigned int i;

	for (i = 0; i < batch.n; i++)
		if (batch.at[i].close)
			kp_close_here(batch.at[i].pool, &batch.at[i].found);
}

static void look_at_cpu(int cpu)
{
	unsigned int i, closing = 0;

	for (i = 0; i < batch.n; i++) {
		batch.at[i].close = quiet(per_cpu_ptr(batch.at[i].pool->kpool.cpu, cpu));
		closing += batch.at[i].close;
	}
	/* Fails if the CPU went away: kp_cpu_dead() has seen to its caches then. */
	if (closing)
		smp_call_function_single(cpu, close_quiet, NULL, true);
}

/* Callbacks may take their time: the pool's own worker calls them, not ageing. */
static void doom_magazine(struct pool *pool, struct kpool_magazine *mag)
{
	if (mag->count)
		kp_doom(pool, mag->objs, mag->count, KP_TRIM);
	kfree_rcu(mag, rcu);
}

static void trim_found(struct pool *pool, struct llist_head *found)
{
	unsigned long idle = kp_idle(pool);
	struct kpool_magazine *mag, *next;
	struct depot *depot;

	preempt_disable();
	depot = kp_depot(pool);
	preempt_enable();
	/* What was found is idle too, but is counted nowhere just now; who waits wants it. */
	llist_for_each_entry_safe(mag, next, llist_del_all(found), found) {
		if (mag->count && (idle < pool->min_idle ||
				   READ_ONCE(pool->gate) == GATE_WAITING)) {
			idle += mag->count;
			kp_depot_add(pool, depot, mag);
		} else {
			doom_magazine(pool, mag);
		}
	}
}

static void trim_depot(struct pool *pool, struct depot *depot, unsigned long most)
{
	struct kpool_magazine *mag, *next, *rest = NULL;
	LIST_HEAD(mags);

	/* Without it, less than a magazine stays for another time. */
	if (most && READ_ONCE(depot->quiet))
		rest = kp_magazine_alloc(pool, GFP_KERNEL | __GFP_NOWARN);
	kp_depot_trim(pool, depot, most, rest, &mags);
	if (rest)
		list_add(&rest->list, &mags);
	list_for_each_entry_safe(mag, next, &mags, list)
		doom_magazine(pool, mag);
}

/* What may go without min_idle being touched. */
static unsigned long more_than_min_idle(struct pool *pool)
{
	unsigned long idle = kp_idle(pool);

	return idle > pool->min_idle ? idle - pool->min_idle : 0;
}

static void trim_pool(struct pool *pool)
{
	unsigned int i;

	for (i = 0; i < pool->nr_depots; i++)
		trim_depot(pool, &pool->depots[i], more_than_min_idle(pool));
	/* For pools whose gets never could. */
	if (atomic64_read(&pool->created))
		kp_backing_prepare(pool);
}

static void age_batch(void)
{
	unsigned int i;
	int cpu;

	for_each_online_cpu(cpu)
		look_at_cpu(cpu);
	/* First of all pools, before anything that may take its time: somebody may wait for it. */
	for (i = 0; i < batch.n; i++)
		trim_found(batch.at[i].pool, &batch.at[i].found);
	for (i = 0; i < batch.n; i++) {
		trim_pool(batch.at[i].pool);
		kp_leave(batch.at[i].pool);
		kp_unref(batch.at[i].pool, 1);
	}
	batch.n = 0;
	cond_resched();
}

/**
 * kp_age_pass() - one pass of ageing over all pools
 *
 * What is to go is torn down by the pools' workers: see kp_defer_sync().
 *
 * Context: process context, sleeps.
 */
void kp_age_pass(void)
{
	struct pool *pool;
	u32 id = 0;

	mutex_lock(&pass_lock);
	while ((pool = kp_registry_next(&id))) {
		if (!kp_enter(pool)) {
			kp_unref(pool, 1);
			continue;
		}
		batch.at[batch.n].pool = pool;
		init_llist_head(&batch.at[batch.n].found);
		if (++batch.n == BATCH)
			age_batch();
	}
	age_batch();
	mutex_unlock(&pass_lock);
}
EXPORT_SYMBOL_FOR_TESTS(kp_age_pass);

/* Waits for a pass that is at work: it has references to pools. It calls no callbacks. */
void kp_age_sync(void)
{
	mutex_lock(&pass_lock);
	mutex_unlock(&pass_lock);
}

/**
 * kp_fill() - build objects into this node's depot
 * @pool: the pool
 * @want: until it has so many, or max_idle or max has no room
 *
 * Context: process context, sleeps. The caller is between kp_enter() and
 * kp_leave(), or nobody else knows the pool yet.
 * Return: 0, or why no more could be built.
 */
int kp_fill(struct pool *pool, unsigned long want)
{
	struct kpool_magazine *mag;
	struct depot *depot;
	unsigned long have, n;
	int err;

	preempt_disable();
	depot = kp_depot(pool);
	preempt_enable();
	while (READ_ONCE(pool->gate) != GATE_SHUT) {
		have = READ_ONCE(depot->objects) + kp_stocked(pool);
		n = min(want > have ? want - have : 0, kp_depot_room(pool));
		if (!n)
			break;
		mag = kp_magazine_alloc(pool, GFP_KERNEL);
		if (!mag)
			return -ENOMEM;
		mag->count = kp_slots_take(pool, min_t(unsigned long, n, pool->container));
		if (!mag->count) {
			kfree(mag);
			break;
		}
		err = kp_build(pool, GFP_KERNEL, mag->objs, mag->count);
		if (err) {
			kp_slots_give(pool, mag->count);
			kfree(mag);
			return err;
		}
		kp_depot_add(pool, depot, mag);
	}
	return 0;
}

static void age_work_fn(struct work_struct *work)
{
	u32 id = 0;
	struct pool *pool;

	kp_age_pass();
	/* Without pools there is nothing to wake up for. */
	pool = kp_registry_next(&id);
	if (!pool)
		return;
	kp_unref(pool, 1);
	kp_age_start();
}

static DECLARE_DEFERRABLE_WORK(age_work, age_work_fn);

/* Does nothing if the next pass is due already. */
void kp_age_start(void)
{
	unsigned int ms = READ_ONCE(age_interval_ms);

	if (ms)
		queue_delayed_work(kpool_wq, &age_work, msecs_to_jiffies(ms));
}
EXPORT_SYMBOL_FOR_TESTS(kp_age_start);

void kp_age_stop(void)
{
	cancel_delayed_work_sync(&age_work);
}
EXPORT_SYMBOL_FOR_TESTS(kp_age_stop);

/*
 * Between kp_age_init() and kp_age_exit(). The parameter can be written before
 * and after: it is there as long as the module. Protected by kernel_param_lock().
 */
static bool ready;

void kp_age_init(void)
{
	kernel_param_lock(THIS_MODULE);
	ready = true;
	kernel_param_unlock(THIS_MODULE);
}

void kp_age_exit(void)
{
	kernel_param_lock(THIS_MODULE);
	ready = false;
	kernel_param_unlock(THIS_MODULE);
	kp_age_stop();
}

static int interval_set(const char *val, const struct kernel_param *kp)
{
	int err = param_set_uint(val, kp);

	if (err || !ready)
		return err;
	kp_age_stop();
	kp_age_start();
	return 0;
}

static const struct kernel_param_ops interval_ops = {
	.set = interval_set,
	.get = param_get_uint,
};
module_param_cb(age_interval_ms, &interval_ops, &age_interval_ms, 0644);
MODULE_PARM_DESC(age_interval_ms,
		 "Milliseconds between looks for idle objects to give back (default 15000, 0: never)");
