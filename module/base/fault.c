// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults of a pool. A pool without faults has no struct kp_faults, and each place that can fail on
 * purpose looks for that only. These places are all out of line. policy/instrument.c switches
 * faults on and off.
 */
#include <linux/slab.h>

#include "base/context.h"
#include "base/fault.h"
#include "compat/fault.h"
#include "pool.h"

struct kp_faults {
	struct kp_fault_attr attrs[KP_FAULTS_END];
	bool shown;			/* in debugfs */
};

const char * const kp_fault_names[KP_FAULTS_END] = {
	[KP_FAIL_GET] = "fail_get",
	[KP_FAIL_BUILD] = "fail_build",
	[KP_FAIL_CTOR] = "fail_ctor",
	[KP_FAIL_MAGAZINE] = "fail_magazine",
	[KP_FAIL_MESSAGE] = "fail_message",
};

static void show(struct kp_pool *pool, struct kp_faults *faults)
{
	unsigned int i;

	/* A pool that was just created has no folder yet. */
	if (faults->shown || !pool->dir)
		return;
	for (i = 0; i < KP_FAULTS_END; i++)
		kp_fault_attr_show(&faults->attrs[i], kp_fault_names[i], pool->dir);
	faults->shown = true;
}

static struct kp_faults *make(struct kp_pool *pool)
{
	struct kp_faults *faults = kzalloc(sizeof(*faults), GFP_KERNEL);
	unsigned int i;

	if (!faults)
		return NULL;
	for (i = 0; i < KP_FAULTS_END; i++)
		kp_fault_attr_init(&faults->attrs[i]);
	smp_store_release(&pool->faults, faults);	/* pairs with the readers of pool->faults */
	return faults;
}

/**
 * kp_faults_get() - the faults of a pool
 * @pool: the pool
 *
 * The first call makes them. They all are off, and exist as long as the pool does.
 *
 * Context: process context, sleeps; one caller at a time, which has a reference to the pool.
 * Return: the faults, or NULL if there is no memory.
 */
struct kp_faults *kp_faults_get(struct kp_pool *pool)
{
	struct kp_faults *faults = pool->faults ?: make(pool);

	if (faults)
		show(pool, faults);
	return faults;
}

/* Makes each one_in-th call fail; 0: none. Context: as kp_faults_get(). */
void kp_fault_set(struct kp_faults *faults, enum kp_fault fault, unsigned int one_in)
{
	kp_fault_attr_set(&faults->attrs[fault], one_in);
}

/* Each how many-th call fails; 0: none. Context: any. */
unsigned int kp_fault_one_in(struct kp_pool *pool, enum kp_fault fault)
{
	struct kp_faults *faults = smp_load_acquire(&pool->faults);	/* see make() */

	return faults ? kp_fault_attr_one_in(&faults->attrs[fault]) : 0;
}

/* kp_fail() for a pool that has faults. */
int kp_fault_now(struct kp_pool *pool, struct kp_faults *faults, enum kp_fault fault)
{
	/* The kernel's attributes take a random number, and that a lock. */
	if (in_nmi() || !kp_may_allocate(pool) ||
	    !kp_fault_attr_says_fail(&faults->attrs[fault]))
		return 0;
	atomic_long_inc(&pool->faults_made);
	return -ENOMEM;
}

/* Context: process context; nobody uses the pool any more, and its debugfs folder is gone. */
void kp_faults_exit(struct kp_pool *pool)
{
	unsigned int i;

	if (!pool->faults)
		return;
	for (i = 0; i < KP_FAULTS_END; i++)
		kp_fault_attr_exit(&pool->faults->attrs[i]);
	kfree(pool->faults);
}
