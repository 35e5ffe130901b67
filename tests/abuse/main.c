// SPDX-License-Identifier: GPL-2.0-only
/*
 * Actions of a consumer to which the kernel answers with a complaint. A KUnit suite cannot have
 * them, because its kernel runs with panic_on_warn.
 *
 * what=inside	copies the whitelisted bytes of an object to user space
 * what=outside	copies other bytes: hardened usercopy ends the caller
 * what=pages	copies all of an object of several pages, which needs no whitelist
 * what=sized	copies all of sized buffers, of each class and larger
 * what=order	takes two of kpool's locks in the wrong order: lockdep complains, although no code
 *		of kpool takes them both
 * what=wait	waits for an object with a lock held that a put needs: lockdep complains, although
 *		the consumer never deadlocks, and no get has to wait
 * what=order-of-waits	takes the same locks in an order that cannot deadlock: no complaint
 * what=hardirq	gets in hard interrupt context from a pool that builds there, which kpool_get()
 *		advises against: lockdep complains, if it checks which context may take a lock
 * what=timeout	lets kpool_destroy_sync() time out, and puts the object late: one warning, and no
 *		callback of a consumer that may be gone
 * what=wrong-puts	puts objects twice, into other pools, and what is no object; see wrong_put.c
 * what=doubt	leaves a pool that never ends
 * what=mistakes	makes each mistake of a table of the documentation: mistakes.c
 * what=calls	makes each wrong call of a table of the documentation: calls.c
 * what=sleeps	gets with GFP_KERNEL under a spinlock: the kernel complains, although the get hits
 * what=steps	does what the test writes to the parameter "go": steps.c
 * what=stale	writes to objects after their put, which KFENCE may see: stale.c
 * what=unwritten	reads objects after their put, and before a write after the next get, which
 *		KMSAN sees: stale.c
 */
#include <linux/irq_work.h>
#include <linux/kpool_sized.h>
#include <linux/mman.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

#include "base/registry.h"
#include "pool.h"
#include "wrong_put.h"

#define SMALL		256
#define WHITE_OFFSET	64
#define WHITE_SIZE	128
#define LARGE		(4 * PAGE_SIZE)
#define BUFS_MOST	SZ_8M

static char *what;
module_param(what, charp, 0444);
MODULE_PARM_DESC(what, "see the source");

static int copy(const struct kpool_params *params, size_t offset, size_t size)
{
	struct kpool *pool = kpool_create(params);
	unsigned long user;
	void *obj;
	int err = 0;

	if (IS_ERR(pool))
		return PTR_ERR(pool);
	user = vm_mmap(NULL, 0, LARGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, 0);
	obj = kpool_get(pool, GFP_KERNEL | __GFP_ZERO);
	if (IS_ERR_VALUE(user) || IS_ERR(obj)) {
		err = -ENOMEM;
		goto out;
	}
	OPTIMIZER_HIDE_VAR(size);	/* otherwise the compiler would check the size */
	if (copy_to_user((void __user *)user, obj + offset, size))
		err = -EFAULT;
	pr_info("%s: copied %zu bytes from %zu: %d\n", what, size, offset, err);
out:
	if (!IS_ERR_VALUE(user))
		vm_munmap(user, LARGE);
	kpool_put(pool, obj);
	kpool_destroy(pool);
	return err;
}

static const struct kpool_params small = {
	.name = "abuse-small",
	.size = SMALL,
	.useroffset = WHITE_OFFSET,
	.usersize = WHITE_SIZE,
};

static const struct kpool_params large = { .name = "abuse-large", .size = LARGE };

/* Copies to user space and back. */
static int copy_buf(struct kpool_sized *set, void __user *user, size_t size)
{
	struct kpool_buf buf;
	int err;

	err = kpool_sized_get_buf(set, &buf, size, GFP_KERNEL | __GFP_ZERO);
	if (err)
		return err;
	if (copy_to_user(user, buf.data, buf.size) || copy_from_user(buf.data, user, buf.size))
		err = -EFAULT;
	kpool_sized_put_buf(set, &buf);
	pr_info("%s: copied %zu bytes: %d\n", what, size, err);
	return err;
}

static int copy_sized(void)
{
	struct kpool_sized *set;
	unsigned long user;
	size_t size;
	int err = 0;

	set = kpool_sized_create(&(struct kpool_sized_params){ .name = "abuse" });
	if (IS_ERR(set))
		return PTR_ERR(set);
	user = vm_mmap(NULL, 0, BUFS_MOST, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		       0);
	if (IS_ERR_VALUE(user))
		err = -ENOMEM;
	for (size = 64; size <= BUFS_MOST && !err; size *= 2)
		err = copy_buf(set, (void __user *)user, size);
	if (!IS_ERR_VALUE(user))
		vm_munmap(user, BUFS_MOST);
	kpool_sized_destroy(set);
	return err;
}

static unsigned int calls, gones;

static void count_call(void *obj, void *ctx)
{
	calls++;
}

static void count_gone(void *ctx)
{
	gones++;
}

static int late_put(void)
{
	static const struct kpool_ops ops = {
		.reset = count_call, .dtor = count_call, .gone = count_gone,
	};
	static const struct kpool_params params = {
		.name = "abuse-timeout",
		.size = SMALL,
		.ops = &ops,
	};
	struct kpool *pool = kpool_create(&params);
	void *obj;
	int err;

	if (IS_ERR(pool))
		return PTR_ERR(pool);
	obj = kpool_get(pool, GFP_KERNEL);
	if (IS_ERR(obj)) {
		kpool_destroy(pool);
		return PTR_ERR(obj);
	}
	err = kpool_destroy_sync(pool, 50);
	pr_info("%s: gone %u times\n", what, gones);
	kpool_put(pool, obj);
	pr_info("%s: destroy_sync %d, callbacks after it %u\n", what, err, calls + gones - 1);
	return err == -ETIMEDOUT && !calls ? 0 : -EINVAL;
}

#ifdef KPOOL_FOR_TESTS
static int take_in_wrong_order(void)
{
	struct kpool *pool = kpool_create(&large);

	if (IS_ERR(pool))
		return PTR_ERR(pool);
	kp_registry_lock();
	mutex_lock(&to_pool(pool)->gate_lock);
	mutex_unlock(&to_pool(pool)->gate_lock);
	kp_registry_unlock();
	kpool_destroy(pool);
	return 0;
}
#else
/* Only a build for the tests exports the registry's lock. */
static int take_in_wrong_order(void)
{
	return -EOPNOTSUPP;
}
#endif

/* Consumers hold their lock around calls of kpool. */
struct holder {
	struct mutex lock;	/* protects nothing */
	struct kpool *pool;
	void *obj;
	struct work_struct work;
};

static void put_with_lock(struct work_struct *work)
{
	struct holder *h = container_of(work, struct holder, work);

	mutex_lock(&h->lock);
	kpool_put(h->pool, h->obj);
	mutex_unlock(&h->lock);
}

static void get_and_put_with_lock(struct work_struct *work)
{
	struct holder *h = container_of(work, struct holder, work);

	mutex_lock(&h->lock);
	h->obj = kpool_get_timeout(h->pool, GFP_KERNEL, HZ);
	kpool_put(h->pool, h->obj);
	mutex_unlock(&h->lock);
}

static void holder_init(struct holder *h, struct kpool *pool, work_func_t call)
{
	mutex_init(&h->lock);	/* the same class of locks for all */
	h->pool = pool;
	INIT_WORK_ONSTACK(&h->work, call);
}

static void holder_run(struct holder *h)
{
	schedule_work(&h->work);
	flush_work(&h->work);
	destroy_work_on_stack(&h->work);
}

static const struct kpool_params waited_for = { .name = "abuse-wait", .size = SMALL, .max = 2 };

/* One task gets, another one puts. Each holds the lock meanwhile, one after the other. */
static int wait_with_lock(void)
{
	struct kpool *pool = kpool_create(&waited_for);
	struct holder h;

	if (IS_ERR(pool))
		return PTR_ERR(pool);
	holder_init(&h, pool, put_with_lock);
	mutex_lock(&h.lock);
	h.obj = kpool_get_timeout(pool, GFP_KERNEL, HZ);
	mutex_unlock(&h.lock);
	holder_run(&h);
	kpool_destroy(pool);
	return 0;
}

/* Each task gets and puts with its own lock held. A put by another task has no lock. */
static int wait_in_order(void)
{
	struct kpool *pool = kpool_create(&waited_for);
	struct holder first, second;
	void *obj;

	if (IS_ERR(pool))
		return PTR_ERR(pool);
	holder_init(&first, pool, get_and_put_with_lock);
	holder_init(&second, pool, get_and_put_with_lock);
	holder_run(&first);
	holder_run(&second);
	mutex_lock(&first.lock);
	obj = kpool_get_timeout(pool, GFP_KERNEL, HZ);
	mutex_unlock(&first.lock);
	kpool_put(pool, obj);
	kpool_destroy(pool);
	return 0;
}

static struct kpool *plain;

static void get_and_put(struct irq_work *work)
{
	kpool_put(plain, kpool_get(plain, GFP_NOWAIT | __GFP_NOWARN));
}

static int get_in_hardirq(void)
{
	struct irq_work work = IRQ_WORK_INIT_HARD(get_and_put);

	plain = kpool_create(&small);
	if (IS_ERR(plain))
		return PTR_ERR(plain);
	irq_work_queue(&work);
	irq_work_sync(&work);
	kpool_destroy(plain);
	return 0;
}

static int __init abuse_init(void)
{
	if (!what)
		return -EINVAL;
	if (!strcmp(what, "inside"))
		return copy(&small, WHITE_OFFSET, WHITE_SIZE);
	if (!strcmp(what, "outside"))
		return copy(&small, 0, WHITE_SIZE);
	if (!strcmp(what, "order"))
		return take_in_wrong_order();
	if (!strcmp(what, "pages"))
		return copy(&large, 0, LARGE);
	if (!strcmp(what, "sized"))
		return copy_sized();
	if (!strcmp(what, "wait"))
		return wait_with_lock();
	if (!strcmp(what, "order-of-waits"))
		return wait_in_order();
	if (!strcmp(what, "hardirq"))
		return get_in_hardirq();
	if (!strcmp(what, "timeout"))
		return late_put();
	if (!strcmp(what, "wrong-puts"))
		return put_wrongly();
	if (!strcmp(what, "doubt"))
		return leave_in_doubt();
	if (!strcmp(what, "mistakes"))
		return make_mistakes();
	if (!strcmp(what, "calls"))
		return call_wrongly();
	if (!strcmp(what, "sleeps"))
		return get_under_a_spinlock();
	if (!strcmp(what, "steps"))
		return begin_steps();
	if (!strcmp(what, "stale"))
		return use_after_put();
	if (!strcmp(what, "unwritten"))
		return rely_on_contents();
	return -EINVAL;
}
module_init(abuse_init);

static void __exit abuse_exit(void)
{
	end_steps();
}
module_exit(abuse_exit);

MODULE_DESCRIPTION("Consumers of kpool that the kernel complains of");
MODULE_LICENSE("GPL");
KPOOL_IMPORT_NS;
