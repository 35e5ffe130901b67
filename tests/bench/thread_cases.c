// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cases with several CPUs; the point is how many. In "one_to_one", "many_to_one" and "one_to_many"
 * getters get objects and hand them over through a ptr_ring, and putters put them. The peer
 * "ring_alone" only hands over an object that exists already. So its cost is part of all others.
 * "pages" is the same as "one_to_one", with objects of a page. In "all_cpus" each CPU gets and puts
 * for itself.
 */
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/kpool.h>
#include <linux/math64.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>

#include "peers.h"
#include "threads.h"

static unsigned int objects = 60000;
module_param(objects, uint, 0444);
MODULE_PARM_DESC(objects, "Objects that CPUs hand over, or that each gets and puts, in a round");

#define OBJ_SIZE	256
#define SLOTS		512

/* How a peer gets and puts. */
struct way {
	void *(*get)(struct bench *b);
	void (*put)(struct bench *b, void *obj);
};

/* One for all getters and putters. */
struct hand_over {
	struct bench *b;
	const struct way *way;
	struct ptr_ring ring;
	atomic_t to_get, to_put;
	bool failed;
	struct bench_thread threads[BENCH_MOST_CPUS];
};

static int getter(struct bench_thread *t)
{
	struct hand_over *h = t->arg;
	void *obj;

	while (!READ_ONCE(h->failed) && atomic_dec_if_positive(&h->to_get) >= 0) {
		obj = h->way->get(h->b);
		if (!obj) {
			WRITE_ONCE(h->failed, true);
			return -ENOMEM;
		}
		while (ptr_ring_produce(&h->ring, obj))
			cond_resched();
	}
	return 0;
}

static int putter(struct bench_thread *t)
{
	struct hand_over *h = t->arg;
	void *obj;

	while (!READ_ONCE(h->failed) && atomic_read(&h->to_put) > 0) {
		obj = ptr_ring_consume(&h->ring);
		if (!obj) {
			cond_resched();
			continue;
		}
		h->way->put(h->b, obj);
		atomic_dec(&h->to_put);
	}
	return 0;
}

static int hand_over(struct bench *b, const struct way *way, u64 *took)
{
	unsigned int i, getters = b->c->many_get ? b->point - 1 : 1;
	struct hand_over *h = kzalloc(sizeof(*h), GFP_KERNEL);
	void *obj;
	int err;

	if (!h || ptr_ring_init(&h->ring, SLOTS, GFP_KERNEL)) {
		kfree(h);
		return -ENOMEM;
	}
	h->b = b;
	h->way = way;
	atomic_set(&h->to_get, objects);
	atomic_set(&h->to_put, objects);
	for (i = 0; i < b->point; i++) {
		h->threads[i].work = i < getters ? getter : putter;
		h->threads[i].arg = h;
		h->threads[i].number = i;
	}
	err = bench_threads(h->threads, b->point, took);
	while ((obj = ptr_ring_consume(&h->ring)))
		way->put(b, obj);
	ptr_ring_cleanup(&h->ring, NULL);
	kfree(h);
	return err;
}

static int measure_hand_over(struct bench *b, struct bench_out *out, const struct way *way)
{
	u64 took;
	int err = hand_over(b, way, &took);

	if (!err)
		bench_figure(out, "cost", div_u64(took * 100, objects));
	return err;
}

#define HAND_OVER(peer)									\
static void *here_##peer(struct bench *b)						\
{											\
	return get_##peer(b->handle, OBJ_SIZE);						\
}											\
static void there_##peer(struct bench *b, void *obj)					\
{											\
	put_##peer(b->handle, OBJ_SIZE, obj);						\
}											\
static int hand_over_##peer(struct bench *b, struct bench_out *out)			\
{											\
	return measure_hand_over(b, out,						\
				 &(const struct way){ here_##peer, there_##peer });	\
}

HAND_OVER(kpool)
HAND_OVER(cache)
HAND_OVER(kmalloc)
HAND_OVER(mempool)
HAND_OVER(ptr_ring)
HAND_OVER(pages)
#ifdef HAVE_OBJPOOL
HAND_OVER(objpool)
#endif

#ifdef HAVE_PAGE_POOL
/* One CPU gets, with softirqs off, as a driver's poll function does. Another one puts. */
static void *get_page_pool_in_poll(void *handle, size_t size)
{
	void *obj;

	local_bh_disable();
	obj = get_page_pool(handle, size);
	local_bh_enable();
	return obj;
}

static void put_page_pool_in_poll(void *handle, size_t size, void *obj)
{
	page_pool_put_full_page(handle, virt_to_page(obj), false);
}

HAND_OVER(page_pool_in_poll)
#endif

/* How often the depots' locks were taken, and how often a CPU had to wait for one. */
struct locks {
	u64 holds, contended;
};

static struct locks locks(struct bench *b)
{
	struct kpool_stats stats;

	kpool_stats(b->handle, &stats);
	return (struct locks){ stats.depot_gets + stats.depot_puts, stats.contended };
}

static void print_locks(struct bench *b, struct bench_out *out, struct locks before, u64 objs)
{
	struct locks after = locks(b);
	u64 holds = after.holds - before.holds, contended = after.contended - before.contended;

	bench_figure(out, "locks_per_1000", div64_u64(holds * 100 * 1000, objs));
	bench_figure(out, "contended_per_1000",
		     holds ? div64_u64(contended * 100 * 1000, holds) : 0);
}

static int hand_over_kpool_and_locks(struct bench *b, struct bench_out *out)
{
	struct locks before = locks(b);
	int err = hand_over_kpool(b, out);

	if (!err)
		print_locks(b, out, before, objects);
	return err;
}

static void *here_nothing(struct bench *b)
{
	return b->objs;
}

static void there_nothing(struct bench *b, void *obj)
{
}

static int hand_over_nothing(struct bench *b, struct bench_out *out)
{
	return measure_hand_over(b, out, &(const struct way){ here_nothing, there_nothing });
}

static const struct bench_peer hand_over_peers[] = {
	{ "ring_alone", .measure = hand_over_nothing },
	{ "kpool", bench_setup_kpool, bench_cleanup_kpool, .measure = hand_over_kpool_and_locks },
	{ "kmem_cache", bench_setup_cache, bench_cleanup_cache, .measure = hand_over_cache },
	{ "kmalloc", .measure = hand_over_kmalloc },
	{ "mempool", bench_setup_mempool, bench_cleanup_mempool, .measure = hand_over_mempool },
	{ "ptr_ring", bench_setup_ptr_ring, bench_cleanup_ptr_ring, .measure = hand_over_ptr_ring },
#ifdef HAVE_OBJPOOL
	{ "objpool", bench_setup_objpool, bench_cleanup_objpool, .measure = hand_over_objpool },
#endif
	BENCH_END
};

/*
 * Peers whose objects can be pages. An object of OBJ_SIZE from alloc_pages() is one. A page_pool
 * has one CPU that gets.
 */
static const struct bench_peer page_peers[] = {
	{ "ring_alone", .measure = hand_over_nothing },
	{ "kpool", bench_setup_kpool, bench_cleanup_kpool, .measure = hand_over_kpool_and_locks },
	{ "kmem_cache", bench_setup_cache, bench_cleanup_cache, .measure = hand_over_cache },
	{ "alloc_pages", .measure = hand_over_pages },
#ifdef HAVE_PAGE_POOL
	{ "page_pool", bench_setup_page_pool, bench_cleanup_page_pool,
	  .measure = hand_over_page_pool_in_poll },
#endif
	BENCH_END
};

#define ALL_CPUS(peer)									\
static int work_##peer(struct bench_thread *t)						\
{											\
	struct bench *b = t->arg;							\
	void *handle = b->handle;							\
	unsigned int i;									\
	u64 *obj;									\
											\
	for (i = 0; i < objects; i++) {							\
		obj = get_##peer(handle, OBJ_SIZE);					\
		if (!obj)								\
			return -ENOMEM;							\
		WRITE_ONCE(*obj, i);							\
		put_##peer(handle, OBJ_SIZE, obj);					\
	}										\
	return 0;									\
}											\
static int all_cpus_##peer(struct bench *b, struct bench_out *out)			\
{											\
	return bench_all_cpus(b, out, work_##peer, objects);				\
}

ALL_CPUS(kpool)
ALL_CPUS(cache)
ALL_CPUS(kmalloc)
ALL_CPUS(mempool)
ALL_CPUS(ptr_ring)
#ifdef HAVE_OBJPOOL
ALL_CPUS(objpool)
#endif

static int all_cpus_kpool_and_locks(struct bench *b, struct bench_out *out)
{
	struct locks before = locks(b);
	int err = all_cpus_kpool(b, out);

	if (!err)
		print_locks(b, out, before, b->point * objects);
	return err;
}

static const struct bench_peer all_cpus_peers[] = {
	{ "kpool", bench_setup_kpool, bench_cleanup_kpool, .measure = all_cpus_kpool_and_locks },
	{ "kmem_cache", bench_setup_cache, bench_cleanup_cache, .measure = all_cpus_cache },
	{ "kmalloc", .measure = all_cpus_kmalloc },
	{ "mempool", bench_setup_mempool, bench_cleanup_mempool, .measure = all_cpus_mempool },
	{ "ptr_ring", bench_setup_ptr_ring, bench_cleanup_ptr_ring, .measure = all_cpus_ptr_ring },
#ifdef HAVE_OBJPOOL
	{ "objpool", bench_setup_objpool, bench_cleanup_objpool, .measure = all_cpus_objpool },
#endif
	BENCH_END
};

#define COMMON	.size = OBJ_SIZE, .capacity = 2048, .many_cpus = true, .point_is_cpus = true

const struct bench_case bench_thread_cases[] = {
	{ .name = "one_to_one", .peers = hand_over_peers, .points = BENCH_POINTS(2), COMMON },
	{ .name = "many_to_one", .peers = hand_over_peers,
	  .points = BENCH_POINTS(3, 4, BENCH_MOST_CPUS), .many_get = true, COMMON },
	{ .name = "one_to_many", .peers = hand_over_peers,
	  .points = BENCH_POINTS(3, 4, BENCH_MOST_CPUS), COMMON },
	{ .name = "pages", .peers = page_peers, .points = BENCH_POINTS(2), .size = PAGE_SIZE,
	  .capacity = 2048, .many_cpus = true, .point_is_cpus = true },
	{ .name = "all_cpus", .peers = all_cpus_peers,
	  .points = BENCH_POINTS(1, 2, 4, BENCH_MOST_CPUS), COMMON },
	BENCH_END
};
