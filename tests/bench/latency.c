// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long single gets and puts take: percentiles, because a mean hides the rare slow ones. The
 * number of objects in use goes up and down at random, up to 1024, so that all ways through an
 * allocator are taken. Each figure contains two readings of the clock; the peer "clock" has nothing
 * else.
 */
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/vmalloc.h>

#include "peers.h"
#include "percentiles.h"

#define OBJ_SIZE	256
#define MOST		1024
#define CALLS		20000U

static u32 took[2][CALLS];	/* gets, puts */

/* The same numbers for all peers, and in all runs. */
static u32 next_random(u32 *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 16;
}

static void print_all(struct bench_out *out)
{
	static const char *const gets[] = { "get_p50", "get_p99", "get_p99.9", "get_max" };
	static const char *const puts[] = { "put_p50", "put_p99", "put_p99.9", "put_max" };

	bench_percentiles(out, gets, took[0], CALLS);
	bench_percentiles(out, puts, took[1], CALLS);
}

/*
 * Up by some objects, down by some objects, until both have enough calls. The number in use is at
 * random, and so are the steps.
 */
static __always_inline int walk(struct bench *b, void *(*get)(void *handle, size_t size),
				void (*put)(void *handle, size_t size, void *obj))
{
	unsigned int used = 0, gets = 0, puts = 0, steps;
	void *handle = b->handle;
	u32 state = 1;
	u64 begin;
	void *obj;

	while (puts < CALLS) {
		for (steps = next_random(&state) % (MOST - used + 1); steps && gets < CALLS;
		     steps--) {
			begin = ktime_get_ns();
			obj = get(handle, OBJ_SIZE);
			took[0][gets++] = ktime_get_ns() - begin;
			if (!obj)
				goto fail;
			WRITE_ONCE(*(u64 *)obj, used);
			b->objs[used++] = obj;
		}
		steps = gets < CALLS ? next_random(&state) % (used + 1) : used;
		for (; steps; steps--) {
			obj = b->objs[--used];
			begin = ktime_get_ns();
			put(handle, OBJ_SIZE, obj);
			took[1][puts++] = ktime_get_ns() - begin;
		}
		cond_resched();
	}
	return 0;

fail:
	while (used)
		put(handle, OBJ_SIZE, b->objs[--used]);
	return -ENOMEM;
}

#define LATENCY(peer)									\
static int latency_##peer(struct bench *b, struct bench_out *out)			\
{											\
	int err = walk(b, get_##peer, put_##peer);					\
											\
	if (!err)									\
		print_all(out);								\
	return err;									\
}

/* An object that is always there. */
static __always_inline void *get_clock(void *handle, size_t size)
{
	return handle;
}

static __always_inline void put_clock(void *handle, size_t size, void *obj)
{
}

static int setup_clock(struct bench *b)
{
	b->handle = b->objs;
	return 0;
}

LATENCY(clock)
LATENCY(kpool)
LATENCY(cache)
LATENCY(kmalloc)
LATENCY(mempool)
LATENCY(ptr_ring)
#ifdef HAVE_OBJPOOL
LATENCY(objpool)
#endif

static const struct bench_peer peers[] = {
	{ "clock", setup_clock, .measure = latency_clock },
	{ "kpool", bench_setup_kpool, bench_cleanup_kpool, .measure = latency_kpool },
	{ "kmem_cache", bench_setup_cache, bench_cleanup_cache, .measure = latency_cache },
	{ "kmalloc", .measure = latency_kmalloc },
	{ "mempool", bench_setup_mempool, bench_cleanup_mempool, .measure = latency_mempool },
	{ "ptr_ring", bench_setup_ptr_ring, bench_cleanup_ptr_ring, .measure = latency_ptr_ring },
#ifdef HAVE_OBJPOOL
	{ "objpool", bench_setup_objpool, bench_cleanup_objpool, .measure = latency_objpool },
#endif
	BENCH_END
};

const struct bench_case bench_latency_cases[] = {
	{ .name = "latency", .peers = peers, .points = BENCH_POINTS(MOST), .size = OBJ_SIZE,
	  .rounds = 7 },
	BENCH_END
};
