// SPDX-License-Identifier: GPL-2.0-only
/*
 * One CPU always gets, another always puts. This pattern defeats caches that belong to a CPU.
 * Two threads and a ring between them use nothing, then a pool, and then a slab cache. The first
 * says what the threads and the ring cost. If the CPUs belong to different nodes, a pool with
 * KPOOL_NUMA_STRICT comes next to the first one.
 */
#include <linux/completion.h>
#include <linux/kpool.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/nodemask.h>
#include <linux/ptr_ring.h>
#include <linux/slab.h>

#include "cross.h"

#define OBJ_SIZE	256
#define RING		512
#define OBJECTS		400000
#define MAGAZINE	64

struct cross {
	void *(*get)(struct cross *x);
	void (*put)(struct cross *x, void *obj);
	struct kpool *pool;
	struct kmem_cache *cache;
	struct ptr_ring ring;
	struct completion done;
	int err;
};

static void *get_nothing(struct cross *x)
{
	return x;
}

static void put_nothing(struct cross *x, void *obj)
{
}

static void *get_pool(struct cross *x)
{
	void *obj = kpool_get(x->pool, GFP_KERNEL);

	return IS_ERR(obj) ? NULL : obj;
}

static void put_pool(struct cross *x, void *obj)
{
	kpool_put(x->pool, obj);
}

static void *get_cache(struct cross *x)
{
	return kmem_cache_alloc(x->cache, GFP_KERNEL);
}

static void put_cache(struct cross *x, void *obj)
{
	kmem_cache_free(x->cache, obj);
}

static int putter(void *arg)
{
	struct cross *x = arg;
	unsigned int n = 0;
	void *obj;

	while (n < OBJECTS && !READ_ONCE(x->err)) {
		obj = ptr_ring_consume(&x->ring);
		if (!obj) {
			cond_resched();
			continue;
		}
		x->put(x, obj);
		n++;
	}
	/* When run() goes on, this thread does not run code of this module any more. */
	kthread_complete_and_exit(&x->done, 0);
}

static int getter(struct cross *x)
{
	unsigned int n;
	void *obj;

	for (n = 0; n < OBJECTS; n++) {
		obj = x->get(x);
		if (!obj)
			return -ENOMEM;
		while (ptr_ring_produce(&x->ring, obj))
			cond_resched();
	}
	return 0;
}

/* Returns hundredths of a nanosecond an object, or an error. */
static s64 run(struct cross *x)
{
	unsigned int here, other;
	struct task_struct *task;
	u64 begin, end;

	init_completion(&x->done);
	here = cpumask_first(cpu_online_mask);
	other = cpumask_next(here, cpu_online_mask);
	task = kthread_create(putter, x, "kpool_bench");
	if (IS_ERR(task))
		return PTR_ERR(task);
	kthread_bind(task, other);
	set_cpus_allowed_ptr(current, cpumask_of(here));
	begin = ktime_get_ns();
	wake_up_process(task);
	WRITE_ONCE(x->err, getter(x));
	wait_for_completion(&x->done);
	end = ktime_get_ns();
	set_cpus_allowed_ptr(current, cpu_possible_mask);
	return x->err ?: (s64)div_u64((end - begin) * 100, OBJECTS);
}

static int cross_ring(struct cross *x)
{
	s64 time;

	x->get = get_nothing;
	x->put = put_nothing;
	time = run(x);
	if (time >= 0)
		time = run(x);
	if (time < 0)
		return time;
	pr_info("ring_cross %lld\n", time);
	return 0;
}

static int cross_pool(struct cross *x, const char *name, unsigned int flags)
{
	/* A size that stays: kpool changes one that it chose if CPUs wait for each other. */
	const struct kpool_params params = {
		.name = name, .size = OBJ_SIZE, .magazine = MAGAZINE, .flags = flags,
	};
	/* Too large for a stack. There is one call at a time. */
	static struct kpool_stats before, after;
	s64 time;

	x->get = get_pool;
	x->put = put_pool;
	x->pool = kpool_create(&params);
	if (IS_ERR(x->pool))
		return PTR_ERR(x->pool);
	time = run(x);		/* the first run builds the objects */
	kpool_stats(x->pool, &before);
	if (time >= 0)
		time = run(x);
	kpool_stats(x->pool, &after);
	kpool_destroy(x->pool);
	if (time < 0)
		return time;
	pr_info("%s %lld\n", name, time);
	pr_info("%s_depot_gets %llu of %u objects\n", name, after.depot_gets - before.depot_gets,
		OBJECTS);
	pr_info("%s_depot_puts %llu of %u objects\n", name, after.depot_puts - before.depot_puts,
		OBJECTS);
	if (nr_online_nodes == 1)
		return 0;
	pr_info("%s_sent_home %llu of %u objects\n", name, after.sent_home - before.sent_home,
		OBJECTS);
	pr_info("%s_built %llu of %u objects\n", name, after.created - before.created, OBJECTS);
	return 0;
}

static int cross_cache(struct cross *x)
{
	s64 time;

	x->get = get_cache;
	x->put = put_cache;
	x->cache = kmem_cache_create("kpool_bench", OBJ_SIZE, 0, 0, NULL);
	if (!x->cache)
		return -ENOMEM;
	time = run(x);
	if (time >= 0)
		time = run(x);
	kmem_cache_destroy(x->cache);
	if (time < 0)
		return time;
	pr_info("kmem_cache_cross %lld\n", time);
	return 0;
}

int bench_cross(void)
{
	struct cross x = {};
	int err;

	if (num_online_cpus() < 2)
		return -ENODEV;
	err = ptr_ring_init(&x.ring, RING, GFP_KERNEL);
	if (err)
		return err;
	err = cross_ring(&x) ?: cross_pool(&x, "kpool_cross", 0);
	if (!err && nr_online_nodes > 1)
		err = cross_pool(&x, "kpool_strict_cross", KPOOL_NUMA_STRICT);
	err = err ?: cross_cache(&x);
	ptr_ring_cleanup(&x.ring, NULL);
	return err;
}
