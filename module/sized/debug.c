// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks of puts in sets that are debugged. A put names a size. If the size belongs to another
 * class, the pool of that class may be gone: the owner has ended the set, and other classes have
 * buffers in use. So the set looks at the record of the buffer before it touches the pool.
 */
#include <linux/printk.h>
#include <linux/rcupdate.h>

#include "base/records.h"
#include "base/refusal.h"
#include "object/debug.h"
#include "sized/debug.h"
#include "sized/set.h"

static void refuse(struct kp_sized *s, void *buf, size_t size)
{
	char why[KP_WHY_LEN];

	atomic64_inc(&s->misused);
	if (!__ratelimit(&kp_debug_limit))
		return;
	kp_record_explain(&s->records, s, buf, why);
	pr_err("set %s (id %u): a put of %zu bytes by %pS is refused: %s\n", s->name, s->id, size,
	       kp_consumer(), why);
}

/**
 * kp_sized_check_put() - check that a buffer is of the class that a put names
 * @s: the set
 * @class: the class
 * @buf: the address that is put
 * @size: the size that the put names, for the log
 *
 * A buffer without a record may be of any class that exists. The pool of the class then decides.
 *
 * Context: any. The caller is an RCU reader, until it has used the pool of the class.
 * Return: whether the pool of the class is to get the buffer. If not, the log says why.
 */
bool kp_sized_check_put(struct kp_sized *s, unsigned int class, void *buf, size_t size)
{
	struct kpool *pool = rcu_dereference(s->classes[class].pool);
	struct kp_record *r = kp_record_find(&s->records, buf);

	if (pool && (!r || r->owner == to_pool(pool)))
		return true;
	refuse(s, buf, size);
	return false;
}

/* The same for an oversize buffer. Only one put of a buffer is valid. Context: any. */
bool kp_oversize_check_put(struct kp_sized *s, void *buf, size_t size)
{
	struct kp_record *r;
	bool good;

	rcu_read_lock();
	r = kp_record_find(&s->records, buf);
	good = r && r->owner == s && size <= r->size && xchg(&r->out, false);
	if (good)
		WRITE_ONCE(r->put_by, (unsigned long)kp_consumer());
	else
		refuse(s, buf, size);
	rcu_read_unlock();
	return good;
}
