// SPDX-License-Identifier: GPL-2.0-only
/*
 * All CPUs at once: random gets, bulk gets, puts, and puts of objects that another CPU got.
 * Meanwhile pools are trimmed, aged and bypassed, and CPUs go and come. At the end every
 * figure is exact, and no object ever had two users.
 */
#include <linux/cpu.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "base/work.h"
#include "compat/moduleparam.h"
#include "fixture.h"
#include "policy/adapt.h"
#include "policy/age.h"
#include "policy/bypass.h"
#include "pool.h"

#define OPS_SHORT	4000

static unsigned int ops = OPS_SHORT;
module_param(ops, uint, 0444);
MODULE_PARM_DESC(ops, "Operations of each CPU in the stress, over all kinds of pools");

static unsigned int ops_wanted(void)
{
	return early_uint_param("ops", ops);
}

/* Does the run ask for more than the default? */
bool is_full_run(void)
{
	return ops_wanted() > OPS_SHORT;
}

#define STASH		48
#define EXCHANGE	16

struct stress {
	struct kpool *pool;
	struct object *exchange[EXCHANGE];		/* filled and emptied by xchg() */
	atomic_t twice;				/* objects with two users */
	atomic_t failed;			/* gets that failed but must not */
};

struct player {
	unsigned int held;
	struct object *stash[STASH];
};

static void take(struct stress *s, struct player *pl, struct object *o)
{
	if (!taken(s->pool, o))
		atomic_inc(&s->twice);
	pl->stash[pl->held++] = o;
}

static struct object *give(struct stress *s, struct player *pl)
{
	struct object *o = pl->stash[--pl->held];

	if (!given(o))
		atomic_inc(&s->twice);
	return o;
}

static void get_some(struct stress *s, struct player *pl, unsigned int n, gfp_t gfp)
{
	void *objs[STASH];
	unsigned int i;

	n = min(n, STASH - pl->held);
	if (kpool_get_bulk(s->pool, gfp, objs, n)) {
		if (gfpflags_allow_blocking(gfp))
			atomic_inc(&s->failed);
		return;
	}
	for (i = 0; i < n; i++)
		take(s, pl, objs[i]);
}

static void get_one(struct stress *s, struct player *pl, gfp_t gfp)
{
	void *obj;

	if (pl->held == STASH)
		return;
	obj = kpool_get(s->pool, gfp);
	if (!IS_ERR(obj))
		take(s, pl, obj);
	else if (gfpflags_allow_blocking(gfp))
		atomic_inc(&s->failed);
}

static void put_some(struct stress *s, struct player *pl, unsigned int n)
{
	void *objs[STASH];
	unsigned int i;

	n = min(n, pl->held);
	for (i = 0; i < n; i++)
		objs[i] = give(s, pl);
	kpool_put_bulk(s->pool, objs, n);
}

static void put_one(struct stress *s, struct player *pl)
{
	if (pl->held)
		kpool_put(s->pool, give(s, pl));
}

/* Leaves an object to the next CPU that comes here, which puts it. */
static void hand_over(struct stress *s, struct player *pl, unsigned int slot)
{
	struct object *mine = pl->held ? pl->stash[--pl->held] : NULL;
	struct object *theirs = xchg(&s->exchange[slot], mine);

	if (theirs)
		pl->stash[pl->held++] = theirs;
}

static void play(struct member *m)
{
	struct stress *s = m->ctx;
	struct player *pl = m->priv;
	u32 r;

	catch_up(m, s->pool);
	r = prandom_u32_state(&m->rnd);
	switch (r % 8) {
	case 0:
	case 1:
		get_one(s, pl, GFP_KERNEL);
		break;
	case 2:
		preempt_disable();
		get_one(s, pl, GFP_NOWAIT);
		preempt_enable();
		break;
	case 3:
		get_some(s, pl, (r >> 8) % 20, GFP_KERNEL);
		break;
	case 4:
		local_irq_disable();
		put_one(s, pl);
		local_irq_enable();
		break;
	case 5:
		put_one(s, pl);
		break;
	case 6:
		put_some(s, pl, (r >> 8) % 24);
		break;
	case 7:
		hand_over(s, pl, (r >> 8) % EXCHANGE);
		break;
	}
}

static void end(struct member *m)
{
	struct player *pl = m->priv;

	put_some(m->ctx, pl, pl->held);
}

static const struct duty player = {
	.priv_size = sizeof(struct player), .step = play, .finish = end,
};

static const struct kpool_params kinds[] = {
	{ .name = "plain", .size = 256, .magazine = 8 },
	{ .name = "callbacks", .size = 96, .magazine = 8, .ops = &consumer_ops },
	{ .name = "one-object-magazines", .size = 64, .magazine = 1, .ops = &consumer_ops },
	{ .name = "chosen-magazines", .size = 64, .ops = &consumer_ops },
	{ .name = "limited", .size = 64, .max_idle = 100, .ops = &consumer_ops },
	{ .name = "uncached", .size = 64, .max_idle = 6, .ops = &consumer_ops },
	{ .name = "nothing-idle", .size = 64, .max_idle = KPOOL_KEEP_NONE, .ops = &consumer_ops },
	{ .name = "pages", .size = 8192, .magazine = 4, .ops = &consumer_ops },
	{ .name = "huge", .size = SZ_256K, .max_idle = 6, .flags = KPOOL_HUGE_PAGES,
	  .ops = &consumer_ops },
	{ .name = "huge-nothing-idle", .size = SZ_8K, .max_idle = KPOOL_KEEP_NONE,
	  .flags = KPOOL_HUGE_PAGES, .ops = &consumer_ops },
	{ .name = "sleeping", .size = 64, .flags = KPOOL_SLEEPING, .ops = &consumer_ops },
	{ .name = "anyctx", .size = 64, .flags = KPOOL_ANYCTX, .ops = &consumer_ops },
	{ .name = "on-node", .size = 64, .flags = KPOOL_ON_NODE, .ops = &consumer_ops },
	{ .name = "strict", .size = 64, .flags = KPOOL_NUMA_STRICT, .ops = &consumer_ops },
	{ .name = "in-worker", .size = 64, .flags = KPOOL_BUILD_IN_WORKER, .ops = &consumer_ops },
	{ .name = "vmalloc", .size = 64, .flags = KPOOL_VMALLOC, .ops = &consumer_ops },
	{ .name = "kvmalloc", .size = 8192, .magazine = 4, .flags = KPOOL_KVMALLOC,
	  .ops = &consumer_ops },
};

KUNIT_ARRAY_PARAM_DESC(kind, kinds, name);

static struct stress *stress_of(struct kunit *test, const struct kpool_params *params)
{
	struct stress *s = zalloc_for(test, struct stress);
	struct kpool_params p = *params;

	p.ctx = zalloc_for(test, struct consumer);
	s->pool = pool_of(test, &p);
	return s;
}

/* Trims, ages, bypasses, and changes magazines, as long as the players play. */
static void disturb(struct stress *s, struct team *team)
{
	unsigned int turn = 0;

	while (!team_did(team)) {
		switch (turn++ % 6) {
		case 0:
			kpool_trim(s->pool);
			break;
		case 1:
		case 2:
			kp_age_pass();
			break;
		case 3:
			kp_set_bypass(to_pool(s->pool), true);
			kp_set_bypass(to_pool(s->pool), false);
			break;
		case 4:
			contend(s->pool, KP_CONTENDED_MANY);
			kp_adapt_contended(to_pool(s->pool));
			break;
		case 5:
			kp_adapt_interval(to_pool(s->pool));
			break;
		}
	}
}

static void put_what_was_left_behind(struct stress *s)
{
	unsigned int i;

	for (i = 0; i < EXCHANGE; i++) {
		if (s->exchange[i])
			atomic_dec(&s->exchange[i]->users);
		kpool_put(s->pool, s->exchange[i]);
	}
}

static void expect_exact_balance(struct kunit *test, struct stress *s)
{
	struct kp_pool *pool = to_pool(s->pool);
	struct consumer *consumer = pool->ctx;
	struct kpool_stats st;
	u32 id = pool->id;

	put_what_was_left_behind(s);
	kp_defer_sync(pool);
	kpool_stats(s->pool, &st);
	expect_in_use(test, s->pool, 0);
	KUNIT_EXPECT_EQ(test, st.gets, st.puts);
	if (pool->max_idle)
		KUNIT_EXPECT_LE(test, st.idle, pool->nothing_idle ? 0ULL : (u64)pool->max_idle);
	if (pool->ops.ctor)
		KUNIT_EXPECT_EQ(test, st.created, (u64)atomic_read(&consumer->ctors));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&s->twice));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&s->failed));
	destroy(test, s->pool);
	KUNIT_EXPECT_FALSE(test, pool_left(id));
	KUNIT_EXPECT_EQ(test, atomic_read(&consumer->dtors), atomic_read(&consumer->ctors));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&consumer->wrongs));
}

/* A kind's share of all operations. vmalloc() is far slower than the rest. */
static u64 share(const struct kpool_params *p)
{
	return ops_wanted() / (p->flags & KPOOL_VMALLOC ? 100 : 10);
}

static void balance_is_exact(struct kunit *test)
{
	struct stress *s = stress_of(test, test->param_value);
	struct team *team = team_start(test, &player, s, share(test->param_value));

	disturb(s, team);
	team_stop(team);

	expect_exact_balance(test, s);
}

static void balance_is_exact_while_cpus_come_and_go(struct kunit *test)
{
	struct stress *s = stress_of(test, test->param_value);
	int cpu = cpumask_last(cpu_online_mask);
	struct team *team;

	needs_hotplug(test);
	team = team_start(test, &player, s, share(test->param_value) / 4);
	do {
		KUNIT_EXPECT_EQ(test, 0, remove_cpu(cpu));
		KUNIT_EXPECT_EQ(test, 0, add_cpu(cpu));
	} while (!team_did(team));
	team_stop(team);

	expect_exact_balance(test, s);
}

static const struct kpool_params hotplugged[] = {
	{ .name = "hotplugged", .size = 64, .magazine = 4, .ops = &consumer_ops },
	{ .name = "hotplugged-limited", .size = 64, .max_idle = 100, .ops = &consumer_ops },
};

KUNIT_ARRAY_PARAM_DESC(hotplugged, hotplugged, name);

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(balance_is_exact_while_cpus_come_and_go, hotplugged_gen_params),
	ONLY_ON_A_MACHINE
	KUNIT_CASE_PARAM(balance_is_exact, kind_gen_params),
	{}
};

struct kunit_suite stress_suite = {
	.name = "kpool_stress",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
