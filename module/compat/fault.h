/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A fault attribute: the kernel's own, or a small one in kernels without fault injection. Debian's
 * kernels are such.
 */
#ifndef _KPOOL_COMPAT_FAULT_H
#define _KPOOL_COMPAT_FAULT_H

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/dcache.h>
#include <linux/fault-inject.h>
#include <linux/limits.h>
#include <linux/types.h>

#ifdef CONFIG_FAULT_INJECTION

struct kp_fault_attr {
	struct fault_attr kernel;
};

static inline unsigned int kp_fault_attr_one_in(const struct kp_fault_attr *attr)
{
	return READ_ONCE(attr->kernel.probability) ? READ_ONCE(attr->kernel.interval) : 0;
}

/* Each one_in-th answer is yes; 0: none. Context: one caller at a time. */
static inline void kp_fault_attr_set(struct kp_fault_attr *attr, unsigned int one_in)
{
	attr->kernel.count = 0;
	WRITE_ONCE(attr->kernel.interval, one_in);
	WRITE_ONCE(attr->kernel.probability, one_in ? 100 : 0);
}

static inline void kp_fault_attr_init(struct kp_fault_attr *attr)
{
	/* Unlike FAULT_ATTR_INITIALIZER this prints nothing, unless somebody asks in debugfs. */
	attr->kernel = (struct fault_attr) {
		.times = ATOMIC_INIT(-1),
		.require_end = ULONG_MAX,
		.stacktrace_depth = 32,
		.ratelimit_state = RATELIMIT_STATE_INIT_DISABLED,
	};
}

/* Gives the attribute a folder in debugfs. Context: process context, sleeps. */
static inline void kp_fault_attr_show(struct kp_fault_attr *attr, const char *name,
				      struct dentry *parent)
{
	fault_create_debugfs_attr(name, parent, &attr->kernel);
}

/* The folder is gone. */
static inline void kp_fault_attr_exit(struct kp_fault_attr *attr)
{
#ifdef HAVE_FAULT_DENTRY
	/* Older kernels never give up the attribute's reference to the folder. */
	dput(attr->kernel.dname);
#endif
}

static inline bool kp_fault_attr_says_fail(struct kp_fault_attr *attr)
{
	return should_fail(&attr->kernel, 1);
}

#else /* CONFIG_FAULT_INJECTION */

struct kp_fault_attr {
	unsigned int one_in;
	atomic_t count;
};

static inline unsigned int kp_fault_attr_one_in(const struct kp_fault_attr *attr)
{
	return READ_ONCE(attr->one_in);
}

static inline void kp_fault_attr_set(struct kp_fault_attr *attr, unsigned int one_in)
{
	atomic_set(&attr->count, 0);
	WRITE_ONCE(attr->one_in, one_in);
}

static inline void kp_fault_attr_init(struct kp_fault_attr *attr)
{
	kp_fault_attr_set(attr, 0);
}

static inline void kp_fault_attr_show(struct kp_fault_attr *attr, const char *name,
				      struct dentry *parent)
{
}

static inline void kp_fault_attr_exit(struct kp_fault_attr *attr)
{
}

static inline bool kp_fault_attr_says_fail(struct kp_fault_attr *attr)
{
	unsigned int one_in = READ_ONCE(attr->one_in);

	return one_in && (unsigned int)atomic_inc_return(&attr->count) % one_in == 0;
}

#endif /* CONFIG_FAULT_INJECTION */

#endif /* _KPOOL_COMPAT_FAULT_H */
