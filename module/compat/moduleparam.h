/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KPOOL_COMPAT_MODULEPARAM_H
#define _KPOOL_COMPAT_MODULEPARAM_H

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>

/*
 * The value of an unsigned parameter that is the first one of its module. KUnit of Linux 6.1 runs
 * the suites of a module before the kernel sets the parameters of the module. At that time struct
 * module has the arguments. Linux 7.3 needs no such help and has no such field. Can go with 6.1.
 */
static inline unsigned int early_uint_param(const char *name, unsigned int set)
{
#ifdef HAVE_MODULE_ARGS
	size_t len = strlen(name);
	const char *args = THIS_MODULE->args;
	unsigned int n;

	if (args && !strncmp(args, name, len) && args[len] == '=' &&
	    !kstrtouint(args + len + 1, 0, &n))
		return n;
#endif
	return set;
}

#endif /* _KPOOL_COMPAT_MODULEPARAM_H */
