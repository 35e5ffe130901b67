// SPDX-License-Identifier: GPL-2.0-only
/* The end of a set of sized buffers, with buffers in use and without. */
#include <linux/sched.h>
#include <linux/sizes.h>

#include "object/due.h"
#include "sets.h"
#include "sized/set.h"

static const struct kpool_sized_class classes[] = {
	{ .size = 64, .min_idle = 3 }, { .size = 8192 }, { .size = 70000 },
};

static const struct kpool_sized_params kinds[] = {
	{ .name = "plain", CLASSES(classes) },
	{ .name = "limited", CLASSES(classes), .max_idle_bytes = SZ_1M },
	{ .name = "checked", CLASSES(classes), .flags = KPOOL_DEBUG },
	{ .name = "wiped", CLASSES(classes), .flags = KPOOL_ZERO_ON_PUT },
	{ .name = "anyctx", CLASSES(classes), .flags = KPOOL_ANYCTX },
	{ .name = "expiring", CLASSES(classes), .idle_ms = 1000000 },
};

KUNIT_ARRAY_PARAM_DESC(kind, kinds, name);

/* One buffer of each class, and one of oversize. */
#define BUFS	4
static const size_t sizes[BUFS] = { 60, 5000, 70000, 90000 };

static void get_bufs(struct kunit *test, struct kpool_sized *set, void **bufs)
{
	unsigned int i;

	for (i = 0; i < BUFS; i++)
		bufs[i] = buf_of(test, set, sizes[i]);
}

static void end_leaves_nothing(struct kunit *test)
{
	const struct kpool_sized_params *p = test->param_value;
	unsigned int pools = pools_left(), sets = sets_left(), i;
	struct kpool_sized *set = set_create(p);
	void *bufs[BUFS];

	KUNIT_ASSERT_FALSE(test, IS_ERR(set));
	get_bufs(test, set, bufs);
	for (i = 0; i < BUFS; i++)
		kpool_sized_put(set, bufs[i], sizes[i]);
	expect_set_quiet(test, set);
	KUNIT_EXPECT_EQ(test, 0UL, kpool_sized_destroy(set));
	KUNIT_EXPECT_EQ(test, pools_left(), pools);
	KUNIT_EXPECT_EQ(test, sets_left(), sets);

	set = set_create(p);
	KUNIT_ASSERT_FALSE(test, IS_ERR(set));
	KUNIT_EXPECT_EQ(test, 0, kpool_sized_destroy_sync(set, 0));
	KUNIT_EXPECT_EQ(test, pools_left(), pools);
	KUNIT_EXPECT_EQ(test, sets_left(), sets);
}

/* Creates a set as if it belonged to another module, which can be pinned or not. */
static struct kpool_sized *create_for(struct module *owner, const struct kpool_sized_params *p)
{
	struct kpool_sized *set = __kpool_sized_create(p, owner, KPOOL_SIZED_ABI_HERE);

	kp_age_stop();
	return set;
}

static void put_late(struct kpool_sized *set, void *buf, size_t size, unsigned int how)
{
	switch (how % 4) {
	case 0:
		kpool_sized_put(set, buf, size);
		break;
	case 1:
		preempt_disable();
		kpool_sized_put(set, buf, size);
		preempt_enable();
		break;
	case 2:
		kpool_sized_put_bulk(set, &buf, 1, size);
		break;
	case 3:
		put_bufs_in_irq(set, &buf, 1, size);
		break;
	}
}

/* Any buffer may be the last one, and any context may put it. */
static void late_puts_end_the_set(struct kunit *test, enum module_state state)
{
	const struct kpool_sized_params *p = test->param_value;
	struct module *owner = owner_in(test, state);
	unsigned int pools = pools_left(), sets = sets_left(), last, i, j;
	struct kpool_sized *set, *next;
	struct kpool_sized_stats *st = zalloc_for(test, struct kpool_sized_stats);
	void *bufs[BUFS];

	for (last = 0; last < BUFS; last++) {
		set = create_for(owner, p);
		KUNIT_ASSERT_FALSE(test, IS_ERR(set));
		get_bufs(test, set, bufs);
		kpool_sized_destroy(set);
		KUNIT_EXPECT_EQ(test, sets_left(), sets + 1);
		KUNIT_EXPECT_EQ(test, pools_left(), pools + 3);
		next = set_create(p);	/* the set's name and its classes' names are free */
		KUNIT_ASSERT_FALSE(test, IS_ERR(next));
		kpool_sized_destroy(next);
		for (i = 0; i < BUFS; i++)
			KUNIT_EXPECT_EQ(test, PTR_ERR(kpool_sized_get(set, sizes[i], GFP_KERNEL)),
					-ESHUTDOWN);
		for (i = 1; i <= BUFS; i++) {
			j = (last + i) % BUFS;
			kpool_sized_stats(set, st);
			KUNIT_EXPECT_EQ(test, st->idle_bytes, 0ULL);
			KUNIT_EXPECT_EQ(test, sets_left(), sets + 1);
			put_late(set, bufs[j], sizes[j], last + i);
			if (i < BUFS)
				settle();
		}
		settle();
		settle();	/* the pools' end, in the first call, leaves work to the second */
		KUNIT_EXPECT_EQ(test, sets_left(), sets);
		KUNIT_EXPECT_EQ(test, pools_left(), pools);
		KUNIT_EXPECT_EQ(test, 1, atomic_read(&owner->refcnt));
	}
}

static void late_puts_end_a_set_of_a_module(struct kunit *test)
{
	late_puts_end_the_set(test, MODULE_STATE_LIVE);
}

/* The code of the owner is gone. kpool needs none of it to free the buffers. */
static void late_puts_end_a_set_whose_owner_is_gone(struct kunit *test)
{
	late_puts_end_the_set(test, MODULE_STATE_GOING);
}

struct late_work {
	struct work_struct work;
	struct kpool_sized *set;
	void *bufs[BUFS];
	bool put;
};

static void put_when_dying(struct work_struct *work)
{
	struct late_work *late = container_of(work, struct late_work, work);
	unsigned int i;

	while (!READ_ONCE(to_sized(late->set)->dying))
		schedule_timeout_uninterruptible(1);
	for (i = 0; i < BUFS; i++) {
		schedule_timeout_uninterruptible(1);
		if (i == BUFS - 1)
			WRITE_ONCE(late->put, true);
		kpool_sized_put(late->set, late->bufs[i], sizes[i]);
	}
}

static void destroy_sync_waits_for_the_last_put(struct kunit *test)
{
	struct late_work *late = zalloc_for(test, struct late_work);
	unsigned int pools = pools_left(), sets = sets_left();

	late->set = set_create(test->param_value);
	KUNIT_ASSERT_FALSE(test, IS_ERR(late->set));
	get_bufs(test, late->set, late->bufs);
	INIT_WORK(&late->work, put_when_dying);
	queue_work(system_unbound_wq, &late->work);

	KUNIT_EXPECT_EQ(test, 0, kpool_sized_destroy_sync(late->set, 60000));
	KUNIT_EXPECT_TRUE(test, READ_ONCE(late->put));
	flush_work(&late->work);
	settle();
	KUNIT_EXPECT_EQ(test, pools_left(), pools);
	KUNIT_EXPECT_EQ(test, sets_left(), sets);
}

/* From interrupts: destroy also waits for buffers that a worker frees. */
static void destroy_sees_deferred_puts_through(struct kunit *test)
{
	const struct kpool_sized_params *p = test->param_value;
	unsigned int sets = sets_left(), i;
	struct kpool_sized *set = set_create(p);
	void *bufs[BUFS];

	KUNIT_ASSERT_FALSE(test, IS_ERR(set));
	get_bufs(test, set, bufs);
	local_irq_disable();
	for (i = 0; i < BUFS; i++)
		kpool_sized_put(set, bufs[i], sizes[i]);
	local_irq_enable();
	kpool_sized_destroy(set);
	KUNIT_EXPECT_EQ(test, sets_left(), sets);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(end_leaves_nothing, kind_gen_params),
	KUNIT_CASE_PARAM(late_puts_end_a_set_of_a_module, kind_gen_params),
	KUNIT_CASE_PARAM(late_puts_end_a_set_whose_owner_is_gone, kind_gen_params),
	KUNIT_CASE_PARAM(destroy_sync_waits_for_the_last_put, kind_gen_params),
	KUNIT_CASE_PARAM(destroy_sees_deferred_puts_through, kind_gen_params),
	{}
};

static void end_exit(struct kunit_suite *suite)
{
	settle();
	resume_ageing(suite);
}

struct kunit_suite sized_end_suite = {
	.name = "kpool_sized_end",
	.suite_exit = end_exit,
	.test_cases = cases,
};
