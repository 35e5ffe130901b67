// SPDX-License-Identifier: GPL-2.0-only
/* /dev/upper: what is written to it can be read in capitals, through a ring. */
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kpool_ring.h>
#include <linux/kpool_ring_wait.h>
#include <linux/kpool_sized.h>
#include <linux/miscdevice.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>
#include <linux/uio.h>

#define RING_BYTES	20000

static struct kpool_sized *texts;
static struct kpool_ring *unread;
static struct kpool_ring_wait unread_wait;
static DEFINE_MUTEX(producer_lock);	/* makes all writers one producer */
static DEFINE_MUTEX(consumer_lock);	/* makes all readers one consumer */

/* Writes all of the text, and waits for room. */
static ssize_t text_write(const char *text, size_t n)
{
	size_t done = 0;
	long left;

	while (done < n) {
		left = kpool_ring_wait_space(&unread_wait, MAX_SCHEDULE_TIMEOUT);
		if (left < 0)
			return done ?: left;
		done += kpool_ring_write(unread, text + done, n - done);
		kpool_ring_wrote(&unread_wait);
	}
	return done;
}

static ssize_t upper_write(struct file *file, const char __user *from, size_t n, loff_t *pos)
{
	struct kpool_buf buf;
	ssize_t done;
	char *text;
	size_t i;

	n = min_t(size_t, n, SZ_1M);
	done = kpool_sized_get_buf(texts, &buf, n, GFP_KERNEL);
	if (done)
		return done;
	text = buf.data;
	if (copy_from_user(text, from, n)) {
		kpool_sized_put_buf(texts, &buf);
		return -EFAULT;
	}
	for (i = 0; i < n; i++)
		text[i] = toupper(text[i]);
	done = mutex_lock_interruptible(&producer_lock);
	if (!done) {
		done = text_write(text, n);
		mutex_unlock(&producer_lock);
	}
	kpool_sized_put_buf(texts, &buf);
	return done;
}

static ssize_t upper_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	ssize_t n = mutex_lock_interruptible(&consumer_lock);

	if (n)
		return n;
	n = kpool_ring_wait_data(&unread_wait, MAX_SCHEDULE_TIMEOUT);
	if (n > 0) {
		n = kpool_ring_read_iter(unread, to);
		kpool_ring_took(&unread_wait);
		if (!n && iov_iter_count(to))
			n = -EFAULT;
	}
	mutex_unlock(&consumer_lock);
	return n;
}

static __poll_t upper_poll(struct file *file, poll_table *table)
{
	return kpool_ring_poll(&unread_wait, file, table);
}

static const struct file_operations upper_fops = {
	.owner = THIS_MODULE,
	.read_iter = upper_read_iter,
	.write = upper_write,
	.poll = upper_poll,
};

static struct miscdevice upper = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "upper",
	.fops = &upper_fops,
};

static int __init upper_init(void)
{
	static const struct kpool_ring_wait_params params = { .write_batch = RING_BYTES / 4 };
	int err;

	texts = kpool_sized_create(&(struct kpool_sized_params){
		.name = "upper-texts",
		.max_idle_bytes = SZ_4M,
	});
	if (IS_ERR(texts))
		return PTR_ERR(texts);
	unread = kpool_ring_create(RING_BYTES, 0, GFP_KERNEL);
	if (IS_ERR(unread)) {
		err = PTR_ERR(unread);
		goto no_ring;
	}
	err = kpool_ring_wait_init(&unread_wait, unread, &params);
	if (err)
		goto no_wait;
	err = misc_register(&upper);
	if (err)
		goto no_device;
	return 0;

no_device:
	kpool_ring_wait_exit(&unread_wait);
no_wait:
	kpool_ring_destroy(unread);
no_ring:
	kpool_sized_destroy(texts);
	return err;
}
module_init(upper_init);

static void __exit upper_exit(void)
{
	misc_deregister(&upper);
	kpool_ring_wait_exit(&unread_wait);
	kpool_ring_destroy(unread);
	kpool_sized_destroy(texts);
}
module_exit(upper_exit);

MODULE_DESCRIPTION("Messages in capitals, step 5: a ring");
MODULE_LICENSE("GPL");
KPOOL_IMPORT_NS;
