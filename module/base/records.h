/* SPDX-License-Identifier: GPL-2.0-only */
/* Records of existing objects, found by address. */
#ifndef _KPOOL_BASE_RECORDS_H
#define _KPOOL_BASE_RECORDS_H

#include <linux/llist.h>
#include <linux/sched.h>
#include <linux/types.h>
#include <linux/xarray.h>

/* Where an object was got, and by which task. */
struct kp_holder {
	unsigned long caller;		/* an address in the consumer's code; 0: unknown */
	u64 since;			/* jiffies */
	pid_t pid;
	char comm[TASK_COMM_LEN];
};

/*
 * The record of an object that exists. The task that gets or puts the object writes the record.
 * Others may read it at the same time, for messages.
 */
struct kp_record {
	void *obj;
	size_t size;			/* bytes that belong to the consumer */
	const void *owner;		/* its pool, or the set of an oversize buffer */
	const char *name;		/* of the owner, which exists as long as the object */
	u32 number;			/* among the objects of its owner */
	bool out;			/* in use; changed by xchg() */
	bool told;			/* the log has said that the object is held for too long */
	bool summed;			/* the object is idle, and sum is valid */
	u32 sum;
	size_t filled;			/* the object is idle, and so many bytes have a pattern */
	unsigned long put_by;		/* the caller of the last valid put; 0: there was none */
	struct kp_holder got;		/* the last get */
	struct llist_node rcu_freed;	/* in sized/oversize.c */
	struct rcu_head rcu;
};

struct kp_records {
	struct xarray by_address;
};

void kp_records_init(struct kp_records *records);
void kp_records_close(struct kp_records *records, bool *closed, bool value);
unsigned long kp_records_clear(struct kp_records *records, const void *owner);
void kp_records_relax(void);
void kp_records_exit(struct kp_records *records);
struct kp_record *kp_record_find(struct kp_records *records, const void *obj);
struct kp_record *kp_record_around(struct kp_records *records, const void *ptr, size_t most);
bool kp_record_add(struct kp_records *records, const struct kp_record *is, const bool *closed,
		   gfp_t gfp);
size_t kp_record_remove(struct kp_records *records, void *obj);

/* Room for what kp_record_explain() says. */
#define KP_WHY_LEN	256

bool kp_record_explain(struct kp_records *records, const void *owner, const void *ptr, char *why);

#endif /* _KPOOL_BASE_RECORDS_H */
