// SPDX-License-Identifier: GPL-2.0-only
/*
 * How costs grow: with the number of pools, of idle objects, of waiters (growth_wait.c), and with
 * the size of magazines. thread_cases.c has the growth with CPUs.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/kpool.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "growth.h"
#include "peers.h"

#define OBJ_SIZE	64
#define MOST_POOLS	10000
#define MOST_IDLE	1000000
#define PAIRS		20000U
#define BURST		512U

static void print_each(struct bench_out *out, const char *metric, u64 begin, u64 n)
{
	bench_figure(out, metric, div64_u64((ktime_get_ns() - begin) * 100, n));
}

/* "create", "pair" and "destroy": the cost of each with so many pools. Pairs go to all in turn. */
static int pools_kpool(struct bench *b, struct bench_out *out)
{
	struct kpool **pools = (struct kpool **)b->objs;
	char name[KPOOL_NAME_LEN];
	unsigned int i, at, n;
	u64 begin, *obj;
	int err = 0;

	begin = ktime_get_ns();
	for (n = 0; n < b->point; n++) {
		scnprintf(name, sizeof(name), "bench-many-%u", n);
		pools[n] = kpool_create(&(struct kpool_params){ .name = name, .size = OBJ_SIZE });
		if (IS_ERR(pools[n])) {
			err = PTR_ERR(pools[n]);
			break;
		}
		if (n % 64 == 0)
			cond_resched();
	}
	if (!err)
		print_each(out, "create", begin, n);
	/* The first round of all pools builds the objects. */
	for (i = 0, at = 0; i < n + PAIRS && !err; i++) {
		if (i == n)
			begin = ktime_get_ns();
		obj = kpool_get(pools[at], GFP_KERNEL);
		if (IS_ERR(obj)) {
			err = PTR_ERR(obj);
			break;
		}
		WRITE_ONCE(*obj, i);
		kpool_put(pools[at], obj);
		if (++at == n)
			at = 0;
	}
	if (!err)
		print_each(out, "pair", begin, PAIRS);
	begin = ktime_get_ns();
	for (i = 0; i < n; i++)
		kpool_destroy(pools[i]);
	if (!err)
		print_each(out, "destroy", begin, n);
	return err;
}

static const struct bench_peer pool_peers[] = {
	{ "kpool", .measure = pools_kpool },
	BENCH_END
};

/*
 * "pair": the cost of a get and a put in a pool with so many idle objects. "trim": what it costs to
 * give each of them back. For comparison, kmem_cache: a pair after as many frees, and what a free
 * costs.
 */
static int idle_kpool(struct bench *b, struct bench_out *out)
{
	unsigned int i, n = 0;
	u64 begin, *obj;
	int err = 0;

	for (; n < b->point; n++) {
		b->objs[n] = kpool_get(b->handle, GFP_KERNEL);
		if (IS_ERR(b->objs[n])) {
			err = PTR_ERR(b->objs[n]);
			break;
		}
		if (n % 1024 == 0)
			cond_resched();
	}
	begin = ktime_get_ns();
	for (i = 0; i < n; i++)
		kpool_put(b->handle, b->objs[i]);
	if (!err)
		print_each(out, "put", begin, n);
	begin = ktime_get_ns();
	for (i = 0; i < PAIRS && !err; i++) {
		obj = kpool_get(b->handle, GFP_KERNEL);
		if (IS_ERR(obj)) {
			err = PTR_ERR(obj);
			break;
		}
		WRITE_ONCE(*obj, i);
		kpool_put(b->handle, obj);
	}
	if (!err)
		print_each(out, "pair", begin, PAIRS);
	begin = ktime_get_ns();
	kpool_trim(b->handle);
	if (!err)
		print_each(out, "trim", begin, n);
	return err;
}

static int idle_cache(struct bench *b, struct bench_out *out)
{
	struct kmem_cache *cache = b->handle;
	unsigned int i, n = 0;
	u64 begin, *obj;
	int err = 0;

	for (; n < b->point; n++) {
		b->objs[n] = kmem_cache_alloc(cache, GFP_KERNEL);
		if (!b->objs[n]) {
			err = -ENOMEM;
			break;
		}
		if (n % 1024 == 0)
			cond_resched();
	}
	begin = ktime_get_ns();
	for (i = 0; i < n; i++)
		kmem_cache_free(cache, b->objs[i]);
	if (!err)
		print_each(out, "put", begin, n);
	begin = ktime_get_ns();
	for (i = 0; i < PAIRS && !err; i++) {
		obj = kmem_cache_alloc(cache, GFP_KERNEL);
		if (!obj)
			return -ENOMEM;
		WRITE_ONCE(*obj, i);
		kmem_cache_free(cache, obj);
	}
	if (!err)
		print_each(out, "pair", begin, PAIRS);
	return err;
}

static const struct bench_peer idle_peers[] = {
	{ "kpool", bench_setup_kpool, bench_cleanup_kpool, .measure = idle_kpool },
	{ "kmem_cache", bench_setup_cache, bench_cleanup_cache, .measure = idle_cache },
	BENCH_END
};

/* A burst in a pool whose magazines have so many objects. */
static int setup_magazine(struct bench *b)
{
	return bench_setup_pool(b, &(struct kpool_params){ .magazine = b->point });
}

static void run_magazine(struct bench *b, unsigned int n)
{
	unsigned int i, j;
	u64 *obj;

	for (i = 0; i < n; i += BURST) {
		for (j = 0; j < BURST; j++) {
			obj = kpool_get(b->handle, GFP_KERNEL);
			if (IS_ERR(obj)) {
				b->failed = true;
				return;
			}
			WRITE_ONCE(*obj, j);
			b->objs[j] = obj;
		}
		for (j = 0; j < BURST; j++)
			kpool_put(b->handle, b->objs[j]);
	}
}

static const struct bench_peer magazine_peers[] = {
	{ "kpool", setup_magazine, bench_cleanup_kpool, run_magazine },
	BENCH_END
};

const struct bench_case bench_growth_cases[] = {
	{ .name = "pools", .peers = pool_peers, .size = OBJ_SIZE, .rounds = 3,
	  .points = BENCH_POINTS(1, 10, 100, 1000, MOST_POOLS) },
	{ .name = "idle", .peers = idle_peers, .size = OBJ_SIZE, .rounds = 3,
	  .points = BENCH_POINTS(1, 10, 100, 1000, 10000, 100000, MOST_IDLE) },
	{ .name = "waiters", .peers = bench_wait_peers, .size = OBJ_SIZE, .rounds = 3,
	  .points = BENCH_POINTS(1, 10, 100, 1000, 10000) },
	{ .name = "magazine", .peers = magazine_peers, .size = OBJ_SIZE, .capacity = BURST,
	  .step = BURST, .points = BENCH_POINTS(4, 8, 16, 32, 64, 128, 256) },
	BENCH_END
};
