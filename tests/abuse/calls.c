// SPDX-License-Identifier: GPL-2.0-only
/*
 * The wrong calls that Documentation/api.rst has a table of. A line of the log announces each call
 * by its name in the table. The kernel must not warn.
 */
#include <linux/delay.h>
#include <linux/kpool_ring_wait.h>
#include <linux/kpool_sized.h>
#include <linux/module.h>

#include "wrong_put.h"

#define RING_SIZE	64

static const struct kpool_params plain = { .name = "abuse-calls", .size = 64, .max = 2 };

/* Each function gets a pool with one object in use, and leaves it so. */
static void destroy_twice(struct kpool *pool, void *obj)
{
	static const struct kpool_params p = { .name = "abuse-twice", .size = 64 };
	struct kpool *twice = kpool_create(&p);
	void *own = IS_ERR(twice) ? NULL : kpool_get(twice, GFP_KERNEL);

	if (IS_ERR_OR_NULL(own))
		return;
	kpool_destroy(twice);
	kpool_destroy(twice);
	kpool_put(twice, own);
	msleep(200);	/* kpool frees the pool */
	kpool_destroy(twice);
}

static void destroy_in_atomic_context(struct kpool *pool, void *obj)
{
	local_irq_disable();
	kpool_destroy(pool);
	local_irq_enable();
}

static void call_without_a_pool(struct kpool *pool, void *obj)
{
#ifdef KPOOL_CHECKS_CALLS
	pool = ERR_PTR(-ENOMEM);
	OPTIMIZER_HIDE_VAR(pool);
	if (PTR_ERR(kpool_get(pool, GFP_KERNEL)) == -EINVAL)
		kpool_put(pool, obj);
#endif
}

static void get_with_wrong_flags(struct kpool *pool, void *obj)
{
	gfp_t gfp = GFP_KERNEL | GFP_DMA;

	OPTIMIZER_HIDE_VAR(gfp);	/* a constant would not compile */
	kpool_put(pool, kpool_get(pool, gfp));
}

static void get_too_many(struct kpool *pool, void *obj)
{
	void *objs[3];

	if (!kpool_get_bulk(pool, GFP_KERNEL, objs, ARRAY_SIZE(objs)))
		kpool_put_bulk(pool, objs, ARRAY_SIZE(objs));
}

static void get_a_huge_buffer(struct kpool *pool, void *obj)
{
	static const struct kpool_sized_params p = { .name = "abuse-calls" };
	struct kpool_sized *set = kpool_sized_create(&p);
	size_t size = 3UL << 30;

	if (IS_ERR(set))
		return;
	kpool_sized_put(set, kpool_sized_get(set, size, GFP_KERNEL), size);
	kpool_sized_destroy(set);
}

static void put_after_a_grace_period(struct kpool *pool, void *obj)
{
	kpool_put_rcu(pool, obj);
}

static void commit_too_much(struct kpool *pool, void *obj)
{
	struct kpool_ring *ring = kpool_ring_create(RING_SIZE, 0, GFP_KERNEL);
	size_t n = 8;

	if (!IS_ERR(ring) && kpool_ring_reserve(ring, &n))
		kpool_ring_commit(ring, 9);
	kpool_ring_destroy(ring);
}

static void consume_too_much(struct kpool *pool, void *obj)
{
	struct kpool_ring *ring = kpool_ring_create(RING_SIZE, 0, GFP_KERNEL);
	size_t n = 8;

	if (!IS_ERR(ring) && kpool_ring_write(ring, "12345", 5) == 5 &&
	    kpool_ring_peek_contiguous(ring, &n))
		kpool_ring_consume(ring, 6);
	kpool_ring_destroy(ring);
}

static struct kpool_ring_wait wait;
static const struct kpool_ring_wait_params any_byte;

static void destroy_a_ring_that_is_waited_for(struct kpool *pool, void *obj)
{
	struct kpool_ring *ring = kpool_ring_create(RING_SIZE, 0, GFP_KERNEL);

	if (IS_ERR(ring) || kpool_ring_wait_init(&wait, ring, &any_byte))
		return;
	kpool_ring_destroy(ring);
	kpool_ring_wait_exit(&wait);
	kpool_ring_destroy(ring);
}

static void put_a_ring_that_is_waited_for(struct kpool *pool, void *obj)
{
	static const struct kpool_ring_pool_params p = { .name = "abuse-rings", .size = RING_SIZE };
	struct kpool_ring_pool *rings = kpool_ring_pool_create(&p);
	struct kpool_ring *ring;

	if (IS_ERR(rings))
		return;
	ring = kpool_ring_get(rings, GFP_KERNEL);
	if (!IS_ERR(ring) && !kpool_ring_wait_init(&wait, ring, &any_byte)) {
		kpool_ring_put(rings, ring);
		kpool_ring_wait_exit(&wait);
	}
	kpool_ring_pool_destroy(rings);
}

static void create_with_another_header(struct kpool *pool, void *obj)
{
	static const struct kpool_params p = { .name = "abuse-header", .size = 64 };
	struct kpool_abi abi = KPOOL_ABI_HERE;

	abi.number++;
	kpool_destroy(__kpool_create(&p, THIS_MODULE, abi));
}

static int wrong_ctor(void *obj, void *ctx, gfp_t gfp, int node)
{
	return 1;
}

static void build_wrongly(struct kpool *pool, void *obj)
{
	static const struct kpool_ops ops = { .ctor = wrong_ctor };
	static const struct kpool_params p = { .name = "abuse-ctor", .size = 64, .ops = &ops };
	struct kpool *built = kpool_create(&p);

	if (IS_ERR(built))
		return;
	kpool_put(built, kpool_get(built, GFP_KERNEL));
	kpool_destroy(built);
}

static const struct {
	const char *name;
	void (*call)(struct kpool *pool, void *obj);
} calls[] = {
	{ "kpool_destroy() of a pool that was destroyed before", destroy_twice },
	{ "kpool_destroy() in atomic context", destroy_in_atomic_context },
	{ "a get from NULL or an ERR_PTR, a put into it", call_without_a_pool },
	{ "a get with gfp flags that a get cannot have", get_with_wrong_flags },
	{ "a bulk get of more than max", get_too_many },
	{ "a get of a sized buffer of more than 2 GiB", get_a_huge_buffer },
	{ "kpool_put_rcu() without KPOOL_RCU", put_after_a_grace_period },
	{ "kpool_ring_commit() of more than is reserved", commit_too_much },
	{ "kpool_ring_consume() of more than is there", consume_too_much },
	{ "kpool_ring_destroy() before kpool_ring_wait_exit()", destroy_a_ring_that_is_waited_for },
	{ "kpool_ring_put() before kpool_ring_wait_exit()", put_a_ring_that_is_waited_for },
	{ "a header of another kpool", create_with_another_header },
	{ "a ctor that returns neither 0 nor an error", build_wrongly },
};

int call_wrongly(void)
{
	struct kpool *pool = kpool_create(&plain);
	unsigned int i;
	void *obj;

	if (IS_ERR(pool))
		return PTR_ERR(pool);
	obj = kpool_get(pool, GFP_KERNEL);
	if (IS_ERR(obj)) {
		kpool_destroy(pool);
		return PTR_ERR(obj);
	}
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		pr_info("mistake: %s\n", calls[i].name);
		calls[i].call(pool, obj);
		pr_info("afterwards: %s\n", calls[i].name);
	}
	kpool_put(pool, obj);
	pr_info("wrong calls: %lu out\n", kpool_destroy(pool));
	return 0;
}

/* A get that hits does not sleep. If it missed, it might. */
int get_under_a_spinlock(void)
{
	static DEFINE_SPINLOCK(lock);
	struct kpool *pool = kpool_create(&plain);

	if (IS_ERR(pool))
		return PTR_ERR(pool);
	kpool_put(pool, kpool_get(pool, GFP_KERNEL));
	spin_lock(&lock);
	kpool_put(pool, kpool_get(pool, GFP_KERNEL));
	spin_unlock(&lock);
	kpool_destroy(pool);
	return 0;
}
