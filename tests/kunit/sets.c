// SPDX-License-Identifier: GPL-2.0-only
/* Sets of sized buffers that end with their test, and what is to hold of each. */
#include <kunit/resource.h>
#include <linux/sizes.h>

#include "sets.h"

static const struct kpool_sized_class odd[] = {
	{ .size = 24 }, { .size = 100 }, { .size = 1000 }, { .size = 1536 }, { .size = 4000 },
	{ .size = 5000 }, { .size = 12288 }, { .size = 70000 }, { .size = 200000 },
};

/* Several of one order, and orders without any. */
static const struct kpool_sized_class crowded[] = {
	{ .size = 33 }, { .size = 34 }, { .size = 48 }, { .size = 64 }, { .size = 65 },
	{ .size = 600 }, { .size = 1023 }, { .size = 1024 }, { .size = 1025 }, { .size = 4097 },
	{ .size = 5000 }, { .size = 8191 }, { .size = 8192 },
};

static const struct kpool_sized_class most[] = {
	{ .size = 17 }, { .size = 48 }, { .size = 96 }, { .size = 144 }, { .size = 192 },
	{ .size = 240 }, { .size = 288 }, { .size = 336 }, { .size = 384 }, { .size = 432 },
	{ .size = 480 }, { .size = 528 }, { .size = 576 }, { .size = 624 }, { .size = 672 },
	{ .size = 720 }, { .size = 768 }, { .size = 816 }, { .size = 864 }, { .size = 912 },
	{ .size = 960 }, { .size = 1008 }, { .size = 1056 }, { .size = 1104 }, { .size = 3840 },
	{ .size = 3888 }, { .size = 3936 }, { .size = 3984 }, { .size = 4080 },
	{ .size = 65536 }, { .size = 65537 }, { .size = SZ_256K },
};

static const struct kpool_sized_class one[] = { { .size = 1000 } };
static const struct kpool_sized_class least[] = { { .size = KPOOL_SIZED_LEAST } };
static const struct kpool_sized_class largest[] = { { .size = KPOOL_SIZED_MOST } };

const struct kpool_sized_params lists[] = {
	{ .name = "default" },
	{ .name = "odd", CLASSES(odd) },
	{ .name = "crowded", CLASSES(crowded) },
	{ .name = "most", CLASSES(most) },
	{ .name = "one", CLASSES(one) },
	{ .name = "least", CLASSES(least) },
	{ .name = "largest", CLASSES(largest) },
};

const unsigned int nr_lists = ARRAY_SIZE(lists);
static_assert(ARRAY_SIZE(most) == KPOOL_SIZED_CLASSES);

/* As create(). */
struct kpool_sized *set_create(const struct kpool_sized_params *params)
{
	struct kpool_sized *set = kpool_sized_create(params);

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

/* Of all sizes. */
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

/* Bypassed, what is put may be left to a worker, and until then it exists. */
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

static long in_depots(struct pool *pool)
{
	long n = pool->line ? pool->line->stocked : 0;
	unsigned int i;

	for (i = 0; i < pool->nr_depots; i++)
		n += pool->depots[i].objects;
	return n;
}

/* What a limit on bytes counts is what lies in depots and in stock, beyond the floors. */
static void expect_bytes(struct kunit *test, struct kpool_sized *set)
{
	struct pool *pool;
	unsigned int class;
	long n, bytes = 0;

	for (class = 0; class < nr_classes(set); class++) {
		pool = to_pool(class_pool(set, class));
		n = in_depots(pool);
		KUNIT_EXPECT_EQ(test, n, atomic_long_read(&pool->depot_idle));
		bytes += max(n - (long)pool->member.floor, 0L) * pool->size;
	}
	KUNIT_EXPECT_EQ(test, bytes, atomic_long_read(&to_sized(set)->bytes.idle));
}

/* All the figures of a set of which nobody has a buffer. */
void expect_set_quiet(struct kunit *test, struct kpool_sized *set)
{
	struct sized *s = to_sized(set);
	unsigned int i;

	irq_work_sync(&s->irq_work);
	flush_work(&s->work);
	/* What gives larger classes' buffers back has them in hand for a moment. */
	irq_work_sync(&s->bytes.irq_work);
	flush_work(&s->bytes.work);
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

/* And when all of it is given back. */
void expect_set_trimmed(struct kunit *test, struct kpool_sized *set)
{
	expect_set_quiet(test, set);
	kpool_sized_trim(set);
	expect_set_quiet(test, set);
	KUNIT_EXPECT_EQ(test, set_figure(set, idle_bytes), 0ULL);
	KUNIT_EXPECT_EQ(test, 0L, atomic_long_read(&to_sized(set)->bytes.idle));
	KUNIT_EXPECT_TRUE(test, xa_empty(&to_sized(set)->records));
}
