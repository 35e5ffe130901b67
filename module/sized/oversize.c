// SPDX-License-Identifier: GPL-2.0-only
/*
 * Oversize buffers: larger than a set's largest class. Each get allocates one and each put frees
 * it; get.c calls this. An oversize buffer in use keeps the set.
 */
#include <linux/llist.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>

#include "base/kvbytes.h"
#include "base/link.h"
#include "base/records.h"
#include "base/refusal.h"
#include "base/wipe.h"
#include "base/work.h"
#include "sized/debug.h"
#include "sized/oversize.h"
#include "sized/set.h"
#include "sized/sets.h"
#include "store/account.h"

/* The most that kvmalloc() can allocate. */
#define OVERSIZE_MOST		(INT_MAX - PAGE_SIZE)

/* Bytes that are allocated for an oversize buffer. It is aligned like other buffers. */
size_t kp_oversize_size(size_t size)
{
	return size >= PAGE_SIZE && size <= SIZE_MAX - PAGE_SIZE ? PAGE_ALIGN(size) : size;
}

/* Frees a buffer. The set may be gone afterwards. may_sleep: as for kp_wipe(). */
static void oversize_free(struct kp_sized *s, void *buf, bool may_sleep)
{
	size_t size = kp_record_remove(&s->records, buf);

	if (WARN_ON_ONCE(!size))
		return;
	atomic64_sub(kp_kvbytes(buf, size), &s->oversize_memory);
	if (s->flags & KPOOL_ZERO_ON_PUT)
		kp_wipe(buf, size, may_sleep);
	kvfree(buf);
	/* wake_up_var() uses only the address, but this buffer's reference still keeps the set. */
	if (!atomic_long_dec_return(&s->oversize_out))
		wake_up_var(&s->oversize_out);
	kp_sized_unref(s, 1);
}

/* Frees the buffers that wait for a grace period. Their references keep the set. */
static void free_after_grace_period(struct kp_sized *s)
{
	struct llist_node *first = llist_del_all(&s->rcu_freed);
	struct kp_record *record, *next;

	if (!first)
		return;
	synchronize_rcu();
	llist_for_each_entry_safe(record, next, first, rcu_freed) {
		oversize_free(s, record->obj, true);
		cond_resched();
	}
}

/*
 * Frees oversize buffers that were put in a context that cannot free memory, and those that readers
 * may have. The last of them may end the set, but sized_release() waits for this function.
 */
static void freed_worker(struct work_struct *work)
{
	struct kp_sized *s = container_of(work, struct kp_sized, work);
	void *buf, *next;

	for (buf = kp_memory_list_take_all(&s->freed); buf; buf = next) {
		/* Without secrets: %p is a hash of the address. */
		if (!kp_memory_list_next(s->link_key, buf, &next))
			pr_err_ratelimited("set %s: buffer %p was written to after its put; the buffers behind it in a list are lost\n",
					   s->name, buf);
		oversize_free(s, buf, true);
		cond_resched();
	}
	free_after_grace_period(s);
}

static void freed_irq_work(struct irq_work *irq_work)
{
	rcu_read_lock();	/* as in defer_irq_work() */
	queue_work(kpool_wq, &container_of(irq_work, struct kp_sized, irq_work)->work);
	rcu_read_unlock();
}

/* Finishes the work that puts left. Context: process context; one caller at a time. */
void kp_oversize_sync(struct kp_sized *s)
{
	irq_work_sync(&s->irq_work);
	flush_work(&s->work);
}

/* Call this before the first get. */
void kp_oversize_init(struct kp_sized *s)
{
	s->link_key = get_random_long();
	init_llist_head(&s->rcu_freed);
	init_irq_work(&s->irq_work, freed_irq_work);
	INIT_WORK(&s->work, freed_worker);
}

/* Why an oversize buffer cannot be allocated here, as an errno, or 0. */
static int check_oversize(const struct kp_sized *s, size_t size, gfp_t gfp)
{
	if (gfp & KPOOL_GFP_REFUSED) {
		pr_err_ratelimited("set %s: get by %pS with gfp flags %#x, which a get cannot have\n",
				   s->name, kp_consumer(), gfp & KPOOL_GFP_REFUSED);
		return -EINVAL;
	}
	if (s->zone) {
		pr_err_ratelimited("set %s: get by %pS of %zu bytes, but only classes have the zone\n",
				   s->name, kp_consumer(), size);
		return -EINVAL;
	}
	if (READ_ONCE(s->dying))
		return -ESHUTDOWN;
	if (in_nmi() || (s->flags & KPOOL_ANYCTX && !gfpflags_allow_blocking(gfp)))
		return -EBUSY;
	if (size > OVERSIZE_MOST) {
		pr_err_ratelimited("set %s: get by %pS of %zu bytes, but %lu are the most\n",
				   s->name, kp_consumer(), size, OVERSIZE_MOST);
		return -ENOMEM;
	}
	if ((IS_ENABLED(CONFIG_PREEMPT_RT) && !preemptible()))
		return -ENOMEM;
	return 0;
}

static bool add_record(struct kp_sized *s, void *buf, size_t size, gfp_t gfp)
{
	static const bool never_closed;
	const struct kp_record r = {
		.obj = buf,
		.size = size,
		.owner = s,
		.name = s->name,
		.number = atomic_inc_return(&s->oversize_numbers),
		.out = true,
		.got = { .caller = kp_sized_checks(s) ? (unsigned long)kp_consumer() : 0 },
	};

	return kp_record_add(&s->records, &r, &never_closed, gfp);
}

void *kp_oversize_get(struct kp_sized *s, size_t size, gfp_t gfp)
{
	int err = check_oversize(s, size, gfp);
	struct mem_cgroup *before;
	struct alloc_tag *line;
	void *buf;

	if (err)
		goto fail;
	err = -ENOMEM;
	line = kp_alloc_line_begin(&s->line);
	before = kp_account_begin(s->memcg);
	buf = kvmalloc_node_noprof(kp_oversize_size(size),
				   gfp | __GFP_NOWARN | kp_account_gfp(s->flags), s->node);
	kp_account_end(s->memcg, before);
	kp_alloc_line_end(&s->line, line);
	if (!buf)
		goto fail;
	if (!add_record(s, buf, kp_oversize_size(size), gfp)) {
		kvfree(buf);
		goto fail;
	}
	refcount_inc(&s->refs);
	atomic_long_inc(&s->oversize_out);
	atomic64_add(kp_kvbytes(buf, kp_oversize_size(size)), &s->oversize_memory);
	return buf;

fail:
	atomic64_inc(&s->oversize_failures);
	return ERR_PTR(err);
}

/* Can this put free the buffer here? */
static bool may_free(const struct kp_sized *s, const void *buf)
{
	/* A preemptible caller may be an RCU reader, or about to sleep: do not call vfree(). */
	if (!preemptible() || s->flags & KPOOL_ANYCTX || is_vmalloc_addr(buf))
		return false;
	return !(s->flags & KPOOL_ZERO_ON_PUT) || kp_may_wipe(KMALLOC_MAX_SIZE);
}

/*
 * Only one put of a buffer is valid: the one that this says yes to. Nobody touches a buffer, or
 * what looks like one, before that. Context: any.
 */
static bool claim(struct kp_sized *s, void *buf, size_t size)
{
	struct kp_record *r;
	bool good;

	if (kp_sized_checks(s))
		return kp_oversize_check_put(s, buf, size);
	rcu_read_lock();
	r = kp_record_find(&s->records, buf);
	good = r && r->owner == s && xchg(&r->out, false);
	rcu_read_unlock();
	/* Without secrets: %p is a hash of the address. */
	if (!good)
		pr_err_ratelimited("set %s (id %u): buffer %p is no oversize buffer in use, so its put frees nothing\n",
				   s->name, s->id, buf);
	return good;
}

/* Frees a buffer, or leaves it to a worker. The set may be gone afterwards. */
void kp_oversize_put(struct kp_sized *s, void *buf, size_t size)
{
	if (!claim(s, buf, size))
		return;
	atomic64_inc(&s->oversize_puts);
	if (may_free(s, buf)) {
		oversize_free(s, buf, false);
		return;
	}
	preempt_disable();	/* keeps the set until the buffer is queued */
	kp_memory_list_add(&s->freed, s->link_key, buf);
	irq_work_queue(&s->irq_work);
	preempt_enable();
}

/* Frees a buffer after a grace period. The set has KPOOL_RCU, and may be gone afterwards. */
void kp_oversize_put_rcu(struct kp_sized *s, void *buf, size_t size)
{
	struct kp_record *record;

	if (!claim(s, buf, size))
		return;
	atomic64_inc(&s->oversize_puts);
	preempt_disable();	/* as in kp_oversize_put() */
	record = kp_record_find(&s->records, buf);
	/* The link is in the record: readers may look at all of the buffer. */
	if (!WARN_ON_ONCE(!record)) {
		llist_add(&record->rcu_freed, &s->rcu_freed);
		irq_work_queue(&s->irq_work);
	}
	preempt_enable();
}

int kp_oversize_get_bulk(struct kp_sized *s, size_t size, gfp_t gfp, void **bufs, unsigned int n)
{
	unsigned int i;
	int err;

	for (i = 0; i < n; i++) {
		bufs[i] = kp_oversize_get(s, size, gfp);
		if (IS_ERR(bufs[i]))
			goto undo;
	}
	return 0;

undo:
	err = PTR_ERR(bufs[i]);
	while (i--)
		oversize_free(s, bufs[i], false);
	return err;
}
