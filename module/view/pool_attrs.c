// SPDX-License-Identifier: GPL-2.0-only
/* Puts a pool's limits, state and figures into netlink attributes; netlink.c sends the messages. */
#include <net/netlink.h>

#include "base/fault.h"
#include "base/track.h"
#include "base/work.h"
#include "object/debug.h"
#include "pool.h"
#include "sized/set.h"
#include "store/stats.h"
#include "store/waitlist.h"
#include "view/pool_attrs.h"

static int put_pool_u64(struct sk_buff *skb, int attr, u64 value)
{
	return nla_put_u64_64bit(skb, attr, value, KPOOL_A_POOL_PAD);
}

static int put_pool_identity(struct sk_buff *skb, struct kp_pool *pool)
{
	enum kpool_state state = smp_load_acquire(&pool->state);	/* pairs with detach() */

	return nla_put_u32(skb, KPOOL_A_POOL_ID, pool->id) ||
	       nla_put_string(skb, KPOOL_A_POOL_NAME, pool->name) ||
	       (pool->owner && nla_put_string(skb, KPOOL_A_POOL_OWNER, pool->owner_name)) ||
	       nla_put_u32(skb, KPOOL_A_POOL_STATE, state) ||
	       (READ_ONCE(pool->bypass) && nla_put_flag(skb, KPOOL_A_POOL_BYPASSED)) ||
	       put_pool_u64(skb, KPOOL_A_POOL_CREATE_TIME, pool->create_time) ||
	       (state == KPOOL_STATE_DETACHED &&
		put_pool_u64(skb, KPOOL_A_POOL_DETACH_TIME, pool->detach_time)) ||
	       (pool->class_link->set &&
		nla_put_u32(skb, KPOOL_A_POOL_SET_ID, pool->class_link->set->id));
}

static int put_pool_objects(struct sk_buff *skb, struct kp_pool *pool)
{
	struct kpool_stats s;

	kpool_stats(&pool->kpool, &s);
	return put_pool_u64(skb, KPOOL_A_POOL_EXISTING, s.existing) ||
	       put_pool_u64(skb, KPOOL_A_POOL_IN_USE, s.in_use) ||
	       put_pool_u64(skb, KPOOL_A_POOL_IDLE, s.idle) ||
	       put_pool_u64(skb, KPOOL_A_POOL_CLOSING, s.closing) ||
	       put_pool_u64(skb, KPOOL_A_POOL_MEMORY, s.memory) ||
	       put_pool_u64(skb, KPOOL_A_POOL_OVERHEAD, s.overhead);
}

static enum kpool_zone zone_of(const struct kp_pool *pool)
{
	return pool->zone == GFP_DMA ? KPOOL_ZONE_DMA :
	       pool->zone == GFP_DMA32 ? KPOOL_ZONE_DMA32 : KPOOL_ZONE_ANY;
}

static int put_pool_memory(struct sk_buff *skb, struct kp_pool *pool)
{
	return put_pool_u64(skb, KPOOL_A_POOL_SIZE, pool->size) ||
	       put_pool_u64(skb, KPOOL_A_POOL_ALIGN, pool->align) ||
	       put_pool_u64(skb, KPOOL_A_POOL_FOOTPRINT, pool->footprint) ||
	       nla_put_u32(skb, KPOOL_A_POOL_BACKING, pool->backing) ||
	       nla_put_u32(skb, KPOOL_A_POOL_ZONE, zone_of(pool)) ||
	       (pool->node != NUMA_NO_NODE &&
		nla_put_u32(skb, KPOOL_A_POOL_NODE, pool->node)) ||
	       put_pool_u64(skb, KPOOL_A_POOL_USEROFFSET, pool->geometry.useroffset) ||
	       put_pool_u64(skb, KPOOL_A_POOL_USERSIZE, pool->geometry.usersize) ||
	       put_pool_u64(skb, KPOOL_A_POOL_WIPE_OFFSET, pool->wipe_offset) ||
	       put_pool_u64(skb, KPOOL_A_POOL_WIPE_SIZE, pool->wipe_size);
}

static int put_pool_debug(struct sk_buff *skb, struct kp_pool *pool)
{
	const struct kp_debug *debug = smp_load_acquire(&pool->debug);	/* published by init() */

	return debug && kp_is_debugged(pool) &&
	       (nla_put_flag(skb, KPOOL_A_POOL_DEBUGGED) ||
		nla_put_u32(skb, KPOOL_A_POOL_HELD_MS, READ_ONCE(debug->held_ms)));
}

static int put_pool_track(struct sk_buff *skb, struct kp_pool *pool)
{
	const struct kp_track *track;

	if (!kp_is_tracked(pool))
		return 0;
	track = smp_load_acquire(&pool->track);	/* pairs with kp_track_begin() */
	return nla_put_u32(skb, KPOOL_A_POOL_TRACK, READ_ONCE(track->one_in)) ||
	       nla_put_u32(skb, KPOOL_A_POOL_LEAK_MS, READ_ONCE(track->leak_ms));
}

/* The attribute that says each how many-th call fails. */
int kp_attr_of_fault(enum kp_fault fault)
{
	static const u16 attrs[KP_FAULTS_END] = {
		[KP_FAIL_GET] = KPOOL_A_POOL_FAIL_GET,
		[KP_FAIL_BUILD] = KPOOL_A_POOL_FAIL_BUILD,
		[KP_FAIL_CTOR] = KPOOL_A_POOL_FAIL_CTOR,
		[KP_FAIL_MAGAZINE] = KPOOL_A_POOL_FAIL_MAGAZINE,
		[KP_FAIL_MESSAGE] = KPOOL_A_POOL_FAIL_MESSAGE,
	};

	return attrs[fault];
}

static int put_pool_faults(struct sk_buff *skb, struct kp_pool *pool)
{
	enum kp_fault fault;
	unsigned int one_in;
	int err = 0;

	for (fault = 0; fault < KP_FAULTS_END && !err; fault++) {
		one_in = kp_fault_one_in(pool, fault);
		if (one_in)
			err = nla_put_u32(skb, kp_attr_of_fault(fault), one_in);
	}
	return err;
}

static int put_pool_waits(struct sk_buff *skb, const struct kp_pool *pool)
{
	const struct kp_waitlist *waitlist = pool->waitlist;

	return waitlist &&
	       (nla_put_u64_64bit(skb, KPOOL_A_POOL_WAITING, READ_ONCE(waitlist->waiting),
				  KPOOL_A_POOL_PAD) ||
		nla_put_u64_64bit(skb, KPOOL_A_POOL_TIMEOUTS, atomic64_read(&waitlist->timeouts),
				  KPOOL_A_POOL_PAD));
}

static int put_pool_limits(struct sk_buff *skb, struct kp_pool *pool)
{
	return nla_put_u32(skb, KPOOL_A_POOL_FLAGS, pool->flags) ||
	       nla_put_u32(skb, KPOOL_A_POOL_MAGAZINE, READ_ONCE(pool->magazine)) ||
	       nla_put_u32(skb, KPOOL_A_POOL_MAGAZINE_ASKED, READ_ONCE(pool->magazine_asked)) ||
	       nla_put_u32(skb, KPOOL_A_POOL_MIN_IDLE, READ_ONCE(pool->min_idle)) ||
	       nla_put_u32(skb, KPOOL_A_POOL_MAX_IDLE, READ_ONCE(pool->max_idle)) ||
	       nla_put_u32(skb, KPOOL_A_POOL_MAX, READ_ONCE(pool->max)) ||
	       nla_put_u32(skb, KPOOL_A_POOL_RESERVE, READ_ONCE(pool->reserve)) ||
	       nla_put_u32(skb, KPOOL_A_POOL_IDLE_MS, READ_ONCE(pool->idle_ms)) ||
	       nla_put_u32(skb, KPOOL_A_POOL_LIFETIME_MS, READ_ONCE(pool->lifetime_ms)) ||
	       nla_put_u32(skb, KPOOL_A_POOL_WORKERS, pool->workers->n) ||
	       put_pool_debug(skb, pool) || put_pool_faults(skb, pool) ||
	       put_pool_track(skb, pool) || put_pool_waits(skb, pool);
}

/* Puts everything about a pool except its figures. Returns 0, or not 0 if there is no room. */
int kp_put_pool(struct sk_buff *skb, struct kp_pool *pool)
{
	return put_pool_identity(skb, pool) || put_pool_objects(skb, pool) ||
	       put_pool_memory(skb, pool) || put_pool_limits(skb, pool);
}

#define PUT(ATTR, value)	\
	nla_put_u64_64bit(skb, KPOOL_A_STATS_ ## ATTR, value, KPOOL_A_STATS_PAD)

static int put_wait_class(struct sk_buff *skb, u64 below_ns, u64 waits)
{
	struct nlattr *nest = nla_nest_start(skb, KPOOL_A_STATS_WAIT_CLASS);

	if (!nest)
		return -EMSGSIZE;
	if (nla_put_u64_64bit(skb, KPOOL_A_WAIT_CLASS_BELOW_NS, below_ns,
			      KPOOL_A_WAIT_CLASS_PAD) ||
	    nla_put_u64_64bit(skb, KPOOL_A_WAIT_CLASS_WAITS, waits, KPOOL_A_WAIT_CLASS_PAD)) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

static int put_wait_classes(struct sk_buff *skb, const struct kp_waitlist *waitlist)
{
	unsigned int i;
	u64 waits;
	int err = 0;

	for (i = 0; i < WAIT_CLASSES && !err; i++) {
		waits = atomic64_read(&waitlist->by_time[i]);
		if (waits)
			err = put_wait_class(skb, kp_wait_class_ns(i), waits);
	}
	return err;
}

static int put_waitlist(struct sk_buff *skb, const struct kpool_stats *s)
{
	return PUT(WAITING, s->waiting) ||
	       PUT(WAITS, s->waits) ||
	       PUT(WAIT_NS, s->wait_ns) ||
	       PUT(WAIT_MAX_NS, s->wait_max_ns) ||
	       PUT(WAITING_NS, s->waiting_ns) ||
	       PUT(WAIT_OLDEST_NS, s->wait_oldest_ns) ||
	       PUT(TIMEOUTS, s->timeouts) ||
	       PUT(INTERRUPTED, s->interrupted) ||
	       PUT(EXHAUSTED, s->exhausted) ||
	       PUT(OVERFLOW, s->overflow) ||
	       PUT(SWEEPS, s->sweeps) ||
	       PUT(EXISTING_PEAK, s->existing_peak) ||
	       PUT(WAITING_PEAK, s->waiting_peak) ||
	       PUT(RESERVE_USED, s->reserve_used);
}

static int put_totals(struct sk_buff *skb, struct kp_pool *pool)
{
	struct kpool_stats s;

	kpool_stats(&pool->kpool, &s);
	return PUT(EXISTING, s.existing) ||
	       PUT(IDLE, s.idle) ||
	       PUT(IN_USE, s.in_use) ||
	       PUT(CLOSING, s.closing) ||
	       PUT(BUILDING, s.building) ||
	       PUT(MAPPED_ONLY, s.mapped_only) ||
	       PUT(CREATED, s.created) ||
	       PUT(DESTROYED, s.destroyed) ||
	       PUT(GETS, s.gets) ||
	       PUT(PUTS, s.puts) ||
	       PUT(GET_MISSES, s.get_misses) ||
	       PUT(PUT_MISSES, s.put_misses) ||
	       PUT(DEPOT_GETS, s.depot_gets) ||
	       PUT(DEPOT_PUTS, s.depot_puts) ||
	       PUT(CONTENDED, s.contended) ||
	       PUT(SENT_HOME, s.sent_home) ||
	       PUT(BUILD_FAILURES, s.build_failures) ||
	       PUT(CTOR_FAILURES, s.ctor_failures) ||
	       PUT(BUILT_NOLOCK, s.built_nolock) ||
	       PUT(TRIMMED, s.trimmed) ||
	       PUT(OVER_MAX_IDLE, s.over_max_idle) ||
	       PUT(RECLAIMED, s.reclaimed) ||
	       PUT(IDLE_EXPIRED, s.idle_expired) ||
	       PUT(LIFETIME_EXPIRED, s.lifetime_expired) ||
	       PUT(UNHEALTHY, s.unhealthy) ||
	       PUT(DISCARDED, s.discarded) ||
	       PUT(SHUT_DOWN, s.shut_down) ||
	       PUT(OVER_MAX, s.over_max) ||
	       PUT(OVERFLOW_ENDED, s.overflow_ended) ||
	       PUT(NO_MAGAZINE, s.no_magazine) ||
	       PUT(BYPASS_ENDED, s.bypass_ended) ||
	       PUT(UNDONE, s.undone) ||
	       PUT(SAMPLED, s.sampled) ||
	       PUT(DEFERRED, s.deferred) ||
	       PUT(CLOSE_RETRIES, s.close_retries) ||
	       PUT(MISUSED, s.misused) ||
	       PUT(FAULTS, s.faults) ||
	       PUT(TRACKED, s.tracked) ||
	       PUT(HELD_MAX_MS, s.held_max_ms) ||
	       PUT(LEAKS, s.leaks) ||
	       PUT(HUGE_PAGES, s.huge_pages) ||
	       PUT(CARVED, s.carved) ||
	       PUT(MEMORY, s.memory) ||
	       PUT(OVERHEAD, s.overhead) ||
	       (pool->waitlist && (put_waitlist(skb, &s) || put_wait_classes(skb, pool->waitlist)));
}

#undef PUT

static int put_cpu_share(struct sk_buff *skb, struct kpool_cpu *c, int cpu)
{
	struct nlattr *nest = nla_nest_start(skb, KPOOL_A_STATS_CPU);

	if (!nest)
		return -EMSGSIZE;
#define PUT(ATTR, value)	\
	nla_put_u64_64bit(skb, KPOOL_A_CPU_STATS_ ## ATTR, value, KPOOL_A_CPU_STATS_PAD)
	if (nla_put_u32(skb, KPOOL_A_CPU_STATS_CPU, cpu) ||
	    nla_put_u32(skb, KPOOL_A_CPU_STATS_CAPACITY, kp_cpu_capacity(c)) ||
	    nla_put_u32(skb, KPOOL_A_CPU_STATS_IDLE, kp_cpu_idle(c)) ||
	    PUT(GETS, READ_ONCE(c->gets)) ||
	    PUT(PUTS, READ_ONCE(c->puts)) ||
	    PUT(GET_MISSES, READ_ONCE(c->get_misses)) ||
	    PUT(PUT_MISSES, READ_ONCE(c->put_misses))) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
#undef PUT
	nla_nest_end(skb, nest);
	return 0;
}

static int put_node_share(struct sk_buff *skb, const struct kp_pool *pool, unsigned int i)
{
	struct nlattr *nest = nla_nest_start(skb, KPOOL_A_STATS_NODE);
	const struct kp_depot *depot = &pool->depots[i];

	if (!nest)
		return -EMSGSIZE;
#define PUT(ATTR, value)	\
	nla_put_u64_64bit(skb, KPOOL_A_NODE_STATS_ ## ATTR, value, KPOOL_A_NODE_STATS_PAD)
	if (nla_put_u32(skb, KPOOL_A_NODE_STATS_NODE, kp_depot_node(pool, i)) ||
	    PUT(IDLE, READ_ONCE(depot->objects)) ||
	    PUT(GETS, READ_ONCE(depot->gets)) ||
	    PUT(PUTS, READ_ONCE(depot->puts)) ||
	    PUT(CONTENDED, READ_ONCE(depot->contended)) ||
	    PUT(SENT_HOME, kp_sent_home(depot))) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
#undef PUT
	nla_nest_end(skb, nest);
	return 0;
}

/* The most bytes of all shares together: of CPUs, and of nodes. */
size_t kp_shares_size(void)
{
	return num_possible_cpus() * nla_total_size(3 * nla_total_size(sizeof(u32)) +
						    4 * nla_total_size_64bit(sizeof(u64))) +
	       nr_node_ids * nla_total_size(nla_total_size(sizeof(u32)) +
					    5 * nla_total_size_64bit(sizeof(u64)));
}

/* A miss opens a cache, so a CPU without misses has never used the pool. */
static bool is_used(const struct kpool_cpu *c)
{
	return READ_ONCE(c->get_misses) || READ_ONCE(c->put_misses);
}

/*
 * Figures come in parts: the totals, then one part for each depot, then one for each CPU. A message
 * gets as many parts, from *part on, as it has room for.
 */
enum { PART_TOTALS, PART_FIRST_NODE };

int kp_put_stats(struct sk_buff *skb, struct kp_pool *pool, bool percpu, unsigned int *part)
{
	const unsigned int first_cpu = PART_FIRST_NODE + pool->nr_depots;
	unsigned int parts = percpu ? first_cpu + nr_cpu_ids : PART_FIRST_NODE;
	struct kpool_cpu *c;
	int cpu, err;

	for (; *part < parts; ++*part) {
		if (*part == PART_TOTALS) {
			err = put_totals(skb, pool);
		} else if (*part < first_cpu) {
			err = put_node_share(skb, pool, *part - PART_FIRST_NODE);
		} else {
			cpu = *part - first_cpu;
			if (!cpu_possible(cpu))
				continue;
			c = per_cpu_ptr(pool->kpool.cpu, cpu);
			err = is_used(c) ? put_cpu_share(skb, c, cpu) : 0;
		}
		if (err)
			return -EMSGSIZE;
	}
	return 0;
}
