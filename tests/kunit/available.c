// SPDX-License-Identifier: GPL-2.0-only
/* The machine counts pages of idle objects as available. */
#include <linux/mm.h>
#include <linux/sizes.h>

#include "base/work.h"
#include "fixture.h"
#include "object/due.h"
#include "policy/age.h"
#include "policy/shrink.h"
#include "pool.h"
#include "rings.h"

#define OBJS	20
#define KEPT	7

/* The machine's figure, with the changes that CPUs have not yet added to the sum. */
static long reclaimable(void)
{
	const int item = NR_KERNEL_MISC_RECLAIMABLE;
	long pages = global_node_page_state(item);
	int node, cpu;

	for_each_online_node(node)
		for_each_possible_cpu(cpu)
			pages += per_cpu_ptr(NODE_DATA(node)->per_cpu_nodestats,
					     cpu)->vm_node_stat_diff[item];
	return pages;
}

/* What the figure has of each pool of OBJS idle objects. */
static const struct kind {
	struct kpool_params p;
	unsigned int objs;		/* that count */
	unsigned long pages;		/* of each */
} kinds[] = {
	{ { .name = "slab", .size = 100 }, OBJS, 0 },
	{ { .name = "pages", .size = SZ_16K }, OBJS, SZ_16K / PAGE_SIZE },
	{ { .name = "pages-odd", .size = SZ_8K + 1 }, OBJS, SZ_16K / PAGE_SIZE },
	{ { .name = "vmalloc", .size = SZ_8K + 1, .flags = KPOOL_VMALLOC }, OBJS,
	  SZ_16K / PAGE_SIZE - 1 },
	{ { .name = "kvmalloc", .size = SZ_16K, .flags = KPOOL_KVMALLOC }, OBJS,
	  SZ_16K / PAGE_SIZE },
	{ { .name = "min_idle", .size = SZ_16K, .min_idle = KEPT }, OBJS - KEPT,
	  SZ_16K / PAGE_SIZE },
	{ { .name = "reserve", .size = SZ_16K, .reserve = KEPT }, OBJS - KEPT, SZ_16K / PAGE_SIZE },
	{ { .name = "extra", .size = 100, .extra_bytes = SZ_1M }, OBJS, 0 },
};

static void name_kind(const struct kind *k, char *name)
{
	strscpy(name, k->p.name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kind, kinds, name_kind);

static void idle_pages_count_after_a_look(struct kunit *test)
{
	const struct kind *k = test->param_value;
	long before = reclaimable();
	struct kpool *pool = filled_pool(test, &k->p, OBJS);
	long pages = keeps(pool) ? k->objs * k->pages : 0;

	KUNIT_EXPECT_EQ(test, reclaimable(), before);
	kp_age_pass();
	kp_defer_sync(to_pool(pool));
	KUNIT_EXPECT_EQ(test, reclaimable(), before + pages);
	destroy(test, pool);
	KUNIT_EXPECT_EQ(test, reclaimable(), before);
}

/* A look that finds fewer idle objects corrects the figure, and so does a trim. */
static void the_figure_follows(struct kunit *test)
{
	const struct kpool_params p = { .name = "followed", .size = SZ_16K };
	const long each = SZ_16K / PAGE_SIZE;
	void **objs = room_for(test, OBJS);
	long before = reclaimable();
	struct kpool *pool = filled_pool(test, &p, OBJS);

	if (nothing_kept(test, pool))
		return;
	get_all(test, pool, objs, KEPT);
	kp_age_pass();
	KUNIT_EXPECT_EQ(test, reclaimable(), before + (OBJS - KEPT) * each);
	put_all(pool, objs, KEPT);
	kpool_trim(pool);
	KUNIT_EXPECT_EQ(test, reclaimable(), before);
	get_all(test, pool, objs, OBJS);
	put_all(pool, objs, OBJS);
	/* One look at the new objects. The next one gives them back. */
	kp_age_pass();
	KUNIT_EXPECT_EQ(test, reclaimable(), before + OBJS * each);
	kp_age_pass();
	kp_age_pass();
	KUNIT_EXPECT_EQ(test, reclaimable(), before);
	destroy(test, pool);
}

static void a_scan_corrects_the_figure(struct kunit *test)
{
	const struct kpool_params p = { .name = "scanned", .size = SZ_16K };
	long before = reclaimable();
	struct kpool *pool = filled_pool(test, &p, OBJS);
	unsigned long taken;

	if (nothing_kept(test, pool))
		return;
	kp_age_pass();
	KUNIT_EXPECT_GT(test, reclaimable(), before);
	kp_shrink_scan(OBJS, &taken);
	KUNIT_EXPECT_GT(test, taken, 0UL);
	KUNIT_EXPECT_EQ(test, reclaimable(),
			before + (long)(figure(pool, idle) * SZ_16K / PAGE_SIZE));
	destroy(test, pool);
	KUNIT_EXPECT_EQ(test, reclaimable(), before);
}

static const struct {
	struct kpool_ring_pool_params p;
	unsigned long pages;		/* of each ring */
} rings[] = {
	{ { .name = "rings-small", .size = 100 }, 0 },
	{ { .name = "rings-slab", .size = 5000 }, 0 },
	{ { .name = "rings-large", .size = 300000 }, DIV_ROUND_UP(300000, PAGE_SIZE) },
	{ { .name = "rings-mirrored", .size = 2 * PAGE_SIZE, .ring_flags = KPOOL_RING_MIRRORED },
	  2 },
};

static void pages_of_rings_count(struct kunit *test)
{
	struct kpool_ring_pool *pool;
	struct kpool_ring *ring[KEPT];
	long before = reclaimable(), pages;
	unsigned int i;

	pin(test, raw_smp_processor_id());
	for (i = 0; i < ARRAY_SIZE(rings); i++) {
		pool = kpool_ring_pool_create(&rings[i].p);
		KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
		kp_age_stop();
		pages = keeps(kpool_ring_pool(pool)) ? KEPT * rings[i].pages : 0;
		KUNIT_EXPECT_EQ(test, 0, kpool_ring_get_bulk(pool, GFP_KERNEL, ring, KEPT));
		kp_age_pass();
		KUNIT_EXPECT_EQ(test, reclaimable(), before);
		kpool_ring_put_bulk(pool, ring, KEPT);
		kp_age_pass();
		KUNIT_EXPECT_EQ_MSG(test, reclaimable(), before + pages, "%s", rings[i].p.name);
		KUNIT_EXPECT_EQ(test, kpool_ring_pool_destroy(pool), 0UL);
		KUNIT_EXPECT_EQ(test, reclaimable(), before);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(idle_pages_count_after_a_look, kind_gen_params),
	KUNIT_CASE(the_figure_follows),
	KUNIT_CASE(a_scan_corrects_the_figure),
	KUNIT_CASE(pages_of_rings_count),
	{}
};

struct kunit_suite available_suite = {
	.name = "kpool_available",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
