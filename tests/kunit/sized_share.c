// SPDX-License-Identifier: GPL-2.0-only
/* How the classes of a set with max_idle_bytes share the bytes for magazines, by use. */
#include <linux/sizes.h>

#include "base/budget.h"
#include "base/clock.h"
#include "base/cpus.h"
#include "object/due.h"
#include "policy/age.h"
#include "policy/retune.h"
#include "pool.h"
#include "sets.h"
#include "sized/limit.h"
#include "sized/share.h"

/* Bytes that a magazine of this many such buffers takes, on all CPUs. */
#define BYTES(objects, size)	(2UL * READ_ONCE(kp_cpus) * (objects) * (size))

static void expect_within(struct kunit *test, const struct kp_share *classes, unsigned int n,
			  size_t bytes)
{
	size_t sum = 0;
	unsigned int i;

	for (i = 0; i < n; i++) {
		KUNIT_EXPECT_LE(test, classes[i].next, classes[i].wanted);
		KUNIT_EXPECT_GE(test, classes[i].next, classes[i].least);
		KUNIT_EXPECT_EQ(test, classes[i].bytes, BYTES(classes[i].next, classes[i].size));
		sum += classes[i].bytes;
	}
	KUNIT_EXPECT_LE(test, sum, bytes);
}

/* Where all fit, each class has what it wants, used or not. */
static void all_that_fits_is_given(struct kunit *test)
{
	struct kp_share classes[] = {
		{ .size = 64, .wanted = 64 }, { .size = SZ_4K, .wanted = 4, .use = 1000 },
		{ .size = SZ_1M, .wanted = 3 },
	};
	size_t bytes = BYTES(64, 64) + BYTES(4, SZ_4K) + BYTES(3, SZ_1M);

	kp_share_out(classes, ARRAY_SIZE(classes), bytes);
	expect_within(test, classes, ARRAY_SIZE(classes), bytes);
	KUNIT_EXPECT_EQ(test, classes[0].next, 64U);
	KUNIT_EXPECT_EQ(test, classes[1].next, 4U);
	KUNIT_EXPECT_EQ(test, classes[2].next, 3U);
	kp_share_out(classes, ARRAY_SIZE(classes), 0);
	expect_within(test, classes, ARRAY_SIZE(classes), 0);
}

/* Of two classes of one size the one that is used has the bytes, and small ones do not suffer. */
static void bytes_follow_use(struct kunit *test)
{
	struct kp_share classes[] = {
		{ .size = 64, .wanted = 64 },
		{ .size = SZ_512K, .wanted = 4 }, { .size = SZ_512K, .wanted = 4 },
	};
	size_t bytes = BYTES(64, 64) + BYTES(4, SZ_512K);

	classes[2].use = 1000;
	kp_share_out(classes, ARRAY_SIZE(classes), bytes);
	expect_within(test, classes, ARRAY_SIZE(classes), bytes);
	KUNIT_EXPECT_EQ(test, classes[0].next, 64U);
	KUNIT_EXPECT_EQ(test, classes[1].next, 0U);
	KUNIT_EXPECT_EQ(test, classes[2].next, 4U);
	classes[1].use = 1000;
	kp_share_out(classes, ARRAY_SIZE(classes), bytes);
	KUNIT_EXPECT_EQ(test, classes[1].next, 2U);
	KUNIT_EXPECT_EQ(test, classes[2].next, 2U);
}

/* A class that has magazines loses them only to one that gains twice as much. */
static void shares_do_not_swing(struct kunit *test)
{
	struct kp_share classes[] = {
		{ .size = SZ_1M, .wanted = 1, .now = 1, .use = 1000 },
		{ .size = SZ_1M, .wanted = 1, .use = 1900 },
	};

	kp_share_out(classes, ARRAY_SIZE(classes), BYTES(1, SZ_1M));
	KUNIT_EXPECT_EQ(test, classes[0].next, 1U);
	KUNIT_EXPECT_EQ(test, classes[1].next, 0U);
	classes[1].use = 2100;
	kp_share_out(classes, ARRAY_SIZE(classes), BYTES(1, SZ_1M));
	KUNIT_EXPECT_EQ(test, classes[0].next, 0U);
	KUNIT_EXPECT_EQ(test, classes[1].next, 1U);
}

/* What was asked for comes first. */
static void wishes_are_met(struct kunit *test)
{
	struct kp_share classes[] = {
		{ .size = SZ_64K, .wanted = 4, .use = U64_MAX },
		{ .size = SZ_1M, .wanted = 3, .least = 3 },
	};
	size_t bytes = BYTES(3, SZ_1M) + BYTES(2, SZ_64K);

	kp_share_out(classes, ARRAY_SIZE(classes), bytes);
	expect_within(test, classes, ARRAY_SIZE(classes), bytes);
	KUNIT_EXPECT_EQ(test, classes[0].next, 2U);
	KUNIT_EXPECT_EQ(test, classes[1].next, 3U);
}

static unsigned int magazine(struct kpool_sized *set, unsigned int class)
{
	return to_pool(class_pool(set, class))->magazine;
}

static void use(struct kunit *test, struct kpool_sized *set, unsigned int class, unsigned int n)
{
	size_t size = set->class[class].size;

	while (n--)
		put_buf(set, buf_of(test, set, size), size);
}

static const struct kpool_sized_class large[] = {
	{ .size = SZ_4K }, { .size = SZ_512K }, { .size = SZ_1M },
};

/* Classes whose equal share would have room for no buffer get magazines while they are used. */
static void large_class_in_use_has_magazines(struct kunit *test)
{
	struct kpool_sized_params p = { .name = "by-use", CLASSES(large) };
	struct kpool_sized *set;
	unsigned int round;

	count_all_cpus();
	/* Half of this: room for all magazines of 4 KiB, and for one buffer of 1 MiB a magazine. */
	p.max_idle_bytes = 2 * (BYTES(4, SZ_4K) + BYTES(1, SZ_1M));
	set = set_of(test, &p);
	KUNIT_EXPECT_EQ(test, magazine(set, 1), 2U);
	for (round = 0; round < 4; round++) {
		use(test, set, 2, 100);
		kp_sized_share(to_sized(set), true);
	}
	KUNIT_EXPECT_EQ(test, magazine(set, 0), 4U);
	KUNIT_EXPECT_EQ(test, magazine(set, 1), 0U);
	KUNIT_EXPECT_EQ(test, magazine(set, 2), 1U);
	KUNIT_EXPECT_LE(test, set_figure(set, idle_bytes), (u64)p.max_idle_bytes);
	for (round = 0; round < 12; round++) {
		use(test, set, 1, 100);
		kp_sized_share(to_sized(set), true);
	}
	KUNIT_EXPECT_EQ(test, magazine(set, 1), 2U);
	KUNIT_EXPECT_EQ(test, magazine(set, 2), 0U);
	KUNIT_EXPECT_LE(test, set_figure(set, idle_bytes), (u64)p.max_idle_bytes);
	expect_set_trimmed(test, set);
}

/* Ageing shares out once in an interval, however many classes of the set it looks at. */
static void ageing_shares_out(struct kunit *test)
{
	struct kpool_sized_params p = { .name = "aged", CLASSES(large) };
	struct kp_budget *budget;
	struct kpool_sized *set;
	unsigned long before;
	unsigned int round;

	count_all_cpus();
	p.max_idle_bytes = 2 * (BYTES(4, SZ_4K) + BYTES(1, SZ_1M));
	set = set_of(test, &p);
	budget = &to_sized(set)->budget;
	for (round = 0; round < 4; round++) {
		use(test, set, 2, 100);
		before = kp_now() - msecs_to_jiffies(READ_ONCE(kp_age_interval_ms));
		WRITE_ONCE(budget->shared_at, before);
		kp_age_pass();
		flush_work(&budget->work);
		KUNIT_EXPECT_NE(test, READ_ONCE(budget->shared_at), before);
	}
	KUNIT_EXPECT_EQ(test, magazine(set, 2), 1U);
	before = READ_ONCE(budget->shared_at);
	kp_age_pass();
	flush_work(&budget->work);
	KUNIT_EXPECT_EQ(test, READ_ONCE(budget->shared_at), before);
	expect_set_trimmed(test, set);
}

/* With another number of CPUs the same magazines have other bytes. */
static void shares_follow_the_number_of_cpus(struct kunit *test)
{
	static const struct kpool_sized_class classes[] = { { .size = SZ_4K } };
	struct kpool_sized_params p = { .name = "cpus", CLASSES(classes) };
	struct kpool_sized *set;
	unsigned int before;

	count_all_cpus();
	before = READ_ONCE(kp_cpus);
	p.max_idle_bytes = 2 * 2 * BYTES(4, SZ_4K);
	set = set_of(test, &p);
	KUNIT_EXPECT_EQ(test, magazine(set, 0), 4U);
	/* As CPU hotplug does. */
	WRITE_ONCE(kp_cpus, 2 * before);
	kp_retune_magazines(to_pool(class_pool(set, 0)));
	KUNIT_EXPECT_EQ(test, magazine(set, 0), 2U);
	kp_sized_share(to_sized(set), false);
	KUNIT_EXPECT_EQ(test, magazine(set, 0), 4U);
	WRITE_ONCE(kp_cpus, before);
	kp_retune_magazines(to_pool(class_pool(set, 0)));
	kp_sized_share(to_sized(set), false);
	KUNIT_EXPECT_EQ(test, magazine(set, 0), 4U);
	KUNIT_EXPECT_EQ(test, to_pool(class_pool(set, 0))->class_link->magazine_share,
			BYTES(4, SZ_4K));
	expect_set_trimmed(test, set);
}

/* Somebody asks for magazines of a class that is not used. They are there at once. */
static void choice_is_met_at_once(struct kunit *test)
{
	static const struct kpool_sized_class classes[] = {
		{ .size = SZ_256K }, { .size = SZ_512K },
	};
	struct kpool_sized_params p = { .name = "asked", CLASSES(classes) };
	struct kpool_limits limits = { .magazine = 2 };
	struct kpool_sized *set;
	unsigned int round;

	count_all_cpus();
	/* Half of this: an equal share has room for one buffer of 512 KiB a magazine. */
	p.max_idle_bytes = 2 * BYTES(4, SZ_256K);
	set = set_of(test, &p);
	for (round = 0; round < 4; round++) {
		use(test, set, 0, 1000);
		kp_sized_share(to_sized(set), true);
	}
	KUNIT_EXPECT_EQ(test, magazine(set, 0), 4U);
	KUNIT_EXPECT_EQ(test, magazine(set, 1), 0U);
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			kpool_retune_some(class_pool(set, 1), &limits, KPOOL_LIMIT_MAGAZINE));
	limits.magazine = 1;
	KUNIT_EXPECT_EQ(test, 0,
			kpool_retune_some(class_pool(set, 1), &limits, KPOOL_LIMIT_MAGAZINE));
	flush_work(&to_sized(set)->budget.work);
	KUNIT_EXPECT_EQ(test, magazine(set, 0), 2U);
	KUNIT_EXPECT_EQ(test, magazine(set, 1), 1U);
	expect_set_trimmed(test, set);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(all_that_fits_is_given),
	KUNIT_CASE(bytes_follow_use),
	KUNIT_CASE(shares_do_not_swing),
	KUNIT_CASE(wishes_are_met),
	KUNIT_CASE(large_class_in_use_has_magazines),
	KUNIT_CASE(ageing_shares_out),
	KUNIT_CASE(shares_follow_the_number_of_cpus),
	KUNIT_CASE(choice_is_met_at_once),
	{}
};

struct kunit_suite sized_share_suite = {
	.name = "kpool_sized_share",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
