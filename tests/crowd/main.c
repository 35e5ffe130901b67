// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pools to be described: any number of pools, some that come and go, one in each state, and one
 * whose figures are known.
 *
 * crowd-0, ...	exist from load to unload; the log says the cost of one
 * churn-0, ...	with churn=1 are destroyed and created again all the time
 * crowd-held	writing 1 to hold creates the pool, and destroys it with an object in use;
 *		writing 0 puts the object, which ends the pool
 * crowd-used	with used=1 every CPU has used the pool, and some objects are in use; stats has
 *		the figures of kpool_stats(). One CPU has used the others of the crowd a little.
 * lock		in a build for KUnit: writing 1 locks kpool's registry, writing 0 unlocks it
 * crowd-stuck	with stuck=1: is full of idle objects, whose teardowns end when 1 is written to
 *		unstick; until then the module cannot end
 * crowd-idle	with idle_ms has one object, which expires after so many milliseconds idle
 * crowd-heavy	writing N to heavy creates the pool, and has one CPU after the other get N objects
 *		of 1 MiB and put them
 * crowd-hoard	writing N to hoard creates the pool, and keeps N of its objects of 1 MiB in use
 * crowd-limits	with limits=1: each of its limits can be changed; writing a number to wanted gets
 *		so many of its objects, waiting for them, and puts other ones
 *
 * With sets=1 there are also sets of buffers:
 *
 * crowd-mixed	its use is known, and some of its buffers are in use, also one of oversize;
 *		writing 1 to end_mixed destroys the set nevertheless
 * crowd-same	all requests were of 1100 bytes; has a limit on its idle bytes
 * crowd-wide	has the most classes that a set can have, and samples of all sizes; its puts are
 *		checked
 */
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/kernel.h>
#include <linux/kpool.h>
#include <linux/kpool_sized.h>
#include <linux/kthread.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>

#ifdef KPOOL_FOR_TESTS
#include "base/registry.h"
#endif

#define CHURNED		64	/* pools that come and go */
#define GEOMETRIES	4
#define USE		100	/* objects that each CPU gets and puts, twice */
#define USED_MAX	100000	/* a bound that is never reached */
#define OUT		3	/* objects of crowd-used that stay in use */
#define WANTED_MAX	512
#define WANTED_WAIT	(60 * HZ)
#define SAME_SIZE	1100
#define SAME_GETS	(200 * KPOOL_SIZED_SAMPLE)

static unsigned int pools;
module_param(pools, uint, 0444);
MODULE_PARM_DESC(pools, "How many pools are there");

static bool churn;
module_param(churn, bool, 0444);
MODULE_PARM_DESC(churn, "Others come and go all the time");

static bool used;
module_param(used, bool, 0444);
MODULE_PARM_DESC(used, "They were used, and there is one that was used much");

static bool limits;
module_param(limits, bool, 0444);
MODULE_PARM_DESC(limits, "There is one whose limits can be changed");

static bool stuck;
module_param(stuck, bool, 0444);
MODULE_PARM_DESC(stuck, "There is one whose teardowns do not end");

static bool sets;
module_param(sets, bool, 0444);
MODULE_PARM_DESC(sets, "There are sets of buffers");

static char *odd;
module_param(odd, charp, 0444);
MODULE_PARM_DESC(odd, "The name of one more pool");

static unsigned int idle_ms;
module_param(idle_ms, uint, 0444);
MODULE_PARM_DESC(idle_ms, "There is one more pool with an idle object, which may be idle for so long");

static struct kpool *create(const char *name)
{
	const struct kpool_params params = { .name = name, .size = 64 };

	return kpool_create(&params);
}

static struct kpool *create_numbered(const char *set, unsigned int i)
{
	char name[KPOOL_NAME_LEN];
	const struct kpool_params params = {
		.name = name,
		.size = 64 * (1 + i % GEOMETRIES),
	};

	snprintf(name, sizeof(name), "%s-%u", set, i);
	return kpool_create(&params);
}

/* Only init and exit write this. */
static struct kpool **crowd;
static unsigned int crowd_size;

static void say_price(const char *what, u64 began)
{
	if (crowd_size)
		pr_info("%s %u pools: %llu ns each\n", what, crowd_size,
			div_u64(ktime_get_ns() - began, crowd_size));
}

static void crowd_go(void)
{
	u64 began = ktime_get_ns();
	unsigned int i;

	for (i = 0; i < crowd_size; i++) {
		kpool_destroy(crowd[i]);
		cond_resched();
	}
	say_price("destroyed", began);
	kvfree(crowd);
}

static int crowd_come(void)
{
	struct kpool *pool;
	u64 began;

	crowd = kvcalloc(pools, sizeof(*crowd), GFP_KERNEL);
	if (!crowd)
		return -ENOMEM;
	began = ktime_get_ns();
	while (crowd_size < pools) {
		pool = create_numbered("crowd", crowd_size);
		if (IS_ERR(pool))
			return PTR_ERR(pool);
		crowd[crowd_size++] = pool;
		if (used)
			kpool_put(pool, kpool_get(pool, GFP_KERNEL));
		cond_resched();
	}
	say_price("created", began);
	return 0;
}

static struct kpool *odd_pool;

static struct kpool *idle_pool;

static int idle_come(void)
{
	const struct kpool_params params = {
		.name = "crowd-idle", .size = 64, .idle_ms = idle_ms,
	};
	void *obj;

	if (!idle_ms)
		return 0;
	idle_pool = kpool_create(&params);
	if (IS_ERR(idle_pool))
		return PTR_ERR(idle_pool);
	obj = kpool_get(idle_pool, GFP_KERNEL);
	kpool_put(idle_pool, obj);
	return PTR_ERR_OR_ZERO(obj);
}

static int odd_come(void)
{
	if (odd)
		odd_pool = create(odd);
	return PTR_ERR_OR_ZERO(odd_pool);
}

static struct task_struct *churner;
static struct kpool *churned[CHURNED];	/* only the churner uses this until it has ended */
static unsigned long rounds;

/* What kpool_create() and kpool_destroy() cost the churner. */
struct cost {
	u64 sum, longest;		/* nanoseconds */
	unsigned long sleeps;		/* calls that slept */
};

static struct cost create_cost, destroy_cost;

static void count_cost(struct cost *cost, u64 began, unsigned long switches)
{
	u64 ns = ktime_get_ns() - began;

	cost->sum += ns;
	cost->longest = max(cost->longest, ns);
	cost->sleeps += current->nvcsw != switches;
}

static void say_cost(const char *what, const struct cost *cost)
{
	pr_info("%s: %lu of %lu slept, the longest took %llu us, all together %llu us\n", what,
		cost->sleeps, rounds,
		div_u64(cost->longest, NSEC_PER_USEC), div_u64(cost->sum, NSEC_PER_USEC));
}

/* Each second pool is used, so that its end has objects to tear down. */
static int churn_fn(void *unused)
{
	unsigned long switches;
	unsigned int i = 0;
	u64 began;

	while (!kthread_should_stop()) {
		switches = current->nvcsw;
		began = ktime_get_ns();
		kpool_destroy(churned[i]);
		count_cost(&destroy_cost, began, switches);
		switches = current->nvcsw;
		began = ktime_get_ns();
		churned[i] = create_numbered("churn", i);
		count_cost(&create_cost, began, switches);
		if (i % 2 && !IS_ERR(churned[i]))
			kpool_put(churned[i], kpool_get(churned[i], GFP_KERNEL));
		i = (i + 1) % CHURNED;
		rounds++;
		cond_resched();
	}
	return 0;
}

static int churn_start(void)
{
	if (!churn)
		return 0;
	churner = kthread_run(churn_fn, NULL, "kpool_crowd");
	return PTR_ERR_OR_ZERO(churner);
}

static void churn_stop(void)
{
	unsigned int i;

	if (IS_ERR_OR_NULL(churner))
		return;
	kthread_stop(churner);
	for (i = 0; i < CHURNED; i++)
		kpool_destroy(churned[i]);
	pr_info("%lu pools came and went\n", rounds);
	say_cost("create", &create_cost);
	say_cost("destroy", &destroy_cost);
}

/* Both are protected by kernel_param_lock(). */
static void *held;
static struct kpool *held_pool;

static int hold(void)
{
	struct kpool *pool;
	void *obj;

	if (held)
		return 0;
	pool = create("crowd-held");
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	obj = kpool_get(pool, GFP_KERNEL);
	kpool_destroy(pool);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	held = obj;
	held_pool = pool;
	return 0;
}

static void let_go(void)
{
	kpool_put(held_pool, held);
	held = NULL;
}

static int hold_set(const char *value, const struct kernel_param *kp)
{
	bool wanted;
	int err = kstrtobool(value, &wanted);

	if (err)
		return err;
	if (wanted)
		return hold();
	let_go();
	return 0;
}

static const struct kernel_param_ops hold_ops = { .set = hold_set };
module_param_cb(hold, &hold_ops, NULL, 0200);
MODULE_PARM_DESC(hold, "1: there is a pool that was destroyed with an object out, 0: not any more");

static struct kpool *used_pool;
static void *out[OUT];

static long use(void *unused)
{
	void *objs[USE];
	unsigned int i;
	int err;

	for (i = 0; i < USE; i++)
		objs[i] = kpool_get(used_pool, GFP_KERNEL);
	for (i = 0; i < USE; i++)
		kpool_put(used_pool, objs[i]);
	err = kpool_get_bulk(used_pool, GFP_KERNEL, objs, USE);
	if (!err)
		kpool_put_bulk(used_pool, objs, USE);
	return err;
}

static int use_start(void)
{
	const struct kpool_params params = { .name = "crowd-used", .size = 64, .max = USED_MAX,
					     .reserve = 1 };
	unsigned int i, cpu;
	int err = 0;

	if (!used)
		return 0;
	used_pool = kpool_create(&params);
	if (IS_ERR(used_pool))
		return PTR_ERR(used_pool);
	cpus_read_lock();
	for_each_online_cpu(cpu)
		err = err ?: work_on_cpu(cpu, use, NULL);
	cpus_read_unlock();
	for (i = 0; i < OUT; i++)
		out[i] = kpool_get(used_pool, GFP_KERNEL);
	return err;
}

static void use_stop(void)
{
	unsigned int i;

	for (i = 0; i < OUT; i++)
		kpool_put(used_pool, out[i]);
	kpool_destroy(used_pool);
}

static struct kpool *limits_pool;

static int limits_come(void)
{
	const struct kpool_params params = {
		.name = "crowd-limits", .size = 64, .max = KPOOL_UNLIMITED,
		.idle_ms = KPOOL_UNLIMITED, .lifetime_ms = KPOOL_UNLIMITED,
	};

	if (limits)
		limits_pool = kpool_create(&params);
	return PTR_ERR_OR_ZERO(limits_pool);
}

/* Protected by kernel_param_lock(), which the task holds that waits for the worker. */
static void *had[WANTED_MAX];
static unsigned int n_had;

static long want(void *number)
{
	unsigned int n = *(unsigned int *)number;
	void *obj;

	while (n_had > n)
		kpool_put(limits_pool, had[--n_had]);
	while (n_had < n) {
		obj = kpool_get_timeout(limits_pool, GFP_KERNEL, WANTED_WAIT);
		if (IS_ERR(obj))
			return PTR_ERR(obj);
		had[n_had++] = obj;
	}
	return 0;
}

/*
 * Gets and puts in a worker. Each write to a file in sysfs holds locks of the same classes. To
 * lockdep, a get that waits with them and a put that needs them could wait for each other.
 */
static int want_in_worker(unsigned int n)
{
	return work_on_cpu(raw_smp_processor_id(), want, &n);
}

static void want_nothing(void)
{
	kernel_param_lock(THIS_MODULE);
	want_in_worker(0);
	kernel_param_unlock(THIS_MODULE);
}

static int wanted_set(const char *value, const struct kernel_param *kp)
{
	unsigned int n;
	int err = kstrtouint(value, 0, &n);

	if (err)
		return err;
	return n <= WANTED_MAX && !IS_ERR_OR_NULL(limits_pool) ? want_in_worker(n) : -EINVAL;
}

static const struct kernel_param_ops wanted_ops = { .set = wanted_set };
module_param_cb(wanted, &wanted_ops, NULL, 0200);
MODULE_PARM_DESC(wanted, "So many objects of crowd-limits are out");

#ifdef KPOOL_FOR_TESTS
/* Protected by kernel_param_lock(). */
static struct task_struct *locker;
static DECLARE_COMPLETION(locked);

static int locker_fn(void *unused)
{
	kp_registry_lock();
	complete(&locked);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(HZ / 10);
	kp_registry_unlock();
	return 0;
}

static int lock_set(const char *value, const struct kernel_param *kp)
{
	bool wanted;
	int err = kstrtobool(value, &wanted);

	if (err || wanted == !!locker)
		return err;
	if (!wanted) {
		kthread_stop(locker);
		locker = NULL;
		return 0;
	}
	locker = kthread_run(locker_fn, NULL, "kpool_crowd_lock");
	if (IS_ERR(locker)) {
		err = PTR_ERR(locker);
		locker = NULL;
		return err;
	}
	wait_for_completion(&locked);
	return 0;
}

static const struct kernel_param_ops lock_ops = { .set = lock_set };
module_param_cb(lock, &lock_ops, NULL, 0200);
MODULE_PARM_DESC(lock, "The registry is locked");
#endif

/* Protected by kernel_param_lock(). */
static struct kpool *heavy_pool;

static long use_heavy(void *number)
{
	unsigned int i, n = *(unsigned int *)number;
	void **objs = kvcalloc(n, sizeof(*objs), GFP_KERNEL);
	long err = 0;

	if (!objs)
		return -ENOMEM;
	for (i = 0; i < n && !err; i++) {
		objs[i] = kpool_get(heavy_pool, GFP_KERNEL);
		err = PTR_ERR_OR_ZERO(objs[i]);
	}
	kpool_put_bulk(heavy_pool, objs, i);
	kvfree(objs);
	return err;
}

static int heavy_set(const char *value, const struct kernel_param *kp)
{
	const struct kpool_params params = { .name = "crowd-heavy", .size = SZ_1M };
	unsigned int n;
	int cpu, err = kstrtouint(value, 0, &n);

	if (err)
		return err;
	if (!heavy_pool)
		heavy_pool = kpool_create(&params);
	err = PTR_ERR_OR_ZERO(heavy_pool);
	cpus_read_lock();
	for_each_online_cpu(cpu)
		err = err ?: work_on_cpu(cpu, use_heavy, &n);
	cpus_read_unlock();
	return err;
}

static const struct kernel_param_ops heavy_ops = { .set = heavy_set };
module_param_cb(heavy, &heavy_ops, NULL, 0200);
MODULE_PARM_DESC(heavy, "Each CPU has put so many objects of crowd-heavy");

/* Protected by kernel_param_lock(). */
static struct kpool *hoard_pool;
static void **hoarded;
static unsigned int n_hoarded;

static void hoard_end(void)
{
	if (IS_ERR_OR_NULL(hoard_pool))
		return;
	kpool_put_bulk(hoard_pool, hoarded, n_hoarded);
	kpool_destroy(hoard_pool);
	hoard_pool = NULL;
	n_hoarded = 0;
	kvfree(hoarded);
}

static int hoard_set(const char *value, const struct kernel_param *kp)
{
	const struct kpool_params params = { .name = "crowd-hoard", .size = SZ_1M };
	unsigned int n;
	int err = kstrtouint(value, 0, &n);

	if (err)
		return err;
	hoard_end();
	hoarded = kvcalloc(n, sizeof(*hoarded), GFP_KERNEL);
	if (!hoarded)
		return -ENOMEM;
	hoard_pool = kpool_create(&params);
	err = PTR_ERR_OR_ZERO(hoard_pool);
	while (!err && n_hoarded < n) {
		hoarded[n_hoarded] = kpool_get(hoard_pool, GFP_KERNEL | __GFP_RETRY_MAYFAIL);
		err = PTR_ERR_OR_ZERO(hoarded[n_hoarded]);
		n_hoarded += !err;
	}
	return err;
}

static const struct kernel_param_ops hoard_ops = { .set = hoard_set };
module_param_cb(hoard, &hoard_ops, NULL, 0200);
MODULE_PARM_DESC(hoard, "So many objects of crowd-hoard are in use");

#define STUCK_OBJS	8

static struct kpool *stuck_pool;
static DECLARE_COMPLETION(unstuck);

static void stuck_dtor(void *obj, void *ctx)
{
	wait_for_completion(&unstuck);
}

static int stuck_come(void)
{
	static const struct kpool_ops ops = { .dtor = stuck_dtor };
	const struct kpool_params params = {
		.name = "crowd-stuck", .size = 64, .min_idle = STUCK_OBJS, .max = STUCK_OBJS,
		.flags = KPOOL_SLEEPING, .ops = &ops,
	};

	if (stuck)
		stuck_pool = kpool_create(&params);
	return PTR_ERR_OR_ZERO(stuck_pool);
}

static int unstick_set(const char *value, const struct kernel_param *kp)
{
	complete_all(&unstuck);
	return 0;
}

static const struct kernel_param_ops unstick_ops = { .set = unstick_set };
module_param_cb(unstick, &unstick_ops, NULL, 0200);
MODULE_PARM_DESC(unstick, "The teardowns of crowd-stuck end");

static struct kpool_sized *create_set(const char *name, const struct kpool_sized_class *classes,
				      unsigned int nr_classes, unsigned int flags,
				      size_t max_idle_bytes)
{
	return kpool_sized_create(&(struct kpool_sized_params){
		.name = name, .classes = classes, .nr_classes = nr_classes,
		.flags = flags, .max_idle_bytes = max_idle_bytes,
	});
}

/* Gets and puts a buffer @n times. */
static int get_and_put(struct kpool_sized *set, size_t size, unsigned int n)
{
	void *buf;

	while (n--) {
		buf = kpool_sized_get(set, size, GFP_KERNEL);
		if (IS_ERR(buf))
			return PTR_ERR(buf);
		kpool_sized_put(set, buf, size);
	}
	return 0;
}

/* Protected by kernel_param_lock(). */
static struct kpool_sized *mixed_set;
static bool mixed_ended;

/* Sizes of the buffers that stay in use. The last one is of oversize. */
static const size_t mixed_out_sizes[] = { 1000, 1100, 8000, 10000 };
static void *mixed_out[ARRAY_SIZE(mixed_out_sizes)];

static long use_mixed(void *unused)
{
	unsigned int i;
	int err;

	err = get_and_put(mixed_set, 300, 100) ?: get_and_put(mixed_set, 1100, 50) ?:
	      get_and_put(mixed_set, 8192, 10) ?: get_and_put(mixed_set, 20000, 2);
	for (i = 0; i < ARRAY_SIZE(mixed_out) && !err; i++) {
		mixed_out[i] = kpool_sized_get(mixed_set, mixed_out_sizes[i], GFP_KERNEL);
		err = PTR_ERR_OR_ZERO(mixed_out[i]);
	}
	return err;
}

static int mixed_come(void)
{
	static const struct kpool_sized_class classes[] = {
		{ .size = 512 }, { .size = 2048, .max = 64 }, { .size = 8192 },
	};

	mixed_set = create_set("crowd-mixed", classes, ARRAY_SIZE(classes), 0, 0);
	return PTR_ERR_OR_ZERO(mixed_set) ?: work_on_cpu(0, use_mixed, NULL);
}

static void mixed_end(void)
{
	if (!mixed_ended)
		kpool_sized_destroy(mixed_set);
	mixed_ended = true;
}

static void mixed_go(void)
{
	unsigned int i;

	mixed_end();
	for (i = 0; i < ARRAY_SIZE(mixed_out); i++)
		if (!IS_ERR_OR_NULL(mixed_out[i]))
			kpool_sized_put(mixed_set, mixed_out[i], mixed_out_sizes[i]);
}

static int end_mixed_set(const char *value, const struct kernel_param *kp)
{
	mixed_end();
	return 0;
}

static const struct kernel_param_ops end_mixed_ops = { .set = end_mixed_set };
module_param_cb(end_mixed, &end_mixed_ops, NULL, 0200);
MODULE_PARM_DESC(end_mixed, "crowd-mixed is destroyed, with buffers out");

static struct kpool_sized *same_set, *wide_set;

static long use_same(void *unused)
{
	return get_and_put(same_set, SAME_SIZE, SAME_GETS);
}

static int same_come(void)
{
	static const struct kpool_sized_class classes[] = {
		{ .size = 1024 }, { .size = 2048 }, { .size = 4096 },
	};

	same_set = create_set("crowd-same", classes, ARRAY_SIZE(classes), 0, SZ_16M);
	return PTR_ERR_OR_ZERO(same_set) ?: work_on_cpu(0, use_same, NULL);
}

static int wide_come(void)
{
	struct kpool_sized_class classes[KPOOL_SIZED_CLASSES] = { };
	size_t size;
	u64 samples;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(classes); i++)
		classes[i].size = 128 * (i + 1);
	wide_set = create_set("crowd-wide", classes, ARRAY_SIZE(classes), KPOOL_DEBUG, 0);
	if (IS_ERR(wide_set))
		return PTR_ERR(wide_set);
	for (i = 0; (size = kpool_sized_bucket(wide_set, i, &samples)); i++)
		kpool_sized_sample(wide_set, size);
	return 0;
}

static int sets_come(void)
{
	return sets ? mixed_come() ?: same_come() ?: wide_come() : 0;
}

static void sets_go(void)
{
	mixed_go();
	kpool_sized_destroy(same_set);
	kpool_sized_destroy(wide_set);
}

static int stats_get(char *buffer, const struct kernel_param *kp)
{
	struct kpool_stats s;
	int n = 0;

	if (IS_ERR_OR_NULL(used_pool))
		return -ENODATA;
	kpool_stats(used_pool, &s);
#define SHOW(name)	(n += sysfs_emit_at(buffer, n, "%s: %llu\n", #name, s.name))
	SHOW(existing);
	SHOW(idle);
	SHOW(in_use);
	SHOW(closing);
	SHOW(building);
	SHOW(mapped_only);
	SHOW(created);
	SHOW(destroyed);
	SHOW(gets);
	SHOW(puts);
	SHOW(get_misses);
	SHOW(put_misses);
	SHOW(depot_gets);
	SHOW(depot_puts);
	SHOW(contended);
	SHOW(sent_home);
	SHOW(build_failures);
	SHOW(ctor_failures);
	SHOW(built_nolock);
	SHOW(trimmed);
	SHOW(over_max_idle);
	SHOW(reclaimed);
	SHOW(idle_expired);
	SHOW(lifetime_expired);
	SHOW(unhealthy);
	SHOW(discarded);
	SHOW(shut_down);
	SHOW(over_max);
	SHOW(overflow_ended);
	SHOW(no_magazine);
	SHOW(bypass_ended);
	SHOW(undone);
	SHOW(sampled);
	SHOW(deferred);
	SHOW(close_retries);
	SHOW(misused);
	SHOW(faults);
	SHOW(tracked);
	SHOW(held_max_ms);
	SHOW(leaks);
	SHOW(huge_pages);
	SHOW(carved);
	SHOW(memory);
	SHOW(overhead);
	SHOW(waiting);
	SHOW(waits);
	SHOW(wait_ns);
	SHOW(wait_max_ns);
	SHOW(waiting_ns);
	SHOW(wait_oldest_ns);
	SHOW(timeouts);
	SHOW(interrupted);
	SHOW(exhausted);
	SHOW(overflow);
	SHOW(sweeps);
	SHOW(existing_peak);
	SHOW(waiting_peak);
	SHOW(reserve_used);
#undef SHOW
	return n;
}

static const struct kernel_param_ops stats_ops = { .get = stats_get };
module_param_cb(stats, &stats_ops, NULL, 0444);
MODULE_PARM_DESC(stats, "What the figures of crowd-used are, by the API");

static void all_go(void)
{
	churn_stop();
	kernel_param_lock(THIS_MODULE);
	let_go();
	kpool_destroy(heavy_pool);
	hoard_end();
	sets_go();
	kernel_param_unlock(THIS_MODULE);
	want_nothing();
	crowd_go();
	kpool_destroy(odd_pool);
	kpool_destroy(idle_pool);
	kpool_destroy(limits_pool);
	kpool_destroy(stuck_pool);
	use_stop();
}

static int __init crowd_init(void)
{
	int err;

	err = use_start() ?: idle_come() ?: odd_come() ?: limits_come() ?: stuck_come() ?:
	      crowd_come() ?: sets_come() ?: churn_start();
	if (err)
		all_go();
	return err;
}
module_init(crowd_init);

static void __exit crowd_exit(void)
{
	all_go();
}
module_exit(crowd_exit);

MODULE_DESCRIPTION("Pools for kpool's interfaces to describe");
MODULE_LICENSE("GPL");
KPOOL_IMPORT_NS;
