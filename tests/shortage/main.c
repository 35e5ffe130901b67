// SPDX-License-Identifier: GPL-2.0-only
/*
 * Takes all memory that it can get without reclaim, and keeps it away from all others for a time:
 *
 *	echo 1 >/sys/module/kpool_shortage/parameters/take
 *	echo 5000 >/sys/module/kpool_shortage/parameters/keep_ms
 *
 * The first command returns when memory is gone. The second one returns after five seconds, in
 * which this module took whatever came free, and gives all back. Meanwhile an allocation that may
 * not try hard finds nothing, and one that tries for ever reclaims. Before the kernel would kill a
 * process, it asks this module, which gives a few pages back and takes them again later. The
 * parameters probes and refused say how many allocations this module tried as a mempool does, and
 * how many of them failed.
 */
#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/oom.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

/* What a mempool asks its allocator with before it looks at its elements. */
#define PROBE_GFP	(GFP_NOIO | __GFP_NOMEMALLOC | __GFP_NORETRY | __GFP_NOWARN)
#define TAKE_GFP	(__GFP_NOWARN | __GFP_NOMEMALLOC)
#define GIVE_PAGES	64

/* Small objects of these sizes go, too: a slab with a free object needs no page. */
static const size_t sizes[] = { 128, 256, 512, 1024, 2048, 4096 };

struct piece {
	struct list_head list;
};

static DEFINE_SPINLOCK(lock);	/* Protects: pages, held_pages */
static LIST_HEAD(pages);
static unsigned long held_pages;
static LIST_HEAD(objects);	/* under the lock of parameters */
static unsigned long most_pages, probes, refused, asked;
module_param(most_pages, ulong, 0444);
module_param(probes, ulong, 0444);
module_param(refused, ulong, 0444);
module_param(asked, ulong, 0444);

static void take_pages(void)
{
	struct page *page;

	while ((page = alloc_page(TAKE_GFP))) {
		spin_lock(&lock);
		list_add(&page->lru, &pages);
		held_pages++;
		most_pages = max(most_pages, held_pages);
		spin_unlock(&lock);
	}
}

static unsigned long give_pages(unsigned long most)
{
	unsigned long given = 0;
	struct page *page;

	while (given < most) {
		spin_lock(&lock);
		page = list_first_entry_or_null(&pages, struct page, lru);
		if (page) {
			list_del(&page->lru);
			held_pages--;
		}
		spin_unlock(&lock);
		if (!page)
			break;
		__free_page(page);
		given++;
	}
	return given;
}

static void take_objects(void)
{
	struct piece *piece;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		while ((piece = kmalloc(sizes[i], TAKE_GFP)))
			list_add(&piece->list, &objects);
}

static void give_objects(void)
{
	struct piece *piece, *next;

	list_for_each_entry_safe(piece, next, &objects, list)
		kfree(piece);
	INIT_LIST_HEAD(&objects);
}

static void probe(void)
{
	void *obj = kmalloc(1024, PROBE_GFP);

	probes++;
	refused += !obj;
	kfree(obj);
}

/* Better give pages back than have a process killed. */
static int before_a_kill(struct notifier_block *block, unsigned long unused, void *freed)
{
	asked++;
	*(unsigned long *)freed += give_pages(GIVE_PAGES);
	return NOTIFY_OK;
}

static struct notifier_block before_kills = { .notifier_call = before_a_kill };

static int take(const char *text, const struct kernel_param *param)
{
	most_pages = 0;
	probes = 0;
	refused = 0;
	asked = 0;
	take_pages();
	take_objects();
	return 0;
}

static int keep(const char *text, const struct kernel_param *param)
{
	unsigned long end;
	unsigned int ms;
	int err = kstrtouint(text, 10, &ms);

	if (err)
		return err;
	end = jiffies + msecs_to_jiffies(ms);
	while (time_before(jiffies, end)) {
		take_pages();
		take_objects();
		probe();
		usleep_range(200, 1000);
	}
	give_objects();
	give_pages(ULONG_MAX);
	return 0;
}

static const struct kernel_param_ops take_ops = { .set = take };
static const struct kernel_param_ops keep_ops = { .set = keep };
module_param_cb(take, &take_ops, NULL, 0200);
module_param_cb(keep_ms, &keep_ops, NULL, 0200);

static int __init shortage_init(void)
{
	return register_oom_notifier(&before_kills);
}
module_init(shortage_init);

static void __exit shortage_exit(void)
{
	unregister_oom_notifier(&before_kills);
	give_objects();
	give_pages(ULONG_MAX);
}
module_exit(shortage_exit);

MODULE_DESCRIPTION("Takes all memory for a time");
MODULE_LICENSE("GPL");
