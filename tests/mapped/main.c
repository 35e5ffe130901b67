// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device whose files are rings, for programs that test mappings of rings. Each file has a
 * pool of its own, and at most one ring at a time.
 *
 * The device takes no locks: one program at a time uses a file.
 */
#include <linux/fs.h>
#include <linux/kpool_ring_wait.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/uio.h>

/* The argument of MAPPED_MAKE. */
struct mapped_make {
	u64 size;
	u32 ring_flags;
	u32 may_write;
	u32 pooled;
	u32 batch;
	u32 max;
	u32 unused;
};

#define MAPPED_MAKE	_IOW('k', 1, struct mapped_make)
#define MAPPED_PUT	_IO('k', 2)	/* puts the ring to its pool, or destroys it */
#define MAPPED_GET	_IO('k', 3)	/* gets another ring, waits so many ms; 0: does not wait */
#define MAPPED_DESTROY	_IO('k', 4)	/* ends the pool; waits so many ms; 0: does not wait */
#define MAPPED_IN_USE	_IO('k', 5)	/* the number of rings in use */
#define MAPPED_LEN	_IO('k', 6)
#define MAPPED_TAIL	_IO('k', 7)
#define MAPPED_ONLY	_IO('k', 8)	/* the number of rings that only mappings keep */

struct mapped {
	struct kpool_ring_pool *pool;	/* NULL after its end */
	struct kpool_ring *ring;
	struct kpool_ring_pool *home;	/* the pool of the ring; NULL: the ring has none */
	struct kpool_ring_wait wait;
	struct mapped_make make;
};

static void give_back(struct mapped *m)
{
	if (m->home)
		kpool_ring_put(m->home, m->ring);
	else
		kpool_ring_destroy(m->ring);
	m->ring = NULL;
}

static int take(struct mapped *m, struct kpool_ring *ring)
{
	const struct kpool_ring_wait_params params = { .read_batch = m->make.batch };
	int err;

	if (IS_ERR(ring))
		return PTR_ERR(ring);
	m->ring = ring;
	m->home = m->pool;
	err = kpool_ring_wait_init(&m->wait, ring, &params);
	if (err)
		give_back(m);
	return err;
}

static void put(struct mapped *m)
{
	if (!m->ring)
		return;
	kpool_ring_wait_exit(&m->wait);
	give_back(m);
}

static int make(struct mapped *m, const void __user *from)
{
	struct kpool_ring_pool_params params = { .name = "mapped" };
	struct kpool_ring_pool *pool;

	if (m->ring || m->pool)
		return -EBUSY;
	if (copy_from_user(&m->make, from, sizeof(m->make)))
		return -EFAULT;
	if (!m->make.pooled)
		return take(m, kpool_ring_create(m->make.size, m->make.ring_flags, GFP_KERNEL));
	params.size = m->make.size;
	params.ring_flags = m->make.ring_flags;
	params.max = m->make.max;
	pool = kpool_ring_pool_create(&params);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	m->pool = pool;
	return take(m, kpool_ring_get(pool, GFP_KERNEL));
}

static int destroy(struct mapped *m, unsigned int timeout_ms)
{
	int err = 0;

	if (timeout_ms)
		err = kpool_ring_pool_destroy_sync(m->pool, timeout_ms);
	else
		kpool_ring_pool_destroy(m->pool);
	m->pool = NULL;
	return err;
}

static long in_use(struct mapped *m)
{
	struct kpool_stats stats;

	kpool_stats(kpool_ring_pool(m->pool), &stats);
	return stats.in_use;
}

static long mapped_only(struct mapped *m)
{
	struct kpool_stats stats;

	kpool_stats(kpool_ring_pool(m->pool), &stats);
	return stats.mapped_only;
}

static int get(struct mapped *m, unsigned int timeout_ms)
{
	if (!m->pool || m->ring)
		return -ENXIO;
	if (!timeout_ms)
		return take(m, kpool_ring_get(m->pool, GFP_KERNEL));
	return take(m, kpool_ring_get_timeout(m->pool, GFP_KERNEL, msecs_to_jiffies(timeout_ms)));
}

static long mapped_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct mapped *m = file->private_data;

	switch (cmd) {
	case MAPPED_MAKE:
		return make(m, (const void __user *)arg);
	case MAPPED_PUT:
		put(m);
		return 0;
	case MAPPED_DESTROY:
		return m->pool ? destroy(m, arg) : -ENXIO;
	case MAPPED_GET:
		return get(m, arg);
	case MAPPED_ONLY:
		return m->pool ? mapped_only(m) : -ENXIO;
	case MAPPED_IN_USE:
		return m->pool ? in_use(m) : -ENXIO;
	case MAPPED_LEN:
		return m->ring ? kpool_ring_len(m->ring) : -ENXIO;
	case MAPPED_TAIL:
		return m->ring ? kpool_ring_tail(m->ring) : -ENXIO;
	}
	return -ENOTTY;
}

static ssize_t mapped_write(struct kiocb *iocb, struct iov_iter *from)
{
	struct mapped *m = iocb->ki_filp->private_data;
	size_t n;

	if (!m->ring)
		return -ENXIO;
	n = kpool_ring_write_iter(m->ring, from);
	kpool_ring_wrote(&m->wait);
	return n ?: -EAGAIN;
}

static ssize_t mapped_read(struct kiocb *iocb, struct iov_iter *to)
{
	struct mapped *m = iocb->ki_filp->private_data;
	size_t n;

	if (!m->ring)
		return -ENXIO;
	n = kpool_ring_read_iter(m->ring, to);
	kpool_ring_took(&m->wait);
	return n ?: -EAGAIN;
}

static __poll_t mapped_poll(struct file *file, poll_table *table)
{
	struct mapped *m = file->private_data;

	return m->ring ? kpool_ring_poll(&m->wait, file, table) : EPOLLERR;
}

static int mapped_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct mapped *m = file->private_data;

	return m->ring ? kpool_ring_mmap(m->ring, vma, m->make.may_write) : -ENXIO;
}

static int mapped_open(struct inode *inode, struct file *file)
{
	struct mapped *m = kzalloc(sizeof(*m), GFP_KERNEL);

	file->private_data = m;
	return m ? 0 : -ENOMEM;
}

static int mapped_release(struct inode *inode, struct file *file)
{
	struct mapped *m = file->private_data;

	put(m);
	kpool_ring_pool_destroy(m->pool);
	kfree(m);
	return 0;
}

static const struct file_operations mapped_fops = {
	.owner = THIS_MODULE,
	.open = mapped_open,
	.release = mapped_release,
	.read_iter = mapped_read,
	.write_iter = mapped_write,
	.poll = mapped_poll,
	.mmap = mapped_mmap,
	.unlocked_ioctl = mapped_ioctl,
	.llseek = noop_llseek,
};

static struct miscdevice mapped_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "kpool-mapped",
	.fops = &mapped_fops,
};

module_misc_device(mapped_device);

MODULE_DESCRIPTION("Rings of kpool for programs to map");
MODULE_LICENSE("GPL");
KPOOL_IMPORT_NS;
