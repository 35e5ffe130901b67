// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cost of a get and a put, next to other allocators, in one run.
 *
 * Loading the module runs all cases. It prints one line each, "kpool_bench: CASE FIGURE". The
 * figure is hundredths of a nanosecond for one get and one put. Where the clock counts
 * instructions (QEMU's icount), it is hundredths of an instruction. tests/bench/run makes the
 * table.
 */
#include <linux/kpool.h>
#include <linux/ktime.h>
#include <linux/mempool.h>
#include <linux/module.h>
#include <linux/ptr_ring.h>
#include <linux/slab.h>

#include "burst.h"
#include "cross.h"
#include "hold.h"
#include "line.h"
#include "ring.h"
#include "sized.h"

#ifdef HAVE_OBJPOOL
#include <linux/objpool.h>
#endif

#define OBJ_SIZE	256
#define BULK		32
#define BURST_SHORT	32
#define BURST_LONG	4096

static unsigned int pairs = 20000;
module_param(pairs, uint, 0444);
MODULE_PARM_DESC(pairs, "Gets and puts in a round");

static unsigned int rounds = 15;
module_param(rounds, uint, 0444);
MODULE_PARM_DESC(rounds, "Rounds of each case, of which the least counts");

static char *only;
module_param(only, charp, 0444);
MODULE_PARM_DESC(only, "The case to run, in place of all");

static bool cross;
module_param(cross, bool, 0444);
MODULE_PARM_DESC(cross, "Get on one CPU and put on another instead");

static bool line;
module_param(line, bool, 0444);
MODULE_PARM_DESC(line, "Puts that hand over to those who wait instead");

static bool sized;
module_param(sized, bool, 0444);
MODULE_PARM_DESC(sized, "Buffers by size instead");

static bool burst;
module_param(burst, bool, 0444);
MODULE_PARM_DESC(burst, "Objects that are kept after a burst, by the second, instead");

static char *hold;
module_param(hold, charp, 0444);
MODULE_PARM_DESC(hold, "The longest time with interrupts off instead: a case, or all");

static void *objs[BURST_LONG];

static struct kpool *pool;
static struct kmem_cache *cache;
static mempool_t *mempool;
static struct ptr_ring ring;

static void touch(void *obj, void *ctx)
{
}

static const struct kpool_ops reset_ops = { .reset = touch };

static int kpool_setup(const struct kpool_ops *ops, unsigned int max)
{
	const struct kpool_params params = {
		.name = "bench",
		.size = OBJ_SIZE,
		.ops = ops,
		.max = max,
	};

	pool = kpool_create(&params);
	return PTR_ERR_OR_ZERO(pool);
}

static int setup_plain(void)
{
	return kpool_setup(NULL, 0);
}

static bool always(void *obj, void *ctx)
{
	return true;
}

static const struct kpool_ops check_ops = { .check = always };

static int setup_expiring(void)
{
	const struct kpool_params params = {
		.name = "bench", .size = OBJ_SIZE, .idle_ms = 60000,
	};

	pool = kpool_create(&params);
	return PTR_ERR_OR_ZERO(pool);
}

static int setup_mortal(void)
{
	const struct kpool_params params = {
		.name = "bench", .size = OBJ_SIZE, .lifetime_ms = 60000,
	};

	pool = kpool_create(&params);
	return PTR_ERR_OR_ZERO(pool);
}

static int setup_checked(void)
{
	return kpool_setup(&check_ops, 0);
}

static int setup_debugged(void)
{
	const struct kpool_params params = {
		.name = "bench", .size = OBJ_SIZE, .flags = KPOOL_DEBUG,
	};

	pool = kpool_create(&params);
	return PTR_ERR_OR_ZERO(pool);
}

static int setup_special(void)
{
	return kpool_setup(&reset_ops, 0);
}

/* A bounded pool with caches as large as in other pools. Nobody waits. */
static int setup_bounded(void)
{
	return kpool_setup(NULL, 4 * BURST_SHORT * num_possible_cpus() * 2);
}

static void cleanup_kpool(void)
{
	kpool_destroy(pool);
}

/* An array, and the loop that all cases have. */
static noinline void run_floor(unsigned int n)
{
	void **slots = objs;
	unsigned int i, count = 1;
	u64 *obj;

	for (i = 0; i < n; i++) {
		obj = slots[--count];
		OPTIMIZER_HIDE_VAR(count);
		if (IS_ERR(obj))
			break;
		WRITE_ONCE(*obj, i);
		barrier();
		slots[count++] = obj;
	}
}

static int setup_floor(void)
{
	objs[0] = kmalloc(OBJ_SIZE, GFP_KERNEL);
	return objs[0] ? 0 : -ENOMEM;
}

static void cleanup_floor(void)
{
	kfree(objs[0]);
}

static noinline void run_kpool(unsigned int n)
{
	struct kpool *p = pool;
	unsigned int i;
	u64 *obj;

	for (i = 0; i < n; i++) {
		obj = kpool_get(p, GFP_KERNEL);
		if (IS_ERR(obj))
			break;
		WRITE_ONCE(*obj, i);
		kpool_put(p, obj);
	}
}

/* Once in so many pairs, a get finds the pool exhausted and waits. */
#define PAIRS_A_WAIT	1024
#define FEW_OBJECTS	64U

static int setup_exhausted(void)
{
	return kpool_setup(NULL, FEW_OBJECTS);
}

static noinline void run_exhausted(unsigned int n)
{
	struct kpool *p = pool;
	unsigned int i;

	for (i = 0; i < n; i += PAIRS_A_WAIT) {
		if (kpool_get_bulk(p, GFP_KERNEL, objs, FEW_OBJECTS))
			break;
		if (kpool_get_timeout(p, GFP_KERNEL, 0) != ERR_PTR(-ETIMEDOUT))
			break;
		kpool_put_bulk(p, objs, FEW_OBJECTS);
		run_kpool(PAIRS_A_WAIT);
	}
}

static noinline void run_kpool_bulk(unsigned int n)
{
	struct kpool *p = pool;
	unsigned int i;

	for (i = 0; i < n; i += BULK) {
		if (kpool_get_bulk(p, GFP_KERNEL, objs, BULK))
			break;
		kpool_put_bulk(p, objs, BULK);
	}
}

static __always_inline void kpool_burst(unsigned int n, unsigned int burst)
{
	struct kpool *p = pool;
	unsigned int i, j;
	u64 *obj;

	for (i = 0; i < n; i += burst) {
		for (j = 0; j < burst; j++) {
			obj = kpool_get(p, GFP_KERNEL);
			if (IS_ERR(obj))
				return;
			WRITE_ONCE(*obj, j);
			objs[j] = obj;
		}
		for (j = 0; j < burst; j++)
			kpool_put(p, objs[j]);
	}
}

static noinline void run_kpool_burst_short(unsigned int n)
{
	kpool_burst(n, BURST_SHORT);
}

static noinline void run_kpool_burst_long(unsigned int n)
{
	kpool_burst(n, BURST_LONG);
}

/* The cost of the callback of kpool_special alone. */
static noinline void run_callback(unsigned int n)
{
	void (*reset)(void *obj, void *ctx) = reset_ops.reset;
	unsigned int i;

	OPTIMIZER_HIDE_VAR(reset);
	for (i = 0; i < n; i++)
		reset(objs, NULL);
}

/*
 * What a get and a put cannot do without: two sections with preemption off, and the address of this
 * CPU's cache in each of them.
 */
static noinline void run_two_sections(unsigned int n)
{
	struct kpool *p = pool;
	unsigned int i;

	for (i = 0; i < n; i++) {
		preempt_disable();
		WRITE_ONCE(objs[0], (void *)(unsigned long)__kpool_cpu_here(p->cpu));
		preempt_enable();
		preempt_disable();
		WRITE_ONCE(objs[1], (void *)(unsigned long)__kpool_cpu_here(p->cpu));
		preempt_enable();
	}
}

static int setup_nothing(void)
{
	return 0;
}

static void cleanup_nothing(void)
{
}

static int setup_cache(void)
{
	cache = kmem_cache_create("kpool_bench", OBJ_SIZE, 0, 0, NULL);
	return cache ? 0 : -ENOMEM;
}

static void cleanup_cache(void)
{
	kmem_cache_destroy(cache);
}

static noinline void run_cache(unsigned int n)
{
	struct kmem_cache *c = cache;
	unsigned int i;
	u64 *obj;

	for (i = 0; i < n; i++) {
		obj = kmem_cache_alloc(c, GFP_KERNEL);
		if (!obj)
			break;
		WRITE_ONCE(*obj, i);
		kmem_cache_free(c, obj);
	}
}

static noinline void run_cache_burst(unsigned int n)
{
	struct kmem_cache *c = cache;
	unsigned int i, j;
	u64 *obj;

	for (i = 0; i < n; i += BURST_SHORT) {
		for (j = 0; j < BURST_SHORT; j++) {
			obj = kmem_cache_alloc(c, GFP_KERNEL);
			if (!obj)
				return;
			WRITE_ONCE(*obj, j);
			objs[j] = obj;
		}
		for (j = 0; j < BURST_SHORT; j++)
			kmem_cache_free(c, objs[j]);
	}
}

static int setup_mempool(void)
{
	int err = setup_cache();

	if (err)
		return err;
	mempool = mempool_create_slab_pool(BURST_SHORT, cache);
	if (mempool)
		return 0;
	cleanup_cache();
	return -ENOMEM;
}

static void cleanup_mempool(void)
{
	mempool_destroy(mempool);
	cleanup_cache();
}

static noinline void run_mempool(unsigned int n)
{
	mempool_t *m = mempool;
	unsigned int i;
	u64 *obj;

	for (i = 0; i < n; i++) {
		obj = mempool_alloc(m, GFP_KERNEL);
		WRITE_ONCE(*obj, i);
		mempool_free(obj, m);
	}
}

static int setup_ring(void)
{
	void *obj;
	int err;

	err = ptr_ring_init(&ring, BURST_SHORT, GFP_KERNEL);
	if (err)
		return err;
	obj = kmalloc(OBJ_SIZE, GFP_KERNEL);
	if (obj && !ptr_ring_produce(&ring, obj))
		return 0;
	ptr_ring_cleanup(&ring, NULL);
	return -ENOMEM;
}

static void free_one(void *obj)
{
	kfree(obj);
}

static void cleanup_ring(void)
{
	ptr_ring_cleanup(&ring, free_one);
}

static noinline void run_ring(unsigned int n)
{
	unsigned int i;
	u64 *obj;

	for (i = 0; i < n; i++) {
		obj = ptr_ring_consume(&ring);
		if (!obj)
			break;
		WRITE_ONCE(*obj, i);
		ptr_ring_produce(&ring, obj);
	}
}

#ifdef HAVE_OBJPOOL
static struct objpool_head objpool;

static int objpool_init_one(void *obj, void *ctx)
{
	return 0;
}

static int setup_objpool(void)
{
	return objpool_init(&objpool, BURST_SHORT, OBJ_SIZE, GFP_KERNEL, NULL, objpool_init_one,
			    NULL);
}

static void cleanup_objpool(void)
{
	objpool_free(&objpool);
}

static noinline void run_objpool(unsigned int n)
{
	unsigned int i;
	u64 *obj;

	for (i = 0; i < n; i++) {
		obj = objpool_pop(&objpool);
		if (!obj)
			break;
		WRITE_ONCE(*obj, i);
		objpool_push(obj, &objpool);
	}
}
#endif

struct bench {
	const char *name;
	int (*setup)(void);
	void (*run)(unsigned int n);
	void (*cleanup)(void);
};

static const struct bench benches[] = {
	{ "floor", setup_floor, run_floor, cleanup_floor },
	{ "kpool", setup_plain, run_kpool, cleanup_kpool },
	{ "kpool_bounded", setup_bounded, run_kpool, cleanup_kpool },
	{ "kpool_special", setup_special, run_kpool, cleanup_kpool },
	{ "kpool_expiring", setup_expiring, run_kpool, cleanup_kpool },
	{ "kpool_mortal", setup_mortal, run_kpool, cleanup_kpool },
	{ "kpool_checked", setup_checked, run_kpool, cleanup_kpool },
	{ "kpool_debugged", setup_debugged, run_kpool, cleanup_kpool },
	{ "callback", setup_nothing, run_callback, cleanup_nothing },
	{ "two_sections", setup_plain, run_two_sections, cleanup_kpool },
	{ "kpool_exhausted", setup_exhausted, run_exhausted, cleanup_kpool },
	{ "kpool_bulk_32", setup_plain, run_kpool_bulk, cleanup_kpool },
	{ "kpool_burst_32", setup_plain, run_kpool_burst_short, cleanup_kpool },
	{ "kpool_burst_4096", setup_plain, run_kpool_burst_long, cleanup_kpool },
	{ "kmem_cache", setup_cache, run_cache, cleanup_cache },
	{ "kmem_cache_burst_32", setup_cache, run_cache_burst, cleanup_cache },
	{ "mempool", setup_mempool, run_mempool, cleanup_mempool },
	{ "ptr_ring", setup_ring, run_ring, cleanup_ring },
	{ "ring_64", ring_setup_refuse, ring_run_small, ring_cleanup },
	{ "ring_overwrite_64", ring_setup_overwrite, ring_run_small, ring_cleanup },
	{ "kfifo_64", ring_setup_kfifo, ring_run_kfifo_small, ring_cleanup },
	{ "ring_4096", ring_setup_refuse, ring_run_large, ring_cleanup },
	{ "ring_overwrite_4096", ring_setup_overwrite, ring_run_large, ring_cleanup },
	{ "kfifo_4096", ring_setup_kfifo, ring_run_kfifo_large, ring_cleanup },
	{ "memcpy_2x4096", ring_setup_refuse, ring_run_memcpy_large, ring_cleanup },
#ifdef HAVE_OBJPOOL
	{ "objpool", setup_objpool, run_objpool, cleanup_objpool },
#endif
};

/* The lowest of the rounds, because a timer tick falls into some of them. */
static u64 measure(const struct bench *b, unsigned int n)
{
	u64 begin, best = U64_MAX;
	unsigned int i;

	b->run(n);
	for (i = 0; i < rounds; i++) {
		/* If a reschedule is pending, each preempt_enable() takes its slow path. */
		cond_resched();
		begin = ktime_get_ns();
		b->run(n);
		best = min(best, ktime_get_ns() - begin);
	}
	return div_u64(best * 100, n);
}

static int __init bench_init(void)
{
	/* Only whole bursts. A part of a burst would falsify the cost of a pair. */
	unsigned int i, n = round_up(pairs, BURST_LONG);
	int err;

	if (cross)
		return bench_cross();
	if (line)
		return bench_line();
	if (sized)
		return bench_sized();
	if (burst)
		return bench_burst();
	if (hold)
		return bench_hold(hold);
	for (i = 0; i < ARRAY_SIZE(benches); i++) {
		if (only && strcmp(only, benches[i].name))
			continue;
		err = benches[i].setup();
		if (err) {
			pr_err("%s: setup failed: %d\n", benches[i].name, err);
			return err;
		}
		pr_info("%s %llu\n", benches[i].name, measure(&benches[i], n));
		benches[i].cleanup();
	}
	return 0;
}
module_init(bench_init);

static void __exit bench_exit(void)
{
	bench_hold_end();
}
module_exit(bench_exit);

MODULE_DESCRIPTION("What a get and a put cost");
MODULE_LICENSE("GPL");
KPOOL_IMPORT_NS;
