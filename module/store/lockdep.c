// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tells lockdep of waits for objects. Only kernels with CONFIG_PROVE_LOCKING have this file.
 *
 * A get that waits depends on a put. If the task holds a lock while it waits, and the put needs
 * that lock, both wait for ever. Lockdep can find this without the deadlock, and without any wait.
 * It has to see one get that could wait, and one put. So a pool with a wait list is a lock to
 * lockdep, as a workqueue is. The order of locks then says which task waits for which:
 *
 * - A get that waits takes that lock and releases it at once. So it comes after the locks that the
 *   task holds.
 * - For a put, the locks that the task holds come after the pool's lock. The task has taken them in
 *   the other order. So the file releases them, to lockdep only. Then it takes the pool's lock and
 *   them again, in this order. At last it restores what lockdep knew.
 *
 * Not all locks that the task holds at a put are needed by the put:
 *
 * - A lock that does not sleep cannot be held by a task that waits.
 * - If the task also had this lock when it got the object, then no put waits for that lock. One
 *   mutex around a get, the use and the put is in order. So is another lock of the same class,
 *   which is all that lockdep knows of a lock: each write to a file in sysfs has one. So each get
 *   with a wait list records the locks that its task holds. A put by another task needs all its
 *   locks.
 * - A put in an interrupt needs none.
 *
 * In doubt this file tells lockdep nothing: lockdep then misses an error, but reports none that
 * does not exist.
 */
#include <linux/bit_spinlock.h>
#include <linux/hardirq.h>
#include <linux/hash.h>
#include <linux/instruction_pointer.h>
#include <linux/irqflags.h>
#include <linux/sched.h>
#include <linux/sizes.h>

#include "compat/lockdep.h"
#include "pool.h"
#include "store/lockdep.h"
#include "store/waitlist.h"

/* A get or put with more locks than this tells lockdep nothing. */
#define LOCKS_MOST	8

/* Who got an object, and the locks that sleep which the task held. */
struct record {
	unsigned long busy;		/* bit 0 locks the other fields, with interrupts off */
	const void *obj;
	const struct task_struct *task;	/* NULL: an interrupt */
	unsigned int n;			/* more than LOCKS_MOST: not all are here */
	unsigned int classes[LOCKS_MOST];
};

/* By a hash of the object. A newer record replaces an older one. */
#define RECORD_BITS	11
static struct record records[1 << RECORD_BITS];

/**
 * kp_lockdep_init() - make a class of locks for a pool
 * @l: the pool's part
 * @name: the pool's name
 *
 * Context: process context, may sleep.
 */
void kp_lockdep_init(struct kp_lockdep *l, const char *name)
{
	snprintf(l->name, sizeof(l->name), "kpool %s", name);
	lockdep_register_key(&l->key);
	lockdep_init_map(&l->map, l->name, &l->key, 0);
}

/* Context: process context, sleeps. */
void kp_lockdep_exit(struct kp_lockdep *l)
{
	lockdep_unregister_key(&l->key);
}

/* Is this a lock that a task can hold while it sleeps? Work items and RCU are none. */
static bool sleeps(const struct held_lock *h)
{
	return h->instance->wait_type_inner == LD_WAIT_SLEEP;
}

/**
 * kpool_lockdep_wait() - a get is about to wait for an object, or could have to
 * @kpool: the pool
 *
 * Context: process context, sleeps.
 */
void kpool_lockdep_wait(struct kpool *kpool)
{
	struct kp_waitlist *waitlist = to_pool(kpool)->waitlist;

	if (!waitlist)
		return;
	lock_map_acquire(&waitlist->lockdep.map);
	lock_map_release(&waitlist->lockdep.map);
}
EXPORT_SYMBOL_GPL(kpool_lockdep_wait);

static struct record *record_begin(const void *obj, unsigned long *flags)
	__acquires(bitlock)
{
	struct record *r = &records[hash_ptr(obj, RECORD_BITS)];

	local_irq_save(*flags);
	bit_spin_lock(0, &r->busy);
	return r;
}

static void record_end(struct record *r, unsigned long flags)
	__releases(bitlock)
{
	bit_spin_unlock(0, &r->busy);
	local_irq_restore(flags);
}

/**
 * kpool_lockdep_got() - a get returns an object
 * @kpool: the pool
 * @obj: the object, or an ERR_PTR
 *
 * Context: any.
 */
void kpool_lockdep_got(struct kpool *kpool, void *obj)
{
	const struct held_lock *h = current->held_locks;
	unsigned long flags;
	struct record *r;
	int i;

	if (!to_pool(kpool)->waitlist || IS_ERR(obj) || in_nmi())
		return;
	r = record_begin(obj, &flags);
	r->obj = obj;
	r->task = in_task() ? current : NULL;
	r->n = 0;
	for (i = 0; i < current->lockdep_depth && r->task; i++, h++) {
		if (!sleeps(h))
			continue;
		if (r->n < LOCKS_MOST)
			r->classes[r->n] = h->class_idx;
		r->n++;
	}
	record_end(r, flags);
}
EXPORT_SYMBOL_GPL(kpool_lockdep_got);

/* Takes the record of an object. Returns false if there is none. */
static bool record_take(const void *obj, struct record *taken)
{
	unsigned long flags;
	struct record *r = record_begin(obj, &flags);
	bool found = r->obj == obj;

	if (found) {
		*taken = *r;
		r->obj = NULL;
	}
	record_end(r, flags);
	return found;
}

static bool was_held(const struct record *r, unsigned int class)
{
	unsigned int i;

	if (r->task != current)
		return false;
	for (i = 0; i < min_t(unsigned int, r->n, LOCKS_MOST); i++)
		if (r->classes[i] == class)
			return true;
	return r->n > LOCKS_MOST;
}

/* Does the put of an object need this lock? A trylock waits for nobody. */
static bool needed(const struct record *r, const struct held_lock *h)
{
	return sleeps(h) && h->check && !h->trylock && !h->nest_lock && !was_held(r, h->class_idx);
}

/*
 * With which subclass a lock was taken. Lockdep does not tell it. So this takes the lock once more,
 * to lockdep only, without a check, until lockdep has the same number for both.
 */
static int subclass_of(const struct held_lock *h)
{
	int depth = current->lockdep_depth, subclass;
	bool same;

	for (subclass = 0; subclass < MAX_LOCKDEP_SUBCLASSES; subclass++) {
		lock_acquire(h->instance, subclass, 1, 0, 0, NULL, _THIS_IP_);
		if (current->lockdep_depth != depth + 1)
			return -1;	/* lockdep is off */
		same = current->held_locks[depth].class_idx == h->class_idx;
		lock_release(h->instance, _THIS_IP_);
		if (same)
			return subclass;
	}
	return -1;
}

/* A part of the stack of locks that the task holds: its last locks, the first one first. */
struct stack_top {
	unsigned int n;
	struct held_lock locks[LOCKS_MOST];
	int subclasses[LOCKS_MOST];
};

/*
 * Copies the locks from the first one on that the put needs. Returns false if the put needs none,
 * and if one of them could not be taken again as it is.
 */
static bool copy_stack(struct stack_top *top, const struct record *r)
{
	const struct held_lock *h = current->held_locks, *end = h + current->lockdep_depth;

	while (h < end && !needed(r, h))
		h++;
	if (h == end || end - h > LOCKS_MOST)
		return false;
	for (top->n = 0; h < end; h++, top->n++) {
		if (h->references || h->pin_count)
			return false;
		top->locks[top->n] = *h;
	}
	return true;
}

static bool find_subclasses(struct stack_top *top)
{
	unsigned int i;

	for (i = 0; i < top->n; i++) {
		top->subclasses[i] = subclass_of(&top->locks[i]);
		if (top->subclasses[i] < 0)
			return false;
	}
	return true;
}

static void acquire(struct stack_top *top, unsigned int i)
{
	const struct held_lock *h = &top->locks[i];

	lock_acquire(h->instance, top->subclasses[i], h->trylock, h->read, h->check, h->nest_lock,
		     h->acquire_ip);
}

static void release(struct stack_top *top, unsigned int i)
{
	lock_release(top->locks[i].instance, _THIS_IP_);
}

/* Tells lockdep that a put needs some of the locks that the task holds. Interrupts are off. */
static void tell_needed(struct lockdep_map *map, const struct record *r)
{
	struct stack_top top;
	unsigned int i;
	int depth;

	if (!copy_stack(&top, r) || !find_subclasses(&top))
		return;
	for (i = top.n; i--; )
		release(&top, i);
	/* As a trylock: the pool's lock comes after no lock that the task holds further down. */
	lock_acquire(map, 0, 1, 0, 1, NULL, _THIS_IP_);
	for (i = 0; i < top.n; i++)
		if (needed(r, &top.locks[i]))
			acquire(&top, i);
	for (i = top.n; i--; )
		if (needed(r, &top.locks[i]))
			release(&top, i);
	lock_release(map, _THIS_IP_);
	for (i = 0; i < top.n; i++) {
		acquire(&top, i);
		/* The task has held the lock without a break. Lockdep may be off by now. */
		depth = current->lockdep_depth;
		if (depth)
			kp_same_hold(&current->held_locks[depth - 1], &top.locks[i]);
	}
}

/**
 * kpool_lockdep_put() - an object is about to be put
 * @kpool: the pool
 * @obj: the object
 *
 * Lockdep does not work in NMI. There the object keeps its record. So after a put in NMI the
 * records of a pool may be wrong, and are no longer used.
 *
 * Context: any.
 */
void kpool_lockdep_put(struct kpool *kpool, void *obj)
{
	struct kp_waitlist *waitlist = to_pool(kpool)->waitlist;
	struct record r;
	unsigned long flags;

	if (!waitlist)
		return;
	if (in_nmi()) {
		WRITE_ONCE(waitlist->lockdep.silent, true);
		return;
	}
	if (!record_take(obj, &r) || !in_task() || !current->lockdep_depth ||
	    READ_ONCE(waitlist->lockdep.silent))
		return;
	local_irq_save(flags);
	tell_needed(&waitlist->lockdep.map, &r);
	local_irq_restore(flags);
}
EXPORT_SYMBOL_GPL(kpool_lockdep_put);
