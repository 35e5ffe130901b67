// SPDX-License-Identifier: GPL-2.0-only
/*
 * All CPUs at once on a set of sized buffers: gets of any size, and puts of buffers that
 * another CPU got. Meanwhile the set is trimmed and aged and its classes are bypassed. No
 * buffer ever has two users. At the end each figure is exact, in buffers and in bytes.
 */
#include <linux/prandom.h>
#include <linux/sched.h>
#include <linux/sizes.h>

#include "base/work.h"
#include "policy/age.h"
#include "policy/bypass.h"
#include "pool.h"
#include "sets.h"
#include "sized/set.h"

#define STASH		12
#define EXCHANGE	16
#define BULK		6

/* The first bytes of a buffer in use, and its last bytes if it has room for both. */
struct mark {
	u64 tag;
	u64 size;
};

struct stress {
	struct kpool_sized *set;
	size_t most;
	struct mark *exchange[EXCHANGE];	/* filled and emptied by xchg() */
	atomic64_t asked, gets;
	atomic_t spoilt;			/* buffers with two users */
	atomic_t failed;			/* gets that failed but must not */
};

struct player {
	u64 tag;
	unsigned int held;
	struct mark *stash[STASH];
};

static u64 *end_of(struct stress *s, struct mark *mark)
{
	size_t capacity = kpool_sized_size(s->set, mark->size);

	return capacity < 32 ? &mark->tag : (void *)mark + ALIGN_DOWN(capacity, 8) - 8;
}

static void take(struct stress *s, struct player *pl, void *buf, size_t size)
{
	struct mark *mark = buf;

	*mark = (struct mark){ ++pl->tag << 8 | (raw_smp_processor_id() + 1), size };
	*end_of(s, mark) = mark->tag;
	pl->stash[pl->held++] = mark;
	atomic64_add(size, &s->asked);
	atomic64_inc(&s->gets);
}

/* Returns the buffer's size. */
static size_t give(struct stress *s, struct mark *mark)
{
	size_t size = mark->size;

	if (!mark->tag || size > s->most || *end_of(s, mark) != mark->tag) {
		atomic_inc(&s->spoilt);
		return 0;
	}
	*end_of(s, mark) = 0;
	mark->tag = 0;
	return size;
}

/* All orders are equally likely. The buffer has room for the mark. */
static size_t any_size(struct stress *s, struct member *m)
{
	u32 r = prandom_u32_state(&m->rnd);
	size_t most = s->most >> (r % fls_long(s->most));

	return clamp_t(size_t, (r >> 8) % max_t(size_t, most, 1), 16, s->most);
}

static bool may_fail(struct stress *s, long err)
{
	return to_pool(class_pool(s->set, 0))->waitlist && (err == -EBUSY || err == -ETIMEDOUT);
}

static void get_one(struct member *m, gfp_t gfp, bool waits)
{
	struct stress *s = m->ctx;
	struct player *pl = m->priv;
	size_t size = any_size(s, m);
	void *buf;

	if (pl->held == STASH)
		return;
	if (waits)
		buf = kpool_sized_get_timeout(s->set, size, gfp, 1);
	else
		buf = kpool_sized_get(s->set, size, gfp);
	if (!IS_ERR(buf))
		take(s, pl, buf, size);
	else if (gfpflags_allow_blocking(gfp) && !may_fail(s, PTR_ERR(buf)))
		atomic_inc(&s->failed);
}

static void get_bulk(struct member *m, unsigned int n)
{
	struct stress *s = m->ctx;
	struct player *pl = m->priv;
	size_t size = any_size(s, m);
	void *bufs[BULK];
	unsigned int i;
	int err;

	n = min(n, STASH - pl->held);
	err = kpool_sized_get_bulk(s->set, size, GFP_KERNEL, bufs, n);
	if (err) {
		if (!may_fail(s, err))
			atomic_inc(&s->failed);
		return;
	}
	for (i = 0; i < n; i++)
		take(s, pl, bufs[i], size);
}

static void put_one(struct stress *s, struct player *pl)
{
	struct mark *mark;

	if (!pl->held)
		return;
	mark = pl->stash[--pl->held];
	kpool_sized_put(s->set, mark, give(s, mark));
}

static void hand_over(struct stress *s, struct player *pl, unsigned int slot)
{
	struct mark *mine = pl->held ? pl->stash[--pl->held] : NULL;
	struct mark *theirs = xchg(&s->exchange[slot], mine);

	if (theirs)
		pl->stash[pl->held++] = theirs;
}

/* Buffers that only workers free may come faster than the workers free them. */
static void catch_up_all(struct member *m, struct kpool_sized *set)
{
	unsigned int i;

	if (m->steps % 16)
		return;
	for (i = 0; i < nr_classes(set); i++)
		kp_defer_sync(to_pool(class_pool(set, i)));
	flush_work(&to_sized(set)->work);
}

static void play(struct member *m)
{
	struct stress *s = m->ctx;
	struct player *pl = m->priv;
	u32 r;

	catch_up_all(m, s->set);
	r = prandom_u32_state(&m->rnd);
	switch (r % 8) {
	case 0:
		get_one(m, GFP_KERNEL, true);
		break;
	case 1:
		get_one(m, GFP_KERNEL, false);
		break;
	case 2:
		preempt_disable();
		get_one(m, GFP_NOWAIT | __GFP_NOWARN, false);
		preempt_enable();
		break;
	case 3:
		get_bulk(m, (r >> 8) % BULK);
		break;
	case 4:
		local_irq_disable();
		put_one(s, pl);
		local_irq_enable();
		break;
	case 5:
	case 6:
		put_one(s, pl);
		put_one(s, pl);
		break;
	case 7:
		hand_over(s, pl, (r >> 8) % EXCHANGE);
		break;
	}
}

static void finish(struct member *m)
{
	struct player *pl = m->priv;

	while (pl->held)
		put_one(m->ctx, pl);
}

static const struct duty player = {
	.priv_size = sizeof(struct player), .step = play, .finish = finish,
};

static const struct kpool_sized_class few[] = {
	{ .size = 40 }, { .size = 256, .magazine = 2 }, { .size = 300 }, { .size = 5000 },
	{ .size = 80000 },
};

static const struct kpool_sized_class bounded[] = {
	{ .size = 64, .max = 20 }, { .size = 4096, .max = 20, .reserve = 3 },
	{ .size = 70000, .max = 10 },
};

static const struct kpool_sized_params kinds[] = {
	{ .name = "default" },
	{ .name = "few", CLASSES(few) },
	{ .name = "limited", CLASSES(few), .max_idle_bytes = SZ_256K },
	{ .name = "bounded", CLASSES(bounded), .max_idle_bytes = SZ_512K },
	{ .name = "checked", CLASSES(few), .flags = KPOOL_DEBUG },
	{ .name = "checked-limited", CLASSES(few), .max_idle_bytes = SZ_256K,
	  .flags = KPOOL_DEBUG },
	{ .name = "wiped", CLASSES(few), .flags = KPOOL_ZERO_ON_PUT },
	{ .name = "expiring", CLASSES(few), .idle_ms = 10, .max_idle_bytes = SZ_1M },
	{ .name = "anyctx", CLASSES(few), .max_idle_bytes = SZ_1M, .flags = KPOOL_ANYCTX },
};

KUNIT_ARRAY_PARAM_DESC(kind, kinds, name);

static void disturb(struct stress *s, struct team *team)
{
	unsigned int turn = 0;
	struct kp_pool *pool;

	while (!team_did(team)) {
		switch (turn++ % 4) {
		case 0:
			kpool_sized_trim(s->set);
			break;
		case 1:
		case 2:
			kp_age_pass();
			break;
		case 3:
			pool = to_pool(class_pool(s->set, turn / 4 % nr_classes(s->set)));
			kp_set_bypass(pool, true);
			kp_set_bypass(pool, false);
			break;
		}
	}
}

static void put_what_was_left_behind(struct stress *s)
{
	unsigned int i;

	for (i = 0; i < EXCHANGE; i++)
		if (s->exchange[i])
			kpool_sized_put(s->set, s->exchange[i], give(s, s->exchange[i]));
}

static u64 all_gets(struct kpool_sized *set)
{
	u64 n = set_figure(set, oversize_gets);
	unsigned int i;

	for (i = 0; i < nr_classes(set); i++)
		n += figure(class_pool(set, i), gets);
	return n;
}

static void balance_is_exact_in_buffers_and_bytes(struct kunit *test)
{
	struct stress *s = zalloc_for(test, struct stress);
	struct team *team;
	unsigned int i;
	u64 kept = 0;

	s->set = set_of(test, test->param_value);
	s->most = s->set->class[nr_classes(s->set) - 1].size + 2 * PAGE_SIZE;
	team = team_start(test, &player, s, is_full_run() ? 100000 : 300);
	disturb(s, team);
	team_stop(team);
	put_what_was_left_behind(s);

	expect_set_quiet(test, s->set);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&s->spoilt));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&s->failed));
	KUNIT_EXPECT_EQ(test, set_figure(s->set, misused), 0ULL);
	KUNIT_EXPECT_EQ(test, set_figure(s->set, asked_bytes), (u64)atomic64_read(&s->asked));
	/* A bulk get that does not find all counts the buffers that it found and put back. */
	if (to_pool(class_pool(s->set, 0))->waitlist)
		KUNIT_EXPECT_GE(test, all_gets(s->set), (u64)atomic64_read(&s->gets));
	else
		KUNIT_EXPECT_EQ(test, all_gets(s->set), (u64)atomic64_read(&s->gets));
	kpool_sized_trim(s->set);
	for (i = 0; i < nr_classes(s->set); i++)
		kept += to_pool(class_pool(s->set, i))->reserve * s->set->class[i].size;
	KUNIT_EXPECT_EQ(test, set_figure(s->set, idle_bytes), kept);
	expect_set_quiet(test, s->set);
	end_set(test, s->set);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(balance_is_exact_in_buffers_and_bytes, kind_gen_params),
	{}
};

struct kunit_suite sized_stress_suite = {
	.name = "kpool_sized_stress",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
