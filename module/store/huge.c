// SPDX-License-Identifier: GPL-2.0-only
/*
 * Objects out of huge pages, for pools with KPOOL_HUGE_PAGES. A huge page is 2 MiB of contiguous
 * and aligned memory. kpool splits it into single pages, as the page allocator gives them, and
 * carves objects of a page to 1 MiB out of it. When no object is left in a huge page, a worker
 * gives all pages of it back. The page allocator can join them again.
 *
 * kpool first carves from huge pages that already have objects. Among these, one that was full a
 * moment ago comes first. So huge pages with few objects have a chance to become empty.
 *
 * Only code that may sleep opens a huge page, because that takes time: the kernel may zero it. One
 * task at a time does it in a pool, so that tasks that miss together share a huge page. Other code
 * carves what is left of open ones. If both find nothing, store/pages.c takes memory as for other
 * pools.
 */
#include <linux/bitmap.h>
#include <linux/kmemleak.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "base/work.h"
#include "compat/alloc_tag.h"
#include "pool.h"
#include "store/huge.h"

/* Bytes of a huge page, also where hardware has other sizes. */
#define HUGE_BYTES	SZ_2M
#define HUGE_ORDER	get_order(HUGE_BYTES)

/* A huge page. */
struct kp_huge_page {
	struct list_head list;		/* in kp_huge.open while pieces are free, else empty */
	struct page *page;		/* the first one */
	unsigned int free;		/* how many pieces are free, and ... */
	DECLARE_BITMAP(is_free, HUGE_BYTES / PAGE_SIZE);	/* ... which ones */
	DECLARE_BITMAP(was_used, HUGE_BYTES / PAGE_SIZE);	/* those that have old bytes */
};

/* The huge pages of a pool. */
struct kp_huge {
	spinlock_t lock;		/* leaf: open, and all but page of each huge page */
	struct mutex opening;		/* one task at a time opens a huge page; lock is inside */
	unsigned int pieces;		/* of a huge page: objects that fit into it */
	struct xarray pages;		/* all huge pages, by address: see index_of() */
	atomic_long_t nr_pages;
	atomic_long_t carved;		/* pieces that are not free */
	struct work_struct work;	/* gives back those that are empty */
	struct list_head open[];	/* by node; the empty ones are last */
};

static unsigned long index_of(const struct page *page)
{
	return page_to_pfn(page) >> HUGE_ORDER;
}

/* Context: process context; nobody else uses these pages. */
static void free_pages_one_by_one(struct page *page)
{
	unsigned int i;

	for (i = 0; i < 1U << HUGE_ORDER; i++) {
		__free_page(page + i);
		if (i % 64 == 63)
			cond_resched();
	}
}

static void give_back(struct kp_huge *huge, struct kp_huge_page *hp)
{
	xa_erase(&huge->pages, index_of(hp->page));
	atomic_long_dec(&huge->nr_pages);
	free_pages_one_by_one(hp->page);
	kfree(hp);
}

/* Takes an empty huge page of a node off the list. Returns NULL if there is none. */
static struct kp_huge_page *take_empty(struct kp_huge *huge, int node)
{
	struct kp_huge_page *hp;

	spin_lock_irq(&huge->lock);
	hp = list_empty(&huge->open[node]) ? NULL :
	     list_last_entry(&huge->open[node], struct kp_huge_page, list);
	if (hp && hp->free == huge->pieces)
		list_del(&hp->list);
	else
		hp = NULL;
	spin_unlock_irq(&huge->lock);
	return hp;
}

static void give_back_work(struct work_struct *work)
{
	struct kp_huge *huge = container_of(work, struct kp_huge, work);
	struct kp_huge_page *hp;
	unsigned int node;

	for (node = 0; node < nr_node_ids; node++)
		while ((hp = take_empty(huge, node)))
			give_back(huge, hp);
}

/*
 * Takes a piece of a huge page that has a free one. The caller holds the lock. was_used is set to
 * whether the piece has bytes of an earlier object.
 */
static void *carve(const struct kp_pool *pool, struct kp_huge_page *hp, bool *was_used)
{
	struct kp_huge *huge = pool->huge;
	unsigned int i = find_first_bit(hp->is_free, huge->pieces);

	lockdep_assert_held(&huge->lock);
	__clear_bit(i, hp->is_free);
	*was_used = __test_and_set_bit(i, hp->was_used);
	if (!--hp->free)
		list_del_init(&hp->list);
	atomic_long_inc(&huge->carved);
	return page_address(hp->page) + i * pool->footprint;
}

/* A fresh object has no trace of an earlier one if the kernel promises that. */
static void *carve_open(const struct kp_pool *pool, gfp_t gfp, int node)
{
	struct kp_huge *huge = pool->huge;
	struct kp_huge_page *hp;
	unsigned long flags;
	bool was_used = false;
	void *obj = NULL;

	spin_lock_irqsave(&huge->lock, flags);
	hp = list_first_entry_or_null(&huge->open[node], struct kp_huge_page, list);
	if (hp)
		obj = carve(pool, hp, &was_used);
	spin_unlock_irqrestore(&huge->lock, flags);
	if (was_used && want_init_on_alloc(gfp))
		memset(obj, 0, pool->footprint);
	return obj;
}

/*
 * Opens another huge page of a node, if there is one without any effort: pages of the size of an
 * object are nearly as good. Returns whether there is one.
 */
static bool open_huge_page(struct kp_pool *pool, gfp_t gfp, int node)
{
	struct kp_huge *huge = pool->huge;
	struct kp_huge_page *hp;

	lockdep_assert_held(&huge->opening);
	gfp = (gfp & ~__GFP_DIRECT_RECLAIM) | __GFP_NOMEMALLOC | __GFP_NOWARN;
	hp = kzalloc(sizeof(*hp), gfp);
	if (!hp)
		return false;
	/* Not compound: each page is to be one of its own. Other nodes have lists of their own. */
	hp->page = alloc_pages_node_noprof(node, gfp | pool->zone | __GFP_THISNODE, HUGE_ORDER);
	if (!hp->page)
		goto no_page;
	split_page(hp->page, HUGE_ORDER);
	hp->free = huge->pieces;
	bitmap_fill(hp->is_free, huge->pieces);
	if (xa_err(xa_store(&huge->pages, index_of(hp->page), hp, gfp)))
		goto no_index;
	atomic_long_inc(&huge->nr_pages);
	spin_lock_irq(&huge->lock);
	list_add(&hp->list, &huge->open[node]);
	spin_unlock_irq(&huge->lock);
	return true;

no_index:
	free_pages_one_by_one(hp->page);
no_page:
	kfree(hp);
	return false;
}

/* Another task may carve the last piece of a huge page before this one does. */
static void *carve_new(struct kp_pool *pool, gfp_t gfp, int node)
{
	void *obj;

	mutex_lock(&pool->huge->opening);
	obj = carve_open(pool, gfp, node);
	while (!obj && open_huge_page(pool, gfp, node))
		obj = carve_open(pool, gfp, node);
	mutex_unlock(&pool->huge->opening);
	return obj;
}

/**
 * kp_huge_alloc() - carve memory for an object out of a huge page
 * @pool: the pool
 * @gfp: flags for memory allocation
 * @node: the node on which the memory should be, or %NUMA_NO_NODE
 *
 * A bypassed pool has nothing carved, so that memory debuggers see each object.
 *
 * Context: as @gfp needs; kp_may_allocate().
 * Return: the memory, or NULL if the pool has no huge page with a free piece.
 */
void *kp_huge_alloc(struct kp_pool *pool, gfp_t gfp, int node)
{
	void *obj;

	if (!pool->huge || READ_ONCE(pool->bypass))
		return NULL;
	if (node == NUMA_NO_NODE)
		node = numa_mem_id();
	obj = carve_open(pool, gfp, node);
	if (!obj && gfpflags_allow_blocking(gfp))
		obj = carve_new(pool, gfp, node);
	if (obj)
		kmemleak_alloc(obj, pool->footprint, 1, gfp);
	return obj;
}

/**
 * kp_huge_free() - take the memory of an object back, if it is of a huge page
 * @pool: the pool
 * @obj: the object's memory
 *
 * Context: kp_may_allocate().
 * Return: false if the memory is of no huge page.
 */
bool kp_huge_free(const struct kp_pool *pool, void *obj)
{
	struct page *page = virt_to_page(obj);
	struct kp_huge *huge = pool->huge;
	struct kp_huge_page *hp;
	unsigned long flags;
	bool empty;

	/* The piece is not free, so its huge page stays. Other pages are of no huge page. */
	hp = huge ? xa_load(&huge->pages, index_of(page)) : NULL;
	if (!hp)
		return false;
	kmemleak_free(obj);
	if (want_init_on_free())
		memset(obj, 0, pool->footprint);
	spin_lock_irqsave(&huge->lock, flags);
	__set_bit((obj - page_address(hp->page)) / pool->footprint, hp->is_free);
	hp->free++;
	empty = hp->free == huge->pieces;
	if (empty)
		list_move_tail(&hp->list, &huge->open[page_to_nid(page)]);
	else if (hp->free == 1)
		list_add(&hp->list, &huge->open[page_to_nid(page)]);
	atomic_long_dec(&huge->carved);
	spin_unlock_irqrestore(&huge->lock, flags);
	if (empty)
		queue_work(kpool_wq, &huge->work);
	return true;
}

/* Bytes that are in no object: free pieces, and what kpool notes of huge pages. Context: any. */
u64 kp_huge_overhead(const struct kp_pool *pool)
{
	const struct kp_huge *huge = pool->huge;
	s64 nr_pages, free;

	if (!huge)
		return 0;
	nr_pages = atomic_long_read(&huge->nr_pages);
	free = nr_pages * huge->pieces - atomic_long_read(&huge->carved);
	return max(free, 0LL) * pool->footprint + nr_pages * sizeof(struct kp_huge_page);
}

/* Context: any. */
void kp_huge_stats(const struct kp_pool *pool, u64 *huge_pages, u64 *carved)
{
	if (!pool->huge)
		return;
	*huge_pages = atomic_long_read(&pool->huge->nr_pages);
	*carved = atomic_long_read(&pool->huge->carved);
}

/* Context: process context, sleeps; the pool's footprint is set. Return: 0, or -ENOMEM. */
int kp_huge_init(struct kp_pool *pool)
{
	struct kp_huge *huge = kzalloc(struct_size(huge, open, nr_node_ids), GFP_KERNEL);
	unsigned int node;

	if (!huge)
		return -ENOMEM;
	spin_lock_init(&huge->lock);
	mutex_init(&huge->opening);
	xa_init(&huge->pages);
	INIT_WORK(&huge->work, give_back_work);
	for (node = 0; node < nr_node_ids; node++)
		INIT_LIST_HEAD(&huge->open[node]);
	huge->pieces = HUGE_BYTES / pool->footprint;
	pool->huge = huge;
	pool->parts_bytes += struct_size(huge, open, nr_node_ids);
	return 0;
}

/* Context: process context, sleeps; no object's memory is left. */
void kp_huge_exit(struct kp_pool *pool)
{
	struct kp_huge *huge = pool->huge;

	if (!huge)
		return;
	cancel_work_sync(&huge->work);
	give_back_work(&huge->work);
	WARN_ON_ONCE(!xa_empty(&huge->pages));
	xa_destroy(&huge->pages);
	kfree(huge);
}
