// SPDX-License-Identifier: GPL-2.0-only
/*
 * Before the OOM killer ends a process: gives idle objects back, and names the largest pools in the
 * log. So the report of the kernel and these lines together say where the memory is.
 *
 * All of this runs in a task that found no memory, with locks that kpool does not know. So it
 * allocates nothing and waits for nobody.
 */
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/notifier.h>
#include <linux/oom.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "base/export.h"
#include "base/registry.h"
#include "policy/oom.h"
#include "policy/shrink.h"
#include "pool.h"
#include "store/weigh.h"

/* How many pools are named at most. */
#define NAMED_MOST	10

/* What the log says of a pool, which may end before the line is written. */
struct named {
	u64 memory;			/* with the overhead */
	u64 in_use, idle;
	u32 id;
	char name[KPOOL_NAME_LEN];
	char owner[MODULE_NAME_LEN];
};

/* Set by the task that uses the list below. Nobody waits for the bit. */
static unsigned long naming;
static struct named largest[NAMED_MOST];	/* the largest first */

/* Several calls may follow each other closely, for example one for each process that is ended. */
static DEFINE_RATELIMIT_STATE(lines, DEFAULT_RATELIMIT_INTERVAL, 1);

/* Puts the pool into the list, if it is one of the largest so far. Returns the new length. */
static unsigned int insert(struct kp_pool *pool, unsigned int n)
{
	u64 memory = kp_memory(pool);
	struct kpool_stats stats;
	unsigned int at = n;

	/* A pool without objects is no reason. */
	if (!memory)
		return n;
	memory += kp_overhead(pool);
	while (at && largest[at - 1].memory < memory)
		at--;
	if (at == NAMED_MOST)
		return n;
	n = min_t(unsigned int, n + 1, NAMED_MOST);
	memmove(&largest[at + 1], &largest[at], (n - 1 - at) * sizeof(*largest));
	kpool_stats(&pool->kpool, &stats);
	largest[at] = (struct named){
		.memory = memory, .in_use = stats.in_use, .idle = stats.idle, .id = pool->id,
	};
	strscpy(largest[at].name, pool->name, sizeof(largest[at].name));
	strscpy(largest[at].owner, pool->owner_name, sizeof(largest[at].owner));
	return n;
}

/* Fills the list. Returns its length. */
static unsigned int find_largest(void)
{
	unsigned int n = 0;
	struct kp_pool *pool;
	u32 id = 0;

	do {
		rcu_read_lock();	/* keeps the memory of a pool that ends meanwhile */
		pool = kp_registry_after(&id);
		if (pool)
			n = insert(pool, n);
		rcu_read_unlock();
		cond_resched();
	} while (pool);
	return n;
}

/**
 * kp_name_largest() - name the pools that hold most memory in the log
 *
 * A line for each of NAMED_MOST pools. Pools without objects are not named. If another task does
 * the same at this moment, nothing happens.
 *
 * Context: process context, whatever locks are held.
 */
void kp_name_largest(void)
{
	unsigned int i, n;

	if (test_and_set_bit_lock(0, &naming))
		return;
	n = find_largest();
	for (i = 0; i < n; i++)
		pr_info("pool %s (id %u) of %s: %llu kB, %llu objects in use, %llu idle\n",
			largest[i].name, largest[i].id, largest[i].owner,
			DIV_ROUND_UP_ULL(largest[i].memory, 1024), largest[i].in_use,
			largest[i].idle);
	clear_bit_unlock(0, &naming);
}
EXPORT_SYMBOL_FOR_TESTS(kp_name_largest);

/**
 * kp_oom() - give back what may go, and name the largest pools
 *
 * The lines come once in five seconds at most.
 *
 * Context: process context, whatever locks are held and whatever the task does.
 * Return: how many pages the objects had.
 */
unsigned long kp_oom(void)
{
	unsigned long pages = kp_shrink_oom() >> PAGE_SHIFT;

	if (__ratelimit(&lines)) {
		pr_info("out of memory: idle objects of %lu kB go; the largest pools now:\n",
			pages << (PAGE_SHIFT - 10));
		kp_name_largest();
	}
	return pages;
}
EXPORT_SYMBOL_FOR_TESTS(kp_oom);

/* If pages were freed, the OOM killer ends no process. */
static int oom_notify(struct notifier_block *block, unsigned long unused, void *pages)
{
	*(unsigned long *)pages += kp_oom();
	return NOTIFY_OK;
}

static struct notifier_block oom_block = { .notifier_call = oom_notify };

/* Context: process context, sleeps. Return: 0 or an error. */
int kp_oom_init(void)
{
	/* No line of the kernel's own about lines that were left out. */
	ratelimit_set_flags(&lines, RATELIMIT_MSG_ON_RELEASE);
	return register_oom_notifier(&oom_block);
}

void kp_oom_exit(void)
{
	unregister_oom_notifier(&oom_block);
}
