// SPDX-License-Identifier: GPL-2.0-only
/* Sets whose buffers RCU readers may find; lifetimes and zones of sets. */
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sizes.h>

#include "log.h"
#include "path/rcu.h"
#include "pool.h"
#include "sets.h"
#include "sized/oversize.h"

static const struct kpool_sized_class classes[] = {
	{ .size = 64 }, { .size = 4096 }, { .size = SZ_128K },
};

static const struct kpool_sized_params kinds[] = {
	{ .name = "plain", CLASSES(classes), .flags = KPOOL_RCU },
	{ .name = "wiped", CLASSES(classes), .flags = KPOOL_RCU | KPOOL_ZERO_ON_PUT },
	{ .name = "checked", CLASSES(classes), .flags = KPOOL_RCU | KPOOL_DEBUG },
	{ .name = "anyctx", CLASSES(classes), .flags = KPOOL_RCU | KPOOL_ANYCTX },
};

KUNIT_ARRAY_PARAM_DESC(kind, kinds, name);

/* One for each class, and one beyond. */
static const size_t sizes[] = { 64, 4096, SZ_128K, SZ_256K };

static void sync_all(struct kpool_sized *set)
{
	unsigned int i;

	for (i = 0; i < nr_classes(set); i++)
		kp_rcu_sync(to_pool(class_pool(set, i)));
	irq_work_sync(&to_sized(set)->irq_work);
	flush_work(&to_sized(set)->work);
}

/* A reader that found the buffer before sees its bytes until the grace period ends. */
static void readers_see_the_buffer_unchanged(struct kunit *test)
{
	struct kpool_sized *set = set_of(test, test->param_value);
	unsigned int i;
	void *buf;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		buf = buf_of(test, set, sizes[i]);
		memset(buf, 7, sizes[i]);
		rcu_read_lock();
		kpool_sized_put_rcu(set, buf, sizes[i]);
		KUNIT_EXPECT_TRUE_MSG(test, !memchr_inv(buf, 7, sizes[i]), "%zu bytes", sizes[i]);
		rcu_read_unlock();
		sync_all(set);
	}
	KUNIT_EXPECT_EQ(test, set_figure(set, oversize_puts), 1ULL);
	expect_set_quiet(test, set);
	expect_set_trimmed(test, set);
}

/* The worker has the buffer, and waits with it for the reader. */
static void oversize_buffer_stays_while_somebody_reads(struct kunit *test)
{
	static const struct kpool_sized_params p = { .name = "read", CLASSES(classes),
						     .flags = KPOOL_RCU };
	struct kpool_sized *set = set_of(test, &p);
	void *buf = buf_of(test, set, SZ_256K);
	struct kp_sized *s = to_sized(set);

	rcu_read_lock();
	kpool_sized_put_rcu(set, buf, SZ_256K);
	/* A kernel with one CPU may run the worker only after the reader. */
	if (spin_until(llist_empty(&s->rcu_freed) || num_online_cpus() == 1))
		mdelay(20);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&s->oversize_out), 1L);
	rcu_read_unlock();
	sync_all(set);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&s->oversize_out), 0L);
	expect_set_quiet(test, set);
}

/* The end of a set waits for the grace periods of all its buffers. */
static void end_waits_for_grace_periods(struct kunit *test)
{
	struct kpool_sized *set = set_create(test->param_value);
	unsigned int sets = sets_left(), i;
	void *bufs[ARRAY_SIZE(sizes)];

	KUNIT_ASSERT_FALSE(test, IS_ERR(set));
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		bufs[i] = buf_of(test, set, sizes[i]);
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		kpool_sized_put_rcu(set, bufs[i], sizes[i]);
	KUNIT_EXPECT_EQ(test, 0UL, kpool_sized_destroy(set));
	KUNIT_EXPECT_EQ(test, sets_left(), sets - 1);
}

static void put_without_the_flag_is_refused(struct kunit *test)
{
	static const struct kpool_sized_params p = { .name = "no-rcu", CLASSES(classes) };
	struct kpool_sized *set = set_of(test, &p);
	unsigned int i;
	void *buf;

	kpool_sized_put_rcu(set, NULL, 64);
	kpool_sized_put_rcu(set, ERR_PTR(-ENOMEM), 64);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		buf = buf_of(test, set, sizes[i]);
		log_begin();
		kpool_sized_put_rcu(set, buf, sizes[i]);
		expect_in_log(test, log_end(), "set no-rcu: no KPOOL_RCU");
		kpool_sized_put(set, buf, sizes[i]);
	}
	expect_set_quiet(test, set);
}

static void classes_have_the_lifetime_and_the_zone_of_the_set(struct kunit *test)
{
	static const struct kpool_sized_params p = {
		.name = "zoned", CLASSES(classes), .zone = GFP_DMA32, .lifetime_ms = 5000,
	};
	struct kpool_sized *set = set_of(test, &p);
	struct kpool_limits limits;
	unsigned int i;
	void *buf;

	for (i = 0; i < nr_classes(set); i++) {
		kpool_limits(class_pool(set, i), &limits);
		KUNIT_EXPECT_EQ(test, limits.lifetime_ms, p.lifetime_ms);
		KUNIT_EXPECT_TRUE(test, to_pool(class_pool(set, i))->zone == p.zone);
		buf = buf_of(test, set, sizes[i]);
		KUNIT_EXPECT_FALSE(test, is_vmalloc_addr(buf));
		kpool_sized_put(set, buf, sizes[i]);
	}
	log_begin();
	buf = kpool_sized_get(set, SZ_256K, GFP_KERNEL);
	expect_in_log(test, log_end(), "only classes have the zone");
	KUNIT_EXPECT_PTR_EQ(test, buf, ERR_PTR(-EINVAL));
	expect_set_quiet(test, set);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(readers_see_the_buffer_unchanged, kind_gen_params),
	KUNIT_CASE(oversize_buffer_stays_while_somebody_reads),
	KUNIT_CASE_PARAM(end_waits_for_grace_periods, kind_gen_params),
	KUNIT_CASE(put_without_the_flag_is_refused),
	KUNIT_CASE(classes_have_the_lifetime_and_the_zone_of_the_set),
	{}
};

struct kunit_suite sized_rcu_suite = {
	.name = "kpool_sized_rcu",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
