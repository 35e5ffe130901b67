/* SPDX-License-Identifier: GPL-2.0-only */
/* What the suites share: pools that end with their test, a consumer, expectations. */
#ifndef _KPOOL_FIXTURE_H
#define _KPOOL_FIXTURE_H

#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/kpool.h>
#include <linux/prandom.h>

#include "compat/kunit.h"

/*
 * In a list of cases, behind those that a user-mode kernel cannot run: ends the list in a build for
 * an emulated machine. The user-mode kernel runs the others.
 */
#ifdef KPOOL_KUNIT_MACHINE
#define ONLY_ON_A_MACHINE	{},
#else
#define ONLY_ON_A_MACHINE
#endif

extern struct kunit_suite params_suite, lifecycle_suite, objects_suite, memory_suite, bulk_suite,
	cache_suite, close_suite, age_suite, depot_suite, renewal_suite, hotplug_suite,
	atomic_suite, context_suite, faults_suite, stress_suite, wait_suite, sweep_suite,
	reserve_suite, expiry_suite, shrink_suite, rcu_suite, retune_suite, kvmalloc_suite,
	ring_suite, ring_stream_suite, ring_pool_suite, ring_wait_suite, ring_poll_suite,
	callbacks_suite, grant_suite, ctor_suite, figures_suite,
	discard_suite, window_suite, health_suite, misuse_suite, wipe_suite, wrong_put_suite,
	sample_suite, debug_suite, fail_suite, track_suite, alarm_suite, weigh_suite,
	available_suite, oom_suite, adapt_suite, home_suite, provider_suite, dma_suite,
	porting_suite, nolock_suite, huge_suite;

/*
 * A consumer that counts its callbacks, and checks the state of each object that they get.
 * Any CPU, any context.
 */
struct consumer {
	atomic_t ctors, resets, dtors;
	atomic_t wrongs;	/* callbacks on an object in the wrong state */
	int fail_at;		/* ctor fails from this call on, counted from 1; 0: never */
	int fail_with;		/* the error with which ctor fails */
	gfp_t gfp;		/* flags of the last ctor */
	int node;
};

/* The beginning of a consumer's object. */
struct object {
	unsigned int state;
	unsigned int resets;
	atomic_t users;		/* for tests that check that no object has two users */
};

enum object_state { OBJECT_BUILT = 0x0b1ec7, OBJECT_GONE = 0xdead };

extern const struct kpool_ops consumer_ops;

bool taken(struct kpool *pool, struct object *o);
bool given(struct object *o);

/* Pools whose gets and puts nest in each other, and mostly go out of line. */
#define NESTED_POOLS	7
extern const struct kpool_params nested_pools[NESTED_POOLS];

/* Memory that is freed after the test's pools, however the test ends. */
#define zalloc_for(test, type)	((type *)zalloc_bytes(test, sizeof(type)))
void *zalloc_bytes(struct kunit *test, size_t size);

struct consumer *failing_consumer(struct kunit *test, int at, int err);

/* The least max with which each CPU has a cache with magazines of so many objects. */
static inline unsigned int bound_for(unsigned int magazine)
{
	return 4 * magazine * num_possible_cpus();
}

/* Restarts ageing. For the exit of a suite whose tests used create(), which stops ageing. */
void resume_ageing(struct kunit_suite *suite);

struct module *owner_in(struct kunit *test, enum module_state state);
void count_all_cpus(void);
struct kpool *create(const struct kpool_params *params);
struct kpool *pool_of(struct kunit *test, const struct kpool_params *params);
void destroy(struct kunit *test, struct kpool *pool);

void settle(void);
unsigned int pools_left(void);
bool pool_left(u32 id);

void contend(struct kpool *pool, unsigned int n);
bool keeps(struct kpool *pool);
bool nothing_kept(struct kunit *test, struct kpool *pool);
void expect_in_use(struct kunit *test, struct kpool *pool, u64 in_use);
void expect_idle(struct kunit *test, struct kpool *pool, u64 idle);
struct kpool_stats *stats_of(struct kunit *test, struct kpool *pool);

/* One figure of a pool. */
#define figure(pool, name)	figure_at(pool, offsetof(struct kpool_stats, name))
u64 figure_at(struct kpool *pool, size_t offset);

void **room_for(struct kunit *test, unsigned int n);
void get_all(struct kunit *test, struct kpool *pool, void **objs, unsigned int n);
void exhaust(struct kunit *test, struct kpool *pool, void **objs, unsigned int max);
void put_all(struct kpool *pool, void **objs, unsigned int n);
void put_all_in_irq(struct kpool *pool, void **objs, unsigned int n);

struct kpool *pool_of_consumer(struct kunit *test, const struct kpool_params *params,
			       struct consumer *consumer);
void expect_whole(struct kunit *test, struct kpool *pool, struct consumer *consumer);
struct kpool *filled_pool(struct kunit *test, const struct kpool_params *p, unsigned int n);

void pin(struct kunit *test, int cpu);
int cpu_in_turn(unsigned int turn);
int cpu_beside(struct kunit *test, int cpu);
int cpu_on_node(struct kunit *test, int node);
void needs_hotplug(struct kunit *test);
bool faults_reach_us(void);
void on_cpu(struct kunit *test, int cpu, int (*call)(void *arg), void *arg);
void put_on(struct kunit *test, int cpu, struct kpool *pool, void **objs, unsigned int n);
void get_on(struct kunit *test, int cpu, struct kpool *pool, void **objs, unsigned int n);

/*
 * Waits until another CPU has made the condition true. Does not sleep, so it can be used with
 * preemption off. With preemption on it lets others run: an interrupt does not do this on
 * every architecture. Returns false after a time that no working machine needs.
 */
#define PATIENCE_MS	15000

#define spin_until(condition)							\
({										\
	ktime_t __end = ktime_add_ms(ktime_get(), PATIENCE_MS);			\
	bool __met;								\
										\
	while (!(__met = (condition)) && ktime_before(ktime_get(), __end)) {	\
		cpu_relax();							\
		preempt_disable();						\
		preempt_enable();						\
	}									\
	__met;									\
})

/* Threads, one on each CPU. All do the same until they are told to stop. */
struct team;

struct member {
	struct team *team;
	void *ctx;
	int cpu;
	u64 steps;
	struct task_struct *task;
	struct rnd_state rnd;	/* seeded by the CPU */
	void *priv;
};

/* start and finish are optional, and run once, in the thread. */
struct duty {
	size_t priv_size;	/* zeroed bytes for member.priv */
	void (*start)(struct member *m);
	void (*step)(struct member *m);
	void (*finish)(struct member *m);
};

struct team *team_start(struct kunit *test, const struct duty *duty, void *ctx, u64 goal);
bool team_did(struct team *team);
void team_wait(struct team *team);
void team_stop(struct team *team);
void catch_up(struct member *m, struct kpool *pool);

#define FOR_EVER	MAX_SCHEDULE_TIMEOUT
#define GETTER_MOST	16	/* objects that a getter wants at most */

/* A thread that gets once, by a call that may wait. */
struct getter {
	struct kpool *pool;
	unsigned int n;
	long timeout;
	unsigned int state;
	struct task_struct *task;

	void *objs[GETTER_MOST];
	int err;
	int place;			/* greater than in each getter that returned before */
	unsigned long took;		/* jiffies */
	struct completion done;
};

bool came(struct getter *g);
unsigned int waiting(struct kpool *pool);
struct getter *getter_prepare(struct kunit *test, int cpu, struct kpool *pool, long timeout);
struct getter *getter_start_on(struct kunit *test, int cpu, struct kpool *pool, unsigned int n,
			       long timeout, unsigned int state);
struct getter *getter_start(struct kunit *test, struct kpool *pool, unsigned int n, long timeout,
			    unsigned int state);
struct getter *waiter_start(struct kunit *test, struct kpool *pool, unsigned int n, long timeout,
			    unsigned int state);
void getter_end(struct kunit *test, struct getter *g);

/* stress.c */
bool is_full_run(void);

#endif /* _KPOOL_FIXTURE_H */
