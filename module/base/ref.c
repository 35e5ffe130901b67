// SPDX-License-Identifier: GPL-2.0-only
/*
 * References to a pool (kp_unref()), and running work in a live pool (kp_enter(), kp_leave()).
 * pool.c waits for both at the end of a pool.
 */
#include <linux/wait_bit.h>

#include "base/export.h"
#include "base/ref.h"
#include "base/work.h"
#include "pool.h"

/**
 * kp_enter() - begin to build, tear down or trim
 * @pool: the pool
 *
 * kpool_destroy() waits until each successful kp_enter() has its kp_leave(). The barrier pairs with
 * the barrier in kp_gate_close(): either this function sees that the pool is not live, or
 * kpool_destroy() sees the raised count.
 *
 * Return: false if the pool is not live; then the caller must not go on.
 */
bool kp_enter(struct kp_pool *pool)
{
	atomic_inc(&pool->active);
	smp_mb__after_atomic();	/* see above */
	if (likely(READ_ONCE(pool->state) == KPOOL_STATE_LIVE))
		return true;
	kp_leave(pool);
	return false;
}

void kp_leave(struct kp_pool *pool)
{
	/* wake_up_var() uses only the address: the pool may be gone after the last leave. */
	if (atomic_dec_and_test(&pool->active))
		wake_up_var(&pool->active);
}

/**
 * kp_unref() - give references back
 * @pool: the pool, which may be gone afterwards
 * @n: how many
 *
 * Context: any but NMI.
 */
void kp_unref(struct kp_pool *pool, int n)
{
	/* The end may call gone, which may sleep. */
	if (refcount_sub_and_test(n, &pool->refs))
		queue_work(pool->ops.gone ? kpool_callback_wq : kpool_wq, &pool->end.work);
}
EXPORT_SYMBOL_FOR_TESTS(kp_unref);
