// SPDX-License-Identifier: GPL-2.0-only
/* Limits of sets of sized buffers: of a class, and of all classes' bytes together. */
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/sizes.h>

#include "base/budget.h"
#include "base/params.h"
#include "base/work.h"
#include "pool.h"
#include "sets.h"
#include "sized/limit.h"
#include "sized/set.h"

#define OUT	2

static const struct kpool_sized_class bounded[] = {
	{ .size = 64, .max = OUT }, { .size = 8192, .max = OUT }, { .size = 70000, .max = OUT },
};

static const struct kpool_sized_params bounds[] = {
	{ .name = "bounded", CLASSES(bounded) },
	{ .name = "bounded-checked", CLASSES(bounded), .flags = KPOOL_DEBUG },
	{ .name = "bounded-anyctx", CLASSES(bounded), .flags = KPOOL_ANYCTX },
};

KUNIT_ARRAY_PARAM_DESC(bound, bounds, name);

static void *get_waiting(struct kpool_sized *set, size_t size, unsigned int state, long timeout)
{
	switch (state) {
	case TASK_INTERRUPTIBLE:
		return kpool_sized_get_interruptible_timeout(set, size, GFP_KERNEL, timeout);
	case TASK_KILLABLE:
		return kpool_sized_get_killable_timeout(set, size, GFP_KERNEL, timeout);
	default:
		return kpool_sized_get_timeout(set, size, GFP_KERNEL, timeout);
	}
}

static int get_bulk_waiting(struct kpool_sized *set, size_t size, unsigned int state,
			    long timeout, void **bufs, unsigned int n)
{
	switch (state) {
	case TASK_INTERRUPTIBLE:
		return kpool_sized_get_bulk_interruptible_timeout(set, size, GFP_KERNEL, bufs, n,
								  timeout);
	case TASK_KILLABLE:
		return kpool_sized_get_bulk_killable_timeout(set, size, GFP_KERNEL, bufs, n,
							     timeout);
	default:
		return kpool_sized_get_bulk_timeout(set, size, GFP_KERNEL, bufs, n, timeout);
	}
}

static const unsigned int states[] = { TASK_UNINTERRUPTIBLE, TASK_INTERRUPTIBLE, TASK_KILLABLE };
static const size_t sizes[] = { 50, 5000, 66000 };

/* Other classes go on. */
static void class_that_is_exhausted_says_so(struct kunit *test)
{
	struct kpool_sized *set = set_of(test, test->param_value);
	void *bufs[OUT], *more[OUT + 1];
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		bufs_of(test, set, sizes[i], bufs, OUT);
		KUNIT_EXPECT_EQ(test, PTR_ERR(kpool_sized_get(set, sizes[i], GFP_KERNEL)), -EBUSY);
		KUNIT_EXPECT_EQ(test, kpool_sized_get_bulk(set, sizes[i], GFP_KERNEL, more, 1),
				-EBUSY);
		KUNIT_EXPECT_EQ(test, -EINVAL, kpool_sized_get_bulk(set, sizes[i], GFP_KERNEL,
								    more, OUT + 1));
		for (j = 0; j < ARRAY_SIZE(states); j++) {
			KUNIT_EXPECT_EQ(test, PTR_ERR(get_waiting(set, sizes[i], states[j], 1)),
					-ETIMEDOUT);
			KUNIT_EXPECT_EQ(test, -ETIMEDOUT,
					get_bulk_waiting(set, sizes[i], states[j], 1, more, 1));
		}
		put_buf(set, buf_of(test, set, sizes[(i + 1) % 3]), sizes[(i + 1) % 3]);
		put_bufs(set, bufs, OUT, sizes[i]);
		see_puts_through(set);
		KUNIT_EXPECT_EQ(test, figure(class_pool(set, i), gets),
				figure(class_pool(set, i), puts));
	}
	KUNIT_EXPECT_EQ(test, set_figure(set, asked_bytes),
			(OUT + 1) * (u64)(sizes[0] + sizes[1] + sizes[2]));
	expect_set_quiet(test, set);
}

static void waiting_forms_take_what_is_there(struct kunit *test)
{
	struct kpool_sized *set = set_of(test, test->param_value);
	void *bufs[OUT], *over;
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		for (j = 0; j < ARRAY_SIZE(states); j++) {
			bufs[0] = get_waiting(set, sizes[i], states[j], 0);
			KUNIT_ASSERT_FALSE(test, IS_ERR(bufs[0]));
			put_buf(set, bufs[0], sizes[i]);
			KUNIT_ASSERT_EQ(test, 0, get_bulk_waiting(set, sizes[i], states[j], 0,
								  bufs, OUT));
			kpool_sized_put_bulk(set, bufs, OUT, sizes[i]);
			see_puts_through(set);
			over = get_waiting(set, 80000, states[j], 0);
			KUNIT_ASSERT_FALSE(test, IS_ERR(over));
			kpool_sized_put(set, over, 80000);
			KUNIT_ASSERT_EQ(test, 0, get_bulk_waiting(set, 80000, states[j], 0, bufs,
								  OUT));
			kpool_sized_put_bulk(set, bufs, OUT, 80000);
		}
	KUNIT_EXPECT_EQ(test, set_figure(set, oversize_gets), 27ULL);
	expect_set_quiet(test, set);
}

/* Waits for a buffer, in a thread of its own. */
struct asker {
	struct kpool_sized *set;
	size_t size;
	void *buf;
	struct completion done;
};

static int ask(void *arg)
{
	struct asker *a = arg;

	a->buf = kpool_sized_get_timeout(a->set, a->size, GFP_KERNEL, FOR_EVER);
	complete(&a->done);
	return 0;
}

static void put_hands_over_to_who_waits(struct kunit *test)
{
	struct kpool_sized *set = set_of(test, test->param_value);
	struct asker *a = zalloc_for(test, struct asker);
	struct task_struct *task;
	void *bufs[OUT];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		bufs_of(test, set, sizes[i], bufs, OUT);
		*a = (struct asker){ .set = set, .size = sizes[i] };
		init_completion(&a->done);
		task = kthread_run(ask, a, "kpool/asker");
		KUNIT_ASSERT_FALSE(test, IS_ERR(task));
		KUNIT_EXPECT_TRUE(test, spin_until(waiting(class_pool(set, i)) == 1));
		kpool_sized_put(set, bufs[0], sizes[i]);
		KUNIT_ASSERT_TRUE(test, wait_for_completion_timeout(&a->done,
								    msecs_to_jiffies(PATIENCE_MS)));
		KUNIT_ASSERT_FALSE(test, IS_ERR(a->buf));
		kpool_sized_put(set, a->buf, sizes[i]);
		kpool_sized_put(set, bufs[1], sizes[i]);
	}
	expect_set_quiet(test, set);
}

static void beyond_max_is_built_and_given_back(struct kunit *test)
{
	static const struct kpool_sized_params p = { .name = "beyond", CLASSES(bounded),
						     .flags = KPOOL_OVERFLOW };
	struct kpool_sized *set = set_of(test, &p);
	void *bufs[3 * OUT];

	bufs_of(test, set, 8000, bufs, 3 * OUT);
	put_bufs(set, bufs, 3 * OUT, 8000);
	expect_set_quiet(test, set);
	KUNIT_EXPECT_LE(test, set_figure(set, idle_bytes), (u64)OUT * 8192);
	expect_set_trimmed(test, set);
}

#define BULK	6

static const struct kpool_sized_class small[] = { { .size = 64 } };

/* The size is one for which vmalloc() is not used. */
static void bulk_of_oversize_is_all_or_nothing(struct kunit *test)
{
	static const struct kpool_sized_params kinds[] = {
		{ .name = "over", CLASSES(small) },
		{ .name = "over-checked", CLASSES(small), .flags = KPOOL_DEBUG },
	};
	unsigned int i, n, left, failed;
	struct kpool_sized *set;
	void *bufs[BULK];
	int err;

	if (!faults_reach_us())
		kunit_skip(test, "write N to debugfs failslab/ignore-gfp-wait");
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		set = set_of(test, &kinds[i]);
		failed = 0;
		for (n = 1, left = 0; !left && n < 1000; n++) {
			WRITE_ONCE(current->fail_nth, n);
			err = kpool_sized_get_bulk(set, 2000, GFP_KERNEL, bufs, BULK);
			left = READ_ONCE(current->fail_nth);
			WRITE_ONCE(current->fail_nth, 0);
			KUNIT_EXPECT_TRUE(test, !err || err == -ENOMEM);
			if (!err)
				kpool_sized_put_bulk(set, bufs, BULK, 2000);
			failed += !!err;
			expect_set_quiet(test, set);
			KUNIT_EXPECT_EQ(test, set_figure(set, oversize_failures), (u64)failed);
			KUNIT_EXPECT_TRUE(test, xa_empty(&to_sized(set)->records.by_address));
		}
		/* The number depends on the allocators' own allocations in between. */
		KUNIT_EXPECT_GT(test, failed, 0U);
	}
}

static const struct kpool_sized_class some[] = {
	{ .size = 64, .min_idle = 2 }, { .size = 4096, .reserve = 1 }, { .size = 70000 },
};

static const struct kpool_sized_params created[] = {
	{ .name = "some", CLASSES(some) },
	{ .name = "limited", CLASSES(some), .max_idle_bytes = SZ_1M },
	{ .name = "checked", CLASSES(some), .flags = KPOOL_DEBUG },
};

KUNIT_ARRAY_PARAM_DESC(created, created, name);

static void create_without_memory_leaves_nothing(struct kunit *test)
{
	const struct kpool_sized_params *p = test->param_value;
	unsigned int pools, sets = sets_left(), n, left = 0, failed = 0;
	struct kpool_sized *set;
	struct kpool_sized_params q = *p;

	if (!faults_reach_us())
		kunit_skip(test, "write N to debugfs failslab/ignore-gfp-wait");
	/* Makes the slab caches first, because Linux 6.1 leaks a name otherwise: see faults.c. */
	q.name = "shares";
	kpool_sized_put(set_of(test, &q), NULL, 1);
	pools = pools_left();
	for (n = 1; !left && n < 2000; n++) {
		WRITE_ONCE(current->fail_nth, n);
		set = set_create(p);
		left = READ_ONCE(current->fail_nth);
		WRITE_ONCE(current->fail_nth, 0);
		failed += IS_ERR(set);
		if (IS_ERR(set))
			KUNIT_EXPECT_EQ(test, PTR_ERR(set), -ENOMEM);
		else
			kpool_sized_destroy(set);
		KUNIT_EXPECT_EQ(test, pools_left(), pools);
		KUNIT_EXPECT_EQ(test, sets_left(), sets + 1);
	}
	KUNIT_EXPECT_GT(test, left, 0U);
	/* The number depends on the allocators' own allocations in between. */
	KUNIT_EXPECT_GT(test, failed, 0U);
	settle();
}

/* The budget for depots, floors and CPUs' magazines add up to no more than the limit on bytes. */
static void expect_shares(struct kunit *test, struct kpool_sized *set, size_t limit)
{
	u64 magazines = 0, floors = 0;
	struct kp_pool *pool;
	unsigned int i;

	for (i = 0; i < nr_classes(set); i++) {
		pool = to_pool(class_pool(set, i));
		magazines += 2ULL * num_possible_cpus() * set->class[i].size * pool->magazine;
		floors += (u64)set->class[i].size * pool->class_link->floor;
	}
	KUNIT_EXPECT_LE(test, magazines, (u64)limit / 2);
	KUNIT_EXPECT_LE(test, magazines + floors + to_sized(set)->budget.most, (u64)limit);
	KUNIT_EXPECT_GE(test, floors + to_sized(set)->budget.most, (u64)limit / 2);
}

static const struct kpool_sized_class pair[] = { { .size = 512 }, { .size = 8192 } };
static const struct kpool_sized_class chosen[] = {
	{ .size = 64, .magazine = 2 }, { .size = 512, .max_idle = 5 }, { .size = 8192 },
	{ .size = 70000 },
};

static const struct kpool_sized_params limited[] = {
	{ .name = "pair", CLASSES(pair), .max_idle_bytes = SZ_1M },
	{ .name = "tight", CLASSES(pair), .max_idle_bytes = 20000 },
	{ .name = "one-buffer", CLASSES(pair), .max_idle_bytes = 8192 },
	{ .name = "none-fits", CLASSES(pair), .max_idle_bytes = 500 },
	{ .name = "chosen", CLASSES(chosen), .max_idle_bytes = SZ_512K },
	{ .name = "default", .max_idle_bytes = 8 * SZ_1M },
	{ .name = "checked", CLASSES(pair), .max_idle_bytes = SZ_256K, .flags = KPOOL_DEBUG },
	{ .name = "anyctx", CLASSES(pair), .max_idle_bytes = SZ_256K, .flags = KPOOL_ANYCTX },
};

KUNIT_ARRAY_PARAM_DESC(limited, limited, name);

struct burst {
	struct kpool_sized *set;
	atomic_t failed;
};

#define BURST	48

/* Gets many buffers of one class, then puts all of them at once. */
static void burst_step(struct member *m)
{
	struct burst *b = m->ctx;
	unsigned int class = (m->steps + m->cpu) % nr_classes(b->set), i, n = BURST;
	size_t size = b->set->class[class].size;
	void **bufs = m->priv;

	n = min_t(size_t, n, max_t(size_t, SZ_2M / size, 1));
	for (i = 0; i < n; i++) {
		bufs[i] = kpool_sized_get(b->set, size, GFP_KERNEL);
		if (IS_ERR(bufs[i]))
			atomic_inc(&b->failed);
	}
	put_bufs(b->set, bufs, n, size);
}

static const struct duty bursts = { .priv_size = BURST * sizeof(void *), .step = burst_step };

/* Counts in this order, so that bytes which move meanwhile are not counted twice. No trim runs. */
static u64 bytes_in_depots(struct kpool_sized *set)
{
	struct kp_pool *pool;
	unsigned int i, j;
	u64 bytes = 0;

	for (i = 0; i < nr_classes(set); i++) {
		pool = to_pool(class_pool(set, i));
		for (j = 0; j < pool->nr_depots; j++)
			bytes += READ_ONCE(pool->depots[j].objects) * pool->size;
	}
	return bytes;
}

static void idle_bytes_never_exceed_the_limit(struct kunit *test)
{
	const struct kpool_sized_params *p = test->param_value;
	struct burst *b = zalloc_for(test, struct burst);
	struct team *team;
	unsigned int round;

	b->set = set_of(test, p);
	expect_shares(test, b->set, p->max_idle_bytes);
	for (round = 0; round < 2; round++) {
		team = team_start(test, &bursts, b, 8);
		team_wait(team);
		team_stop(team);
		/* All is quiet, so the figure is consistent. */
		KUNIT_EXPECT_LE(test, set_figure(b->set, idle_bytes), (u64)p->max_idle_bytes);
		expect_set_quiet(test, b->set);
	}
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&b->failed));
	expect_set_trimmed(test, b->set);
}

/* All CPUs put all of their buffers at once. */
struct flood {
	struct kpool_sized *set;
	void **bufs[2];
	unsigned int n[2];
	atomic_t next[2];
};

static void flood_step(struct member *m)
{
	struct flood *f = m->ctx;
	unsigned int class = (m->steps + m->cpu) % 2;
	int i = atomic_inc_return(&f->next[class]) - 1;

	if (i < (int)f->n[class])
		kpool_sized_put(f->set, f->bufs[class][i], f->set->class[class].size);
	else
		atomic_dec(&f->next[class]);
}

static const struct duty flood = { .step = flood_step };

static void idle_bytes_never_exceed_the_limit_meanwhile(struct kunit *test)
{
	static const struct kpool_sized_params p = { .name = "flood", CLASSES(pair),
						     .max_idle_bytes = SZ_256K };
	struct flood *f = zalloc_for(test, struct flood);
	struct team *team;
	unsigned int i;
	u64 most = 0;

	f->set = set_of(test, &p);
	for (i = 0; i < 2; i++) {
		f->n[i] = i ? 200 : 2000;
		f->bufs[i] = room_for(test, f->n[i]);
		bufs_of(test, f->set, f->set->class[i].size, f->bufs[i], f->n[i]);
	}
	team = team_start(test, &flood, f, 0);
	do {
		most = max(most, bytes_in_depots(f->set));
		cond_resched();
	} while (atomic_read(&f->next[0]) < f->n[0] || atomic_read(&f->next[1]) < f->n[1]);
	team_stop(team);

	KUNIT_EXPECT_LE(test, most, (u64)to_sized(f->set)->budget.most);
	if (set_keeps(f->set))
		KUNIT_EXPECT_GT(test, most, 0ULL);
	expect_set_trimmed(test, f->set);
}

static void flush_bytes(struct kpool_sized *set)
{
	struct kp_budget *budget = &to_sized(set)->budget;
	unsigned int i;

	irq_work_sync(&budget->irq_work);
	flush_work(&budget->work);
	for (i = 0; i < nr_classes(set); i++)
		kp_defer_sync(to_pool(class_pool(set, i)));
}

static const struct kpool_sized_class three[] = {
	{ .size = 512 }, { .size = 8192 }, { .size = 70000 },
};

/* A put that finds no room in the budget makes room for the small buffers of later puts. */
static void large_buffers_give_way_to_small_ones(struct kunit *test)
{
	static const struct kpool_sized_params p = { .name = "way", CLASSES(three),
						     .max_idle_bytes = SZ_1M };
	struct kpool_sized *set = set_of(test, &p);
	void **bufs = room_for(test, 600);
	u64 middle;

	bufs_of(test, set, 70000, bufs, 30);
	bufs_of(test, set, 8192, bufs + 30, 5);
	put_bufs(set, bufs + 30, 5, 8192);
	put_bufs(set, bufs, 30, 70000);
	flush_bytes(set);
	if (nothing_kept(test, class_pool(set, 0)))
		return;
	middle = figure(class_pool(set, 1), idle);
	KUNIT_EXPECT_EQ(test, middle, 5ULL);
	KUNIT_EXPECT_GT(test, figure(class_pool(set, 2), idle), 5ULL);

	bufs_of(test, set, 512, bufs, 600);
	put_bufs(set, bufs, 400, 512);
	flush_bytes(set);
	put_bufs(set, bufs + 400, 200, 512);

	KUNIT_EXPECT_LE(test, atomic_long_read(&to_sized(set)->budget.idle),
			to_sized(set)->budget.most);
	/*
	 * All small buffers, except those that found no room at first. The largest gave the
	 * room.
	 */
	KUNIT_EXPECT_GT(test, figure(class_pool(set, 0), idle), 200ULL);
	KUNIT_EXPECT_EQ(test, figure(class_pool(set, 1), idle), middle);
	KUNIT_EXPECT_GT(test, figure(class_pool(set, 2), over_max_idle), 0ULL);
	expect_set_trimmed(test, set);
}

/* Small buffers have used the budget up. Those of the middle class do not drive them out. */
static void small_buffers_do_not_give_way(struct kunit *test)
{
	static const struct kpool_sized_params p = { .name = "stay", CLASSES(three),
						     .max_idle_bytes = SZ_256K };
	struct kpool_sized *set = set_of(test, &p);
	struct kp_budget *budget = &to_sized(set)->budget;
	void **bufs = room_for(test, 600);
	u64 small;

	bufs_of(test, set, 512, bufs, 600);
	put_bufs(set, bufs, 600, 512);
	flush_bytes(set);
	if (nothing_kept(test, class_pool(set, 0)))
		return;
	/* They asked for room, too, and had nothing of their own taken. */
	KUNIT_EXPECT_GT(test, atomic_long_read(&budget->idle), budget->most - budget->most / 8);
	small = figure(class_pool(set, 0), idle);
	bufs_of(test, set, 8192, bufs, 20);
	put_bufs(set, bufs, 20, 8192);
	flush_bytes(set);

	KUNIT_EXPECT_GT(test, figure(class_pool(set, 1), over_max_idle), 0ULL);
	KUNIT_EXPECT_EQ(test, figure(class_pool(set, 0), idle), small);
	expect_set_trimmed(test, set);
}

static int change_limit(struct kpool_sized *set, u64 bytes)
{
	struct kp_reason why;

	return kp_sized_set_limit(to_sized(set), bytes, &why);
}

/* Puts more buffers of each class than the set may keep. */
static void fill(struct kunit *test, struct kpool_sized *set)
{
	void **bufs = room_for(test, 400);
	unsigned int i;

	for (i = 0; i < nr_classes(set); i++) {
		bufs_of(test, set, set->class[i].size, bufs, 400);
		put_bufs(set, bufs, 400, set->class[i].size);
	}
	flush_bytes(set);
}

static void limit_changes_while_buffers_are_idle(struct kunit *test)
{
	static const size_t changes[] = { SZ_64K, SZ_4M, SZ_512K, SZ_4K, 1, SZ_1M };
	static const struct kpool_sized_params p = { .name = "change", CLASSES(pair),
						     .max_idle_bytes = SZ_1M };
	struct kpool_sized *set = set_of(test, &p);
	size_t before = p.max_idle_bytes;
	unsigned int i;
	u64 now;

	fill(test, set);
	for (i = 0; i < ARRAY_SIZE(changes); before = changes[i++]) {
		KUNIT_ASSERT_EQ(test, 0, change_limit(set, changes[i]));
		flush_bytes(set);
		expect_shares(test, set, changes[i]);
		expect_set_quiet(test, set);
		now = set_figure(set, idle_bytes);
		KUNIT_EXPECT_LE(test, now, (u64)changes[i]);
		/* Not all go, if there is room for several. */
		if (set_keeps(set) && changes[i] >= SZ_64K && changes[i] < before)
			KUNIT_EXPECT_GT(test, now, 0ULL);
		fill(test, set);
		KUNIT_EXPECT_LE(test, set_figure(set, idle_bytes), (u64)changes[i]);
		if (set_keeps(set) && changes[i] >= SZ_512K)
			KUNIT_EXPECT_GT(test, set_figure(set, idle_bytes), (u64)changes[i] / 4);
		expect_set_quiet(test, set);
	}
	KUNIT_ASSERT_EQ(test, 0, change_limit(set, 0));
	KUNIT_EXPECT_EQ(test, to_sized(set)->max_idle_bytes, 0);
	fill(test, set);
	if (set_keeps(set))
		KUNIT_EXPECT_GT(test, set_figure(set, idle_bytes), (u64)SZ_1M);
	expect_set_quiet(test, set);
	KUNIT_ASSERT_EQ(test, 0, change_limit(set, SZ_1M));
	flush_bytes(set);
	KUNIT_EXPECT_LE(test, set_figure(set, idle_bytes), (u64)SZ_1M);
	expect_set_trimmed(test, set);
}

static void limit_that_a_set_cannot_have_is_refused(struct kunit *test)
{
	static const struct kpool_sized_class warm[] = {
		{ .size = 1024, .min_idle = 10 }, { .size = 8192, .reserve = 2 },
	};
	static const struct kpool_sized_params with = { .name = "with", CLASSES(warm),
							.max_idle_bytes = SZ_1M };
	static const struct kpool_sized_params without = { .name = "without", CLASSES(warm) };
	struct kpool_sized *set = set_of(test, &with), *other = set_of(test, &without);

	KUNIT_EXPECT_EQ(test, -EINVAL, change_limit(set, (u64)LONG_MAX + 1));
	KUNIT_EXPECT_EQ(test, -EINVAL, change_limit(set, 2 * (10 * 1024 + 2 * 8192) - 2));
	KUNIT_EXPECT_EQ(test, to_sized(set)->max_idle_bytes, (size_t)SZ_1M);
	KUNIT_EXPECT_EQ(test, 0, change_limit(set, 2 * (10 * 1024 + 2 * 8192)));
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, change_limit(other, SZ_1M));
	KUNIT_EXPECT_EQ(test, 0, change_limit(other, 0));
	expect_set_quiet(test, set);
}

struct changed {
	struct burst burst;		/* first, for burst_step() */
	atomic_t changes;
};

/* One CPU changes the limit, the others get and put. */
static void change_step(struct member *m)
{
	struct changed *c = m->ctx;

	if (m->cpu) {
		burst_step(m);
		return;
	}
	if (change_limit(c->burst.set, m->steps % 2 ? SZ_1M : SZ_64K))
		atomic_inc(&c->burst.failed);
	kp_sized_share(to_sized(c->burst.set), true);
	atomic_inc(&c->changes);
}

static const struct duty changing = { .priv_size = BURST * sizeof(void *), .step = change_step };

static void limit_changes_while_all_cpus_get_and_put(struct kunit *test)
{
	static const struct kpool_sized_params p = { .name = "changing", CLASSES(pair),
						     .max_idle_bytes = SZ_1M };
	struct changed *c = zalloc_for(test, struct changed);
	struct team *team;

	c->burst.set = set_of(test, &p);
	team = team_start(test, &changing, c, 16);
	team_wait(team);
	team_stop(team);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&c->burst.failed));
	KUNIT_EXPECT_GT(test, atomic_read(&c->changes), 0);
	KUNIT_ASSERT_EQ(test, 0, change_limit(c->burst.set, SZ_64K));
	flush_bytes(c->burst.set);
	expect_shares(test, c->burst.set, SZ_64K);
	expect_set_trimmed(test, c->burst.set);
}

/* A reserve is idle, too, although its buffers lie in no depot. */
static void reserve_is_within_the_limit(struct kunit *test)
{
	static const struct kpool_sized_class reserved[] = {
		{ .size = 1024, .reserve = 60 }, { .size = 8192 },
	};
	static const struct kpool_sized_params p = { .name = "reserved", CLASSES(reserved),
						     .max_idle_bytes = SZ_128K };
	struct kpool_sized *set = set_of(test, &p);
	void *large[32], **bufs = room_for(test, 60);
	struct kpool_limits limits;

	expect_shares(test, set, p.max_idle_bytes);
	KUNIT_EXPECT_EQ(test, set_figure(set, idle_bytes), 60ULL * 1024);
	bufs_of(test, set, 8192, large, 32);
	put_bufs(set, large, 32, 8192);
	KUNIT_EXPECT_LE(test, set_figure(set, idle_bytes), (u64)p.max_idle_bytes);
	bufs_of(test, set, 1024, bufs, 60);
	put_bufs(set, bufs, 60, 1024);
	kpool_limits(class_pool(set, 0), &limits);
	limits.reserve++;
	KUNIT_EXPECT_EQ(test, kpool_retune(class_pool(set, 0), &limits), -EOPNOTSUPP);

	KUNIT_EXPECT_LE(test, set_figure(set, idle_bytes), (u64)p.max_idle_bytes);
	KUNIT_EXPECT_EQ(test, figure(class_pool(set, 0), existing), 60ULL);
	expect_set_quiet(test, set);
}

static void min_idle_is_kept_within_the_limit(struct kunit *test)
{
	static const struct kpool_sized_class warm[] = {
		{ .size = 1024, .min_idle = 10 }, { .size = 8192, .min_idle = 2 },
	};
	static const struct kpool_sized_params p = { .name = "warm", CLASSES(warm),
						     .max_idle_bytes = SZ_64K };
	struct kpool_sized *set = set_of(test, &p);

	expect_shares(test, set, p.max_idle_bytes);
	expect_idle(test, class_pool(set, 0), 10);
	expect_idle(test, class_pool(set, 1), 2);
	expect_set_quiet(test, set);
	expect_set_trimmed(test, set);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(class_that_is_exhausted_says_so, bound_gen_params),
	KUNIT_CASE_PARAM(waiting_forms_take_what_is_there, bound_gen_params),
	KUNIT_CASE_PARAM(put_hands_over_to_who_waits, bound_gen_params),
	KUNIT_CASE(beyond_max_is_built_and_given_back),
	KUNIT_CASE(bulk_of_oversize_is_all_or_nothing),
	KUNIT_CASE_PARAM(create_without_memory_leaves_nothing, created_gen_params),
	KUNIT_CASE_PARAM(idle_bytes_never_exceed_the_limit, limited_gen_params),
	KUNIT_CASE(idle_bytes_never_exceed_the_limit_meanwhile),
	KUNIT_CASE(large_buffers_give_way_to_small_ones),
	KUNIT_CASE(small_buffers_do_not_give_way),
	KUNIT_CASE(limit_changes_while_buffers_are_idle),
	KUNIT_CASE(limit_that_a_set_cannot_have_is_refused),
	KUNIT_CASE(limit_changes_while_all_cpus_get_and_put),
	KUNIT_CASE(reserve_is_within_the_limit),
	KUNIT_CASE(min_idle_is_kept_within_the_limit),
	{}
};

struct kunit_suite sized_limits_suite = {
	.name = "kpool_sized_limits",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
