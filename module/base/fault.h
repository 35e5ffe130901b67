/* SPDX-License-Identifier: GPL-2.0-only */
/* Faults: calls of one pool that fail on purpose, so that a consumer can test its error paths. */
#ifndef _KPOOL_BASE_FAULT_H
#define _KPOOL_BASE_FAULT_H

#include <linux/compiler.h>

#include "pool.h"

enum kp_fault {
	KP_FAIL_GET,			/* a get returns an error */
	KP_FAIL_BUILD,			/* there is no memory for an object */
	KP_FAIL_CTOR,			/* a constructor returns an error, and is not called */
	KP_FAIL_MAGAZINE,		/* there is no memory for a magazine */
	KP_FAIL_MESSAGE,		/* there is no memory for a netlink message */
	KP_FAULTS_END
};

extern const char * const kp_fault_names[KP_FAULTS_END];

struct kp_faults *kp_faults_get(struct kp_pool *pool);
void kp_fault_set(struct kp_faults *faults, enum kp_fault fault, unsigned int one_in);
unsigned int kp_fault_one_in(struct kp_pool *pool, enum kp_fault fault);
int kp_fault_now(struct kp_pool *pool, struct kp_faults *faults, enum kp_fault fault);
void kp_faults_exit(struct kp_pool *pool);

/* Returns 0, or -ENOMEM if this has to fail. Context: any. */
static __always_inline int kp_fail(struct kp_pool *pool, enum kp_fault fault)
{
	struct kp_faults *faults = smp_load_acquire(&pool->faults);	/* see make() */

	return unlikely(faults) ? kp_fault_now(pool, faults, fault) : 0;
}

#endif /* _KPOOL_BASE_FAULT_H */
