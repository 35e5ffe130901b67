// SPDX-License-Identifier: GPL-2.0-only
/* Wrong puts, on a kernel without detectors. The pools have to end all the same. */
#include <linux/delay.h>
#include <linux/kpool.h>
#include <linux/module.h>

#include "wrong_put.h"

static unsigned int ended;

static void dtor(void *obj, void *ctx)
{
	ended++;
}

static const struct kpool_ops ops = { .dtor = dtor };

static const struct kpool_params kinds[] = {
	{ .name = "abuse-plain", .size = 64 },
	{ .name = "abuse-odd", .size = 24 },
	{ .name = "abuse-dtor", .size = 64, .ops = &ops },
	{ .name = "abuse-pages", .size = 8192 },
	{ .name = "abuse-vmalloc", .size = 8192, .flags = KPOOL_VMALLOC },
	{ .name = "abuse-kvmalloc", .size = 8192, .flags = KPOOL_KVMALLOC, .ops = &ops },
};

/* A pool with two objects out. */
static struct kpool *pool_with_two(const struct kpool_params *p, void *objs[2])
{
	struct kpool *pool = kpool_create(p);

	if (IS_ERR(pool))
		return pool;
	if (kpool_get_bulk(pool, GFP_KERNEL, objs, 2)) {
		kpool_destroy(pool);
		return ERR_PTR(-ENOMEM);
	}
	return pool;
}

/* The consumer puts one of its objects twice, and the other one after the end. */
static noinline int put_twice(const struct kpool_params *p, bool late)
{
	struct kpool_stats st;
	unsigned long out = 2;
	struct kpool *pool;
	void *objs[2];

	pool = pool_with_two(p, objs);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	if (late)
		kpool_destroy(pool);
	kpool_put(pool, objs[1]);
	kpool_put(pool, objs[1]);
	if (!late)
		out = kpool_destroy(pool);
	msleep(20);	/* for the worker that tears down */
	kpool_stats(pool, &st);
	pr_info("%s: %lu out, then %llu exist, %llu in use\n", kpool_name(pool), out, st.existing,
		st.in_use);
	kpool_put(pool, objs[0]);
	return 0;
}

/* Both pools keep nothing, as with bypass=1. The second one has given no object. */
static noinline int put_elsewhere(const struct kpool_params *p)
{
	struct kpool_params q = *p;
	struct kpool *pool, *other;
	void *objs[2];

	q.name = "abuse-other";
	q.flags |= KPOOL_BYPASS;
	other = kpool_create(&q);
	if (IS_ERR(other))
		return PTR_ERR(other);
	q.name = "abuse-bypass";
	pool = pool_with_two(&q, objs);
	if (IS_ERR(pool)) {
		kpool_destroy(other);
		return PTR_ERR(pool);
	}
	kpool_put(other, objs[0]);
	kpool_put_bulk(pool, objs, 2);
	pr_info("elsewhere: %lu and %lu out\n", kpool_destroy(other), kpool_destroy(pool));
	return 0;
}

static noinline int put_stack(const struct kpool_params *p)
{
	char buf[64] __aligned(64);
	struct kpool *pool = kpool_create(p);

	if (IS_ERR(pool))
		return PTR_ERR(pool);
	OPTIMIZER_HIDE_VAR(pool);
	kpool_put(pool, buf);
	pr_info("stack: %lu out\n", kpool_destroy(pool));
	return 0;
}

int put_wrongly(void)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(kinds) && !err; i++)
		err = put_twice(&kinds[i], false) ?: put_twice(&kinds[i], true) ?:
		      put_elsewhere(&kinds[i]) ?: put_stack(&kinds[i]);
	return err;
}

/* The other pool takes the object for its own, which is out. */
int leave_in_doubt(void)
{
	static const struct kpool_params q = { .name = "abuse-other", .size = 64 };
	struct kpool *pool, *other;
	void *objs[2], *its;

	pool = pool_with_two(&kinds[0], objs);
	other = kpool_create(&q);
	if (IS_ERR(pool) || IS_ERR(other))
		return -ENOMEM;
	its = kpool_get(other, GFP_KERNEL);
	kpool_put(other, objs[0]);
	pr_info("in doubt: %d\n", kpool_destroy_sync(other, 60000));
	kpool_put(other, its);
	kpool_put(pool, objs[1]);
	pr_info("in doubt: %lu out\n", kpool_destroy(pool));
	return 0;
}
