// SPDX-License-Identifier: GPL-2.0-only
/*
 * How many bytes the classes of a set keep idle together.
 *
 * Only what is in depots is counted, where it comes and goes under their locks; room
 * for what CPUs' magazines can hold was set aside when the set was created. So the
 * limit is exact, and hits know nothing of it.
 *
 * A class that finds no room says so, and a worker has larger ones give back what
 * they have idle, the largest first: one burst of large buffers does not keep small
 * ones from being pooled. It makes a bit more room than is needed, so as not to be asked
 * again for each magazine.
 */
#include "sized.h"

/* This part of the limit is free when a worker was through, as far as larger classes can. */
#define HEADROOM	8

static struct sized *of_bytes(struct kp_bytes *bytes)
{
	return container_of(bytes, struct sized, bytes);
}

/**
 * kp_bytes_take() - room for what is about to become idle?
 * @pool: a class, whose depot's lock is held
 * @n: how many of its buffers
 *
 * Context: any, NMI too.
 * Return: false if there is none.
 */
bool kp_bytes_take(struct pool *pool, unsigned long n)
{
	struct kp_bytes *bytes = pool->member.bytes;
	long more = n * pool->size;

	if (atomic_long_add_return(more, &bytes->idle) <= bytes->most)
		return true;
	atomic_long_sub(more, &bytes->idle);
	/* The largest class has nobody to ask. */
	if (pool->member.number + 1 < of_bytes(bytes)->nr_classes &&
	    !test_and_set_bit(pool->member.number, &bytes->wanting))
		irq_work_queue(&bytes->irq_work);
	return false;
}

/* These are idle no more. Context: as kp_bytes_take(). */
void kp_bytes_give(struct pool *pool, unsigned long n)
{
	atomic_long_sub(n * pool->size, &pool->member.bytes->idle);
}

/* How many buffers of a class there is room for. */
unsigned long kp_bytes_room(const struct pool *pool)
{
	const struct kp_bytes *bytes = pool->member.bytes;

	return max(bytes->most - atomic_long_read(&bytes->idle), 0L) / pool->size;
}

/* Has one class give back as much as is too many, if it has it. */
static void give_back(struct kp_bytes *bytes, struct pool *pool)
{
	long most = bytes->most - bytes->most / HEADROOM;
	unsigned long freed = 0;
	long over;

	while ((over = atomic_long_read(&bytes->idle) - most) > 0) {
		if (!kp_shrink_pool(pool, DIV_ROUND_UP(over, pool->size), KP_MAX_IDLE, &freed))
			return;
		cond_resched();
	}
}

static void bytes_worker(struct work_struct *work)
{
	struct kp_bytes *bytes = container_of(work, struct kp_bytes, work);
	struct sized *s = of_bytes(bytes);
	unsigned long wanting = xchg(&bytes->wanting, 0);
	unsigned int i;

	if (!wanting)
		return;
	mutex_lock(&s->lock);
	for (i = s->nr_classes - 1; i > __ffs(wanting); i--) {
		struct kpool *kpool = s->classes[i].pool;

		if (kpool && kp_enter(to_pool(kpool))) {
			give_back(bytes, to_pool(kpool));
			kp_leave(to_pool(kpool));
		}
	}
	mutex_unlock(&s->lock);
}

static void bytes_irq_work(struct irq_work *irq_work)
{
	struct kp_bytes *bytes = container_of(irq_work, struct kp_bytes, irq_work);

	queue_work(kpool_wq, &bytes->work);
}

/**
 * kp_bytes_init() - begin to count
 * @bytes: of a set
 * @most: bytes that may be in depots
 */
void kp_bytes_init(struct kp_bytes *bytes, long most)
{
	bytes->most = most;
	init_irq_work(&bytes->irq_work, bytes_irq_work);
	INIT_WORK(&bytes->work, bytes_worker);
}

/* All classes have ended. Context: process context, sleeps. */
void kp_bytes_exit(struct kp_bytes *bytes)
{
	irq_work_sync(&bytes->irq_work);
	cancel_work_sync(&bytes->work);
}
