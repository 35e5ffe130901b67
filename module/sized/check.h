/* SPDX-License-Identifier: GPL-2.0-only */
/* Checked puts of sized buffers. */
#ifndef _KPOOL_SIZED_CHECK_H
#define _KPOOL_SIZED_CHECK_H

#include <linux/llist.h>
#include <linux/types.h>

#include "sized/set.h"

/* The record of a buffer that exists. */
struct kp_record {
	void *buf;
	size_t size;
	unsigned int class;
	bool out;			/* in use; changed by xchg() */
	unsigned long put_by;		/* the caller of the last valid put */
	struct llist_node rcu_freed;	/* in the set's list of that name */
	struct rcu_head rcu;
};

extern const struct kpool_ops kp_check_ops;

bool kp_check_wanted(void);
int kp_check_add(struct kp_sized *s, void *buf, size_t size, unsigned int class, gfp_t gfp);
struct kp_record *kp_check_find(struct kp_sized *s, const void *buf);
void kp_check_got(struct kp_sized *s, void *buf);
bool kp_check_put(struct kp_sized *s, void *buf, unsigned int class, size_t size,
		  unsigned long caller);
size_t kp_check_remove(struct kp_sized *s, void *buf);
void kp_check_exit(struct kp_sized *s);

#endif /* _KPOOL_SIZED_CHECK_H */
