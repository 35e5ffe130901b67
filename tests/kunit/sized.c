// SPDX-License-Identifier: GPL-2.0-only
/* Sets of sized buffers: what they may be created of, and what a get returns. */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sizes.h>

#include "base/params.h"
#include "base/records.h"
#include "log.h"
#include "sets.h"
#include "sized/set.h"

static const struct kpool_sized_class two[] = { { .size = 64 }, { .size = 4096 } };
static const struct kpool_sized_class too_many[KPOOL_SIZED_CLASSES + 1] = { { .size = 64 } };
static const struct kpool_sized_class unsorted[] = { { .size = 128 }, { .size = 64 } };
static const struct kpool_sized_class equal[] = { { .size = 64 }, { .size = 64 } };
static const struct kpool_sized_class small[] = { { .size = KPOOL_SIZED_LEAST - 1 } };
static const struct kpool_sized_class large[] = { { .size = KPOOL_SIZED_MOST + 1 } };
static const struct kpool_sized_class full[] = { { .size = 64, .magazine = 64 } };
static const struct kpool_sized_class warm[] = { { .size = 64, .min_idle = 5 } };
static const struct kpool_sized_class reserved[] = { { .size = 64, .reserve = 5 } };
static const struct kpool_sized_class both[] = { { .size = 64, .min_idle = 3 },
						 { .size = 128, .reserve = 1 } };
static const struct kpool_sized_class second[] = { { .size = 64 },
						   { .size = 128, .min_idle = 2, .max = 1 } };
static const struct kpool_sized_class bounded[] = { { .size = 64, .max = 4 },
						    { .size = 128, .max = 4 } };

struct wrong {
	const char *what;
	const char *says;
	struct kpool_sized_params p;
};

#define WRONG(_what, _says, ...) { _what, _says, { .name = "wrong", __VA_ARGS__ } }

static const struct wrong wrongs[] = {
	{ "no name", "name:", { CLASSES(two) } },
	{ "empty name", "name:", { .name = "", CLASSES(two) } },
	{ "long name", "name:", { .name = "a-name-of-24-characters-", CLASSES(two) } },
	{ "name with blank", "name", { .name = "a b", CLASSES(two) } },
	WRONG("classes, but none", "nr_classes:", .classes = two),
	WRONG("3 classes at NULL", "classes:", .nr_classes = 3),
	WRONG("33 classes at NULL", "classes:", .nr_classes = 33),
	WRONG("33 classes", "nr_classes:", CLASSES(too_many)),
	WRONG("unsorted", "classes[1]: size:", CLASSES(unsorted)),
	WRONG("equal", "classes[1]: size:", CLASSES(equal)),
	WRONG("15 bytes", "classes[0]: size:", CLASSES(small)),
	WRONG("above 4 MiB", "classes[0]: size:", CLASSES(large)),
	WRONG("flag unknown", "flags:", .flags = BIT(30)),
	WRONG("flag of pools alone", "flags:", .flags = KPOOL_VMALLOC),
	WRONG("flag own cache", "flags:", .flags = KPOOL_OWN_CACHE),
	WRONG("node without flag", "node:", .node = 1),
	WRONG("node not online", "node:", .node = MAX_NUMNODES - 1 ?: 1,
	      .flags = KPOOL_ON_NODE),
	WRONG("beyond no max", "max:", .flags = KPOOL_OVERFLOW),
	WRONG("idle_ms absurd", "idle_ms:", .idle_ms = INT_MAX + 1U),
	WRONG("limit absurd", "max_idle_bytes:", .max_idle_bytes = SIZE_MAX),
	WRONG("magazine over the limit", "classes[0]: magazine:", CLASSES(full),
	      .max_idle_bytes = 4096),
	WRONG("magazine absurd", "magazine:", .nr_classes = 1, .classes =
	      &(const struct kpool_sized_class){ .size = 64, .magazine = 5000 }),
	WRONG("min_idle over half", "max_idle_bytes:", CLASSES(warm), .max_idle_bytes = 639),
	WRONG("reserve over half", "max_idle_bytes:", CLASSES(reserved), .max_idle_bytes = 639),
	WRONG("both over half", "max_idle_bytes:", CLASSES(both), .max_idle_bytes = 639),
	WRONG("second class's limits", "min_idle:", CLASSES(second)),
};

KUNIT_ARRAY_PARAM_DESC(wrong, wrongs, what);

static void expect_refused(struct kunit *test, const struct kpool_sized_params *p,
			   struct kpool_sized_abi abi, int err, const char *says)
{
	unsigned int pools = pools_left(), sets = sets_left();
	struct kpool_sized *set;
	const char *log;

	log_begin();
	set = __kpool_sized_create(p, THIS_MODULE, abi);
	log = log_end();
	settle();

	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(set), err);
	expect_in_log(test, log, says);
	KUNIT_EXPECT_EQ(test, pools_left(), pools);
	KUNIT_EXPECT_EQ(test, sets_left(), sets);
	if (!IS_ERR(set))
		kpool_sized_destroy(set);
}

static void wrong_parameter_is_refused(struct kunit *test)
{
	const struct wrong *w = test->param_value;

	expect_refused(test, &w->p, KPOOL_SIZED_ABI_HERE, -EINVAL, w->says);
}

static void headers_of_another_version_are_refused(struct kunit *test)
{
	const struct kpool_sized_params p = { .name = "alien", CLASSES(two) };
	u16 sizes[] = { 0, 0, 0, 0, 0 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct kpool_sized_abi abi = KPOOL_SIZED_ABI_HERE;

		sizes[i] = 8;
		abi.params_size += sizes[0];
		abi.set_size += sizes[1];
		abi.stats_size += sizes[2];
		abi.class_stats_size += sizes[3];
		abi.figures_size += sizes[4];
		sizes[i] = 0;
		expect_refused(test, &p, abi, -EINVAL, "another kpool");
	}
}

static void name_that_exists_is_refused(struct kunit *test)
{
	static const struct kpool_sized_class other[] = { { .size = SZ_16K } };
	const struct kpool_sized_params p = { .name = "twin", CLASSES(two) };
	/* No class has the name of another one. */
	const struct kpool_sized_params twin = { .name = "twin", CLASSES(other) };

	set_of(test, &p);
	expect_refused(test, &twin, KPOOL_SIZED_ABI_HERE, -EEXIST, "name:");
}

/* The class that was created before the refusal is gone again. */
static void name_of_a_class_that_exists_is_refused(struct kunit *test)
{
	const struct kpool_sized_params p = { .name = "twin", CLASSES(two) };
	const struct kpool_params pool = { .name = "twin-4K", .size = 64 };

	pool_of(test, &pool);
	expect_refused(test, &p, KPOOL_SIZED_ABI_HERE, -EEXIST, "twin-4K");
}

#define RIGHT(_what, ...) { _what, NULL, { .name = "right", __VA_ARGS__ } }

/* Sets that lie just within each limit. */
static const struct wrong rights[] = {
	{ "long name", NULL, { .name = "a-name-of-23-characters", .nr_classes = 1, .classes =
	  &(const struct kpool_sized_class){ .size = KPOOL_SIZED_MOST } } },
	RIGHT("all flags", CLASSES(bounded), .flags = KPOOL_ZERO_ON_PUT | KPOOL_BYPASS |
	      KPOOL_ANYCTX | KPOOL_ON_NODE | KPOOL_OVERFLOW),
	RIGHT("no node", CLASSES(two), .node = NUMA_NO_NODE),
	RIGHT("min_idle is half", CLASSES(warm), .max_idle_bytes = 640),
	RIGHT("reserve is half", CLASSES(reserved), .max_idle_bytes = 640),
	RIGHT("both are half", CLASSES(both), .max_idle_bytes = 640),
	RIGHT("magazine fits", CLASSES(full), .max_idle_bytes = SZ_1M),
	RIGHT("limit of a byte", CLASSES(two), .max_idle_bytes = 1),
	RIGHT("limit is none", CLASSES(two), .max_idle_bytes = LONG_MAX),
	RIGHT("idle_ms", CLASSES(two), .idle_ms = 1000),
};

KUNIT_ARRAY_PARAM_DESC(right, rights, what);

static void right_parameter_is_taken(struct kunit *test)
{
	const struct wrong *r = test->param_value;
	struct kpool_sized *set = set_of(test, &r->p);
	void *buf = buf_of(test, set, 50);

	kpool_sized_put(set, buf, 50);
	expect_set_quiet(test, set);
	end_set(test, set);
	KUNIT_EXPECT_EQ(test, sets_left(), 0U);
}

static void parameters_are_copied(struct kunit *test)
{
	struct kpool_sized_class classes[] = { { .size = 64 }, { .size = 200 } };
	char name[] = "copied";
	struct kpool_sized_params p = { .name = name, CLASSES(classes) };
	struct kpool_sized *set = set_of(test, &p);

	memset(&p, 0xff, sizeof(p));
	memset(classes, 0xff, sizeof(classes));
	memset(name, 'x', sizeof(name) - 1);

	kpool_sized_put(set, buf_of(test, set, 70), 70);
	KUNIT_EXPECT_STREQ(test, to_sized(set)->name, "copied");
	KUNIT_EXPECT_STREQ(test, kpool_name(class_pool(set, 1)), "copied-200");
	KUNIT_EXPECT_EQ(test, kpool_sized_size(set, 65), 200U);
	expect_set_quiet(test, set);
}

static const struct kpool_sized_class odd[] = {
	{ .size = 24 }, { .size = 100 }, { .size = 1000 }, { .size = 1536 }, { .size = 4000 },
	{ .size = 5000 }, { .size = 12288 }, { .size = 70000 }, { .size = 200000 },
};

/* Several classes of one order, and orders without any. */
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

/* Lists of classes of all kinds. */
static const struct kpool_sized_params lists[] = {
	{ .name = "default" },
	{ .name = "odd", CLASSES(odd) },
	{ .name = "crowded", CLASSES(crowded) },
	{ .name = "most", CLASSES(most) },
	{ .name = "one", CLASSES(one) },
	{ .name = "least", CLASSES(least) },
	{ .name = "largest", CLASSES(largest) },
};

static_assert(ARRAY_SIZE(most) == KPOOL_SIZED_CLASSES);

KUNIT_ARRAY_PARAM_DESC(list, lists, name);

/* The number of classes stands for sizes larger than all classes. */
static unsigned int naive_class(struct kpool_sized *set, size_t size)
{
	unsigned int class = 0;

	while (class < nr_classes(set) && size > to_sized(set)->classes[class].size)
		class++;
	return class;
}

static bool class_is_right(struct kpool_sized *set, size_t size)
{
	unsigned int class = naive_class(set, size);
	size_t capacity = size >= PAGE_SIZE ? PAGE_ALIGN(size) : size;

	if (class < nr_classes(set))
		capacity = to_sized(set)->classes[class].size;
	return __kpool_sized_class(set, size)->number == class &&
	       kpool_sized_search(set, size)->number == class &&
	       kpool_sized_size(set, size) == capacity;
}

static void class_is_the_smallest_that_is_large_enough(struct kunit *test)
{
	struct kpool_sized *set = set_of(test, test->param_value);
	static const size_t huge[] = {
		INT_MAX, (size_t)INT_MAX + 1, UINT_MAX, SIZE_MAX / 2, SIZE_MAX / 2 + 1,
		SIZE_MAX / 2 + 2, SIZE_MAX - PAGE_SIZE,
	};
	unsigned int i;
	size_t size;

	for (size = 0; size <= 3 * PAGE_SIZE; size++)
		KUNIT_EXPECT_TRUE_MSG(test, class_is_right(set, size), "size %zu", size);
	for (i = 0; i < nr_classes(set); i++)
		for (size = set->class[i].size - 2; size <= set->class[i].size + 2; size++)
			KUNIT_EXPECT_TRUE_MSG(test, class_is_right(set, size), "size %zu", size);
	for (size = 1; size && size <= SIZE_MAX / 2; size *= 2) {
		KUNIT_EXPECT_TRUE_MSG(test, class_is_right(set, size), "size %zu", size);
		KUNIT_EXPECT_TRUE_MSG(test, class_is_right(set, size + 1), "size %zu", size + 1);
	}
	for (i = 0; i < ARRAY_SIZE(huge); i++)
		KUNIT_EXPECT_TRUE_MSG(test, class_is_right(set, huge[i]), "size %zu", huge[i]);
}

static size_t alignment_of(size_t capacity)
{
	if (capacity >= PAGE_SIZE)
		return PAGE_SIZE;
	return max_t(size_t, 1UL << __ffs(capacity), ARCH_KMALLOC_MINALIGN);
}

/* Two buffers at a time. The get of one may not wait. KASAN finds a buffer that is too short. */
static void expect_buffers(struct kunit *test, struct kpool_sized *set, size_t size)
{
	size_t capacity = kpool_sized_size(set, size);
	unsigned int class = naive_class(set, size), i;
	u8 *bufs[2];

	bufs[0] = kpool_sized_get(set, size, GFP_NOWAIT | __GFP_NOWARN);
	if (IS_ERR(bufs[0]))	/* there may be no block of so many pages */
		bufs[0] = buf_of(test, set, size);
	bufs[1] = buf_of(test, set, size);
	memset(bufs[0], 1, capacity);
	memset(bufs[1], 2, capacity);

	KUNIT_EXPECT_GE(test, capacity, size);
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_TRUE_MSG(test, !memchr_inv(bufs[i], i + 1, capacity), "size %zu",
				      size);
		if (class < nr_classes(set) || capacity >= PAGE_SIZE)
			KUNIT_EXPECT_TRUE_MSG(test, IS_ALIGNED((unsigned long)bufs[i],
							       alignment_of(capacity)),
					      "size %zu", size);
	}
	if (class < nr_classes(set))
		KUNIT_EXPECT_EQ(test, figure(class_pool(set, class), in_use), 2ULL);
	put_bufs(set, (void **)bufs, 2, size);
	see_puts_through(set);
}

static void all_bytes_may_be_used(struct kunit *test)
{
	struct kpool_sized *set = set_of(test, test->param_value);
	unsigned int i;
	size_t size;

	expect_buffers(test, set, 0);
	expect_buffers(test, set, 1);
	for (i = 0; i < nr_classes(set); i++)
		for (size = set->class[i].size - 1; size <= set->class[i].size + 1; size++)
			expect_buffers(test, set, size);
	expect_set_quiet(test, set);
	expect_set_trimmed(test, set);
}

/* However few of the buffer's bytes were asked for. */
static void buffer_goes_back_to_its_class(struct kunit *test)
{
	struct kpool_sized *set = set_of(test, test->param_value);
	unsigned int i;
	void *buf;

	pin(test, raw_smp_processor_id());
	for (i = 0; i < nr_classes(set); i++) {
		buf = buf_of(test, set, i ? set->class[i - 1].size + 1 : 1);
		kpool_sized_put(set, buf, set->class[i].size);
		KUNIT_EXPECT_EQ(test, figure(class_pool(set, i), puts), 1ULL);
		if (!set_keeps(set))
			continue;
		KUNIT_EXPECT_PTR_EQ(test, buf_of(test, set, set->class[i].size), buf);
		kpool_sized_put(set, buf, set->class[i].size);
	}
	expect_set_quiet(test, set);
}

static void *dirty_buf(struct kunit *test, struct kpool_sized *set, size_t size)
{
	void *buf = buf_of(test, set, size);

	memset(buf, 0x5a, kpool_sized_size(set, size));
	return buf;
}

static const size_t sizes[] = { 1, 100, 4096, 5000, 100000, SZ_1M, SZ_1M + 1 };

static void describe_size(const size_t *size, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%zu", *size);
}

KUNIT_ARRAY_PARAM(size, sizes, describe_size);

static void zeroed_get_zeroes_all_of_the_buffer(struct kunit *test)
{
	static const struct kpool_sized_params p = { .name = "zeroed" };
	size_t size = *(const size_t *)test->param_value;
	struct kpool_sized *set = set_of(test, &p);
	size_t capacity = kpool_sized_size(set, size);
	u8 *bufs[2];

	pin(test, raw_smp_processor_id());
	kpool_sized_put(set, dirty_buf(test, set, size), size);
	bufs[0] = kpool_sized_get(set, size, GFP_KERNEL | __GFP_ZERO);
	KUNIT_ASSERT_FALSE(test, IS_ERR(bufs[0]));
	KUNIT_EXPECT_TRUE(test, !memchr_inv(bufs[0], 0, capacity));
	memset(bufs[0], 0x5a, capacity);
	kpool_sized_put(set, bufs[0], size);
	KUNIT_ASSERT_EQ(test, 0, kpool_sized_get_bulk(set, size, GFP_KERNEL | __GFP_ZERO,
						      (void **)bufs, 2));
	KUNIT_EXPECT_TRUE(test, !memchr_inv(bufs[0], 0, capacity));
	KUNIT_EXPECT_TRUE(test, !memchr_inv(bufs[1], 0, capacity));
	memset(bufs[0], 0x5a, capacity);
	memset(bufs[1], 0x5a, capacity);
	kpool_sized_put_bulk(set, (void **)bufs, 2, size);
	bufs[0] = kpool_sized_get_timeout(set, size, GFP_KERNEL | __GFP_ZERO, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(bufs[0]));
	KUNIT_EXPECT_TRUE(test, !memchr_inv(bufs[0], 0, capacity));
	memset(bufs[0], 0x5a, capacity);
	kpool_sized_put(set, bufs[0], size);
	KUNIT_ASSERT_EQ(test, 0, kpool_sized_get_bulk_timeout(set, size, GFP_KERNEL | __GFP_ZERO,
							      (void **)bufs, 2, 0));
	KUNIT_EXPECT_TRUE(test, !memchr_inv(bufs[0], 0, capacity));
	KUNIT_EXPECT_TRUE(test, !memchr_inv(bufs[1], 0, capacity));
	kpool_sized_put_bulk(set, (void **)bufs, 2, size);
	expect_set_quiet(test, set);
}

static void plain_get_leaves_contents(struct kunit *test)
{
	static const struct kpool_sized_params p = { .name = "contents" };
	size_t size = *(const size_t *)test->param_value;
	struct kpool_sized *set = set_of(test, &p);
	void *buf, *again;

	pin(test, raw_smp_processor_id());
	buf = dirty_buf(test, set, size);
	kpool_sized_put(set, buf, size);
	again = buf_of(test, set, size);

	if (set_keeps(set) && size <= SZ_1M)
		KUNIT_EXPECT_TRUE(test, !memchr_inv(again, 0x5a, kpool_sized_size(set, size)));
	kpool_sized_put(set, again, size);
}

/* Looks at the buffer while it is idle. An oversize buffer is freed, so nobody may look at it. */
static void wiped_sets_wipe_all_of_the_buffer(struct kunit *test)
{
	static const struct kpool_sized_params p = { .name = "wiped", .flags = KPOOL_ZERO_ON_PUT };
	size_t size = *(const size_t *)test->param_value;
	struct kpool_sized *set = set_of(test, &p);
	void *buf = dirty_buf(test, set, size);

	kpool_sized_put(set, buf, size);

	if (set_keeps(set) && size <= SZ_1M)
		KUNIT_EXPECT_TRUE(test, !memchr_inv(buf, 0, kpool_sized_size(set, size)));
	expect_set_quiet(test, set);
}

/* The test has a page of the oversize buffer itself, so it may look. */
static void wiped_oversize_is_wiped_to_its_end(struct kunit *test)
{
	static const struct kpool_sized_params p = { .name = "wiped-oversize", CLASSES(two),
						     .flags = KPOOL_ZERO_ON_PUT };
	struct kpool_sized *set = set_of(test, &p);
	size_t size = 3 * PAGE_SIZE - 100;
	size_t capacity = kpool_sized_size(set, size);
	bool wiped = false;
	unsigned int try;
	u8 *buf;

	pin(test, raw_smp_processor_id());
	/* Freed pages stay on this CPU's list. Another task may have used them in between. */
	for (try = 0; try < 3 && !wiped; try++) {
		buf = dirty_buf(test, set, size);
		KUNIT_ASSERT_FALSE(test, is_vmalloc_addr(buf));
		kpool_sized_put(set, buf, size);
		kasan_disable_current();
		wiped = !memchr_inv(buf, 0, capacity);
		kasan_enable_current();
	}
	KUNIT_EXPECT_TRUE(test, wiped);
	expect_set_quiet(test, set);
}

/* The contexts of a put. */
enum place { HERE, ATOMIC, IRQS_OFF, IN_IRQ, IN_BULK, IN_BULK_ATOMIC };

static const struct place_case {
	const char *what;
	enum place place;
} places[] = {
	{ "here", HERE }, { "preemption off", ATOMIC }, { "interrupts off", IRQS_OFF },
	{ "interrupt", IN_IRQ }, { "bulk", IN_BULK }, { "bulk, preemption off", IN_BULK_ATOMIC },
};

KUNIT_ARRAY_PARAM_DESC(place, places, what);

#define OVER	5

static void put_oversize(enum place place, struct kpool_sized *set, void **bufs, size_t size)
{
	switch (place) {
	case HERE:
		put_bufs(set, bufs, OVER, size);
		break;
	case ATOMIC:
		preempt_disable();
		put_bufs(set, bufs, OVER, size);
		preempt_enable();
		break;
	case IRQS_OFF:
		local_irq_disable();
		put_bufs(set, bufs, OVER, size);
		local_irq_enable();
		break;
	case IN_IRQ:
		put_bufs_in_irq(set, bufs, OVER, size);
		break;
	case IN_BULK:
		kpool_sized_put_bulk(set, bufs, OVER, size);
		break;
	case IN_BULK_ATOMIC:
		preempt_disable();
		kpool_sized_put_bulk(set, bufs, OVER, size);
		preempt_enable();
		break;
	}
}

/* Also from vmalloc(), which an interrupt may not free. */
static void expect_oversize(struct kunit *test, const struct kpool_sized_params *p, size_t size)
{
	const struct place_case *c = test->param_value;
	struct kpool_sized *set = set_of(test, p);
	void *bufs[2 * OVER];
	u64 n = 2 * OVER;

	bufs_of(test, set, size, bufs, OVER);
	KUNIT_ASSERT_EQ(test, 0, kpool_sized_get_bulk(set, size, GFP_KERNEL, bufs + OVER, OVER));
	KUNIT_EXPECT_EQ(test, set_figure(set, oversize_gets), n);
	KUNIT_EXPECT_EQ(test, set_figure(set, oversize_bytes), n * size);
	KUNIT_EXPECT_EQ(test, set_figure(set, asked_bytes), n * size);
	KUNIT_EXPECT_EQ(test, set_figure(set, given_bytes), n * kpool_sized_size(set, size));
	put_oversize(c->place, set, bufs, size);
	put_oversize(c->place, set, bufs + OVER, size);

	KUNIT_EXPECT_EQ(test, set_figure(set, oversize_puts), n);
	KUNIT_EXPECT_EQ(test, set_figure(set, oversize_failures), 0ULL);
	KUNIT_EXPECT_EQ(test, set_figure(set, idle_bytes), 0ULL);
	expect_set_quiet(test, set);
	end_set(test, set);
}

static void oversize_comes_and_goes(struct kunit *test)
{
	static const struct kpool_sized_params p = { .name = "over", CLASSES(two) };
	static const struct kpool_sized_params checked = { .name = "over", CLASSES(two),
							   .flags = KPOOL_DEBUG };
	static const struct kpool_sized_params wiped = { .name = "over", CLASSES(two),
							 .flags = KPOOL_ZERO_ON_PUT };

	expect_oversize(test, &p, 4097);
	expect_oversize(test, &p, 100001);
	expect_oversize(test, &p, KPOOL_SIZED_MOST + PAGE_SIZE);
	expect_oversize(test, &checked, 20000);
	expect_oversize(test, &wiped, 20000);
}

static const struct kpool_sized_class tiny[] = { { .size = 64 } };

/* If the largest class is below a page, an oversize buffer may be smaller than a page, too. */
static void small_oversize_comes_and_goes(struct kunit *test)
{
	static const struct kpool_sized_params p = { .name = "over", CLASSES(tiny) };

	expect_oversize(test, &p, 65);
	expect_oversize(test, &p, 4000);
}

#define LOST	3

static void see_oversize_through(struct kpool_sized *set)
{
	irq_work_sync(&to_sized(set)->irq_work);
	flush_work(&to_sized(set)->work);
}

/*
 * A buffer that waits to be freed is linked by a word that the consumer may write to. The link is
 * the address of no buffer. kpool notices if it was overwritten.
 */
static void overwritten_oversize_is_noticed(struct kunit *test)
{
	static const struct kpool_sized_params p = { .name = "overwritten-oversize", CLASSES(two) };
	struct kpool_sized *set = set_of(test, &p);
	void *bufs[LOST], *elsewhere = zalloc_bytes(test, 64), *links[LOST];
	const char *log;
	unsigned int i;

	bufs_of(test, set, 8192, bufs, LOST);
	log_begin();
	local_irq_disable();
	put_bufs(set, bufs, LOST, 8192);
	for (i = 0; i < LOST; i++)
		links[i] = *(void **)bufs[i];
	*(void **)bufs[LOST - 1] = elsewhere;
	local_irq_enable();
	see_oversize_through(set);
	log = log_end();

	for (i = 1; i < LOST; i++)
		KUNIT_EXPECT_PTR_NE(test, links[i], bufs[i - 1]);
	expect_in_log(test, log, "kpool: set overwritten-oversize: buffer ");
	expect_in_log(test, log, " was written to after its put");
	KUNIT_EXPECT_EQ(test, LOST - 1L, atomic_long_read(&to_sized(set)->oversize_out));
	/* Nobody has the lost buffers. The test puts them once more, so that the set can end. */
	for (i = 0; i < LOST - 1; i++)
		WRITE_ONCE(kp_record_find(&to_sized(set)->records, bufs[i])->out, true);
	put_bufs(set, bufs, LOST - 1, 8192);
	see_oversize_through(set);
	KUNIT_EXPECT_EQ(test, 0L, atomic_long_read(&to_sized(set)->oversize_out));
	end_set(test, set);
}

static void atomic_get_of_oversize_takes_what_is_there(struct kunit *test)
{
	static const struct kpool_sized_params p = { .name = "over", CLASSES(two) };
	struct kpool_sized *set = set_of(test, &p);
	void *buf;

	preempt_disable();
	buf = kpool_sized_get(set, 8000, GFP_ATOMIC);
	preempt_enable();
	if (IS_ENABLED(CONFIG_PREEMPT_RT)) {
		/* PREEMPT_RT allows no allocation with preemption off. */
		KUNIT_EXPECT_EQ(test, PTR_ERR(buf), (long)-ENOMEM);
		return;
	}
	KUNIT_ASSERT_FALSE(test, IS_ERR(buf));
	memset(buf, 0x5a, kpool_sized_size(set, 8000));
	kpool_sized_put(set, buf, 8000);
	expect_set_quiet(test, set);
}

static void oversize_that_cannot_be_had_is_counted(struct kunit *test)
{
	static const struct kpool_sized_params p = { .name = "over", CLASSES(two) };
	static const struct kpool_sized_params anyctx = { .name = "anyctx", CLASSES(two),
							  .flags = KPOOL_ANYCTX };
	struct kpool_sized *set = set_of(test, &p), *any = set_of(test, &anyctx);
	void *bufs[3];

	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(kpool_sized_get(set, SIZE_MAX, GFP_KERNEL)),
			-ENOMEM);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(kpool_sized_get(set, INT_MAX, GFP_KERNEL)),
			-ENOMEM);
	KUNIT_EXPECT_EQ(test, kpool_sized_get_bulk(set, SIZE_MAX, GFP_KERNEL, bufs, 3), -ENOMEM);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(kpool_sized_get(any, 5000, GFP_ATOMIC)), -EBUSY);

	KUNIT_EXPECT_EQ(test, set_figure(set, oversize_failures), 3ULL);
	KUNIT_EXPECT_EQ(test, set_figure(set, asked_bytes), 0ULL);
	KUNIT_EXPECT_EQ(test, set_figure(any, oversize_failures), 1ULL);
	kpool_sized_put(any, buf_of(test, any, 5000), 5000);
	expect_set_quiet(test, set);
	expect_set_quiet(test, any);
}

static void put_ignores_null_and_errors(struct kunit *test)
{
	static const struct kpool_sized_params p = { .name = "nulls" };
	struct kpool_sized *set = set_of(test, &p);

	kpool_sized_put(set, NULL, 100);
	kpool_sized_put(set, ERR_PTR(-ENOMEM), 100);
	kpool_sized_put(set, NULL, 2 * SZ_1M);
	kpool_sized_put_bulk(set, NULL, 0, 100);
	KUNIT_EXPECT_EQ(test, 0, kpool_sized_get_bulk(set, 100, GFP_KERNEL, NULL, 0));
	KUNIT_EXPECT_EQ(test, 0, kpool_sized_get_bulk(set, SZ_1M + 1, GFP_KERNEL, NULL, 0));
	kpool_sized_destroy(NULL);
	kpool_sized_destroy(ERR_PTR(-ENOMEM));
	KUNIT_EXPECT_EQ(test, 0, kpool_sized_destroy_sync(NULL, 0));

	KUNIT_EXPECT_EQ(test, set_figure(set, asked_bytes), 0ULL);
	expect_set_quiet(test, set);
}

/* A caller that does not know which size was asked for can put by the descriptor. */
static void descriptor_knows_its_buffer(struct kunit *test)
{
	static const struct kpool_sized_params p = { .name = "described" };
	size_t size = *(const size_t *)test->param_value;
	struct kpool_sized *set = set_of(test, &p);
	struct kpool_buf buf;

	KUNIT_ASSERT_EQ(test, 0, kpool_sized_get_buf(set, &buf, size, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, buf.len, size);
	KUNIT_EXPECT_EQ(test, buf.size, kpool_sized_size(set, size));
	memset(buf.data, 0x5a, buf.size);
	buf.len = 1;
	kpool_sized_put_buf(set, &buf);
	KUNIT_EXPECT_NULL(test, buf.data);
	kpool_sized_put_buf(set, &buf);

	if (size <= SZ_1M)
		KUNIT_EXPECT_EQ(test, figure(class_pool(set, naive_class(set, size)), puts), 1ULL);
	expect_set_quiet(test, set);
}

static void expect_bytes(struct kunit *test, const struct kpool_buf *buf, size_t len)
{
	KUNIT_EXPECT_EQ(test, buf->len, len);
	KUNIT_EXPECT_TRUE_MSG(test, !memchr_inv(buf->data, 7, len), "%zu bytes", len);
}

/* From nothing through all classes and beyond, a byte more than there is room for each time. */
static void buffer_grows_and_keeps_its_bytes(struct kunit *test)
{
	struct kpool_sized *set = set_of(test, test->param_value);
	size_t most = set->class[nr_classes(set) - 1].size, size = 1;
	struct kpool_buf buf = {};

	while (size <= most + 2 * PAGE_SIZE) {
		KUNIT_ASSERT_EQ(test, kpool_sized_grow(set, &buf, size, GFP_KERNEL), 0);
		KUNIT_EXPECT_EQ(test, buf.size, kpool_sized_size(set, size));
		KUNIT_EXPECT_EQ(test, buf.class, naive_class(set, size));
		expect_bytes(test, &buf, buf.len);
		buf.len = buf.size;
		memset(buf.data, 7, buf.len);
		size = buf.size + 1;
	}
	kpool_sized_put_buf(set, &buf);
	expect_set_quiet(test, set);
	expect_set_trimmed(test, set);
}

static void buffer_with_room_stays_where_it_is(struct kunit *test)
{
	const struct kpool_sized_params p = { .name = "roomy", CLASSES(two) };
	struct kpool_sized *set = set_of(test, &p);
	struct kpool_buf buf, before;

	KUNIT_ASSERT_EQ(test, kpool_sized_get_buf(set, &buf, 65, GFP_KERNEL), 0);
	before = buf;
	KUNIT_EXPECT_EQ(test, kpool_sized_grow(set, &buf, 4096, GFP_NOWAIT), 0);
	KUNIT_EXPECT_EQ(test, kpool_sized_grow(set, &buf, 0, GFP_NOWAIT), 0);
	KUNIT_EXPECT_TRUE(test, !memcmp(&buf, &before, sizeof(buf)));
	KUNIT_EXPECT_EQ(test, set_figure(set, asked_bytes), 65ULL);
	kpool_sized_put_buf(set, &buf);
	expect_set_quiet(test, set);
}

/* The larger class has no buffer left. */
static void buffer_that_cannot_grow_stays_as_it_was(struct kunit *test)
{
	const struct kpool_sized_params p = { .name = "bounded", CLASSES(bounded) };
	struct kpool_sized *set = set_of(test, &p);
	void **bufs = room_for(test, 4);
	struct kpool_buf buf, before;

	bufs_of(test, set, 128, bufs, 4);
	KUNIT_ASSERT_EQ(test, kpool_sized_get_buf(set, &buf, 64, GFP_KERNEL), 0);
	memset(buf.data, 7, 64);
	before = buf;
	KUNIT_EXPECT_EQ(test, kpool_sized_grow(set, &buf, 65, GFP_KERNEL), -EBUSY);
	KUNIT_EXPECT_TRUE(test, !memcmp(&buf, &before, sizeof(buf)));
	expect_bytes(test, &buf, 64);
	put_bufs(set, bufs, 4, 128);
	KUNIT_EXPECT_EQ(test, kpool_sized_grow(set, &buf, 65, GFP_KERNEL), 0);
	expect_bytes(test, &buf, 64);
	kpool_sized_put_buf(set, &buf);
	expect_set_quiet(test, set);
}

static void zeroed_growth_zeroes_what_is_new(struct kunit *test)
{
	const struct kpool_sized_params p = { .name = "zeroed", CLASSES(two) };
	struct kpool_sized *set = set_of(test, &p);
	struct kpool_buf buf = {}, dirty;

	KUNIT_ASSERT_EQ(test, kpool_sized_get_buf(set, &dirty, 4096, GFP_KERNEL), 0);
	memset(dirty.data, 1, 4096);
	kpool_sized_put_buf(set, &dirty);
	KUNIT_ASSERT_EQ(test, kpool_sized_grow(set, &buf, 64, GFP_KERNEL | __GFP_ZERO), 0);
	KUNIT_EXPECT_TRUE(test, !memchr_inv(buf.data, 0, 64));
	buf.len = 64;
	memset(buf.data, 7, 64);
	KUNIT_ASSERT_EQ(test, kpool_sized_grow(set, &buf, 65, GFP_KERNEL | __GFP_ZERO), 0);
	expect_bytes(test, &buf, 64);
	KUNIT_EXPECT_TRUE(test, !memchr_inv(buf.data + 64, 0, 4096 - 64));
	kpool_sized_put_buf(set, &buf);
	expect_set_quiet(test, set);
}

static void descriptor_of_nothing_is_ignored(struct kunit *test)
{
	static const struct kpool_sized_params p = { .name = "described" };
	struct kpool_sized *set = set_of(test, &p);
	struct kpool_buf buf;

	KUNIT_EXPECT_EQ(test, -ENOMEM, kpool_sized_get_buf(set, &buf, SIZE_MAX, GFP_KERNEL));
	KUNIT_EXPECT_NULL(test, buf.data);
	kpool_sized_put_buf(set, &buf);
	buf = kpool_sized_buf(set, ERR_PTR(-ENOMEM), 100);
	kpool_sized_put_buf(set, &buf);
	expect_set_quiet(test, set);
}

/* By hits, misses and in bulk. Each of these counts elsewhere. */
static void bytes_asked_and_given_are_exact(struct kunit *test)
{
	struct kpool_sized_class_stats *st = zalloc_for(test, struct kpool_sized_class_stats);
	struct kpool_sized *set = set_of(test, test->param_value);
	u64 asked = 0, given = 0;
	unsigned int i, j;
	void *bufs[8];
	size_t size;

	for (i = 0; i < nr_classes(set); i++) {
		u64 of_class = 0;

		for (j = 0; j < 20; j++) {
			size = set->class[i].size;
			size -= j % 2 && naive_class(set, size - 1) == i;
			bufs_of(test, set, size, bufs, 2);
			put_bufs(set, bufs, 2, size);
			KUNIT_ASSERT_EQ(test, 0, kpool_sized_get_bulk(set, size, GFP_KERNEL,
								      bufs, 2));
			kpool_sized_put_bulk(set, bufs, 2, size);
			of_class += 4 * size;
		}
		KUNIT_EXPECT_EQ(test, 0, kpool_sized_class_stats(set, i, st));
		KUNIT_EXPECT_EQ(test, st->size, set->class[i].size);
		KUNIT_EXPECT_EQ(test, st->asked_bytes, of_class);
		KUNIT_EXPECT_EQ(test, st->given_bytes, 80 * set->class[i].size);
		KUNIT_EXPECT_EQ(test, st->pool.gets, 80ULL);
		asked += of_class;
		given += st->given_bytes;
	}
	KUNIT_EXPECT_EQ(test, set_figure(set, asked_bytes), asked);
	KUNIT_EXPECT_EQ(test, set_figure(set, given_bytes), given);
	KUNIT_EXPECT_EQ(test, -EINVAL, kpool_sized_class_stats(set, i, st));
	expect_set_quiet(test, set);
}

static void figures_say_what_is_out(struct kunit *test)
{
	static const struct kpool_sized_params p = { .name = "out" };
	struct kpool_sized *set = set_of(test, &p);
	void *bufs[3];

	bufs_of(test, set, 100, bufs, 2);
	bufs_of(test, set, 5000, bufs + 2, 1);
	KUNIT_EXPECT_EQ(test, set_figure(set, in_use_bytes), 2 * 128ULL + 8192);
	KUNIT_EXPECT_EQ(test, set_figure(set, idle_bytes), 0ULL);
	put_bufs(set, bufs, 2, 100);
	KUNIT_EXPECT_EQ(test, set_figure(set, in_use_bytes), 8192ULL);
	KUNIT_EXPECT_EQ(test, set_figure(set, idle_bytes), set_keeps(set) ? 256ULL : 0ULL);
	kpool_sized_put(set, bufs[2], 5000);
	expect_set_trimmed(test, set);
}

/* Each bucket's bound is the largest size in it. One byte more belongs to the next bucket. */
static void sizes_are_sampled_in_their_buckets(struct kunit *test)
{
	static const struct kpool_sized_params p = { .name = "buckets", CLASSES(two) };
	struct kpool_sized *set = set_of(test, &p);
	unsigned int bucket;
	size_t bound, before = 0;
	u64 samples = 77;

	for (bucket = 0; (bound = kpool_sized_bucket(set, bucket, &samples)); bucket++) {
		KUNIT_EXPECT_GT(test, bound, before);
		KUNIT_EXPECT_EQ(test, samples, 0ULL);
		kpool_sized_sample(set, bound);
		kpool_sized_sample(set, before + 1);
		kpool_sized_bucket(set, bucket, &samples);
		KUNIT_EXPECT_EQ_MSG(test, samples, 2ULL, "bucket %u, up to %zu", bucket, bound);
		/* For sizes that are not tiny, the bucket's bound is at most an eighth larger. */
		if (bound > 8 && bound != SIZE_MAX)
			KUNIT_EXPECT_LE(test, (bound - before) * 8, bound);
		before = bound;
	}
	KUNIT_EXPECT_EQ(test, bucket, (unsigned int)KPOOL_SIZED_BUCKETS);
	KUNIT_EXPECT_EQ(test, before, SIZE_MAX);
	KUNIT_EXPECT_EQ(test, set_samples(set), 2ULL * KPOOL_SIZED_BUCKETS);
	samples = 77;
	KUNIT_EXPECT_EQ(test, kpool_sized_bucket(set, bucket, &samples), (size_t)0);
	KUNIT_EXPECT_EQ(test, samples, 77ULL);
}

static const struct pattern {
	const char *what;
	unsigned int n;		/* gets before the puts */
} patterns[] = { { "by ones", 1 }, { "by magazines", 64 }, { "by more", 100 } };

KUNIT_ARRAY_PARAM_DESC(pattern, patterns, what);

/* One request of so many is sampled, whatever the pattern of hits and misses. */
static void samples_are_a_share_of_the_requests(struct kunit *test)
{
	static const struct kpool_sized_params p = { .name = "sampled" };
	const struct pattern *pattern = test->param_value;
	struct kpool_sized *set = set_of(test, &p);
	unsigned int round, rounds = 20 * KPOOL_SIZED_SAMPLE / pattern->n;
	void **bufs = room_for(test, pattern->n);
	u64 samples, wanted = rounds * pattern->n / KPOOL_SIZED_SAMPLE;

	pin(test, raw_smp_processor_id());
	for (round = 0; round < rounds; round++) {
		bufs_of(test, set, 90, bufs, pattern->n);
		put_bufs(set, bufs, pattern->n, 90);
	}
	kpool_sized_bucket(set, 15 + 8 + 8 + 4, &samples);	/* 88 to 96 bytes */

	KUNIT_EXPECT_EQ(test, set_samples(set), samples);
	/* Hits and misses are counted apart, and each count has a remainder. */
	KUNIT_EXPECT_LE(test, samples, wanted + 2);
	KUNIT_EXPECT_GE(test, samples + 2, wanted);
	expect_set_quiet(test, set);
}

/* The figures take no lock that others hold for long, and none that sleeps. */
static void figures_are_for_any_context(struct kunit *test)
{
	static const struct kpool_sized_params p = { .name = "atomic" };
	struct kpool_sized *set = set_of(test, &p);
	struct kpool_sized_class_stats class;
	struct kpool_sized_stats st;
	int err;

	local_irq_disable();
	kpool_sized_stats(set, &st);
	err = kpool_sized_class_stats(set, 0, &class);
	local_irq_enable();

	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, st.in_use_bytes, 0ULL);
	KUNIT_EXPECT_EQ(test, class.pool.in_use, 0ULL);
}

/* A set that serves a few requests shows their sizes, too. */
static void first_request_is_sampled(struct kunit *test)
{
	static const struct kpool_sized_params p = { .name = "first" };
	struct kpool_sized *set = set_of(test, &p);
	u64 samples;

	pin(test, raw_smp_processor_id());
	put_buf(set, buf_of(test, set, 90), 90);
	kpool_sized_bucket(set, 15 + 8 + 8 + 4, &samples);	/* 88 to 96 bytes */
	KUNIT_EXPECT_EQ(test, samples, 1ULL);
	KUNIT_EXPECT_EQ(test, set_samples(set), 1ULL);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(wrong_parameter_is_refused, wrong_gen_params),
	KUNIT_CASE(headers_of_another_version_are_refused),
	KUNIT_CASE(name_that_exists_is_refused),
	KUNIT_CASE(name_of_a_class_that_exists_is_refused),
	KUNIT_CASE_PARAM(right_parameter_is_taken, right_gen_params),
	KUNIT_CASE(parameters_are_copied),
	KUNIT_CASE_PARAM(class_is_the_smallest_that_is_large_enough, list_gen_params),
	KUNIT_CASE_PARAM(all_bytes_may_be_used, list_gen_params),
	KUNIT_CASE_PARAM(buffer_goes_back_to_its_class, list_gen_params),
	KUNIT_CASE_PARAM(zeroed_get_zeroes_all_of_the_buffer, size_gen_params),
	KUNIT_CASE_PARAM(plain_get_leaves_contents, size_gen_params),
	KUNIT_CASE_PARAM(wiped_sets_wipe_all_of_the_buffer, size_gen_params),
	KUNIT_CASE(wiped_oversize_is_wiped_to_its_end),
	KUNIT_CASE_PARAM(oversize_comes_and_goes, place_gen_params),
	KUNIT_CASE_PARAM(small_oversize_comes_and_goes, place_gen_params),
	KUNIT_CASE(overwritten_oversize_is_noticed),
	KUNIT_CASE(atomic_get_of_oversize_takes_what_is_there),
	KUNIT_CASE(oversize_that_cannot_be_had_is_counted),
	KUNIT_CASE(put_ignores_null_and_errors),
	KUNIT_CASE_PARAM(descriptor_knows_its_buffer, size_gen_params),
	KUNIT_CASE_PARAM(buffer_grows_and_keeps_its_bytes, list_gen_params),
	KUNIT_CASE(buffer_with_room_stays_where_it_is),
	KUNIT_CASE(buffer_that_cannot_grow_stays_as_it_was),
	KUNIT_CASE(zeroed_growth_zeroes_what_is_new),
	KUNIT_CASE(descriptor_of_nothing_is_ignored),
	KUNIT_CASE_PARAM(bytes_asked_and_given_are_exact, list_gen_params),
	KUNIT_CASE(figures_say_what_is_out),
	KUNIT_CASE(figures_are_for_any_context),
	KUNIT_CASE(sizes_are_sampled_in_their_buckets),
	KUNIT_CASE_PARAM(samples_are_a_share_of_the_requests, pattern_gen_params),
	KUNIT_CASE(first_request_is_sampled),
	{}
};

struct kunit_suite sized_suite = {
	.name = "kpool_sized",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
