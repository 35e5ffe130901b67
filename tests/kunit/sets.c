// SPDX-License-Identifier: GPL-2.0-only
/* Sets of sized buffers that end with their test, and the figures that each set should have. */
#include <kunit/resource.h>

#include "base/registry.h"
#include "base/work.h"
#include "interrupts.h"
#include "object/due.h"
#include "pool.h"
#include "sets.h"
#include "sized/set.h"
#include "sized/sets.h"
#include "store/waitlist.h"

/* As create(), for a set. */
struct kpool_sized *set_create(const struct kpool_sized_params *params)
{
	struct kpool_sized *set;

	count_all_cpus();
	set = kpool_sized_create(params);
	kp_age_stop();
	return set;
}

static void end(struct kunit_resource *res)
{
	kpool_sized_destroy(res->data);
}

/* A set that ends with the test, or by end_set(). */
struct kpool_sized *set_of(struct kunit *test, const struct kpool_sized_params *params)
{
	struct kpool_sized *set = set_create(params);

	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(set), "create %s: %pe", params->name, set);
	kunit_alloc_resource(test, NULL, end, GFP_KERNEL, set);
	return set;
}

static bool is_set(struct kunit *test, struct kunit_resource *res, void *set)
{
	return res->data == set;
}

void end_set(struct kunit *test, struct kpool_sized *set)
{
	KUNIT_ASSERT_EQ(test, 0, kunit_destroy_resource(test, is_set, set));
}

unsigned int sets_left(void)
{
	unsigned int n = 0;
	u32 id = 0;

	kp_registry_lock();
	while (kp_registry_set_after(&id))
		n++;
	kp_registry_unlock();
	return n;
}

u64 set_figure_at(struct kpool_sized *set, size_t offset)
{
	struct kpool_sized_stats st;

	kpool_sized_stats(set, &st);
	return *(u64 *)((void *)&st + offset);
}

/* The number of samples of all sizes. */
u64 set_samples(struct kpool_sized *set)
{
	unsigned int bucket;
	u64 n, sum = 0;

	for (bucket = 0; kpool_sized_bucket(set, bucket, &n); bucket++)
		sum += n;
	return sum;
}

void *buf_of(struct kunit *test, struct kpool_sized *set, size_t size)
{
	void *buf = kpool_sized_get(set, size, GFP_KERNEL);

	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(buf), "get of %zu: %pe", size, buf);
	return buf;
}

void bufs_of(struct kunit *test, struct kpool_sized *set, size_t size, void **bufs,
	     unsigned int n)
{
	while (n--)
		*bufs++ = buf_of(test, set, size);
}

/* With bypass a put may leave the buffer to a worker. The buffer exists until the worker ran. */
void see_puts_through(struct kpool_sized *set)
{
	unsigned int i;

	for (i = 0; i < nr_classes(set); i++)
		kp_defer_sync(to_pool(class_pool(set, i)));
}

void put_buf(struct kpool_sized *set, void *buf, size_t size)
{
	kpool_sized_put(set, buf, size);
	see_puts_through(set);
}

void put_bufs(struct kpool_sized *set, void **bufs, unsigned int n, size_t size)
{
	while (n--)
		kpool_sized_put(set, *bufs++, size);
}

struct buf_batch {
	struct kpool_sized *set;
	void **bufs;
	unsigned int n;
	size_t size;
};

static void put_buf_batch(void *arg)
{
	struct buf_batch *b = arg;

	put_bufs(b->set, b->bufs, b->n, b->size);
}

void put_bufs_in_irq(struct kpool_sized *set, void **bufs, unsigned int n, size_t size)
{
	struct buf_batch batch = { set, bufs, n, size };

	call_in_irq(put_buf_batch, &batch);
}

static long in_depots(struct kp_pool *pool)
{
	long n = pool->waitlist ? pool->waitlist->reserve_idle : 0;
	unsigned int i;

	for (i = 0; i < pool->nr_depots; i++)
		n += pool->depots[i].objects;
	return n;
}

/* The budget counts idle bytes in depots and in the reserve list, above the floors. */
static void expect_bytes(struct kunit *test, struct kpool_sized *set)
{
	struct kp_pool *pool;
	unsigned int class;
	long n, bytes = 0;

	for (class = 0; class < nr_classes(set); class++) {
		pool = to_pool(class_pool(set, class));
		n = in_depots(pool);
		KUNIT_EXPECT_EQ(test, n, atomic_long_read(&pool->depot_idle));
		bytes += max(n - (long)pool->class_link->floor, 0L) * pool->size;
	}
	KUNIT_EXPECT_EQ(test, bytes, atomic_long_read(&to_sized(set)->budget.idle));
}

/* Expects all figures of a set of which nobody has a buffer. */
void expect_set_quiet(struct kunit *test, struct kpool_sized *set)
{
	struct kp_sized *s = to_sized(set);
	unsigned int i;

	irq_work_sync(&s->irq_work);
	flush_work(&s->work);
	/* The irq_work that frees larger classes' buffers holds some of them for a moment. */
	irq_work_sync(&s->budget.irq_work);
	flush_work(&s->budget.work);
	see_puts_through(set);
	for (i = 0; i < nr_classes(set); i++)
		expect_in_use(test, class_pool(set, i), 0);
	KUNIT_EXPECT_EQ(test, set_figure(set, in_use_bytes), 0ULL);
	KUNIT_EXPECT_EQ(test, set_figure(set, oversize_gets), set_figure(set, oversize_puts));
	KUNIT_EXPECT_EQ(test, 0L, atomic_long_read(&s->oversize_out));
	KUNIT_EXPECT_EQ(test, (unsigned int)refcount_read(&s->refs), 1 + nr_classes(set));
	if (!s->max_idle_bytes)
		return;
	expect_bytes(test, set);
	KUNIT_EXPECT_LE(test, set_figure(set, idle_bytes), (u64)s->max_idle_bytes);
}

/* As expect_set_quiet(), after all idle buffers were given back. */
void expect_set_trimmed(struct kunit *test, struct kpool_sized *set)
{
	expect_set_quiet(test, set);
	kpool_sized_trim(set);
	expect_set_quiet(test, set);
	KUNIT_EXPECT_EQ(test, set_figure(set, idle_bytes), 0ULL);
	KUNIT_EXPECT_EQ(test, 0L, atomic_long_read(&to_sized(set)->budget.idle));
	KUNIT_EXPECT_TRUE(test, xa_empty(&to_sized(set)->records.by_address));
}
