// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a put, or a get that found nothing, leaves for later: because it ran in
 * NMI or under scheduler locks (the irq_work), or where no allocator may be
 * called or nobody may sleep (the worker).
 *
 * Objects wait in lock-free lists, linked through kp_link(). Their references
 * keep the pool; whoever links one and then queues the work does both with
 * preemption off, so that the pool, freed a grace period after its last
 * object, is still there to be queued for.
 */
#include "cache.h"

/**
 * kp_defer() - leave the rest of a put to the irq_work
 * @pool: the pool
 * @list: pool->unput or pool->unplaced
 * @obj: the object
 *
 * Context: any with preemption off, NMI too.
 */
void kp_defer(struct pool *pool, struct llist_head *list, void *obj)
{
	atomic_long_inc(&pool->deferred);
	llist_add(kp_link(pool, obj), list);
	irq_work_queue(&pool->irq_work);
}

/* kp_kick() where nothing may be queued but an irq_work. */
void kp_defer_kick(struct pool *pool)
{
	set_bit(POOL_TODO_DRAIN, &pool->todo);
	irq_work_queue(&pool->irq_work);
}

/**
 * kp_want() - have a worker do something for a pool
 * @pool: the pool, which the caller keeps from going
 * @todo: what
 *
 * Context: any, NMI too.
 */
void kp_want(struct pool *pool, unsigned int todo)
{
	if (!test_and_set_bit(todo, &pool->todo))
		irq_work_queue(&pool->irq_work);
}

/**
 * kp_want_refill() - have a worker build some objects for gets that cannot
 * @pool: the pool, which the caller keeps from going
 *
 * Context: any, NMI too.
 */
void kp_want_refill(struct pool *pool)
{
	if (READ_ONCE(pool->gate) != GATE_SHUT)
		kp_want(pool, POOL_TODO_REFILL);
}

/* In the order in which they came: the latest, which is the warmest, is got first. */
static void put_list(struct pool *pool, struct llist_head *list,
		     void (*put)(struct pool *pool, void *obj))
{
	struct llist_node *node, *next;

	llist_for_each_safe(node, next, llist_reverse_order(llist_del_all(list)))
		put(pool, kp_linked(pool, node));
}

static void place_one(struct pool *pool, void *obj)
{
	kp_place(pool, &obj, 1);
}

/*
 * Runs in hardirq, on PREEMPT_RT in a thread. The objects in the lists keep
 * the pool until the last is placed, kp_defer_sync() until this has returned.
 */
static void defer_irq_work(struct irq_work *irq_work)
{
	struct pool *pool = container_of(irq_work, struct pool, irq_work);

	/* irq_work_sync() need not wait for one handler when another CPU runs the next. */
	rcu_read_lock();
	if (READ_ONCE(pool->todo))
		queue_work(kpool_wq, &pool->work);
	if (pool->line)
		kp_line_kick(pool);
	put_list(pool, &pool->unput, kp_put_finish);
	put_list(pool, &pool->unplaced, place_one);
	kp_rcu_start(pool);
	rcu_read_unlock();
}

/* Can objects of the pool be torn down where this runs? Context: any that is not restricted. */
bool kp_may_teardown(const struct pool *pool)
{
	return !(pool->flags & (KPOOL_SLEEPING | KPOOL_VMALLOC | KPOOL_KVMALLOC)) &&
	       kp_may_allocate(pool);
}

/**
 * kp_discard() - tear down objects from a put
 * @pool: the pool
 * @objs: the objects
 * @n: how many
 * @cause: why
 *
 * Leaves it to a worker if the teardown could sleep here. The pool may be gone
 * afterwards, unless the caller keeps it.
 *
 * Context: any that is not restricted.
 */
void kp_discard(struct pool *pool, void **objs, unsigned int n, enum kp_cause cause)
{
	if (!n)
		return;
	if (kp_may_teardown(pool)) {
		kp_teardown(pool, objs, n, cause);
		return;
	}
	kp_doom(pool, objs, n, cause);
}

/**
 * kp_discard_useless() - tear down objects that are of no use
 * @pool: the pool
 * @objs: the objects
 * @n: how many
 * @cause: why: one of those from KP_IDLE_AGE on
 *
 * As kp_discard(), but the reserve is not asked.
 *
 * Context: any that is not restricted.
 */
void kp_discard_useless(struct pool *pool, void **objs, unsigned int n, enum kp_cause cause)
{
	if (!n)
		return;
	if (!kp_may_teardown(pool)) {
		kp_doom_useless(pool, objs, n, cause);
		return;
	}
	kp_let_go(pool, n);
	kp_count_gone(pool, cause, n);
	kp_teardown_all(pool, objs, n);
}

/**
 * kp_doom() - have a worker tear objects down
 * @pool: the pool, which may be gone afterwards, unless the caller keeps it
 * @objs: the objects
 * @n: how many
 * @cause: why
 *
 * But for what the reserve keeps.
 *
 * Context: any that is not restricted.
 * Return: how many are to be torn down.
 */
unsigned int kp_doom(struct pool *pool, void **objs, unsigned int n, enum kp_cause cause)
{
	preempt_disable();
	n = kp_reserve_keep(pool, objs, n);
	if (n)
		kp_teardown_later(pool, objs, n, cause);
	preempt_enable();
	return n;
}

/* Objects that kp_teardown_all() gets at a time. */
#define DOOMED_BATCH	16

/**
 * kp_teardown_list() - tear down objects that are linked through kp_link()
 * @pool: the pool, which may be gone afterwards, unless the caller keeps it
 * @list: the first
 *
 * Context: process context, sleeps.
 */
void kp_teardown_list(struct pool *pool, struct llist_node *list)
{
	struct llist_node *node, *next;
	void *objs[DOOMED_BATCH];
	unsigned int n = 0;

	llist_for_each_safe(node, next, list) {
		objs[n++] = kp_linked(pool, node);
		if (n == DOOMED_BATCH || !next) {
			kp_teardown_all(pool, objs, n);
			n = 0;
		}
	}
}

static void teardown_doomed(struct pool *pool)
{
	kp_teardown_list(pool, llist_del_all(&pool->doomed));
}

/**
 * kp_reap() - tear down what is left to the worker, for a get that needs its slots
 * @pool: the pool
 * @gfp: the get's
 *
 * Not where a worker was promised: it may sleep, or want locks that the caller has. And
 * not in atomic context: there may be much of it.
 *
 * Context: any that is not restricted.
 * Return: whether there was something.
 */
bool kp_reap(struct pool *pool, gfp_t gfp)
{
	if (llist_empty(&pool->doomed) || !kp_may_teardown(pool) || !gfpflags_allow_blocking(gfp))
		return false;
	teardown_doomed(pool);
	return true;
}

/* Doomed objects are last: their references may be what keeps the pool. */
static void defer_worker(struct work_struct *work)
{
	struct pool *pool = container_of(work, struct pool, work);

	if (test_and_clear_bit(POOL_TODO_REFILL, &pool->todo) && kp_enter(pool)) {
		/* Whoever waits for their slots does not wait for what is built, too. */
		kp_depots_drop_stale(pool);
		teardown_doomed(pool);
		kp_backing_prepare(pool);
		kp_fill(pool, max(READ_ONCE(pool->min_idle), kp_full(pool)));
		kp_leave(pool);
	}
	if (test_and_clear_bit(POOL_TODO_REGAIN, &pool->todo) && kp_enter(pool)) {
		teardown_doomed(pool);
		kp_regain(pool);
		kp_leave(pool);
	}
	/* Objects in a pool whose gate was opened again meanwhile may stay. */
	if (test_and_clear_bit(POOL_TODO_DRAIN, &pool->todo)) {
		if (READ_ONCE(pool->gate) == GATE_SHUT)
			kp_drain(pool, kp_why_shut(pool));
		else if (kp_over_max(pool))
			kp_shed(pool);
	}
	clear_bit(POOL_TODO_TEARDOWN, &pool->todo);
	/* Pairs with kp_want(): who found the bit set has linked its objects before. */
	smp_mb__after_atomic();
	teardown_doomed(pool);
}

void kp_defer_init(struct pool *pool)
{
	init_llist_head(&pool->unput);
	init_llist_head(&pool->unplaced);
	init_llist_head(&pool->doomed);
	init_llist_head(&pool->rcu_next);
	init_irq_work(&pool->irq_work, defer_irq_work);
	mutex_init(&pool->sync_lock);
	INIT_WORK(&pool->work, defer_worker);
}

/**
 * kp_irq_work_sync() - wait for the irq_work, if it is queued or at work
 * @pool: the pool
 *
 * One at a time: on PREEMPT_RT irq_work_sync() has room for one who sleeps, and forgets
 * the one before.
 *
 * Context: process context, sleeps.
 */
void kp_irq_work_sync(struct pool *pool)
{
	mutex_lock(&pool->sync_lock);
	irq_work_sync(&pool->irq_work);
	mutex_unlock(&pool->sync_lock);
}
EXPORT_SYMBOL_FOR_TESTS(kp_irq_work_sync);

/**
 * kp_defer_sync() - see all through that was put off so far
 * @pool: the pool
 *
 * Context: process context, sleeps.
 */
void kp_defer_sync(struct pool *pool)
{
	kp_irq_work_sync(pool);
	flush_work(&pool->work);
}
EXPORT_SYMBOL_FOR_TESTS(kp_defer_sync);
