// SPDX-License-Identifier: GPL-2.0-only
/* Out of memory: the log names the largest pools. The shrink suite has what is given back. */
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "fixture.h"
#include "log.h"
#include "policy/oom.h"
#include "pool.h"

#define POOLS	12
#define NAMED	10
#define USED	2

/* The pool oom-i has two objects of i + 1 times 64 KiB in use. */
static struct kpool *pool_of_number(struct kunit *test, unsigned int i)
{
	char name[KPOOL_NAME_LEN];
	const struct kpool_params p = { .name = name, .size = SZ_64K * (i + 1),
					.flags = KPOOL_VMALLOC };

	snprintf(name, sizeof(name), "oom-%u", i);
	return pool_of(test, &p);
}

static void the_largest_pools_are_named(struct kunit *test)
{
	struct kpool *pools[POOLS];
	void *objs[POOLS][USED];
	const char *log, *line = NULL;
	char want[128];
	unsigned int i, n;

	/* The largest comes neither first nor last. */
	for (n = 0; n < POOLS; n++) {
		i = n * 5 % POOLS;
		pools[i] = pool_of_number(test, i);
		get_all(test, pools[i], objs[i], USED);
	}
	log_begin();
	kp_name_largest();
	log = log_end();
	for (i = POOLS; i-- > POOLS - NAMED;) {
		snprintf(want, sizeof(want), "pool oom-%u (id %u) of %s: ", i,
			 to_pool(pools[i])->id, to_pool(pools[i])->owner_name);
		expect_in_log(test, log, want);
		if (line)
			KUNIT_EXPECT_TRUE_MSG(test, line < strstr(log, want), "%s before", want);
		line = strstr(log, want);
	}
	for (i = 0; i < POOLS - NAMED; i++) {
		snprintf(want, sizeof(want), "pool oom-%u (", i);
		KUNIT_EXPECT_NULL(test, strstr(log, want));
	}
	KUNIT_EXPECT_EQ(test, reports_in(log), (unsigned int)NAMED);
	i = POOLS - 1;
	snprintf(want, sizeof(want), ": %llu kB, 2 objects in use, 0 idle",
		 DIV_ROUND_UP_ULL(figure(pools[i], memory) + figure(pools[i], overhead), 1024));
	expect_in_log(test, log, want);
	for (i = 0; i < POOLS; i++)
		put_all(pools[i], objs[i], USED);
}

/* The notifier may be called again and again. */
static void the_lines_come_now_and_then(struct kunit *test)
{
	const struct kpool_params p = { .name = "oom-idle", .size = SZ_16K };
	struct kpool *pool = filled_pool(test, &p, USED);
	unsigned long idle = figure(pool, idle);

	KUNIT_EXPECT_GE(test, kp_oom(), idle * (SZ_16K / PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, figure(pool, idle), 0ULL);
	log_begin();
	KUNIT_EXPECT_EQ(test, kp_oom(), 0UL);
	KUNIT_EXPECT_EQ(test, reports_in(log_end()), 0U);
	expect_in_use(test, pool, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(the_largest_pools_are_named),
	KUNIT_CASE(the_lines_come_now_and_then),
	{}
};

struct kunit_suite oom_suite = {
	.name = "kpool_oom",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
