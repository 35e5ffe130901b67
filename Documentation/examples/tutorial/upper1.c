// SPDX-License-Identifier: GPL-2.0-only
/* /dev/upper: a process writes a message, and then reads the message in capitals. */
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#define TEXT_BYTES	1000

struct message {
	struct list_head node;
	size_t len;
	char *text;
};

static LIST_HEAD(unread);
static DEFINE_SPINLOCK(unread_lock);		/* Protects: unread */
static DECLARE_WAIT_QUEUE_HEAD(unread_wait);

static struct message *message_get(void)
{
	struct message *message = kmalloc(sizeof(*message), GFP_KERNEL);

	if (!message)
		return ERR_PTR(-ENOMEM);
	message->text = kmalloc(TEXT_BYTES, GFP_KERNEL);
	if (!message->text) {
		kfree(message);
		return ERR_PTR(-ENOMEM);
	}
	return message;
}

static void message_put(struct message *message)
{
	kfree(message->text);
	kfree(message);
}

static ssize_t upper_write(struct file *file, const char __user *from, size_t n, loff_t *pos)
{
	struct message *message;
	size_t i;

	if (n > TEXT_BYTES)
		return -EMSGSIZE;
	message = message_get();
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
	return misc_register(&upper);
}
module_init(upper_init);

static void __exit upper_exit(void)
{
	struct message *message;

	misc_deregister(&upper);
	while ((message = next_unread()))
		message_put(message);
}
module_exit(upper_exit);

MODULE_DESCRIPTION("Messages in capitals, step 1: kmalloc()");
MODULE_LICENSE("GPL");
