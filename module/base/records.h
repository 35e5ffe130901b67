/* SPDX-License-Identifier: GPL-2.0-only */
/* Records of existing objects, found by address. */
#ifndef _KPOOL_BASE_RECORDS_H
#define _KPOOL_BASE_RECORDS_H

#include <linux/list.h>
#include <linux/llist.h>
#include <linux/types.h>
#include <linux/xarray.h>

#include "base/holder.h"

/*
 * The record of an object that exists. The task that gets or puts the object writes the record.
 * Others may read it at the same time, for messages.
 */
struct kp_record {
	void *obj;
	size_t size;			/* bytes that belong to the consumer */
	const void *owner;		/* its pool, or the set of an oversize buffer */
	const char *name;		/* of the owner, which exists as long as the object */
	u32 number;			/* among the records of its owner */
	bool out;			/* in use; changed by xchg() */
	bool told;			/* the log has said that the object is held for too long */
	bool summed;			/* the object is idle, and sum is valid */
	u32 sum;
	size_t filled;			/* the object is idle, and so many bytes have a pattern */
	unsigned long put_by;		/* the caller of the last valid put; 0: there was none */
	struct kp_holder got;		/* the last get */
	struct list_head in_order;	/* in kp_records.in_order */
	struct llist_node rcu_freed;	/* in sized/oversize.c */
	struct rcu_head rcu;
};

struct kp_records {
	struct xarray by_address;
	struct list_head in_order;	/* as they were added; by_address's lock, read under RCU */
};

/* A copy of what the record of an object in use says. */
struct kp_held {
	u32 number;
	u64 ms;				/* since its last get */
	struct kp_holder by;
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
bool kp_record_drop(struct kp_records *records, struct kp_record *r);
bool kp_records_oldest(struct kp_records *records, struct kp_held *oldest);
unsigned int kp_records_longest(struct kp_records *records, const void *owner,
				struct kp_held *held, unsigned int most);
void kp_records_tell_held(struct kp_records *records, const void *owner, unsigned int most_ms,
			  void (*tell)(const struct kp_held *held, void *arg), void *arg);
int kp_records_held_from(struct kp_records *records, const void *owner, unsigned long *from,
			 struct kp_held *held);

/* Room for what kp_record_explain() says. */
#define KP_WHY_LEN	320

bool kp_record_explain(struct kp_records *records, const void *owner, const void *ptr, char *why);

#endif /* _KPOOL_BASE_RECORDS_H */
