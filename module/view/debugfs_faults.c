// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file "faults" of a pool in debugfs. A read shows all faults, a write of "NAME 1/N" or
 * "NAME off" changes one. The pool's folder stays as long as somebody has the file open for a call.
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/refcount.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "base/fault.h"
#include "base/observer.h"
#include "base/ref.h"
#include "policy/instrument.h"
#include "pool.h"
#include "view/debugfs_faults.h"

static int show(struct seq_file *m, void *unused)
{
	struct kp_pool *pool = m->private;
	unsigned int one_in;
	enum kp_fault fault;

	for (fault = 0; fault < KP_FAULTS_END; fault++) {
		one_in = kp_fault_one_in(pool, fault);
		if (one_in)
			seq_printf(m, "%s 1/%u\n", kp_fault_names[fault], one_in);
		else
			seq_printf(m, "%s off\n", kp_fault_names[fault]);
	}
	return 0;
}

static int open(struct inode *inode, struct file *file)
{
	return single_open(file, show, inode->i_private);
}

/* Reads "off", or "1/N" with N above 0. */
static int read_one_in(const char *text, unsigned int *one_in)
{
	*one_in = 0;
	if (!strcmp(text, "off"))
		return 0;
	if (strncmp(text, "1/", 2) || kstrtouint(text + 2, 10, one_in) || !*one_in)
		return -EINVAL;
	return 0;
}

/* Changes a fault as the words say, which are cut. */
static int change(struct kp_pool *pool, char *words)
{
	char *value = strim(words), *name = strsep(&value, " ");
	unsigned int one_in;
	int fault, err;

	fault = match_string(kp_fault_names, KP_FAULTS_END, name);
	if (fault < 0 || !value || read_one_in(strim(value), &one_in))
		return -EINVAL;
	/* The last reference may be gone, and the folder about to go. */
	if (!refcount_inc_not_zero(&pool->refs))
		return -ESHUTDOWN;
	err = kp_set_fault(pool, fault, one_in);
	if (!err)
		kp_tell_changed(pool);
	kp_unref(pool, 1);
	return err;
}

static ssize_t write(struct file *file, const char __user *from, size_t size, loff_t *pos)
{
	struct seq_file *m = file->private_data;
	char words[64];
	int err;

	if (size >= sizeof(words))
		return -EINVAL;
	if (copy_from_user(words, from, size))
		return -EFAULT;
	words[size] = '\0';
	err = change(m->private, words);
	return err ?: size;
}

const struct file_operations kp_faults_fops = {
	.owner = THIS_MODULE,
	.open = open,
	.read = seq_read,
	.write = write,
	.llseek = seq_lseek,
	.release = single_release,
};
