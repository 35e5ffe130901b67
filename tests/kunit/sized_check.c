// SPDX-License-Identifier: GPL-2.0-only
/* Checked puts of sized buffers: each wrong put is refused, and the log names it. */
#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/sched.h>
#include <linux/sizes.h>

#include "log.h"
#include "policy/instrument.h"
#include "sets.h"
#include "sized/set.h"

#define OVERSIZE	20000

static const struct kpool_sized_class classes[] = {
	{ .size = 64 }, { .size = 4096 }, { .size = 8192 },
};

static const struct kpool_sized_params checked = { .name = "checked", CLASSES(classes),
						   .flags = KPOOL_DEBUG };

enum misuse {
	LARGER_CLASS, SMALLER_CLASS, CLASS_AS_OVERSIZE, OVERSIZE_AS_CLASS, OVERSIZE_LARGER,
	FOREIGN, OF_ANOTHER_SET, INSIDE, INSIDE_A_WORD, TWICE, OVERSIZE_TWICE, IN_BULK,
};

static const struct misuse_case {
	const char *what;
	enum misuse misuse;
	size_t got, put;	/* sizes */
	const char *says;
} misuses[] = {
	{ "larger class", LARGER_CLASS, 60, 5000, "64 bytes; the last get was by buf_of" },
	{ "smaller class", SMALLER_CLASS, 5000, 60, "of checked-8K, which has 8192 bytes" },
	{ "class as oversize", CLASS_AS_OVERSIZE, 5000, 9000, "put of 9000 bytes" },
	{ "oversize as class", OVERSIZE_AS_CLASS, OVERSIZE, 5000, "which has 20480 bytes" },
	{ "oversize, larger", OVERSIZE_LARGER, OVERSIZE, 20481, "which has 20480 bytes" },
	{ "foreign", FOREIGN, 60, 60, "it is no object of this pool" },
	{ "another set's", OF_ANOTHER_SET, 60, 60, "of other-64, which has 64 bytes" },
	{ "inside", INSIDE, 5000, 5000, "it lies 48 bytes inside object" },
	{ "inside its first word", INSIDE_A_WORD, 60, 60, "it lies 1 bytes inside object" },
	{ "twice", TWICE, 60, 64, "was put before, by sized_misuse" },
	{ "oversize twice", OVERSIZE_TWICE, OVERSIZE, OVERSIZE, "put of 20000 bytes" },
	{ "in bulk", IN_BULK, 60, 5000, "of checked-64, which has 64 bytes" },
};

KUNIT_ARRAY_PARAM_DESC(misuse, misuses, what);

/* The caller that the log has to name. */
static noinline void sized_misuse(struct kpool_sized *set, void *buf, size_t size)
{
	kpool_sized_put(set, buf, size);
	barrier();		/* no tail call: the log would name the caller's caller */
}

static noinline void sized_misuse_bulk(struct kpool_sized *set, void *buf, size_t size)
{
	kpool_sized_put_bulk(set, &buf, 1, size);
	barrier();
}

static void *what_is_put(struct kunit *test, enum misuse misuse, struct kpool_sized *set,
			 struct kpool_sized *other, void *buf, void **theirs)
{
	switch (misuse) {
	case FOREIGN:
		return zalloc_bytes(test, 64);
	case OF_ANOTHER_SET:
		*theirs = buf_of(test, other, 60);
		return *theirs;
	case INSIDE:
		return buf + 48;
	case INSIDE_A_WORD:
		return buf + 1;
	default:
		return buf;
	}
}

static bool is_of_another_class(enum misuse misuse)
{
	return misuse == LARGER_CLASS || misuse == SMALLER_CLASS || misuse == IN_BULK ||
	       misuse == OVERSIZE_AS_CLASS;
}

static void misuse_is_refused_and_named(struct kunit *test)
{
	static const struct kpool_sized_params p = { .name = "other", CLASSES(classes),
						     .flags = KPOOL_DEBUG };
	const struct misuse_case *c = test->param_value;
	struct kpool_sized *set = set_of(test, &checked), *other = set_of(test, &p);
	bool twice = c->misuse == TWICE || c->misuse == OVERSIZE_TWICE;
	void *buf, *wrong, *theirs = NULL;
	const char *log;

	msleep(600);	/* the log takes ten messages in five seconds */
	pin(test, raw_smp_processor_id());
	buf = buf_of(test, set, c->got);
	wrong = what_is_put(test, c->misuse, set, other, buf, &theirs);
	if (twice)
		sized_misuse(set, buf, c->got);
	log_begin();
	if (c->misuse == IN_BULK)
		sized_misuse_bulk(set, wrong, c->put);
	else
		sized_misuse(set, wrong, c->put);
	log = log_end();

	/* A bypassed set has freed the buffer before the second put. */
	if (set_keeps(set) || c->misuse != TWICE)
		expect_in_log(test, log, c->says);
	KUNIT_EXPECT_PTR_NE_MSG(test, strstr(log, " checked"), (char *)NULL, "%s", log);
	KUNIT_EXPECT_PTR_NE_MSG(test, strstr(log, "by sized_misuse"), (char *)NULL, "%s",
				log);
	/* The set does not ask the class that the size names: its pool may be gone. */
	if (is_of_another_class(c->misuse))
		expect_in_log(test, log, "set checked (id ");
	KUNIT_EXPECT_EQ(test, set_figure(set, misused), 1ULL);
	KUNIT_EXPECT_EQ(test, set_figure(other, misused), 0ULL);
	/* The buffer still belongs to its user. */
	if (!twice)
		kpool_sized_put(set, buf, c->got);
	kpool_sized_put(other, theirs, 60);
	expect_set_trimmed(test, set);
	expect_set_trimmed(test, other);
	KUNIT_EXPECT_EQ(test, set_figure(set, misused), 1ULL);
}

/* A put with any size of the class is good, at the buffer's own address only. */
static void good_puts_are_not_refused(struct kunit *test)
{
	struct kpool_sized *set = set_of(test, &checked);
	struct kpool_buf buf;
	unsigned int i, j;
	void *bufs[4];

	for (i = 0; i < 3; i++) {
		size_t size = set->class[i].size;

		for (j = 0; j < 100; j++) {
			bufs_of(test, set, size, bufs, 3);
			put_bufs(set, bufs, 3, i ? set->class[i - 1].size + 1 : 0);
			KUNIT_ASSERT_EQ(test, 0, kpool_sized_get_bulk(set, size, GFP_KERNEL,
								      bufs, 4));
			kpool_sized_put_bulk(set, bufs, 4, size);
			KUNIT_ASSERT_EQ(test, 0, kpool_sized_get_buf(set, &buf, size, GFP_KERNEL));
			kpool_sized_put_buf(set, &buf);
			KUNIT_ASSERT_EQ(test, 0, kpool_sized_get_buf(set, &buf, OVERSIZE,
								     GFP_KERNEL));
			kpool_sized_put_buf(set, &buf);
		}
	}
	bufs[0] = buf_of(test, set, OVERSIZE);
	kpool_sized_put(set, bufs[0], 8193);
	bufs[0] = kpool_sized_get(set, 60, GFP_KERNEL | __GFP_ZERO);
	kpool_sized_put(set, bufs[0], 60);
	bufs[0] = kpool_sized_get_timeout(set, 60, GFP_KERNEL, 0);
	kpool_sized_put(set, bufs[0], 60);

	KUNIT_EXPECT_EQ(test, set_figure(set, misused), 0ULL);
	expect_set_trimmed(test, set);
}

/* Also in interrupts and atomic context. */
static void wrong_puts_are_refused_anywhere(struct kunit *test)
{
	struct kpool_sized *set = set_of(test, &checked);
	void *buf = buf_of(test, set, 60), *over = buf_of(test, set, OVERSIZE);

	preempt_disable();
	kpool_sized_put(set, buf, 5000);
	kpool_sized_put(set, buf + 8, 60);
	preempt_enable();
	local_irq_disable();
	kpool_sized_put(set, over, 5000);
	kpool_sized_put(set, over, OVERSIZE);
	kpool_sized_put(set, over, OVERSIZE);	/* a worker frees it */
	local_irq_enable();
	kpool_sized_put(set, buf, 60);

	KUNIT_EXPECT_EQ(test, set_figure(set, misused), 4ULL);
	expect_set_trimmed(test, set);
}

static void late_puts_are_checked(struct kunit *test)
{
	struct kpool_sized *set = set_create(&checked);
	unsigned int sets = sets_left();
	void *bufs[2], *over;

	KUNIT_ASSERT_FALSE(test, IS_ERR(set));
	bufs_of(test, set, 60, bufs, 2);
	over = buf_of(test, set, OVERSIZE);
	kpool_sized_destroy(set);
	kpool_sized_put(set, bufs[0], 5000);
	kpool_sized_put(set, bufs[0], 60);
	kpool_sized_put(set, bufs[0], 60);
	kpool_sized_put(set, over, OVERSIZE);
	kpool_sized_put(set, over, OVERSIZE);
	KUNIT_EXPECT_EQ(test, set_figure(set, misused), 3ULL);
	KUNIT_EXPECT_EQ(test, sets_left(), sets);
	kpool_sized_put(set, bufs[1], 60);
	settle();
	settle();
	KUNIT_EXPECT_EQ(test, sets_left(), sets - 1);
}

/* Without checks nothing is refused, and the set keeps records only of oversize buffers. */
static void unchecked_sets_keep_few_records(struct kunit *test)
{
	static const struct kpool_sized_params p = { .name = "unchecked", CLASSES(classes) };
	struct kpool_sized *set = set_of(test, &p);
	void *buf = buf_of(test, set, 60), *over;

	KUNIT_EXPECT_FALSE(test, to_sized(set)->flags & KPOOL_DEBUG);
	KUNIT_EXPECT_TRUE(test, xa_empty(&to_sized(set)->records.by_address));
	over = buf_of(test, set, OVERSIZE);
	KUNIT_EXPECT_FALSE(test, xa_empty(&to_sized(set)->records.by_address));
	kpool_sized_put(set, buf, 60);
	put_buf(set, over, OVERSIZE);
	see_puts_through(set);
	KUNIT_EXPECT_TRUE(test, xa_empty(&to_sized(set)->records.by_address));
	expect_set_trimmed(test, set);
}

/*
 * Opens the file with the root of the process that loads the suites. The suites' threads have
 * another root.
 */
static struct file *parameter;

static void set_parameter(struct kunit *test, char value)
{
	loff_t pos = 0;

	if (IS_ERR(parameter))
		kunit_skip(test, "sysfs is not mounted");
	KUNIT_ASSERT_EQ(test, kernel_write(parameter, &value, 1, &pos), (ssize_t)1);
}

/* The parameter counts for sets that are created afterwards. */
static void module_parameter_checks_all_sets(struct kunit *test)
{
	static const struct kpool_sized_params before = { .name = "before", CLASSES(classes) };
	static const struct kpool_sized_params p = { .name = "after", CLASSES(classes) };
	struct kpool_sized *old = set_of(test, &before), *set, *later;
	void *buf;

	set_parameter(test, 'Y');
	set = set_create(&p);
	set_parameter(test, 'N');
	KUNIT_ASSERT_FALSE(test, IS_ERR(set));
	KUNIT_EXPECT_FALSE(test, to_sized(old)->flags & KPOOL_DEBUG);
	KUNIT_EXPECT_TRUE(test, to_sized(set)->flags & KPOOL_DEBUG);
	buf = kpool_sized_get(set, 60, GFP_KERNEL);
	kpool_sized_put(set, buf, 5000);
	KUNIT_EXPECT_EQ(test, set_figure(set, misused), 1ULL);
	kpool_sized_put(set, buf, 60);
	expect_set_trimmed(test, set);
	kpool_sized_destroy(set);
	later = set_of(test, &p);
	KUNIT_EXPECT_FALSE(test, to_sized(later)->flags & KPOOL_DEBUG);
}

static void check_set(struct kunit *test, struct kpool_sized *set, bool on)
{
	unsigned int i;

	for (i = 0; i < nr_classes(set); i++)
		KUNIT_EXPECT_EQ(test, 0, kp_debug_set(to_pool(class_pool(set, i)), on));
}

/* As "kpool debug SET on" does. Buffers that are in use already are checked as well as can be. */
static void checks_begin_and_end_in_use(struct kunit *test)
{
	static const struct kpool_sized_params p = { .name = "switched", CLASSES(classes) };
	struct kpool_sized *set = set_of(test, &p);
	void *old = buf_of(test, set, OVERSIZE), *buf, *large, *over;

	check_set(test, set, true);
	buf = buf_of(test, set, 60);
	large = buf_of(test, set, 5000);
	over = buf_of(test, set, OVERSIZE);
	sized_misuse(set, buf, 5000);		/* of another class */
	sized_misuse_bulk(set, large, 60);
	sized_misuse(set, over, 5000);		/* oversize as a class */
	sized_misuse(set, large, 9000);		/* a class as oversize */
	sized_misuse(set, over, 20481);		/* more than the buffer has */
	sized_misuse(set, old, 20481);
	KUNIT_EXPECT_EQ(test, set_figure(set, misused), 6ULL);
	kpool_sized_put(set, buf, 60);
	sized_misuse(set, buf, 60);		/* twice */
	KUNIT_EXPECT_EQ(test, set_figure(set, misused), 7ULL);
	kpool_sized_put(set, large, 5000);
	kpool_sized_put(set, over, OVERSIZE);

	/* Without checks a size of another oversize buffer is not refused. */
	check_set(test, set, false);
	kpool_sized_put(set, old, 20481);
	KUNIT_EXPECT_EQ(test, set_figure(set, misused), 7ULL);
	see_puts_through(set);
	KUNIT_EXPECT_TRUE(test, xa_empty(&to_sized(set)->records.by_address));
	expect_set_trimmed(test, set);
}

/* The pool of the class that a late wrong put names is gone, and so are its caches. */
static void wrong_put_names_a_class_that_is_gone(struct kunit *test)
{
	static const struct kpool_sized_params p = { .name = "switched", CLASSES(classes) };
	struct kpool_sized *set = set_create(&p);
	unsigned int sets = sets_left();
	void *buf;

	KUNIT_ASSERT_FALSE(test, IS_ERR(set));
	check_set(test, set, true);
	buf = buf_of(test, set, 60);
	kpool_sized_destroy(set);
	settle();
	KUNIT_EXPECT_PTR_EQ(test, (void __force *)set->class[2].cpu,
			    (void __force *)to_sized(set)->gate);
	sized_misuse(set, buf, 5000);
	KUNIT_EXPECT_EQ(test, set_figure(set, misused), 1ULL);
	kpool_sized_put(set, buf, 60);
	settle();
	settle();
	KUNIT_EXPECT_EQ(test, sets_left(), sets - 1);
}

static void trade_sizes(struct member *m)
{
	static const size_t sizes[] = { 60, 4000, 8000, OVERSIZE };
	struct kpool_sized *set = m->ctx;
	size_t size = sizes[prandom_u32_state(&m->rnd) % ARRAY_SIZE(sizes)];
	void *bufs[3];

	if (m->steps % 2) {
		bufs[0] = kpool_sized_get(set, size, GFP_KERNEL);
		kpool_sized_put(set, bufs[0], size);
	} else if (!kpool_sized_get_bulk(set, size, GFP_KERNEL, bufs, 3)) {
		kpool_sized_put(set, bufs[0], size);
		kpool_sized_put_bulk(set, bufs + 1, 2, size);
	}
}

static void switches_of_a_set_under_load_report_nothing(struct kunit *test)
{
	static const struct kpool_sized_params p = { .name = "switched", CLASSES(classes) };
	static const struct duty trade = { .step = trade_sizes };
	struct kpool_sized *set = set_of(test, &p);
	unsigned int i, switches = is_full_run() ? 1000 : 20;
	struct team *team = team_start(test, &trade, set, U64_MAX);

	for (i = 0; i < switches; i++) {
		check_set(test, set, i % 2 == 0);
		if (i % 8 == 0)
			kpool_sized_trim(set);
		usleep_range(50, 200);
	}
	team_stop(team);
	KUNIT_EXPECT_EQ(test, set_figure(set, misused), 0ULL);
	expect_set_trimmed(test, set);
}

static struct kunit_case cases[] = {
	/* The first case, because the log's rate limit drops messages that come too often. */
	KUNIT_CASE_PARAM(misuse_is_refused_and_named, misuse_gen_params),
	KUNIT_CASE(good_puts_are_not_refused),
	KUNIT_CASE(wrong_puts_are_refused_anywhere),
	KUNIT_CASE(late_puts_are_checked),
	KUNIT_CASE(unchecked_sets_keep_few_records),
	KUNIT_CASE(module_parameter_checks_all_sets),
	KUNIT_CASE(checks_begin_and_end_in_use),
	KUNIT_CASE(wrong_put_names_a_class_that_is_gone),
	KUNIT_CASE(switches_of_a_set_under_load_report_nothing),
	{}
};

static int check_init(struct kunit_suite *suite)
{
	parameter = filp_open("/sys/module/kpool/parameters/debug", O_RDWR, 0);
	return parameter == ERR_PTR(-ENOENT) ? 0 : PTR_ERR_OR_ZERO(parameter);
}

static void check_exit(struct kunit_suite *suite)
{
	if (!IS_ERR(parameter))
		filp_close(parameter, NULL);
	settle();
	resume_ageing(suite);
}

struct kunit_suite sized_check_suite = {
	.name = "kpool_sized_check",
	.suite_init = check_init,
	.suite_exit = check_exit,
	.test_cases = cases,
};
