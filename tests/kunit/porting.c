// SPDX-License-Identifier: GPL-2.0-only
/* What ported code uses: names with a number, alignments, NULL in place of an error. */
#include <linux/kpool/porting.h>
#include <linux/slab.h>

#include "fixture.h"

#define OBJS	8

static struct kpool *numbered(struct kunit *test, const char *name)
{
	const struct kpool_params p = { .name = name, .size = 64 };
	struct kpool *pool = kpool_create_numbered(&p);

	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	return pool;
}

static void numbered_pools_have_different_names(struct kunit *test)
{
	struct kpool *one = numbered(test, "porting"), *other = numbered(test, "porting");

	KUNIT_EXPECT_EQ(test, strncmp(kpool_name(one), "porting-", 8), 0);
	KUNIT_EXPECT_EQ(test, strncmp(kpool_name(other), "porting-", 8), 0);
	KUNIT_EXPECT_STRNEQ(test, kpool_name(one), kpool_name(other));
	kpool_destroy(one);
	kpool_destroy(other);
}

static void long_name_keeps_its_number(struct kunit *test)
{
	static const char name[] = "a-name-that-is-longer-than-any-name-of-a-pool";
	struct kpool *one = numbered(test, name), *other = numbered(test, name);

	KUNIT_EXPECT_EQ(test, strlen(kpool_name(one)), (size_t)KPOOL_NAME_LEN - 1);
	KUNIT_EXPECT_EQ(test, strncmp(kpool_name(one), name, KPOOL_NAME_LEN - 1 - 11), 0);
	KUNIT_EXPECT_STRNEQ(test, kpool_name(one), kpool_name(other));
	kpool_destroy(one);
	kpool_destroy(other);
}

/* Another consumer may have taken the name that comes next. */
static void number_that_is_taken_is_left_out(struct kunit *test)
{
	struct kpool *one = numbered(test, "porting"), *taken, *other;
	char name[KPOOL_NAME_LEN];
	unsigned int number;

	KUNIT_ASSERT_EQ(test, kstrtouint(kpool_name(one) + 8, 10, &number), 0);
	snprintf(name, sizeof(name), "porting-%u", number + 1);
	taken = create(&(struct kpool_params){ .name = name, .size = 64 });
	KUNIT_ASSERT_FALSE(test, IS_ERR(taken));
	other = numbered(test, "porting");
	KUNIT_EXPECT_STRNEQ(test, kpool_name(other), name);
	kpool_destroy(one);
	kpool_destroy(taken);
	kpool_destroy(other);
}

struct shape {
	const char *name;
	size_t size;
	size_t align;
	slab_flags_t flags;
};

static const struct shape shapes[] = {
	{ "plain", 72, 0, 0 },
	{ "aligned", 72, 32, 0 },
	{ "line", 200, 0, SLAB_HWCACHE_ALIGN },
	{ "part-of-line", 12, 0, SLAB_HWCACHE_ALIGN },
	{ "more-than-line", 200, 256, SLAB_HWCACHE_ALIGN },
};

KUNIT_ARRAY_PARAM_DESC(shape, shapes, name);

static void expect_aligned(struct kunit *test, void *obj, size_t align)
{
	KUNIT_EXPECT_TRUE(test, is_power_of_2(align));
	KUNIT_EXPECT_TRUE(test, IS_ALIGNED((unsigned long)obj, align));
}

/* Each object of such a cache has the alignment, and the caller gets what it asked for. */
static void slab_align_is_that_of_a_cache(struct kunit *test)
{
	const struct shape *shape = test->param_value;
	size_t align = kpool_slab_align(shape->size, shape->align, shape->flags);
	struct kmem_cache *cache;
	void *objs[OBJS];
	unsigned int i;

	cache = kmem_cache_create("kpool-porting", shape->size, shape->align,
				  shape->flags, NULL);
	KUNIT_ASSERT_NOT_NULL(test, cache);
	for (i = 0; i < OBJS; i++) {
		objs[i] = kmem_cache_alloc(cache, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, objs[i]);
		expect_aligned(test, objs[i], align);
	}
	for (i = 0; i < OBJS; i++)
		kmem_cache_free(cache, objs[i]);
	kmem_cache_destroy(cache);
	KUNIT_EXPECT_GE(test, align, max(shape->align, sizeof(void *)));
	if (shape->flags & SLAB_HWCACHE_ALIGN && shape->size > cache_line_size() / 2)
		KUNIT_EXPECT_GE(test, align, (size_t)cache_line_size());
}

static const size_t sizes[] = { 8, 24, 64, 72, 1000, 1024, 8192 };

static void kmalloc_align_is_that_of_kmalloc(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		size_t align = kpool_kmalloc_align(sizes[i]);
		const struct kpool_params p = { .name = "porting", .size = sizes[i],
						.align = align };
		void *obj = kmalloc(sizes[i], GFP_KERNEL);
		struct kpool *pool;

		KUNIT_ASSERT_NOT_NULL(test, obj);
		expect_aligned(test, obj, align);
		kfree(obj);
		if (is_power_of_2(sizes[i]))
			KUNIT_EXPECT_GE(test, align, sizes[i]);

		pool = pool_of(test, &p);
		obj = kpool_get(pool, GFP_KERNEL);
		KUNIT_ASSERT_FALSE(test, IS_ERR(obj));
		expect_aligned(test, obj, align);
		kpool_put(pool, obj);
		destroy(test, pool);
	}
}

static void error_becomes_null_and_object_stays(struct kunit *test)
{
	int object;

	KUNIT_EXPECT_NULL(test, kpool_or_null(ERR_PTR(-ENOMEM)));
	KUNIT_EXPECT_NULL(test, kpool_or_null(ERR_PTR(-ESHUTDOWN)));
	KUNIT_EXPECT_PTR_EQ(test, kpool_or_null(&object), (void *)&object);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(numbered_pools_have_different_names),
	KUNIT_CASE(long_name_keeps_its_number),
	KUNIT_CASE(number_that_is_taken_is_left_out),
	KUNIT_CASE_PARAM(slab_align_is_that_of_a_cache, shape_gen_params),
	KUNIT_CASE(kmalloc_align_is_that_of_kmalloc),
	KUNIT_CASE(error_becomes_null_and_object_stays),
	{}
};

struct kunit_suite porting_suite = {
	.name = "kpool_porting",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
