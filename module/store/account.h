/* SPDX-License-Identifier: GPL-2.0-only */
/* The memory cgroup that pays for the objects of a pool. */
#ifndef _KPOOL_STORE_ACCOUNT_H
#define _KPOOL_STORE_ACCOUNT_H

#include <linux/kpool.h>
#include <linux/sched/mm.h>

struct mem_cgroup *kp_account_get(unsigned int pool_flags);
void kp_account_put(struct mem_cgroup *memcg);

/* The flag of an allocation that a pool with these flags has charged. */
static inline gfp_t kp_account_gfp(unsigned int pool_flags)
{
	return pool_flags & (KPOOL_ACCOUNT | KPOOL_ACCOUNT_GETTER) ? __GFP_ACCOUNT : 0;
}

/*
 * Until kp_account_end(), allocations with __GFP_ACCOUNT are charged to this cgroup. NULL changes
 * nothing. Context: any, the same for both calls. Returns what kp_account_end() takes.
 */
static inline struct mem_cgroup *kp_account_begin(struct mem_cgroup *memcg)
{
	return memcg ? set_active_memcg(memcg) : NULL;
}

static inline void kp_account_end(struct mem_cgroup *memcg, struct mem_cgroup *before)
{
	if (memcg)
		set_active_memcg(before);
}

#endif /* _KPOOL_STORE_ACCOUNT_H */
