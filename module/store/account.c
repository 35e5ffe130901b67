// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which memory cgroup pays for objects. Without a flag nobody pays: an object outlives the task
 * that built it, and its next user is another one. With KPOOL_ACCOUNT the creator of the pool pays
 * for all objects, also for those that workers and interrupts build. With KPOOL_ACCOUNT_GETTER the
 * task pays whose get builds the object. The kernel takes the charge back when the memory is freed.
 */
#include <linux/memcontrol.h>

#include "store/account.h"

/*
 * The cgroup that pays in a pool with these flags; NULL: none, or the one of the task that builds.
 * Context: process context, the task that creates the pool.
 */
struct mem_cgroup *kp_account_get(unsigned int pool_flags)
{
	return pool_flags & KPOOL_ACCOUNT ? get_mem_cgroup_from_mm(NULL) : NULL;
}

/* Context: any. Nothing is charged to this cgroup any more because of kp_account_get(). */
void kp_account_put(struct mem_cgroup *memcg)
{
	if (memcg)
		mem_cgroup_put(memcg);
}
