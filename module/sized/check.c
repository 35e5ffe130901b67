// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checked puts of sized buffers. get.c calls this for sets with check_puts; oversize.c also keeps
 * records here to know how much to wipe.
 *
 * Each existing buffer has a record, found by the buffer's address, which says whether the buffer
 * is in use. A class's constructor and destructor add and remove records. So a put finds its record
 * with no lock, in any context, as an RCU reader. If two puts of one buffer race, one of them wins
 * the exchange of the state and is the valid put. kpool never reads the memory that is put, because
 * that memory might belong to anybody.
 */
#include <linux/moduleparam.h>
#include <linux/slab.h>

#include "sized/check.h"
#include "sized/set.h"

static bool check_puts;
module_param(check_puts, bool, 0644);
MODULE_PARM_DESC(check_puts, "Check the puts of all sets of sized buffers that are created from now on");

bool kp_check_wanted(void)
{
	return READ_ONCE(check_puts);
}

/* No two buffers begin within one word, and every buffer begins at a word. */
static unsigned long key_of(const void *buf)
{
	return (unsigned long)buf / sizeof(void *);
}

/**
 * kp_check_find() - find the record of a buffer
 * @s: the set
 * @buf: the buffer's address
 *
 * Context: any. The caller is an RCU reader, or has the buffer.
 * Return: the record, or NULL.
 */
struct kp_record *kp_check_find(struct kp_sized *s, const void *buf)
{
	struct kp_record *r;

	r = xa_load(&s->records, key_of(buf));
	return r && r->buf == buf ? r : NULL;
}

/* The buffer in whose memory ptr lies. */
static struct kp_record *find_around(struct kp_sized *s, const void *ptr)
{
	unsigned long key;
	struct kp_record *r;

	xa_for_each(&s->records, key, r)
		if (ptr >= r->buf && ptr < r->buf + r->size)
			return r;
	return NULL;
}

/**
 * kp_check_add() - add a record of a buffer
 * @s: the set
 * @buf: the buffer
 * @size: its capacity in bytes
 * @class: number of its class
 * @gfp: how to allocate memory
 *
 * Context: kp_may_allocate().
 * Return: 0, or -ENOMEM.
 */
int kp_check_add(struct kp_sized *s, void *buf, size_t size, unsigned int class, gfp_t gfp)
{
	struct kp_record *r, *old;
	unsigned long flags;

	r = kzalloc(sizeof(*r), gfp);
	if (!r)
		return -ENOMEM;
	r->buf = buf;
	r->class = class;
	r->size = size;
	/* Interrupts take the lock, too, so no allocation may wait under it: reserve before. */
	if (gfpflags_allow_blocking(gfp) && xa_reserve_irq(&s->records, key_of(buf), gfp))
		goto fail;
	xa_lock_irqsave(&s->records, flags);
	old = __xa_store(&s->records, key_of(buf), r, GFP_NOWAIT | __GFP_NOWARN);
	xa_unlock_irqrestore(&s->records, flags);
	if (xa_is_err(old))
		goto fail;
	WARN_ON_ONCE(old);
	return 0;

fail:
	kfree(r);
	return -ENOMEM;
}

/* Removes the record of a buffer. Context: kp_may_allocate(). Return: the buffer's capacity. */
size_t kp_check_remove(struct kp_sized *s, void *buf)
{
	unsigned long flags;
	struct kp_record *r;
	size_t size;

	xa_lock_irqsave(&s->records, flags);
	r = __xa_erase(&s->records, key_of(buf));
	xa_unlock_irqrestore(&s->records, flags);
	if (WARN_ON_ONCE(!r))
		return 0;
	size = r->size;
	kfree_rcu(r, rcu);
	return size;
}

/* A get returns this buffer. Context: any. */
void kp_check_got(struct kp_sized *s, void *buf)
{
	struct kp_record *r;

	rcu_read_lock();
	r = kp_check_find(s, buf);
	if (!WARN_ON_ONCE(!r))
		WARN_ON_ONCE(xchg(&r->out, true));
	rcu_read_unlock();
}

/* Says what is wrong with a put. r: the record of the buffer that begins at buf, or NULL. */
static void explain(struct kp_sized *s, struct kp_record *r, void *buf, unsigned int class,
		    size_t size, char *why, size_t room)
{
	struct kp_record *around;

	if (r && (r->class != class || size > r->size)) {
		snprintf(why, room, "it is a buffer of %zu", r->size);
	} else if (r && !READ_ONCE(r->put_by)) {
		snprintf(why, room, "no get has handed it out yet");
	} else if (r) {
		snprintf(why, room, "it was put before, by %pS", (void *)READ_ONCE(r->put_by));
	} else {
		around = find_around(s, buf);
		if (around)
			snprintf(why, room, "it lies %zu bytes inside a buffer of %zu",
				 (size_t)(buf - around->buf), around->size);
		else
			snprintf(why, room, "it is no buffer of this set");
	}
}

static void refuse(struct kp_sized *s, struct kp_record *r, void *buf, unsigned int class,
		   size_t size, unsigned long caller)
{
	char class_name[24] = "oversize", why[128];

	atomic64_inc(&s->refused_puts);
	explain(s, r, buf, class, size, why, sizeof(why));
	if (class < s->nr_classes)
		snprintf(class_name, sizeof(class_name), "class %zu", s->set.size[class]);
	pr_err_ratelimited("set %s (id %u): put of %zu bytes (%s) by %pS refused: %s\n", s->name,
			   s->id, size, class_name, (void *)caller, why);
}

/**
 * kp_check_put() - check a put
 * @s: the set
 * @buf: the address that is put
 * @class: number of the class that @size belongs to
 * @size: bytes that the put names
 * @caller: address of the caller of the put
 *
 * Context: any.
 * Return: true if the put is valid. If not, the log says why.
 */
bool kp_check_put(struct kp_sized *s, void *buf, unsigned int class, size_t size,
		  unsigned long caller)
{
	struct kp_record *r;
	bool good;

	rcu_read_lock();
	r = kp_check_find(s, buf);
	good = r && r->class == class && size <= r->size && xchg(&r->out, false);
	if (good)
		WRITE_ONCE(r->put_by, caller);
	else
		refuse(s, r, buf, class, size, caller);
	rcu_read_unlock();
	return good;
}

/* Frees records that no destructor removed: the last buffers came after their owner was gone. */
void kp_check_exit(struct kp_sized *s)
{
	unsigned long key;
	struct kp_record *r;

	xa_for_each(&s->records, key, r)
		kfree(r);
	xa_destroy(&s->records);
}

static int check_ctor(void *buf, void *ctx, gfp_t gfp, int node)
{
	struct kp_sized_class *class = ctx;

	return kp_check_add(class->set, buf, class->size, class->number, gfp);
}

static void check_dtor(void *buf, void *ctx)
{
	kp_check_remove(((struct kp_sized_class *)ctx)->set, buf);
}

const struct kpool_ops kp_check_ops = { .ctor = check_ctor, .dtor = check_dtor };
