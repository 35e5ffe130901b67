// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records of existing objects. object/debug.c keeps them to check gets and puts, base/track.c to
 * know holders, and sized/oversize.c to know its buffers.
 *
 * A record is found by the address of its object, with no lock, in any context, by an RCU reader.
 * This code never reads the memory at that address: the memory might belong to anybody.
 */
#include <linux/align.h>
#include <linux/minmax.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/rculist.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "base/export.h"
#include "base/records.h"

/*
 * No two objects begin within one word, and every object begins at a word. Keys ascend as the
 * addresses do. Objects of slab and of pages have small keys. With small keys the xarray has few
 * levels, and each level of a single record is an allocation.
 */
static unsigned long key_of(const void *obj)
{
	return ((unsigned long)obj - PAGE_OFFSET) / sizeof(void *);
}

void kp_records_init(struct kp_records *records)
{
	xa_init_flags(&records->by_address, XA_FLAGS_LOCK_IRQ);
	INIT_LIST_HEAD(&records->in_order);
}

/**
 * kp_record_find() - find the record of an object
 * @records: the records
 * @obj: the object's address
 *
 * Context: any. The caller is an RCU reader, or has the object.
 * Return: the record, or NULL.
 */
struct kp_record *kp_record_find(struct kp_records *records, const void *obj)
{
	struct kp_record *r = xa_load(&records->by_address, key_of(obj));

	return r && r->obj == obj ? r : NULL;
}
EXPORT_SYMBOL_FOR_TESTS(kp_record_find);

/* How many records kp_record_around() looks at: a report may be made with interrupts off. */
#define AROUND_MOST	256

/**
 * kp_record_around() - find the record of the object in whose memory an address lies
 * @records: the records
 * @ptr: the address
 * @most: no object has more bytes than this
 *
 * Objects of one pool do not overlap. Records of several pools may lie between. Then the search
 * ends at some point, so it may find nothing.
 *
 * Context: any; the caller is an RCU reader.
 * Return: the record, or NULL.
 */
struct kp_record *kp_record_around(struct kp_records *records, const void *ptr, size_t most)
{
	unsigned long last = key_of(ptr);
	unsigned long key = last - min(last, most / sizeof(void *));
	unsigned int looks = 0;
	struct kp_record *r;

	xa_for_each_range(&records->by_address, key, r, key, last) {
		if (ptr >= r->obj && ptr < r->obj + r->size)
			return r;
		if (++looks == AROUND_MOST)
			break;
	}
	return NULL;
}

/**
 * kp_record_add() - add a record of an object
 * @records: the records
 * @is: the record, which is copied
 * @closed: whether the owner wants no records any more, see kp_records_close()
 * @gfp: how to allocate memory
 *
 * Context: kp_may_allocate().
 * Return: false if there is no memory, the object has a record, or the owner wants no records any
 * more.
 */
bool kp_record_add(struct kp_records *records, const struct kp_record *is, const bool *closed,
		   gfp_t gfp)
{
	unsigned long flags, key = key_of(is->obj);
	struct kp_record *r, *old;

	r = kmemdup(is, sizeof(*is), gfp | __GFP_NOWARN);
	if (!r)
		return false;
	/* Interrupts take the lock, too, so no allocation may wait under it: reserve before. */
	if (gfpflags_allow_blocking(gfp) &&
	    xa_reserve_irq(&records->by_address, key, gfp | __GFP_NOWARN))
		goto fail;
	xa_lock_irqsave(&records->by_address, flags);
	/* Two wrong puts of an unknown object may come here at once. One record is enough. */
	if (*closed || xa_load(&records->by_address, key))
		old = (void *)XA_ERROR(-EEXIST);
	else
		old = __xa_store(&records->by_address, key, r,
				 (gfp & ~__GFP_DIRECT_RECLAIM) | __GFP_NOWARN);
	if (xa_is_err(old))	/* gives the reserved entry back */
		__xa_cmpxchg(&records->by_address, key, XA_ZERO_ENTRY, NULL, 0);
	else
		list_add_tail_rcu(&r->in_order, &records->in_order);
	xa_unlock_irqrestore(&records->by_address, flags);
	if (xa_is_err(old))
		goto fail;
	return true;

fail:
	kfree(r);
	return false;
}

/* Removes the record of an object. Context: kp_may_allocate(). Return: its size, or 0. */
size_t kp_record_remove(struct kp_records *records, void *obj)
{
	unsigned long flags;
	struct kp_record *r;
	size_t size;

	xa_lock_irqsave(&records->by_address, flags);
	r = __xa_erase(&records->by_address, key_of(obj));
	if (r)
		list_del_rcu(&r->in_order);
	xa_unlock_irqrestore(&records->by_address, flags);
	if (!r)
		return 0;
	size = r->size;
	kfree_rcu(r, rcu);
	return size;
}

/*
 * Removes this record, unless it was removed before. Context: kp_may_allocate(); the caller is an
 * RCU reader. Return: whether it did.
 */
bool kp_record_drop(struct kp_records *records, struct kp_record *r)
{
	unsigned long flags;
	bool found;

	xa_lock_irqsave(&records->by_address, flags);
	found = __xa_cmpxchg(&records->by_address, key_of(r->obj), r, NULL, 0) == r;
	if (found)
		list_del_rcu(&r->in_order);
	xa_unlock_irqrestore(&records->by_address, flags);
	if (found)
		kfree_rcu(r, rcu);
	return found;
}

/*
 * Sets the flag of an owner that says whether it wants no records any more. When this returns, each
 * kp_record_add() for this owner has ended, or sees the new value. Context: process context.
 */
void kp_records_close(struct kp_records *records, bool *closed, bool value)
{
	xa_lock_irq(&records->by_address);
	WRITE_ONCE(*closed, value);
	xa_unlock_irq(&records->by_address);
}

/* In a walk of all records: lets others run. The caller is an RCU reader. */
void kp_records_relax(void)
{
	rcu_read_unlock();
	cond_resched();
	rcu_read_lock();
}

/* Removes all records of an owner. Context: process context. Return: how many. */
unsigned long kp_records_clear(struct kp_records *records, const void *owner)
{
	unsigned long key, n = 0;
	struct kp_record *r;

	rcu_read_lock();
	xa_for_each(&records->by_address, key, r) {
		if (r->owner == owner && kp_record_drop(records, r))
			n++;
		kp_records_relax();
	}
	rcu_read_unlock();
	return n;
}

/* Frees the records that are left. Context: process context; nobody uses them any more. */
void kp_records_exit(struct kp_records *records)
{
	unsigned long key;
	struct kp_record *r;

	xa_for_each(&records->by_address, key, r)
		kfree(r);
	xa_destroy(&records->by_address);
}

/* Is the object in use, and of this owner? If it is, *held receives what its record says. */
static bool is_held(const struct kp_record *r, const void *owner, struct kp_held *held)
{
	if (r->owner != owner || !READ_ONCE(r->out))
		return false;
	held->number = r->number;
	held->by = data_race(r->got);	/* for people: a get may write it at this moment */
	held->ms = kp_holder_ms(&held->by);
	return true;
}

/* The first record that is of an object in use. All are of one owner. Context: any. */
bool kp_records_oldest(struct kp_records *records, struct kp_held *oldest)
{
	struct kp_record *r;
	bool found = false;

	rcu_read_lock();
	list_for_each_entry_rcu(r, &records->in_order, in_order) {
		found = is_held(r, r->owner, oldest);
		if (found)
			break;
	}
	rcu_read_unlock();
	return found;
}

/* How many records one call of kp_records_held_from() looks at. */
#define LOOKS	1024

/**
 * kp_records_held_from() - find the next object in use
 * @records: the records
 * @owner: the owner of the object
 * @from: 0 at first; becomes where the next call goes on
 * @held: receives what is known
 *
 * Context: any; the caller is an RCU reader.
 * Return: 1; 0 if there is none; -EAGAIN after many records of other objects: the caller may let
 * other tasks run, and calls again.
 */
int kp_records_held_from(struct kp_records *records, const void *owner, unsigned long *from,
			 struct kp_held *held)
{
	unsigned long key = *from;
	unsigned int looks = 0;
	struct kp_record *r;

	xa_for_each_start(&records->by_address, key, r, *from) {
		*from = key + 1;
		if (is_held(r, owner, held))
			return 1;
		if (++looks == LOOKS)
			return -EAGAIN;
	}
	return 0;
}
EXPORT_SYMBOL_FOR_TESTS(kp_records_held_from);

/**
 * kp_records_longest() - find the objects that are in use for longest
 * @records: the records
 * @owner: the owner of the objects
 * @held: receives them, the longest first
 * @most: how many it has room for
 *
 * Context: process context.
 * Return: how many there are in @held.
 */
unsigned int kp_records_longest(struct kp_records *records, const void *owner,
				struct kp_held *held, unsigned int most)
{
	unsigned long from = 0;
	unsigned int n = 0, i;
	struct kp_held one;
	int found;

	rcu_read_lock();
	while ((found = kp_records_held_from(records, owner, &from, &one))) {
		for (i = n; found > 0 && i && held[i - 1].ms < one.ms; i--)
			if (i < most)
				held[i] = held[i - 1];
		if (found > 0 && i < most)
			held[i] = one;
		if (found > 0)
			n = min(n + 1, most);
		kp_records_relax();
	}
	rcu_read_unlock();
	return n;
}
EXPORT_SYMBOL_FOR_TESTS(kp_records_longest);

/**
 * kp_records_tell_held() - tell of objects that are in use for too long, once of each use
 * @records: the records
 * @owner: the owner of the objects
 * @most_ms: longer is too long
 * @tell: what is called
 * @arg: its argument
 *
 * Context: process context; one caller at a time. @tell is called by an RCU reader.
 */
void kp_records_tell_held(struct kp_records *records, const void *owner, unsigned int most_ms,
			  void (*tell)(const struct kp_held *held, void *arg), void *arg)
{
	struct kp_record *r;
	struct kp_held held;
	unsigned long key;

	rcu_read_lock();
	xa_for_each(&records->by_address, key, r) {
		if (!READ_ONCE(r->told) && is_held(r, owner, &held) && held.ms > most_ms) {
			WRITE_ONCE(r->told, true);
			tell(&held, arg);
		}
		kp_records_relax();
	}
	rcu_read_unlock();
}

/* Adds who got the object last, and who put it last, as far as that is known. */
static void add_users(const struct kp_record *r, char *why)
{
	void *got_by = (void *)READ_ONCE(r->got.caller), *put_by = (void *)READ_ONCE(r->put_by);
	size_t used = strlen(why);

	if (got_by)
		used += scnprintf(why + used, KP_WHY_LEN - used, "; the last get was by %pS",
				  got_by);
	if (put_by)
		scnprintf(why + used, KP_WHY_LEN - used, "; the last put was by %pS", put_by);
}

/**
 * kp_record_explain() - say why an address cannot be put
 * @records: where to look for it
 * @owner: where it was put
 * @ptr: the address
 * @why: receives the reason, has room for KP_WHY_LEN characters
 *
 * Context: any; the caller is an RCU reader.
 * Return: false if there is nothing to say about the address.
 */
bool kp_record_explain(struct kp_records *records, const void *owner, const void *ptr, char *why)
{
	struct kp_record *r = kp_record_around(records, ptr, KMALLOC_MAX_SIZE);

	if (!r) {
		snprintf(why, KP_WHY_LEN, "it is no object of this pool");
	} else if (ptr > r->obj) {
		snprintf(why, KP_WHY_LEN,
			 "it lies %zu bytes inside object %u of %s, which has %zu bytes",
			 (size_t)(ptr - r->obj), r->number, r->name, r->size);
		add_users(r, why);
	} else if (r->owner != owner || READ_ONCE(r->out)) {
		snprintf(why, KP_WHY_LEN, "it is object %u of %s, which has %zu bytes", r->number,
			 r->name, r->size);
		add_users(r, why);
	} else if (!READ_ONCE(r->put_by)) {
		snprintf(why, KP_WHY_LEN, "it is object %u, which no get has returned yet",
			 r->number);
	} else {
		snprintf(why, KP_WHY_LEN,
			 "it is object %u, which was put before, by %pS; the last get was by %pS",
			 r->number, (void *)READ_ONCE(r->put_by),
			 (void *)READ_ONCE(r->got.caller));
	}
	return r;
}
