// SPDX-License-Identifier: GPL-2.0-only
/*
 * kpool in debugfs: for people, not an interface; netlink.c has the interface for programs. Before
 * a pool goes, its files are removed, and nobody reads them any more.
 */
#include <linux/debugfs.h>
#include <linux/math64.h>
#include <linux/rcupdate.h>
#include <linux/seq_file.h>

#include "base/observer.h"
#include "base/params.h"
#include "base/registry.h"
#include "base/work.h"
#include "pool.h"
#include "sized/set.h"
#include "store/stats.h"
#include "store/waitlist.h"
#include "view/debugfs.h"
#include "view/debugfs_faults.h"

static struct dentry *root;

static const char *state_name(const struct kp_pool *pool)
{
	switch (READ_ONCE(pool->state)) {
	case KPOOL_STATE_DYING:
		return "dying";
	case KPOOL_STATE_DETACHED:
		return "detached";
	default:
		return READ_ONCE(pool->bypass) ? "bypass" : "live";
	}
}

/* The position is 0 for the heading, else the id of a pool. Pools may come and go meanwhile. */
static void *pools_after(u32 id, loff_t *pos)
{
	struct kp_pool *pool = kp_registry_after(&id);

	*pos = pool ? id : *pos + 1;
	return pool;
}

static void *pools_start(struct seq_file *m, loff_t *pos) __acquires(RCU)
{
	rcu_read_lock();	/* keeps the memory of a pool that ends meanwhile */
	return *pos ? pools_after(*pos - 1, pos) : SEQ_START_TOKEN;
}

static void *pools_next(struct seq_file *m, void *v, loff_t *pos)
{
	return pools_after(*pos, pos);
}

static void pools_stop(struct seq_file *m, void *v) __releases(RCU)
{
	rcu_read_unlock();
}

static int pools_show(struct seq_file *m, void *v)
{
	struct kp_pool *pool = v;
	struct kpool_stats s;

	if (v == SEQ_START_TOKEN) {
		seq_printf(m, "%5s %-31s %-8s %10s %9s %9s %9s %9s %14s %14s %12s %12s %10s\n",
			   "id", "name", "state", "size_bytes", "existing", "in_use", "idle",
			   "closing", "memory_bytes", "overhead_bytes", "gets", "puts", "misses");
		return 0;
	}
	kpool_stats(&pool->kpool, &s);
	seq_printf(m, "%5u %-31s %-8s %10zu %9llu %9llu %9llu %9llu %14llu %14llu %12llu %12llu %10llu\n",
		   pool->id, pool->name, state_name(pool), pool->size, s.existing, s.in_use,
		   s.idle, s.closing, s.memory, s.overhead, s.gets, s.puts, s.get_misses);
	return 0;
}

static const struct seq_operations pools_sops = {
	.start = pools_start,
	.next = pools_next,
	.stop = pools_stop,
	.show = pools_show,
};
DEFINE_SEQ_ATTRIBUTE(pools);

static int stats_show(struct seq_file *m, void *unused)
{
	struct kp_pool *pool = m->private;
	struct kpool_stats s;

	kpool_stats(&pool->kpool, &s);
#define SHOW(name)	seq_printf(m, "%s: %llu\n", #name, s.name)
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
	if (!pool->waitlist)
		return 0;
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
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

static int percpu_show(struct seq_file *m, void *unused)
{
	struct kp_pool *pool = m->private;
	struct kpool_cpu *c;
	int cpu;

	seq_printf(m, "%5s %8s %8s %12s %12s %10s %10s\n", "cpu", "capacity", "idle", "gets",
		   "puts", "get_misses", "put_misses");
	for_each_possible_cpu(cpu) {
		c = per_cpu_ptr(pool->kpool.cpu, cpu);
		seq_printf(m, "%5d %8u %8u %12llu %12llu %10lu %10lu\n", cpu,
			   kp_cpu_capacity(c), kp_cpu_idle(c), READ_ONCE(c->gets),
			   READ_ONCE(c->puts), READ_ONCE(c->get_misses), READ_ONCE(c->put_misses));
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(percpu);

static int nodes_show(struct seq_file *m, void *unused)
{
	const struct kp_pool *pool = m->private;
	const struct kp_depot *depot;
	unsigned int i;

	seq_printf(m, "%5s %8s %10s %10s %10s %10s\n", "node", "idle", "gets", "puts",
		   "contended", "sent_home");
	for (i = 0; i < pool->nr_depots; i++) {
		depot = &pool->depots[i];
		seq_printf(m, "%5d %8lu %10lu %10lu %10lu %10lu\n", kp_depot_node(pool, i),
			   READ_ONCE(depot->objects), READ_ONCE(depot->gets),
			   READ_ONCE(depot->puts), READ_ONCE(depot->contended),
			   kp_sent_home(depot));
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(nodes);

static void show_limit(struct seq_file *m, const char *name, unsigned int limit)
{
	seq_printf(m, "%s: %u\n", name, kp_has_limit(limit) ? limit : 0);
}

static void show_limits(struct seq_file *m, const struct kp_pool *pool)
{
	show_limit(m, "max", READ_ONCE(pool->max));
	if (READ_ONCE(pool->nothing_idle))
		seq_puts(m, "max_idle: nothing\n");
	else
		show_limit(m, "max_idle", READ_ONCE(pool->max_idle));
	seq_printf(m, "min_idle: %u\n", READ_ONCE(pool->min_idle));
	seq_printf(m, "reserve: %u\n", READ_ONCE(pool->reserve));
	show_limit(m, "idle_ms", READ_ONCE(pool->idle_ms));
	show_limit(m, "lifetime_ms", READ_ONCE(pool->lifetime_ms));
	seq_printf(m, "magazine: %u\n", READ_ONCE(pool->magazine));
}

static void show_flags(struct seq_file *m, unsigned int flags)
{
	static const char * const names[] = {
		"zero_on_put", "bypass", "own_cache", "vmalloc", "sleeping", "anyctx", "on_node",
		"build_in_worker", "overflow", "rcu", "kvmalloc", "debug", "account",
		"account_getter", "numa_strict", "huge_pages",
	};
	unsigned int i;

	seq_puts(m, "flags:");
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (flags & BIT(i))
			seq_printf(m, " %s", names[i]);
	seq_puts(m, "\n");
}

static int waits_show(struct seq_file *m, void *unused)
{
	struct kp_pool *pool = m->private;
	unsigned int i;

	seq_printf(m, "%14s %12s\n", "below_us", "waits");
	for (i = 0; i < WAIT_CLASSES - 1; i++)
		seq_printf(m, "%14llu %12llu\n", div_u64(kp_wait_class_ns(i), NSEC_PER_USEC),
			   (u64)atomic64_read(&pool->waitlist->by_time[i]));
	seq_printf(m, "%14s %12llu\n", "more", (u64)atomic64_read(&pool->waitlist->by_time[i]));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(waits);

static int config_show(struct seq_file *m, void *unused)
{
	static const char * const backings[] = {
		[KPOOL_BACKING_SLAB] = "slab",
		[KPOOL_BACKING_PAGES] = "pages",
		[KPOOL_BACKING_VMALLOC] = "vmalloc",
		[KPOOL_BACKING_KVMALLOC] = "kvmalloc",
		[KPOOL_BACKING_PROVIDER] = "provider",
	};
	struct kp_pool *pool = m->private;

	seq_printf(m, "name: %s\nid: %u\nowner: %s\nstate: %s\n", pool->name, pool->id,
		   pool->owner_name, state_name(pool));
	show_limits(m, pool);
	seq_printf(m, "size: %zu\nalign: %zu\nfootprint: %zu\nbacking: %s\n", pool->size,
		   pool->align, pool->footprint, backings[pool->backing]);
	seq_printf(m, "zone: %s\n", pool->zone == GFP_DMA ? "dma" :
		   pool->zone == GFP_DMA32 ? "dma32" : "any");
	if (pool->node == NUMA_NO_NODE)
		seq_puts(m, "node: any\n");
	else
		seq_printf(m, "node: %d\n", pool->node);
	show_flags(m, pool->flags);
	seq_printf(m, "workers: %u\n", pool->workers->n);
	seq_printf(m, "useroffset: %u\nusersize: %u\n", pool->geometry.useroffset,
		   pool->geometry.usersize);
	seq_printf(m, "wipe_offset: %zu\nwipe_size: %zu\n", pool->wipe_offset, pool->wipe_size);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(config);

static void add_pool(struct kp_pool *pool)
{
	char name[sizeof("4294967295-") + KPOOL_NAME_LEN];

	snprintf(name, sizeof(name), "%u-%s", pool->id, pool->name);
	pool->dir = debugfs_create_dir(name, root);
	debugfs_create_file("stats", 0444, pool->dir, pool, &stats_fops);
	debugfs_create_file("percpu", 0444, pool->dir, pool, &percpu_fops);
	debugfs_create_file("nodes", 0444, pool->dir, pool, &nodes_fops);
	debugfs_create_file("config", 0444, pool->dir, pool, &config_fops);
	debugfs_create_file("faults", 0644, pool->dir, pool, &kp_faults_fops);
	if (pool->waitlist)
		debugfs_create_file("waits", 0444, pool->dir, pool, &waits_fops);
}

static int set_stats_show(struct seq_file *m, void *unused)
{
	struct kp_sized *set = m->private;
	struct kpool_sized_stats s;

	kpool_sized_stats(&set->set, &s);
#define SHOW(name)	seq_printf(m, "%s: %llu\n", #name, s.name)
	SHOW(asked_bytes);
	SHOW(given_bytes);
	SHOW(idle_bytes);
	SHOW(in_use_bytes);
	SHOW(oversize_gets);
	SHOW(oversize_puts);
	SHOW(oversize_bytes);
	SHOW(oversize_failures);
	SHOW(misused);
	SHOW(memory);
	SHOW(overhead);
	SHOW(oversize_memory);
#undef SHOW
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(set_stats);

static int classes_show(struct seq_file *m, void *unused)
{
	struct kp_sized *set = m->private;
	struct kpool_sized_class_stats s;
	unsigned int i;

	seq_printf(m, "%10s %9s %9s %9s %9s %12s %12s %16s %16s\n", "size_bytes", "existing",
		   "in_use", "idle", "vmalloced", "gets", "misses", "asked_bytes", "given_bytes");
	for (i = 0; !kpool_sized_class_stats(&set->set, i, &s); i++)
		seq_printf(m, "%10zu %9llu %9llu %9llu %9llu %12llu %12llu %16llu %16llu\n",
			   s.size, s.pool.existing, s.pool.in_use, s.pool.idle, s.vmalloced,
			   s.pool.gets, s.pool.get_misses, s.asked_bytes, s.given_bytes);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(classes);

/* Shows only buckets that have samples. */
static int sizes_show(struct seq_file *m, void *unused)
{
	struct kp_sized *set = m->private;
	unsigned int bucket;
	u64 samples;
	size_t size;

	seq_printf(m, "%11s %12s\n", "up_to_bytes", "samples");
	for (bucket = 0; (size = kpool_sized_bucket(&set->set, bucket, &samples)); bucket++) {
		if (!samples)
			continue;
		if (size == SIZE_MAX)
			seq_printf(m, "%11s %12llu\n", "more", samples);
		else
			seq_printf(m, "%11zu %12llu\n", size, samples);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(sizes);

/* The folders of sets lie beside the folders of pools, whose names begin with their ids. */
static void add_set(struct kp_sized *s)
{
	char name[sizeof("set-4294967295-") + KPOOL_SIZED_NAME_LEN];

	snprintf(name, sizeof(name), "set-%u-%s", s->id, s->name);
	s->dir = debugfs_create_dir(name, root);
	debugfs_create_file("stats", 0444, s->dir, s, &set_stats_fops);
	debugfs_create_file("classes", 0444, s->dir, s, &classes_fops);
	debugfs_create_file("sizes", 0444, s->dir, s, &sizes_fops);
}

static void remove_set(struct kp_sized *s)
{
	debugfs_remove(s->dir);
}

static void remove_pool(struct kp_pool *pool)
{
	debugfs_remove(pool->dir);
}

static struct kp_observer observer = {
	.added = add_pool,
	.removing = remove_pool,
	.set_added = add_set,
	.set_removing = remove_set,
};

void kp_debugfs_init(void)
{
	root = debugfs_create_dir("kpool", NULL);
	debugfs_create_file("pools", 0444, root, NULL, &pools_fops);
	kp_observe(&observer);
}

void kp_debugfs_exit(void)
{
	kp_observe_no_more(&observer);
	debugfs_remove(root);
}
