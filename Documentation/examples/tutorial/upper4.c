// SPDX-License-Identifier: GPL-2.0-only
/* /dev/upper: a process writes a message, and then reads the message in capitals. */
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/kpool_sized.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#define MAX_TEXT	SZ_1M
#define MAX_UNREAD	4

struct message {
	struct list_head node;
	struct kpool_buf text;
};

static struct kpool *messages;
static struct kpool_sized *texts;

static unsigned int wait_ms = 1000;
module_param(wait_ms, uint, 0644);
MODULE_PARM_DESC(wait_ms, "How long a writer waits for a message, in milliseconds");

static LIST_HEAD(unread);
static DEFINE_SPINLOCK(unread_lock);		/* Protects: unread */
static DECLARE_WAIT_QUEUE_HEAD(unread_wait);

static struct message *message_get(struct file *file, size_t n)
{
	struct message *message;
	int err;

	if (file->f_flags & O_NONBLOCK)
		message = kpool_get(messages, GFP_KERNEL);
	else
		message = kpool_get_interruptible_timeout(messages, GFP_KERNEL,
							  msecs_to_jiffies(wait_ms));
	if (IS_ERR(message))
		return message;
	err = kpool_sized_get_buf(texts, &message->text, n, GFP_KERNEL);
	if (err) {
		kpool_put(messages, message);
		return ERR_PTR(err);
	}
	return message;
}

static void message_put(struct message *message)
{
	kpool_sized_put_buf(texts, &message->text);
	kpool_put(messages, message);
}

static ssize_t upper_write(struct file *file, const char __user *from, size_t n, loff_t *pos)
{
	struct message *message;
	char *text;
	size_t i;

	if (n > MAX_TEXT)
		return -EMSGSIZE;
	message = message_get(file, n);
	if (IS_ERR(message))
		return PTR_ERR(message);
	text = message->text.data;
	if (copy_from_user(text, from, n)) {
		message_put(message);
		return -EFAULT;
	}
	for (i = 0; i < n; i++)
		text[i] = toupper(text[i]);
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
	len = min(n, message->text.len);
	if (copy_to_user(to, message->text.data, len))
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
	int err;

	texts = kpool_sized_create(&(struct kpool_sized_params){
		.name = "upper-texts",
		.max_idle_bytes = SZ_4M,
	});
	if (IS_ERR(texts))
		return PTR_ERR(texts);
	messages = kpool_create(&(struct kpool_params){
		.name = "upper-messages",
		.size = sizeof(struct message),
		.max = MAX_UNREAD,
	});
	if (IS_ERR(messages)) {
		err = PTR_ERR(messages);
		goto no_messages;
	}
	err = misc_register(&upper);
	if (err)
		goto no_device;
	return 0;

no_device:
	kpool_destroy(messages);
no_messages:
	kpool_sized_destroy(texts);
	return err;
}
module_init(upper_init);

static void __exit upper_exit(void)
{
	struct message *message;

	misc_deregister(&upper);
	while ((message = next_unread()))
		message_put(message);
	kpool_destroy(messages);
	kpool_sized_destroy(texts);
}
module_exit(upper_exit);

MODULE_DESCRIPTION("Messages in capitals, step 4: a set of buffers");
MODULE_LICENSE("GPL");
KPOOL_IMPORT_NS;
