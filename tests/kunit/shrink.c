// SPDX-License-Identifier: GPL-2.0-only
/* Memory pressure: the pools give idle objects back early. */
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/shrinker.h>

#include "base/registry.h"
#include "base/work.h"
#include "fixture.h"
#include "object/prefill.h"
#include "policy/age.h"
#include "policy/shrink.h"
#include "pool.h"
#include "store/stats.h"

#define MAGAZINE	4
#define OBJS		50
#define CROWD		(is_full_run() ? 1000 : 200)

/* More than any scan is asked for. */
#define ALL		1000000UL

/* Runs a scan, and waits for the work that the scan left to the pool's worker. */
static unsigned long scan(struct kpool *pool, unsigned long want, unsigned long *taken)
{
	unsigned long freed = kp_shrink_scan(want, taken);

	kp_defer_sync(to_pool(pool));
	return freed == SHRINK_STOP ? 0 : freed;
}

/* If an earlier scan found nothing, the count rests for a while. Waits until it does not. */
static unsigned long count_rested(void)
{
	msleep(150);
	return kp_shrink_count();
}

static unsigned long loaded(struct kpool *pool)
{
	unsigned long n = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		n += kp_cpu_loaded(per_cpu_ptr(pool->cpu, cpu));
	return n;
}

/*
 * What the count is for a pool. Hits do not count, so it has half the room of each loaded magazine
 * in place of the objects there.
 */
static unsigned long counted(struct kpool *pool)
{
	unsigned long n = figure(pool, idle) - loaded(pool);
	int cpu;

	for_each_possible_cpu(cpu)
		n += DIV_ROUND_UP(kp_cpu_capacity(per_cpu_ptr(pool->cpu, cpu)), 2);
	return n;
}

static const struct kpool_params kinds[] = {
	{ .name = "small", .size = 64, .magazine = MAGAZINE },
	{ .name = "on-node", .size = 64, .magazine = MAGAZINE, .flags = KPOOL_ON_NODE },
	{ .name = "uncached", .size = 64, .max_idle = OBJS },
	{ .name = "bounded", .size = 64, .max = 1000, .magazine = MAGAZINE },
	{ .name = "pages", .size = 8192, .magazine = MAGAZINE },
	{ .name = "wiped", .size = 64, .magazine = MAGAZINE, .flags = KPOOL_ZERO_ON_PUT,
	  .wipe_offset = 32, .wipe_size = 32 },
	{ .name = "stamped", .size = 64, .magazine = MAGAZINE, .idle_ms = 1000000 },
	{ .name = "anyctx", .size = 64, .magazine = MAGAZINE, .flags = KPOOL_ANYCTX },
	{ .name = "sleeping", .size = 64, .magazine = MAGAZINE, .flags = KPOOL_SLEEPING },
	{ .name = "vmalloc", .size = 64, .magazine = MAGAZINE, .flags = KPOOL_VMALLOC },
	{ .name = "kvmalloc", .size = 8192, .magazine = MAGAZINE, .flags = KPOOL_KVMALLOC },
};

KUNIT_ARRAY_PARAM_DESC(kind, kinds, name);

static struct kpool *pool_of_kind(struct kunit *test, struct consumer **consumer)
{
	struct kpool_params p = *(const struct kpool_params *)test->param_value;

	*consumer = zalloc_for(test, struct consumer);
	p.ops = &consumer_ops;
	p.ctx = *consumer;
	return filled_pool(test, &p, OBJS);
}

static void count_is_what_a_pool_has(struct kunit *test)
{
	unsigned long before = count_rested();
	struct consumer *consumer;
	struct kpool *pool = pool_of_kind(test, &consumer);
	void **objs = room_for(test, OBJS);

	KUNIT_EXPECT_EQ(test, kp_shrink_count() - before, counted(pool));
	get_all(test, pool, objs, OBJS / 2);
	KUNIT_EXPECT_EQ(test, kp_shrink_count() - before, counted(pool));
	put_on(test, cpu_in_turn(1), pool, objs, OBJS / 2);
	KUNIT_EXPECT_EQ(test, kp_shrink_count() - before, counted(pool));
	expect_whole(test, pool, consumer);
	KUNIT_EXPECT_EQ(test, kp_shrink_count(), before);
}

/* A teardown that sleeps is the worker's, so no memory is free when the scan returns. */
static void scan_gives_all_that_is_idle(struct kunit *test)
{
	const struct kpool_params *p = test->param_value;
	bool by_worker = p->flags & (KPOOL_SLEEPING | KPOOL_VMALLOC | KPOOL_KVMALLOC);
	unsigned long before = count_rested(), taken, freed;
	struct consumer *consumer;
	struct kpool *pool = pool_of_kind(test, &consumer);
	u64 idle = figure(pool, idle);

	freed = scan(pool, ALL, &taken);
	KUNIT_EXPECT_EQ(test, figure(pool, idle), 0ULL);
	KUNIT_EXPECT_EQ(test, taken, (unsigned long)idle);
	KUNIT_EXPECT_EQ(test, freed, by_worker ? 0 : taken);
	KUNIT_EXPECT_EQ(test, figure(pool, reclaimed), (u64)taken);
	KUNIT_EXPECT_EQ(test, count_rested(), before);
	expect_whole(test, pool, consumer);
}

static void scan_takes_what_it_is_asked_for(struct kunit *test)
{
	const struct kpool_params p = { .name = "asked", .size = 64, .magazine = MAGAZINE };
	struct kpool *pool = filled_pool(test, &p, OBJS);
	unsigned long taken;

	scan(pool, 1, &taken);
	KUNIT_EXPECT_EQ(test, taken, keeps(pool) ? (unsigned long)MAGAZINE : 0);
	scan(pool, 2 * MAGAZINE, &taken);
	KUNIT_EXPECT_EQ(test, taken, keeps(pool) ? 2UL * MAGAZINE : 0);
	expect_in_use(test, pool, 0);
}

/* Puts an object on each CPU, so that each CPU has one loaded. */
static unsigned int load_all_cpus(struct kunit *test, struct kpool *pool)
{
	void *objs[MAGAZINE];
	unsigned int n = 0;
	int cpu;

	for_each_online_cpu(cpu) {
		get_on(test, cpu, pool, objs, 1);
		put_on(test, cpu, pool, objs, 1);
		n++;
	}
	return n;
}

/* Closing interrupts CPUs, so a pool in use pays for it once a second. */
static void caches_are_closed_now_and_then(struct kunit *test)
{
	const struct kpool_params p = { .name = "loaded", .size = 64, .magazine = MAGAZINE };
	struct kpool *pool = pool_of(test, &p);
	unsigned long taken, began;
	unsigned int n;

	if (nothing_kept(test, pool))
		return;
	n = load_all_cpus(test, pool);
	KUNIT_EXPECT_EQ(test, loaded(pool), (unsigned long)n);
	scan(pool, ALL, &taken);
	KUNIT_EXPECT_EQ(test, taken, (unsigned long)n);
	KUNIT_EXPECT_EQ(test, loaded(pool), 0UL);
	/* A machine that is busy may take a second for this, and then the test says nothing. */
	do {
		load_all_cpus(test, pool);
		began = jiffies;
		to_pool(pool)->swept_at = began;
		scan(pool, ALL, &taken);
	} while (time_after(jiffies, began + HZ / 2));
	KUNIT_EXPECT_EQ(test, loaded(pool), (unsigned long)n);
	to_pool(pool)->swept_at = jiffies - HZ;
	scan(pool, ALL, &taken);
	KUNIT_EXPECT_EQ(test, loaded(pool), 0UL);
	expect_in_use(test, pool, 0);
}

/* The notifier that runs before the OOM killer looks at all pools. */
static void before_a_process_is_ended_all_is_given(struct kunit *test)
{
	const struct kpool_params p = { .name = "loaded", .size = SZ_16K };
	const struct kpool_params q = { .name = "kept", .size = SZ_16K, .min_idle = OBJS };
	struct kpool *pool = filled_pool(test, &p, OBJS), *kept = pool_of(test, &q);
	u64 bytes;

	if (keeps(pool))
		load_all_cpus(test, pool);
	bytes = figure(pool, idle) * SZ_16K;
	KUNIT_EXPECT_GE(test, kp_shrink_oom(), bytes);
	KUNIT_EXPECT_EQ(test, figure(pool, idle), 0ULL);
	if (keeps(kept))
		KUNIT_EXPECT_GE(test, figure(kept, idle), (u64)OBJS);
	expect_in_use(test, pool, 0);
}

static const struct kpool_params floors[] = {
	{ .name = "min_idle", .size = 64, .magazine = MAGAZINE, .min_idle = 30 },
	{ .name = "min_idle-odd", .size = 64, .magazine = MAGAZINE, .min_idle = 1 },
	{ .name = "reserve", .size = 64, .magazine = MAGAZINE, .reserve = 30 },
	{ .name = "both", .size = 64, .magazine = MAGAZINE, .min_idle = 10, .reserve = 30 },
	{ .name = "reserve-expiring", .size = 64, .magazine = MAGAZINE, .reserve = 30,
	  .idle_ms = 1000000 },
	{ .name = "reserve-sleeping", .size = 64, .magazine = MAGAZINE, .reserve = 30,
	  .flags = KPOOL_SLEEPING },
};

KUNIT_ARRAY_PARAM_DESC(floor, floors, name);

static void floors_are_kept(struct kunit *test)
{
	const struct kpool_params *p = test->param_value;
	struct kpool *pool = filled_pool(test, p, OBJS);
	unsigned long taken, all = 0;
	int i;

	for (i = 0; i < 10; i++) {
		scan(pool, 7, &taken);
		all += taken;
	}
	if (keeps(pool)) {
		KUNIT_EXPECT_GT(test, all, 0UL);
		KUNIT_EXPECT_EQ(test, figure(pool, reclaimed), (u64)all);
		KUNIT_EXPECT_GE(test, figure(pool, idle), (u64)p->min_idle);
	}
	if (!p->idle_ms)
		KUNIT_EXPECT_GE(test, figure(pool, existing), (u64)p->reserve);
	KUNIT_EXPECT_LE(test, kp_reserve_missing(to_pool(pool)), 0L);
	expect_in_use(test, pool, 0);
}

/*
 * A shrinker that has nothing to give says so once. SPL's shrinker was called ten thousand
 * times a second, and consumed a CPU.
 */
static void nothing_to_give_is_said_once(struct kunit *test)
{
	const struct kpool_params p = { .name = "floor", .size = 64, .magazine = MAGAZINE,
					.min_idle = OBJS };
	struct kpool *pool = pool_of(test, &p);
	unsigned long taken;

	/* Takes the objects that other tests left. */
	while (kp_shrink_scan(ALL, &taken) != SHRINK_STOP)
		;
	KUNIT_EXPECT_EQ(test, kp_shrink_count(), 0UL);
	if (keeps(pool))
		KUNIT_EXPECT_GE(test, count_rested(), (unsigned long)OBJS);
	KUNIT_EXPECT_EQ(test, kp_shrink_scan(ALL, &taken), SHRINK_STOP);
	KUNIT_EXPECT_EQ(test, taken, 0UL);
	KUNIT_EXPECT_EQ(test, kp_shrink_count(), 0UL);
	expect_in_use(test, pool, 0);
}

static void get_put(struct kunit *test, struct kpool *pool)
{
	void **objs = room_for(test, OBJS);

	get_all(test, pool, objs, OBJS);
	put_all(pool, objs, OBJS);
}

/* The used pool was created first, but only it was in use when ageing looked. */
static void coldest_is_first(struct kunit *test)
{
	static const char * const names[] = { "used", "colder", "coldest" };
	struct kpool_params p = { .size = 64, .magazine = MAGAZINE };
	struct kpool *pools[ARRAY_SIZE(names)];
	unsigned long taken;
	int i;

	pin(test, raw_smp_processor_id());
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		p.name = names[i];
		pools[i] = pool_of(test, &p);
	}
	get_put(test, pools[1]);
	kp_age_pass();
	get_put(test, pools[0]);
	kp_age_pass();
	for (i = 0; i < ARRAY_SIZE(names); i++)
		get_put(test, pools[i]);
	for (i = ARRAY_SIZE(names) - 1; i >= 0 && keeps(pools[i]); i--) {
		scan(pools[i], figure(pools[i], idle), &taken);
		KUNIT_EXPECT_EQ_MSG(test, figure(pools[i], reclaimed), (u64)taken, "%s", names[i]);
		KUNIT_EXPECT_GT_MSG(test, taken, 0UL, "%s", names[i]);
	}
}

/* As direct reclaim calls it, also under locks of kpool's own. Lockdep checks this. */
static void scan_wants_no_lock_of_who_allocates(struct kunit *test)
{
	const struct kpool_params p = { .name = "locked", .size = 64, .magazine = MAGAZINE };
	struct kpool *pool = filled_pool(test, &p, OBJS);
	unsigned int noio, noreclaim;
	unsigned long taken, freed;

	mutex_lock(&to_pool(pool)->gate_lock);
	kp_registry_lock();
	fs_reclaim_acquire(GFP_KERNEL);
	noio = memalloc_noio_save();
	noreclaim = memalloc_noreclaim_save();
	kp_shrink_count();
	freed = kp_shrink_scan(ALL, &taken);
	memalloc_noreclaim_restore(noreclaim);
	memalloc_noio_restore(noio);
	fs_reclaim_release(GFP_KERNEL);
	kp_registry_unlock();
	mutex_unlock(&to_pool(pool)->gate_lock);

	if (keeps(pool))
		KUNIT_EXPECT_EQ(test, freed, taken);
	KUNIT_EXPECT_EQ(test, figure(pool, idle), (u64)loaded(pool));
	expect_in_use(test, pool, 0);
}

static void scan_again(void *obj, void *ctx)
{
	atomic_t *refused = ctx;
	unsigned long taken;

	if (kp_shrink_scan(1, &taken) == SHRINK_STOP)
		atomic_inc(refused);
}

/* A dtor that needs memory, and so causes a scan. */
static void scan_in_a_scan_returns(struct kunit *test)
{
	static const struct kpool_ops ops = { .dtor = scan_again };
	atomic_t *refused = zalloc_for(test, atomic_t);
	const struct kpool_params p = { .name = "nested", .size = 64, .magazine = MAGAZINE,
					.ops = &ops, .ctx = refused };
	struct kpool *pool = filled_pool(test, &p, OBJS);
	unsigned long taken;
	int before = atomic_read(refused);

	scan(pool, ALL, &taken);
	KUNIT_EXPECT_EQ(test, (unsigned long)(atomic_read(refused) - before), taken);
	expect_in_use(test, pool, 0);
}

/* A scan takes nothing while somebody waits, because the waiter needs the idle objects. */
static void who_waits_goes_first(struct kunit *test)
{
	const struct kpool_params p = { .name = "awaited", .size = 64, .max = 4 };
	struct kpool *pool = pool_of(test, &p);
	void **objs = room_for(test, 4);
	struct getter *g;
	unsigned long taken;

	exhaust(test, pool, objs, 4);
	g = waiter_start(test, pool, 1, FOR_EVER, TASK_UNINTERRUPTIBLE);
	scan(pool, ALL, &taken);
	KUNIT_EXPECT_EQ(test, figure(pool, reclaimed), 0ULL);
	put_all(pool, objs, 4);
	KUNIT_EXPECT_TRUE(test, came(g));
	getter_end(test, g);
	expect_in_use(test, pool, 0);
}

static struct kpool **crowd_of_pools(struct kunit *test)
{
	struct kpool **pools = (struct kpool **)room_for(test, CROWD);
	char name[16];
	const struct kpool_params p = { .name = name, .size = 64, .magazine = MAGAZINE };
	unsigned int i;

	for (i = 0; i < CROWD; i++) {
		void *objs[3 * MAGAZINE];

		snprintf(name, sizeof(name), "crowd-%u", i);
		pools[i] = pool_of(test, &p);
		get_all(test, pools[i], objs, ARRAY_SIZE(objs));
		put_all(pools[i], objs, ARRAY_SIZE(objs));
	}
	return pools;
}

/* Neither cost grows with the number of pools, only with the pools that have something to give. */
static void many_pools_cost_little(struct kunit *test)
{
	unsigned long before = count_rested(), count, taken, all = 0, calls = 0;
	struct kpool **pools;
	u64 count_ns, scan_ns, longest = 0, ns;
	unsigned int i;

	pin(test, raw_smp_processor_id());
	pools = crowd_of_pools(test);
	count_ns = ktime_get_ns();
	for (i = 0; i < CROWD; i++)
		count = kp_shrink_count();
	count_ns = ktime_get_ns() - count_ns;
	KUNIT_EXPECT_EQ(test, count - before, keeps(pools[0]) ?
			CROWD * (2UL * MAGAZINE + MAGAZINE / 2) : 0);

	scan_ns = ktime_get_ns();
	do {
		ns = ktime_get_ns();
		kp_shrink_scan(128, &taken);
		longest = max(longest, ktime_get_ns() - ns);
		all += taken;
		calls++;
	} while (taken || kp_shrink_count());
	scan_ns = ktime_get_ns() - scan_ns;
	kunit_info(test, "%d pools: count %llu ns; %lu objects in %lu scans of 128: %llu us, the longest %llu us",
		   CROWD, count_ns / CROWD, all, calls, scan_ns / 1000, longest / 1000);
	if (keeps(pools[0]))
		KUNIT_EXPECT_GE(test, all, CROWD * 3UL * MAGAZINE);
	for (i = 0; i < CROWD; i++)
		KUNIT_EXPECT_EQ(test, figure(pools[i], idle), (u64)loaded(pools[i]));
}

struct rivals {
	struct kpool *pool;
	atomic_t taken;
};

static void get_put_or_scan(struct member *m)
{
	struct rivals *r = m->ctx;
	unsigned int i, n = 1 + m->steps % (5 * MAGAZINE);
	void *objs[5 * MAGAZINE];
	unsigned long taken;

	if (m->steps % 64 == m->cpu) {
		kp_shrink_scan(10, &taken);
		atomic_add(taken, &r->taken);
	}
	for (i = 0; i < n; i++) {
		objs[i] = kpool_get(r->pool, GFP_KERNEL);
		if (IS_ERR(objs[i]))
			break;
	}
	put_all(r->pool, objs, i);
	catch_up(m, r->pool);
}

static const struct duty rivals_duty = { .step = get_put_or_scan };

static void scans_on_all_cpus_lose_nothing(struct kunit *test)
{
	unsigned long before = count_rested();
	struct consumer *consumer;
	struct rivals *r = zalloc_for(test, struct rivals);
	struct team *team;

	r->pool = pool_of_kind(test, &consumer);
	/* With bypass no object is idle. */
	if (nothing_kept(test, r->pool))
		return;
	team = team_start(test, &rivals_duty, r, is_full_run() ? 50000 : 500);
	team_wait(team);
	team_stop(team);
	KUNIT_EXPECT_GT(test, atomic_read(&r->taken), 0);
	expect_whole(test, r->pool, consumer);
	KUNIT_EXPECT_EQ(test, (u64)atomic_read(&r->taken), figure(r->pool, reclaimed));
	KUNIT_EXPECT_EQ(test, count_rested(), before);
}

/*
 * Takes all memory down to the watermarks, until the pool has given something back. While kswapd
 * has the shrinker scan, other tasks that find no memory do not scan, too.
 */
static void take_memory(struct list_head *pages, struct kpool *pool)
{
	unsigned long end = jiffies + msecs_to_jiffies(PATIENCE_MS);
	struct page *page;

	while (!figure(pool, reclaimed) && time_before(jiffies, end)) {
		page = alloc_page(GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN | __GFP_NOMEMALLOC);
		if (page)
			list_add(&page->lru, pages);
		else
			schedule_timeout_uninterruptible(1);
		cond_resched();
	}
}

static void who_finds_no_memory_has_idle_objects_back(struct kunit *test)
{
	const struct kpool_params p = { .name = "rich", .size = SZ_64K };
	const struct kpool_params q = { .name = "poor", .size = SZ_64K, .reserve = 4 };
	struct kpool *rich = filled_pool(test, &p, 200), *poor = pool_of(test, &q);
	struct page *page, *next;
	LIST_HEAD(pages);
	void *used;

	/* With bypass no object is idle. */
	if (nothing_kept(test, rich))
		return;
	used = kpool_get(poor, GFP_KERNEL);
	KUNIT_ASSERT_FALSE(test, IS_ERR(used));
	take_memory(&pages, rich);
	list_for_each_entry_safe(page, next, &pages, lru)
		__free_page(page);
	KUNIT_EXPECT_GT(test, figure(rich, reclaimed), 0ULL);
	KUNIT_EXPECT_EQ(test, figure(poor, existing), 4ULL);
	kunit_info(test, "reclaimed %llu of %d", figure(rich, reclaimed), 200);
	kpool_put(poor, used);
	expect_in_use(test, rich, 0);
	expect_in_use(test, poor, 0);
}

/* After a wait the gate stays closed until somebody gets or puts. This may take long. */
static void who_waited_does_not_keep_what_is_idle(struct kunit *test)
{
	const struct kpool_params p = { .name = "waited", .size = 64, .max = OBJS };
	struct kpool *pool = pool_of(test, &p);
	void **objs = room_for(test, OBJS);
	struct getter *waiter;
	unsigned long taken;

	exhaust(test, pool, objs, OBJS);
	waiter = waiter_start(test, pool, 1, HZ / 2, TASK_UNINTERRUPTIBLE);
	getter_end(test, waiter);
	KUNIT_EXPECT_EQ(test, waiter->err, -ETIMEDOUT);
	put_all(pool, objs, OBJS);
	count_rested();
	scan(pool, ALL, &taken);
	KUNIT_EXPECT_EQ(test, figure(pool, idle), (u64)loaded(pool));
	expect_in_use(test, pool, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(count_is_what_a_pool_has, kind_gen_params),
	KUNIT_CASE_PARAM(scan_gives_all_that_is_idle, kind_gen_params),
	KUNIT_CASE(scan_takes_what_it_is_asked_for),
	KUNIT_CASE(caches_are_closed_now_and_then),
	KUNIT_CASE(before_a_process_is_ended_all_is_given),
	KUNIT_CASE_PARAM(floors_are_kept, floor_gen_params),
	KUNIT_CASE(nothing_to_give_is_said_once),
	KUNIT_CASE(coldest_is_first),
	KUNIT_CASE(scan_wants_no_lock_of_who_allocates),
	KUNIT_CASE(scan_in_a_scan_returns),
	KUNIT_CASE(who_waits_goes_first),
	KUNIT_CASE(who_waited_does_not_keep_what_is_idle),
	KUNIT_CASE(many_pools_cost_little),
	KUNIT_CASE_PARAM(scans_on_all_cpus_lose_nothing, kind_gen_params),
	KUNIT_CASE(who_finds_no_memory_has_idle_objects_back),
	{}
};

struct kunit_suite shrink_suite = {
	.name = "kpool_shrink",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
