// SPDX-License-Identifier: GPL-2.0-only
/* /dev/upper: a process writes a message, and then reads the message in capitals. */
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/kpool.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#define TEXT_BYTES	1000
#define MAX_UNREAD	4

struct message {
	struct list_head node;
	size_t len;
	char *text;
};

static struct kpool *messages;

static unsigned int wait_ms = 1000;
module_param(wait_ms, uint, 0644);
MODULE_PARM_DESC(wait_ms, "How long a writer waits for a message, in milliseconds");

static LIST_HEAD(unread);
static DEFINE_SPINLOCK(unread_lock);		/* Protects: unread */
static DECLARE_WAIT_QUEUE_HEAD(unread_wait);

static int message_ctor(void *obj, void *ctx, gfp_t gfp, int node)
{
	struct message *message = obj;

	message->text = kmalloc_node(TEXT_BYTES, gfp, node);
	return message->text ? 0 : -ENOMEM;
}

static void message_dtor(void *obj, void *ctx)
{
	struct message *message = obj;

	kfree(message->text);
}

static struct message *message_get(struct file *file)
{
	if (file->f_flags & O_NONBLOCK)
		return kpool_get(messages, GFP_KERNEL);
	return kpool_get_interruptible_timeout(messages, GFP_KERNEL, msecs_to_jiffies(wait_ms));
}

static void message_put(struct message *message)
{
	kpool_put(messages, message);
}

static ssize_t upper_write(struct file *file, const char __user *from, size_t n, loff_t *pos)
{
	struct message *message;
	size_t i;

	if (n > TEXT_BYTES)
		return -EMSGSIZE;
	message = message_get(file);
	if (IS_ERR(message))
		return PTR_ERR(message);
	if (copy_from_user(message->text, from, n)) {
		message_put(message);
		return -EFAULT;
	}
	message->len = n;
	for (i = 0; i < n; i++)
		message->text[i] = toupper(message->text[i]);
	spin_lock(&unread_lock);
	list_add_tail(&message->node, &unread);
	spin_unlock(&unread_lock);
	wake_up_interruptible(&unread_wait);
	return n;
}

static struct message *next_unread(void)
{
	struct message *message;

	spin_lock(&unread_lock);
	message = list_first_entry_or_null(&unread, struct message, node);
	if (message)
		list_del(&message->node);
	spin_unlock(&unread_lock);
	return message;
}

static ssize_t upper_read(struct file *file, char __user *to, size_t n, loff_t *pos)
{
	struct message *message;
	ssize_t len;
	int err;

	err = wait_event_interruptible(unread_wait, (message = next_unread()));
	if (err)
		return err;
	len = min(n, message->len);
	if (copy_to_user(to, message->text, len))
		len = -EFAULT;
	message_put(message);
	return len;
}

static const struct file_operations upper_fops = {
	.owner = THIS_MODULE,
	.read = upper_read,
	.write = upper_write,
};

static struct miscdevice upper = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "upper",
	.fops = &upper_fops,
};

static int __init upper_init(void)
{
	static const struct kpool_ops ops = { .ctor = message_ctor, .dtor = message_dtor };
	int err;

	messages = kpool_create(&(struct kpool_params){
		.name = "upper-messages",
		.size = sizeof(struct message),
		.extra_bytes = TEXT_BYTES,
		.max = MAX_UNREAD,
		.ops = &ops,
	});
	if (IS_ERR(messages))
		return PTR_ERR(messages);
	err = misc_register(&upper);
	if (err)
		kpool_destroy_sync(messages, 1000);
	return err;
}
module_init(upper_init);

static void __exit upper_exit(void)
{
	struct message *message;

	misc_deregister(&upper);
	while ((message = next_unread()))
		message_put(message);
	kpool_destroy_sync(messages, 1000);
}
module_exit(upper_exit);

MODULE_DESCRIPTION("Messages in capitals, step 3: a pool with a bound");
MODULE_LICENSE("GPL");
KPOOL_IMPORT_NS;
