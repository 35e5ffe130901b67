// SPDX-License-Identifier: GPL-2.0-only
/*
 * The work of the kernel's allocators that pools avoid. The case "requests" is a request handler:
 * each request gets eight buffers of 64 bytes to 64 KiB, writes to the first word of each, and puts
 * them. The kernel's own tracepoints count what its allocators do meanwhile for this task. In the
 * case "requests_all_cpus" all CPUs do the same work at the same time.
 *
 * Figures per 1000 requests: slab_allocs and page_allocs, the calls of the slab and of the page
 * allocator; page_bytes; zeroed_bytes, which the kernel clears if it boots with init_on_alloc=1;
 * reclaims, the calls of direct reclaim and the wake-ups of kswapd. held_bytes is what the peer
 * still has when no buffer is in use. cost is the time of a request, without tracepoints.
 */
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#include "peers.h"
#include "threads.h"

#define REQUESTS	1000U
#define BUFFERS		8U

/* What the probes count. */
static struct {
	const struct task_struct *task;
	u64 slab_allocs, page_allocs, page_bytes, zeroed_bytes;
	atomic_t reclaims;
} counted;

static void count_page(void *data, struct page *page, unsigned int order, gfp_t gfp, int type)
{
	if (current != counted.task || !page)
		return;
	counted.page_allocs++;
	counted.page_bytes += PAGE_SIZE << order;
	if (want_init_on_alloc(gfp))
		counted.zeroed_bytes += PAGE_SIZE << order;
}

static void count_slab(size_t size, gfp_t gfp)
{
	counted.slab_allocs++;
	if (want_init_on_alloc(gfp))
		counted.zeroed_bytes += size;
}

/* The page allocator serves larger sizes, and count_page() sees them. */
static void count_kmalloc(void *data, unsigned long caller, const void *obj, size_t asked,
			  size_t given, gfp_t gfp, int node)
{
	if (current == counted.task && obj && given <= KMALLOC_MAX_CACHE_SIZE)
		count_slab(given, gfp);
}

static void count_cache(void *data, unsigned long caller, const void *obj, struct kmem_cache *s,
			gfp_t gfp, int node)
{
	if (current == counted.task && obj)
		count_slab(kmem_cache_size(s), gfp);
}

/* Of any task: a wake-up of kswapd is for all. The arguments do not matter. */
static void count_reclaim(void *data)
{
	atomic_inc(&counted.reclaims);
}

static struct probe {
	const char *name;
	void *function;
	struct tracepoint *tracepoint;	/* NULL: the kernel has none of this name */
} probes[] __maybe_unused = {
	{ "mm_page_alloc", count_page },
	{ "kmalloc", count_kmalloc },
	{ "kmem_cache_alloc", count_cache },
	{ "mm_vmscan_direct_reclaim_begin", count_reclaim },
	{ "mm_vmscan_wakeup_kswapd", count_reclaim },
};

#ifdef CONFIG_TRACEPOINTS
/* The kernel exports only some of its tracepoints to modules by name, but it lists all of them. */
static void find(struct tracepoint *tp, void *unused)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++)
		if (!strcmp(tp->name, probes[i].name))
			probes[i].tracepoint = tp;
}

static void probes_end(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++)
		if (probes[i].tracepoint)
			tracepoint_probe_unregister(probes[i].tracepoint, probes[i].function, NULL);
	tracepoint_synchronize_unregister();
}

static int probes_begin(void)
{
	unsigned int i;
	int err;

	for_each_kernel_tracepoint(find, NULL);
	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		if (!probes[i].tracepoint)
			return -EOPNOTSUPP;
		err = tracepoint_probe_register(probes[i].tracepoint, probes[i].function, NULL);
		if (err) {
			probes[i].tracepoint = NULL;
			probes_end();
			return err;
		}
	}
	return 0;
}
#else
static void probes_end(void)
{
}

static int probes_begin(void)
{
	return -EOPNOTSUPP;
}
#endif

/* The same sizes for all peers, and in all runs: each power of two is as likely as any other. */
static size_t next_size(u32 *state)
{
	size_t power;

	*state = *state * 1664525 + 1013904223;
	power = SZ_64 << (*state >> 16) % 10;
	return power + (*state >> 8) % power;
}

static __always_inline int requests(void *handle, void *(*get)(void *handle, size_t size),
				    void (*put)(void *handle, size_t size, void *obj))
{
	size_t sizes[BUFFERS];
	void *bufs[BUFFERS];
	unsigned int i, j;
	u32 state = 1;
	int err = 0;

	for (i = 0; i < REQUESTS && !err; i++) {
		for (j = 0; j < BUFFERS; j++) {
			sizes[j] = next_size(&state);
			bufs[j] = get(handle, sizes[j]);
			if (!bufs[j]) {
				err = -ENOMEM;
				break;
			}
			WRITE_ONCE(*(u64 *)bufs[j], i);
		}
		while (j--)
			put(handle, sizes[j], bufs[j]);
	}
	return err;
}

static int measure(struct bench *b, struct bench_out *out, int (*run)(struct bench *b), u64 held)
{
	u64 begin, took;
	int err;

	begin = ktime_get_ns();
	err = run(b);
	took = ktime_get_ns() - begin;
	if (err)
		return err;
	bench_figure(out, "cost", div_u64(took * 100, REQUESTS));
	bench_figure(out, "held_bytes", held * 100);

	memset(&counted, 0, sizeof(counted));
	err = probes_begin();
	if (err == -EOPNOTSUPP)
		return 0;
	if (err)
		return err;
	counted.task = current;
	err = run(b);
	counted.task = NULL;
	probes_end();
	if (err)
		return err;
	bench_figure(out, "slab_allocs", counted.slab_allocs * 100);
	bench_figure(out, "page_allocs", counted.page_allocs * 100);
	bench_figure(out, "page_bytes", counted.page_bytes * 100);
	bench_figure(out, "zeroed_bytes", counted.zeroed_bytes * 100);
	bench_figure(out, "reclaims", atomic_read(&counted.reclaims) * 100ULL);
	return 0;
}

static int requests_sized(struct bench *b)
{
	return requests(b->handle, get_sized, put_sized);
}

static int requests_kmalloc(struct bench *b)
{
	return requests(b->handle, get_kmalloc, put_kmalloc);
}

static int requests_kvmalloc(struct bench *b)
{
	return requests(b->handle, get_kvmalloc, put_kvmalloc);
}

static int measure_sized(struct bench *b, struct bench_out *out)
{
	struct kpool_sized_stats stats;
	int err = requests_sized(b);	/* the first buffers have to be built */

	if (err)
		return err;
	kpool_sized_stats(b->handle, &stats);
	return measure(b, out, requests_sized, stats.memory + stats.overhead);
}

static int measure_kmalloc(struct bench *b, struct bench_out *out)
{
	return measure(b, out, requests_kmalloc, 0);
}

static int measure_kvmalloc(struct bench *b, struct bench_out *out)
{
	return measure(b, out, requests_kvmalloc, 0);
}

static const struct bench_peer peers[] = {
	{ "kpool_sized", bench_setup_sized, bench_cleanup_sized, .measure = measure_sized },
	{ "kmalloc", .measure = measure_kmalloc },
	{ "kvmalloc", .measure = measure_kvmalloc },
	BENCH_END
};

#define ALL_CPUS(peer)									\
static int work_##peer(struct bench_thread *t)						\
{											\
	return requests_##peer(t->arg);							\
}											\
static int all_cpus_##peer(struct bench *b, struct bench_out *out)			\
{											\
	return bench_all_cpus(b, out, work_##peer, REQUESTS);				\
}

ALL_CPUS(sized)
ALL_CPUS(kmalloc)
ALL_CPUS(kvmalloc)

static const struct bench_peer all_cpus_peers[] = {
	{ "kpool_sized", bench_setup_sized, bench_cleanup_sized, .measure = all_cpus_sized },
	{ "kmalloc", .measure = all_cpus_kmalloc },
	{ "kvmalloc", .measure = all_cpus_kvmalloc },
	BENCH_END
};

const struct bench_case bench_memory_cases[] = {
	{ .name = "requests", .peers = peers, .points = BENCH_POINTS(BUFFERS), .size = 1,
	  .rounds = 5 },
	{ .name = "requests_all_cpus", .peers = all_cpus_peers,
	  .points = BENCH_POINTS(1, 2, 4, BENCH_MOST_CPUS), .size = 1, .capacity = BUFFERS,
	  .many_cpus = true, .point_is_cpus = true },
	BENCH_END
};
