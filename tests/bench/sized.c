// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cost of a sized buffer by its size, next to the kernel's allocators. A pair is a get
 * and a put with one store between them. The size is known at run time only.
 */
#include <linux/gfp.h>
#include <linux/kpool_sized.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "sized.h"

#define LEAST		64
#define MOST		SZ_1M
#define SMALL_PAIRS	4096
#define LARGE_PAIRS	64
#define ROUNDS		5

static struct kpool_sized *set;
static struct kmem_cache *cache;

static noinline void run_sized(size_t size, unsigned int n)
{
	struct kpool_sized *s = set;
	unsigned int i;
	u64 *buf;

	for (i = 0; i < n; i++) {
		buf = kpool_sized_get(s, size, GFP_KERNEL);
		if (IS_ERR(buf))
			break;
		WRITE_ONCE(*buf, i);
		/* In real code the put does not know which class the get chose. */
		OPTIMIZER_HIDE_VAR(size);
		kpool_sized_put(s, buf, size);
		OPTIMIZER_HIDE_VAR(size);
	}
}

static noinline void run_kmalloc(size_t size, unsigned int n)
{
	unsigned int i;
	u64 *buf;

	for (i = 0; i < n; i++) {
		buf = kmalloc(size, GFP_KERNEL);
		if (!buf)
			break;
		WRITE_ONCE(*buf, i);
		kfree(buf);
	}
}

static noinline void run_kvmalloc(size_t size, unsigned int n)
{
	unsigned int i;
	u64 *buf;

	for (i = 0; i < n; i++) {
		buf = kvmalloc(size, GFP_KERNEL);
		if (!buf)
			break;
		WRITE_ONCE(*buf, i);
		kvfree(buf);
	}
}

static noinline void run_pages(size_t size, unsigned int n)
{
	unsigned int i, order = get_order(size);
	struct page *page;

	for (i = 0; i < n; i++) {
		page = alloc_pages(GFP_KERNEL, order);
		if (!page)
			break;
		WRITE_ONCE(*(u64 *)page_address(page), i);
		__free_pages(page, order);
	}
}

static noinline void run_cache(size_t size, unsigned int n)
{
	struct kmem_cache *c = cache;
	unsigned int i;
	u64 *buf;

	for (i = 0; i < n; i++) {
		buf = kmem_cache_alloc(c, GFP_KERNEL);
		if (!buf)
			break;
		WRITE_ONCE(*buf, i);
		kmem_cache_free(c, buf);
	}
}

static const struct peer {
	const char *name;
	void (*run)(size_t size, unsigned int n);
	size_t least, most;
	bool quick;		/* serves any size */
} peers[] = {
	{ "kpool", run_sized, LEAST, MOST, true },
	{ "kmem_cache", run_cache, LEAST, SZ_64K },
	{ "kmalloc", run_kmalloc, LEAST, MOST },
	{ "kvmalloc", run_kvmalloc, LEAST, MOST },
	{ "alloc_pages", run_pages, PAGE_SIZE, MOST },
};

/* The lowest of some rounds, as in main.c. */
static u64 measure(const struct peer *peer, size_t size)
{
	unsigned int i, n = peer->quick || size < PAGE_SIZE ? SMALL_PAIRS : LARGE_PAIRS;
	u64 begin, best = U64_MAX;

	peer->run(size, n);
	for (i = 0; i < ROUNDS; i++) {
		cond_resched();
		begin = ktime_get_ns();
		peer->run(size, n);
		best = min(best, ktime_get_ns() - begin);
	}
	return div_u64(best * 100, n);
}

static int bench_size(size_t size)
{
	const struct peer *peer;

	cache = kmem_cache_create("kpool_bench", size, 0, 0, NULL);
	if (!cache)
		return -ENOMEM;
	for (peer = peers; peer < peers + ARRAY_SIZE(peers); peer++)
		if (size >= peer->least && size <= peer->most)
			pr_info("sized_%zu_%s %llu\n", size, peer->name, measure(peer, size));
	kmem_cache_destroy(cache);
	return 0;
}

/**
 * bench_sized() - measure each size of the default classes
 *
 * Return: 0, or an error.
 */
int bench_sized(void)
{
	size_t size;
	int err = 0;

	set = kpool_sized_create(&(struct kpool_sized_params){ .name = "bench" });
	if (IS_ERR(set))
		return PTR_ERR(set);
	for (size = LEAST; size <= MOST && !err; size *= 2)
		err = bench_size(size);
	kpool_sized_destroy(set);
	return err;
}
