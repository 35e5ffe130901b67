// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each wrong parameter is refused. The log names the parameter and the reason, and nothing is
 * created.
 */
#include <linux/nodemask.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "base/params.h"
#include "fixture.h"
#include "log.h"

static int ctor(void *obj, void *ctx, gfp_t gfp, int node)
{
	return 0;
}

static const struct kpool_ops ctor_only = { .ctor = ctor };

/* These are refused before they are called. */
static unsigned int give(void *ctx, const struct kpool_memory_request *request, void **mem,
			 unsigned int n)
{
	return 0;
}

static void take(void *ctx, void **mem, unsigned int n)
{
}

static const struct kpool_memory_ops plain_memory = { .alloc = give, .free = take },
	alloc_only = { .alloc = give }, free_only = { .free = take },
	unknown_memory = { .flags = BIT(30), .alloc = give, .free = take },
	page_memory = { .flags = KPOOL_MEMORY_PAGES, .alloc = give, .free = take };

struct wrong {
	const char *what;
	const char *says;
	struct kpool_params p;
};

#define WRONG_OF(_what, _says, _size, ...) \
	{ _what, _says, { .name = "wrong", .size = (_size), __VA_ARGS__ } }
#define WRONG(_what, _says, ...)	WRONG_OF(_what, _says, 64, __VA_ARGS__)

static const struct wrong wrongs[] = {
	{ "no name", "name:", { .size = 64 } },
	{ "empty name", "name:", { .name = "", .size = 64 } },
	{ "long name", "name:", { .name = "a-name-of-32-characters-is-a-long", .size = 64 } },
	{ "name with blank", "name", { .name = "a b", .size = 64 } },
	{ "name with slash", "name", { .name = "a/b", .size = 64 } },
	{ "name with newline", "name", { .name = "a\n", .size = 64 } },
	{ "name not ASCII", "name", { .name = "caf\xc3\xa9", .size = 64 } },
	{ "size 0", "size:", { .name = "wrong" } },
	{ "size absurd", "size:", { .name = "wrong", .size = SIZE_MAX } },
	{ "size over a page block", "size:", { .name = "wrong", .size = KMALLOC_MAX_SIZE + 1 } },
	{ "size over memory", "size:", { .name = "wrong", .size = SIZE_MAX / 2,
					 .flags = KPOOL_VMALLOC } },
	WRONG("align no power", "align:", .align = 24),
	WRONG("align absurd", "align:", .align = (size_t)KMALLOC_MAX_SIZE << 1),
	WRONG("align over a page, vmalloc", "align:", .align = 2 * PAGE_SIZE,
	      .flags = KPOOL_VMALLOC),
	WRONG("zone is none", "zone:", .zone = GFP_KERNEL),
	WRONG("zone twice", "zone:", .zone = GFP_DMA | GFP_DMA32),
	WRONG("zone and vmalloc", "zone:", .zone = GFP_DMA32, .flags = KPOOL_VMALLOC),
	WRONG("node without flag", "node:", .node = 1),
	WRONG("node negative", "node:", .node = NUMA_NO_NODE, .flags = KPOOL_ON_NODE),
	WRONG("node not online", "node:", .node = MAX_NUMNODES - 1 ?: 1,
	      .flags = KPOOL_ON_NODE),
	WRONG("node absurd", "node:", .node = MAX_NUMNODES, .flags = KPOOL_ON_NODE),
	WRONG("flag unknown", "flags:", .flags = BIT(30)),
	WRONG("own cache and vmalloc", "flags:", .flags = KPOOL_OWN_CACHE | KPOOL_VMALLOC),
	WRONG("own cache and pages", "flags:", .align = PAGE_SIZE, .flags = KPOOL_OWN_CACHE),
	WRONG("strict on one node", "flags: KPOOL_NUMA_STRICT", .node = 0,
	      .flags = KPOOL_NUMA_STRICT | KPOOL_ON_NODE),
	WRONG("strict with a provider", "flags: KPOOL_NUMA_STRICT", .memory = &plain_memory,
	      .flags = KPOOL_NUMA_STRICT),
	WRONG("huge pages below a page", "flags: KPOOL_HUGE_PAGES", .flags = KPOOL_HUGE_PAGES),
	WRONG_OF("huge pages beyond a half", "flags: KPOOL_HUGE_PAGES", SZ_1M + 1,
		 .flags = KPOOL_HUGE_PAGES),
	WRONG_OF("huge pages, align beyond a half", "flags: KPOOL_HUGE_PAGES", PAGE_SIZE,
		 .align = SZ_2M, .flags = KPOOL_HUGE_PAGES),
	WRONG_OF("huge pages and vmalloc", "flags: KPOOL_HUGE_PAGES", PAGE_SIZE,
		 .flags = KPOOL_HUGE_PAGES | KPOOL_VMALLOC),
	WRONG_OF("huge pages that the getter pays", "flags: KPOOL_HUGE_PAGES", PAGE_SIZE,
		 .flags = KPOOL_HUGE_PAGES | KPOOL_ACCOUNT_GETTER),
	WRONG_OF("memory and huge pages", "memory: with KPOOL_HUGE_PAGES", PAGE_SIZE,
		 .memory = &plain_memory, .flags = KPOOL_HUGE_PAGES),
	WRONG("two who pay", "flags:", .flags = KPOOL_ACCOUNT | KPOOL_ACCOUNT_GETTER),
	WRONG_OF("vmalloc of a node is not charged", "flags:", 8192,
		 .flags = KPOOL_ACCOUNT | KPOOL_VMALLOC | KPOOL_ON_NODE),
	WRONG_OF("own cache and kvmalloc", "flags:", 8192,
		 .flags = KPOOL_OWN_CACHE | KPOOL_KVMALLOC),
	WRONG_OF("vmalloc and kvmalloc", "flags:", 8192,
		 .flags = KPOOL_VMALLOC | KPOOL_KVMALLOC),
	WRONG_OF("kvmalloc below a page", "flags:", PAGE_SIZE - 1, .flags = KPOOL_KVMALLOC),
	WRONG_OF("zone and kvmalloc", "zone:", 8192, .zone = GFP_DMA32, .flags = KPOOL_KVMALLOC),
	WRONG_OF("align over a page, kvmalloc", "align:", 8192, .align = 2 * PAGE_SIZE,
		 .flags = KPOOL_KVMALLOC),
	WRONG("no ctor for a worker", "flags:", .flags = KPOOL_BUILD_IN_WORKER),
	WRONG("workers absurd", "workers:", .workers = 65, .flags = KPOOL_SLEEPING),
	WRONG("workers, but no callback sleeps", "workers:", .workers = 2),
	WRONG("magazine absurd", "magazine:", .magazine = KPOOL_MAGAZINE_MAX + 1),
	WRONG("magazine over max_idle", "magazine:", .magazine = 8, .max_idle = 16),
	WRONG("min_idle over max_idle", "min_idle:", .min_idle = 11, .max_idle = 10),
	WRONG("min_idle and nothing idle", "min_idle:", .min_idle = 1, .max_idle = KPOOL_KEEP_NONE),
	WRONG("min_idle none", "min_idle:", .min_idle = KPOOL_UNLIMITED),
	WRONG("min_idle absurd", "min_idle:", .min_idle = INT_MAX + 1U),
	WRONG("min_idle beyond memory", "min_idle:", .min_idle = INT_MAX),
	WRONG("reserve beyond memory", "reserve:", .reserve = INT_MAX),
	WRONG("max_idle absurd", "max_idle:", .max_idle = INT_MAX + 1U),
	WRONG("max absurd", "max:", .max = INT_MAX + 1U),
	WRONG("min_idle over max", "min_idle:", .min_idle = 11, .max = 10),
	WRONG("magazine over max", "magazine:", .magazine = 8, .max = 16),
	WRONG("reserve over max", "reserve:", .reserve = 11, .max = 10),
	WRONG("reserve over max_idle", "reserve:", .reserve = 11, .max_idle = 10),
	WRONG("reserve and nothing idle", "reserve:", .reserve = 1, .max_idle = KPOOL_KEEP_NONE),
	WRONG("reserve absurd", "reserve:", .reserve = INT_MAX + 1U),
	WRONG("beyond no max", "max:", .flags = KPOOL_OVERFLOW),
	WRONG("beyond max none", "max:", .max = KPOOL_UNLIMITED, .flags = KPOOL_OVERFLOW),
	WRONG("wipe without flag", "wipe_size:", .wipe_size = 8),
	WRONG("wipe offset without flag", "wipe_size:", .wipe_offset = 8),
	WRONG("wipe offset alone", "wipe_size:", .wipe_offset = 8, .flags = KPOOL_ZERO_ON_PUT),
	WRONG("wipe all and ctor", "wipe_size:", .ops = &ctor_only, .flags = KPOOL_ZERO_ON_PUT),
	WRONG("wipe past the end", "wipe_size:", .wipe_offset = 60, .wipe_size = 5,
	      .flags = KPOOL_ZERO_ON_PUT),
	WRONG("wipe overflows", "wipe_size:", .wipe_offset = 8, .wipe_size = SIZE_MAX,
	      .flags = KPOOL_ZERO_ON_PUT),
	WRONG("memory_ctx alone", "memory_ctx:", .memory_ctx = (void *)&alloc_only),
	WRONG("memory without free", "memory: there is no free", .memory = &alloc_only),
	WRONG("memory without alloc", "memory: there is no alloc", .memory = &free_only),
	WRONG("memory flag unknown", "memory: flags:", .memory = &unknown_memory),
	WRONG("memory and zone", "memory: with a zone", .memory = &plain_memory, .zone = GFP_DMA32),
	WRONG("memory and own cache", "memory: with KPOOL_OWN_CACHE", .memory = &plain_memory,
	      .flags = KPOOL_OWN_CACHE),
	WRONG("memory and vmalloc", "memory: with KPOOL_VMALLOC", .memory = &plain_memory,
	      .flags = KPOOL_VMALLOC),
	WRONG_OF("memory and kvmalloc", "memory: with KPOOL_KVMALLOC", PAGE_SIZE,
		 .memory = &plain_memory, .flags = KPOOL_KVMALLOC),
	WRONG("memory and usercopy", "memory: with usersize", .memory = &plain_memory,
	      .usersize = 8),
	WRONG("memory of pages, no page", "memory: KPOOL_MEMORY_PAGES", .memory = &page_memory),
	WRONG("usercopy offset alone", "usersize:", .useroffset = 8),
	WRONG("usercopy past the end", "usersize:", .useroffset = 32, .usersize = 33),
	WRONG("usercopy overflows", "usersize:", .useroffset = SIZE_MAX, .usersize = 8),
};

KUNIT_ARRAY_PARAM_DESC(wrong, wrongs, what);

static void expect_refused(struct kunit *test, const struct kpool_params *p, struct kpool_abi abi,
			   int err, const char *says)
{
	unsigned int before = pools_left();
	struct kpool *pool;
	const char *log;

	log_begin();
	pool = __kpool_create(p, THIS_MODULE, abi);
	log = log_end();

	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(pool), err);
	expect_in_log(test, log, says);
	KUNIT_EXPECT_EQ(test, pools_left(), before);
	if (!IS_ERR(pool))
		kpool_destroy(pool);
}

static void wrong_parameter_is_refused(struct kunit *test)
{
	const struct wrong *w = test->param_value;

	expect_refused(test, &w->p, KPOOL_ABI_HERE, -EINVAL, w->says);
}

/* A zone that this kernel lacks is refused. A kernel that has all zones need not be tried. */
static void zone_is_there_or_refused(struct kunit *test)
{
	struct kpool_params p = { .name = "zone", .size = 64, .zone = GFP_DMA };
	struct kpool *pool;

	if (!IS_ENABLED(CONFIG_ZONE_DMA)) {
		expect_refused(test, &p, KPOOL_ABI_HERE, -EINVAL, "zone:");
		return;
	}
	pool = pool_of(test, &p);
	KUNIT_EXPECT_STREQ(test, kpool_name(pool), "zone");
}

struct alien {
	const char *what;
	struct kpool_abi abi;
};

#define ABI(number, params, stats, cpu)						\
	{ KPOOL_ABI + (number), sizeof(struct kpool_params) + (params),		\
	  sizeof(struct kpool_stats) + (stats), sizeof(struct kpool_cpu) + (cpu) }

static const struct alien aliens[] = {
	{ "newer number", ABI(1, 0, 0, 0) },
	{ "longer params", ABI(0, 8, 0, 0) },
	{ "shorter stats", ABI(0, 0, -8, 0) },
	{ "larger cache", ABI(0, 0, 0, 64) },
};

KUNIT_ARRAY_PARAM_DESC(alien, aliens, what);

static void headers_of_another_version_are_refused(struct kunit *test)
{
	const struct alien *alien = test->param_value;
	const struct kpool_params p = { .name = "alien", .size = 64 };

	expect_refused(test, &p, alien->abi, -EINVAL, "another kpool");
}

static void name_that_exists_is_refused(struct kunit *test)
{
	const struct kpool_params p = { .name = "twin", .size = 64 };

	pool_of(test, &p);
	expect_refused(test, &p, KPOOL_ABI_HERE, -EEXIST, "name:");
}

/* Parameters that lie just within each limit. */
#define RIGHT(_what, ...) { _what, NULL, { .name = "right", .size = 64, __VA_ARGS__ } }

static const struct wrong rights[] = {
	{ "long name", NULL, { .name = "a-name-of-31-characters-is-fine", .size = 64 } },
	{ "odd name", NULL, { .name = "!\"#$%&'()*+,-.:;<=>?@[]^_`{|}~", .size = 64 } },
	{ "size 1", NULL, { .name = "right", .size = 1 } },
	RIGHT("align", .align = SZ_64K),
	RIGHT("zone", .zone = GFP_DMA32),
	RIGHT("no node", .node = NUMA_NO_NODE),
	RIGHT("node", .node = 0, .flags = KPOOL_ON_NODE),
	RIGHT("all flags", .flags = KPOOL_ZERO_ON_PUT | KPOOL_BYPASS | KPOOL_OWN_CACHE |
				    KPOOL_SLEEPING | KPOOL_ANYCTX | KPOOL_ON_NODE),
	{ "huge", NULL, { .name = "right", .size = SZ_1M, .flags = KPOOL_HUGE_PAGES } },
	{ "kvmalloc", NULL, { .name = "right", .size = PAGE_SIZE, .flags = KPOOL_KVMALLOC } },
	RIGHT("magazine", .magazine = KPOOL_MAGAZINE_MAX),
	RIGHT("reserve is all", .reserve = 10, .max_idle = 10, .max = 10),
	RIGHT("max none", .max = KPOOL_UNLIMITED),
	RIGHT("min_idle is max_idle", .min_idle = 10, .max_idle = 10),
	RIGHT("wipe to the end", .wipe_offset = 60, .wipe_size = 4, .flags = KPOOL_ZERO_ON_PUT),
	RIGHT("wipe and ctor", .wipe_size = 4, .ops = &ctor_only, .flags = KPOOL_ZERO_ON_PUT),
	RIGHT("usercopy to the end", .useroffset = 32, .usersize = 32),
};

KUNIT_ARRAY_PARAM_DESC(right, rights, what);

static void right_parameter_is_taken(struct kunit *test)
{
	const struct wrong *r = test->param_value;
	struct kpool *pool = pool_of(test, &r->p);
	void *obj;

	obj = kpool_get(pool, GFP_KERNEL);

	KUNIT_ASSERT_FALSE(test, IS_ERR(obj));
	KUNIT_EXPECT_STREQ(test, kpool_name(pool), r->p.name);
	kpool_put(pool, obj);
}

/* The caller may change its parameters after the call. */
static void parameters_are_copied(struct kunit *test)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);
	struct kpool_ops ops = consumer_ops;
	char name[] = "copied";
	struct kpool_params p = { .name = name, .size = 64, .ops = &ops, .ctx = consumer };
	struct kpool *pool = pool_of(test, &p);
	void *obj;

	memset(&p, 0xff, sizeof(p));
	memset(&ops, 0xff, sizeof(ops));
	memset(name, 'x', sizeof(name) - 1);
	obj = kpool_get(pool, GFP_KERNEL);

	KUNIT_ASSERT_FALSE(test, IS_ERR(obj));
	kpool_put(pool, obj);
	KUNIT_EXPECT_STREQ(test, kpool_name(pool), "copied");
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&consumer->ctors));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&consumer->resets));
	destroy(test, pool);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(wrong_parameter_is_refused, wrong_gen_params),
	KUNIT_CASE(zone_is_there_or_refused),
	KUNIT_CASE_PARAM(headers_of_another_version_are_refused, alien_gen_params),
	KUNIT_CASE(name_that_exists_is_refused),
	KUNIT_CASE_PARAM(right_parameter_is_taken, right_gen_params),
	KUNIT_CASE(parameters_are_copied),
	{}
};

struct kunit_suite params_suite = {
	.name = "kpool_params",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
