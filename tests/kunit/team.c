// SPDX-License-Identifier: GPL-2.0-only
/* Threads on all CPUs at once. */
#include <kunit/resource.h>
#include <linux/cpu.h>
#include <linux/kthread.h>
#include <linux/sched.h>

#include "base/work.h"
#include "fixture.h"
#include "pool.h"

/*
 * A pool with a single worker tears all objects down there. Members may put objects faster
 * than the worker tears them down. Waits until the worker is done.
 */
void catch_up(struct member *m, struct kpool *pool)
{
	if (m->steps % 16 == 0)
		kp_defer_sync(to_pool(pool));
}

/* The thread of a CPU that went offline is bound to it again after so many steps. */
#define STEPS_BETWEEN_PINS	64

struct team {
	const struct duty *duty;
	bool stop;
	unsigned int n;
	u64 goal;			/* the number of steps that team_wait() waits for */
	atomic_t behind;		/* members that have not made so many steps */
	struct completion done;
	struct member members[];
};

static void count_step(struct member *m)
{
	struct team *team = m->team;

	if (++m->steps == READ_ONCE(team->goal) && atomic_dec_and_test(&team->behind))
		complete_all(&team->done);
}

static int member_thread(void *arg)
{
	struct member *m = arg;
	const struct duty *duty = m->team->duty;

	if (duty->start)
		duty->start(m);
	while (!READ_ONCE(m->team->stop)) {
		if (m->steps % STEPS_BETWEEN_PINS == 0)
			set_cpus_allowed_ptr(current, cpumask_of(m->cpu));
		duty->step(m);
		count_step(m);
		cond_resched();
	}
	if (duty->finish)
		duty->finish(m);
	return 0;
}

static struct team *team_alloc(struct kunit *test, const struct duty *duty, void *ctx, u64 goal)
{
	struct team *team = zalloc_bytes(test, struct_size(team, members, num_possible_cpus()));
	struct member *m;
	int cpu;

	team->duty = duty;
	team->goal = goal;
	init_completion(&team->done);
	for_each_online_cpu(cpu) {
		m = &team->members[team->n++];
		*m = (struct member){ .team = team, .ctx = ctx, .cpu = cpu };
		prandom_seed_state(&m->rnd, cpu + 1);
		if (duty->priv_size)
			m->priv = zalloc_bytes(test, duty->priv_size);
	}
	atomic_set(&team->behind, team->n);
	return team;
}

static void end_team(struct kunit_resource *res)
{
	team_stop(res->data);
}

/**
 * team_start() - start a thread on each CPU
 * @test: the test; the threads end with it at the latest
 * @duty: the work of each thread
 * @ctx: for member.ctx
 * @goal: team_wait() waits until each thread has made so many steps
 */
struct team *team_start(struct kunit *test, const struct duty *duty, void *ctx, u64 goal)
{
	struct team *team = team_alloc(test, duty, ctx, goal);
	struct task_struct *task;
	struct member *m;

	/* The memory of the members was allocated first, so the threads end before it is freed. */
	kunit_alloc_resource(test, NULL, end_team, GFP_KERNEL, team);
	for (m = team->members; m < team->members + team->n; m++) {
		task = kthread_run(member_thread, m, "kpool/%d", m->cpu);
		KUNIT_ASSERT_FALSE(test, IS_ERR(task));
		m->task = get_task_struct(task);
	}
	return team;
}

/* Waits a while. Has each member made its steps now? The members go on afterwards. */
bool team_did(struct team *team)
{
	return wait_for_completion_timeout(&team->done, 1);
}

/* Waits until each member has made its steps. */
void team_wait(struct team *team)
{
	while (!team_did(team))
		;
}

/* Returns when all members have ended. */
void team_stop(struct team *team)
{
	struct member *m;

	WRITE_ONCE(team->stop, true);
	for (m = team->members; m < team->members + team->n; m++) {
		if (!m->task)
			continue;
		kthread_stop(m->task);
		put_task_struct(m->task);
		m->task = NULL;
	}
}
