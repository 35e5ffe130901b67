// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cases with objects of 256 bytes on one CPU: a get and a put, bursts, bulk calls, and objects
 * whose constructor takes a microsecond. Each pair has one store into the object.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/kpool.h>

#include "peers.h"

#define OBJ_SIZE	256
#define BULK		32
#define SHORT		32
#define LONG		4096

static __always_inline void pair(struct bench *b, unsigned int n,
				 void *(*get)(void *handle, size_t size),
				 void (*put)(void *handle, size_t size, void *obj))
{
	void *handle = b->handle;
	size_t size = b->size;
	unsigned int i;
	u64 *obj;

	for (i = 0; i < n; i++) {
		obj = get(handle, size);
		if (!obj) {
			b->failed = true;
			break;
		}
		WRITE_ONCE(*obj, i);
		put(handle, size, obj);
	}
}

static __always_inline void burst(struct bench *b, unsigned int n, unsigned int len,
				  void *(*get)(void *handle, size_t size),
				  void (*put)(void *handle, size_t size, void *obj))
{
	void *handle = b->handle;
	void **objs = b->objs;
	size_t size = b->size;
	unsigned int i, j;
	u64 *obj;

	for (i = 0; i < n; i += len) {
		for (j = 0; j < len; j++) {
			obj = get(handle, size);
			if (!obj) {
				b->failed = true;
				return;
			}
			WRITE_ONCE(*obj, j);
			objs[j] = obj;
		}
		for (j = 0; j < len; j++)
			put(handle, size, objs[j]);
	}
}

#define RUNS(peer)									\
static noinline void pair_##peer(struct bench *b, unsigned int n)			\
{											\
	pair(b, n, get_##peer, put_##peer);						\
}											\
static noinline void short_##peer(struct bench *b, unsigned int n)			\
{											\
	burst(b, n, SHORT, get_##peer, put_##peer);					\
}											\
static noinline void long_##peer(struct bench *b, unsigned int n)			\
{											\
	burst(b, n, LONG, get_##peer, put_##peer);					\
}

RUNS(kpool)
RUNS(cache)
RUNS(mempool)
RUNS(kmalloc)
RUNS(ptr_ring)
RUNS(kfifo)
#ifdef HAVE_OBJPOOL
RUNS(objpool)
#endif

/* An array, and the loop that all peers have. */
static noinline void pair_floor(struct bench *b, unsigned int n)
{
	void **slots = b->objs;
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

static int setup_floor(struct bench *b)
{
	b->handle = kmalloc(b->size, GFP_KERNEL);
	b->objs[0] = b->handle;
	return b->handle ? 0 : -ENOMEM;
}

static void cleanup_floor(struct bench *b)
{
	kfree(b->handle);
}

static void touch(void *obj, void *ctx)
{
}

static bool always(void *obj, void *ctx)
{
	return true;
}

static const struct kpool_ops reset_ops = { .reset = touch };
static const struct kpool_ops check_ops = { .check = always };

/* A bounded pool with caches as large as in other pools. Nobody waits. */
static int setup_bounded(struct bench *b)
{
	struct kpool_params params = { .max = 4 * SHORT * num_possible_cpus() * 2 };

	return bench_setup_pool(b, &params);
}

static int setup_special(struct bench *b)
{
	return bench_setup_pool(b, &(struct kpool_params){ .ops = &reset_ops });
}

static int setup_expiring(struct bench *b)
{
	return bench_setup_pool(b, &(struct kpool_params){ .idle_ms = 60000 });
}

static int setup_mortal(struct bench *b)
{
	return bench_setup_pool(b, &(struct kpool_params){ .lifetime_ms = 60000 });
}

static int setup_checked(struct bench *b)
{
	return bench_setup_pool(b, &(struct kpool_params){ .ops = &check_ops });
}

static int setup_debugged(struct bench *b)
{
	return bench_setup_pool(b, &(struct kpool_params){ .flags = KPOOL_DEBUG });
}

/* Once in so many pairs, a get finds the pool exhausted and waits. */
#define PAIRS_A_WAIT	1024
#define FEW_OBJECTS	64U

static int setup_exhausted(struct bench *b)
{
	return bench_setup_pool(b, &(struct kpool_params){ .max = FEW_OBJECTS });
}

static noinline void pair_exhausted(struct bench *b, unsigned int n)
{
	struct kpool *p = b->handle;
	void **objs = b->objs;
	unsigned int i;

	for (i = 0; i < n; i += PAIRS_A_WAIT) {
		if (kpool_get_bulk(p, GFP_KERNEL, objs, FEW_OBJECTS))
			break;
		if (kpool_get_timeout(p, GFP_KERNEL, 0) != ERR_PTR(-ETIMEDOUT))
			break;
		kpool_put_bulk(p, objs, FEW_OBJECTS);
		pair_kpool(b, PAIRS_A_WAIT);
	}
	b->failed |= i < n;
}

/* The cost of the callback of kpool_special alone. */
static noinline void run_callback(struct bench *b, unsigned int n)
{
	void (*reset)(void *obj, void *ctx) = reset_ops.reset;
	unsigned int i;

	OPTIMIZER_HIDE_VAR(reset);
	for (i = 0; i < n; i++)
		reset(b->objs, NULL);
}

/*
 * What a get and a put cannot do without: two sections with preemption off, and the address of this
 * CPU's cache in each of them.
 */
static noinline void run_two_sections(struct bench *b, unsigned int n)
{
	struct kpool *p = b->handle;
	void **objs = b->objs;
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

static const struct bench_peer pair_peers[] = {
	{ "floor", setup_floor, cleanup_floor, pair_floor },
	{ "kpool", bench_setup_kpool, bench_cleanup_kpool, pair_kpool },
	{ "kpool_bounded", setup_bounded, bench_cleanup_kpool, pair_kpool },
	{ "kpool_special", setup_special, bench_cleanup_kpool, pair_kpool },
	{ "kpool_expiring", setup_expiring, bench_cleanup_kpool, pair_kpool },
	{ "kpool_mortal", setup_mortal, bench_cleanup_kpool, pair_kpool },
	{ "kpool_checked", setup_checked, bench_cleanup_kpool, pair_kpool },
	{ "kpool_debugged", setup_debugged, bench_cleanup_kpool, pair_kpool },
	{ "callback", NULL, NULL, run_callback },
	{ "two_sections", bench_setup_kpool, bench_cleanup_kpool, run_two_sections },
	{ "kmem_cache", bench_setup_cache, bench_cleanup_cache, pair_cache },
	{ "kmalloc", NULL, NULL, pair_kmalloc },
	{ "mempool", bench_setup_mempool, bench_cleanup_mempool, pair_mempool },
	{ "ptr_ring", bench_setup_ptr_ring, bench_cleanup_ptr_ring, pair_ptr_ring },
	{ "kfifo", bench_setup_kfifo, bench_cleanup_kfifo, pair_kfifo },
#ifdef HAVE_OBJPOOL
	{ "objpool", bench_setup_objpool, bench_cleanup_objpool, pair_objpool },
#endif
	BENCH_END
};

static const struct bench_peer exhausted_peers[] = {
	{ "kpool", setup_exhausted, bench_cleanup_kpool, pair_exhausted },
	BENCH_END
};

/* The compiler knows the length of a burst. */
static const struct bench_peer burst_peers[] = {
	{ "kpool", bench_setup_kpool, bench_cleanup_kpool, short_kpool, NULL, SHORT, SHORT },
	{ "kpool", bench_setup_kpool, bench_cleanup_kpool, long_kpool, NULL, LONG, LONG },
	{ "kmem_cache", bench_setup_cache, bench_cleanup_cache, short_cache, NULL, SHORT, SHORT },
	{ "kmem_cache", bench_setup_cache, bench_cleanup_cache, long_cache, NULL, LONG, LONG },
	{ "kmalloc", NULL, NULL, short_kmalloc, NULL, SHORT, SHORT },
	{ "kmalloc", NULL, NULL, long_kmalloc, NULL, LONG, LONG },
	{ "mempool", bench_setup_mempool, bench_cleanup_mempool, short_mempool, NULL,
	  SHORT, SHORT },
	{ "mempool", bench_setup_mempool, bench_cleanup_mempool, long_mempool, NULL, LONG, LONG },
	{ "ptr_ring", bench_setup_ptr_ring, bench_cleanup_ptr_ring, short_ptr_ring, NULL,
	  SHORT, SHORT },
	{ "ptr_ring", bench_setup_ptr_ring, bench_cleanup_ptr_ring, long_ptr_ring, NULL,
	  LONG, LONG },
	{ "kfifo", bench_setup_kfifo, bench_cleanup_kfifo, short_kfifo, NULL, SHORT, SHORT },
	{ "kfifo", bench_setup_kfifo, bench_cleanup_kfifo, long_kfifo, NULL, LONG, LONG },
#ifdef HAVE_OBJPOOL
	{ "objpool", bench_setup_objpool, bench_cleanup_objpool, short_objpool, NULL,
	  SHORT, SHORT },
	{ "objpool", bench_setup_objpool, bench_cleanup_objpool, long_objpool, NULL, LONG, LONG },
#endif
	BENCH_END
};

static noinline void bulk_kpool(struct bench *b, unsigned int n)
{
	struct kpool *p = b->handle;
	void **objs = b->objs;
	unsigned int i;

	for (i = 0; i < n; i += BULK) {
		if (kpool_get_bulk(p, GFP_KERNEL, objs, BULK))
			break;
		kpool_put_bulk(p, objs, BULK);
	}
	b->failed |= i < n;
}

static noinline void bulk_cache(struct bench *b, unsigned int n)
{
	struct kmem_cache *c = b->handle;
	void **objs = b->objs;
	unsigned int i;

	for (i = 0; i < n; i += BULK) {
		if (!kmem_cache_alloc_bulk(c, GFP_KERNEL, BULK, objs))
			break;
		kmem_cache_free_bulk(c, BULK, objs);
	}
	b->failed |= i < n;
}

static noinline void bulk_ptr_ring(struct bench *b, unsigned int n)
{
	struct ptr_ring *ring = b->handle;
	unsigned int i, j;

	for (i = 0; i < n; i += BULK) {
		if (ptr_ring_consume_batched(ring, b->objs, BULK) != BULK)
			break;
		for (j = 0; j < BULK; j++)
			ptr_ring_produce(ring, b->objs[j]);
	}
	b->failed |= i < n;
}

static noinline void bulk_kfifo(struct bench *b, unsigned int n)
{
	struct bench_fifo *fifo = b->handle;
	unsigned int i;

	for (i = 0; i < n; i += BULK) {
		if (kfifo_out(&fifo->objs, b->objs, BULK) != BULK)
			break;
		kfifo_in(&fifo->objs, b->objs, BULK);
	}
	b->failed |= i < n;
}

static const struct bench_peer bulk_peers[] = {
	{ "kpool", bench_setup_kpool, bench_cleanup_kpool, bulk_kpool },
	{ "kmem_cache", bench_setup_cache, bench_cleanup_cache, bulk_cache },
	{ "ptr_ring", bench_setup_ptr_ring, bench_cleanup_ptr_ring, bulk_ptr_ring },
	{ "kfifo", bench_setup_kfifo, bench_cleanup_kfifo, bulk_kfifo },
	BENCH_END
};

/*
 * Objects that take a microsecond to build. kpool builds each once. With the other allocators the
 * user has to build the object after each allocation.
 */
static int build(void *obj, void *ctx, gfp_t gfp, int node)
{
	ndelay(1000);
	return 0;
}

static const struct kpool_ops build_ops = { .ctor = build };

static int setup_built(struct bench *b)
{
	return bench_setup_pool(b, &(struct kpool_params){ .ops = &build_ops });
}

static __always_inline void *build_in(void *obj)
{
	if (obj)
		build(obj, NULL, GFP_KERNEL, NUMA_NO_NODE);
	return obj;
}

static __always_inline void *get_built_cache(void *handle, size_t size)
{
	return build_in(get_cache(handle, size));
}

static __always_inline void *get_built_kmalloc(void *handle, size_t size)
{
	return build_in(get_kmalloc(handle, size));
}

static noinline void built_cache(struct bench *b, unsigned int n)
{
	pair(b, n, get_built_cache, put_cache);
}

static noinline void built_kmalloc(struct bench *b, unsigned int n)
{
	pair(b, n, get_built_kmalloc, put_kmalloc);
}

static const struct bench_peer built_peers[] = {
	{ "kpool", setup_built, bench_cleanup_kpool, pair_kpool },
	{ "kmem_cache", bench_setup_cache, bench_cleanup_cache, built_cache },
	{ "kmalloc", NULL, NULL, built_kmalloc },
	BENCH_END
};

const struct bench_case bench_object_cases[] = {
	{ .name = "pair", .peers = pair_peers, .points = BENCH_POINTS(OBJ_SIZE), .size = OBJ_SIZE,
	  .capacity = SHORT, .step = 1 },
	{ .name = "exhausted", .peers = exhausted_peers, .points = BENCH_POINTS(FEW_OBJECTS),
	  .size = OBJ_SIZE, .step = PAIRS_A_WAIT },
	{ .name = "bulk", .peers = bulk_peers, .points = BENCH_POINTS(BULK), .size = OBJ_SIZE },
	{ .name = "burst", .peers = burst_peers, .points = BENCH_POINTS(SHORT, LONG),
	  .size = OBJ_SIZE },
	{ .name = "built", .peers = built_peers, .points = BENCH_POINTS(OBJ_SIZE),
	  .size = OBJ_SIZE, .capacity = 1, .step = 1 },
	BENCH_END
};
