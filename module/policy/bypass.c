// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bypass: a pool that keeps no objects, which helps to find a bug. path/sweep.c closes the gate and
 * the caches, policy/drain.c tears the idle objects down.
 */
#include <linux/moduleparam.h>

#include "base/export.h"
#include "base/ref.h"
#include "base/registry.h"
#include "base/work.h"
#include "path/sweep.h"
#include "policy/bypass.h"
#include "policy/drain.h"
#include "pool.h"
#include "store/slots.h"

/* Written with the registry locked. A pool that is published later sees the new value. */
static bool bypass_all;

bool kp_bypass_all(void)
{
	return READ_ONCE(bypass_all);
}
EXPORT_SYMBOL_FOR_TESTS(kp_bypass_all);

/**
 * kp_update_bypass() - begin or end bypass, as the module's parameter and the pool want it now
 * @pool: the pool; the caller ensures that it stays
 *
 * Context: process context, sleeps.
 */
void kp_update_bypass(struct kp_pool *pool)
{
	LLIST_HEAD(found);
	bool on;

	if (!kp_enter(pool))
		return;
	mutex_lock(&pool->gate_lock);
	on = pool->bypass_wanted || kp_bypass_all();
	/* kpool_destroy() may have shut the gate meanwhile. It must stay shut then. */
	if (on == pool->bypass || READ_ONCE(pool->state) != KPOOL_STATE_LIVE) {
		mutex_unlock(&pool->gate_lock);
		kp_leave(pool);
		return;
	}
	WRITE_ONCE(pool->bypass, on);
	if (on)
		kp_gate_close(pool, &found);
	else
		kp_gate_set(pool, GATE_OPEN);
	mutex_unlock(&pool->gate_lock);

	if (on) {
		kp_found_teardown(pool, &found, KP_BYPASS);
		kp_drain(pool, KP_BYPASS);
	} else if (READ_ONCE(pool->min_idle)) {
		kp_queue_refill(pool);
	}
	kp_leave(pool);
}
EXPORT_SYMBOL_FOR_TESTS(kp_update_bypass);

/* Sets whether this pool wants bypass. Context: as kp_update_bypass(). */
void kp_set_bypass(struct kp_pool *pool, bool on)
{
	mutex_lock(&pool->gate_lock);
	pool->bypass_wanted = on;
	mutex_unlock(&pool->gate_lock);
	kp_update_bypass(pool);
}
EXPORT_SYMBOL_FOR_TESTS(kp_set_bypass);

static int bypass_set(const char *val, const struct kernel_param *kp)
{
	struct kp_pool *pool;
	u32 id = 0;
	int err;

	kp_registry_lock();
	err = param_set_bool(val, kp);
	kp_registry_unlock();
	if (err)
		return err;
	while ((pool = kp_registry_next(&id))) {
		kp_update_bypass(pool);
		kp_unref(pool, 1);
	}
	return 0;
}

static const struct kernel_param_ops bypass_ops = {
	.flags = KERNEL_PARAM_OPS_FL_NOARG,
	.set = bypass_set,
	.get = param_get_bool,
};
module_param_cb(bypass, &bypass_ops, &bypass_all, 0644);
MODULE_PARM_DESC(bypass, "Keep nothing: build on each get, tear down on each put, in all pools");
