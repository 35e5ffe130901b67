/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KPOOL_COMPAT_KUNIT_H
#define _KPOOL_COMPAT_KUNIT_H

#include <kunit/test.h>

/*
 * The cases of an array, each described by one of its members. Linux 6.1 lacks this macro, Linux
 * 6.12 has it. Can go with 6.1.
 */
#ifndef KUNIT_ARRAY_PARAM_DESC
#define KUNIT_ARRAY_PARAM_DESC(name, array, desc_member)				\
	static void name ## _describe(typeof(&(array)[0]) c, char *desc)		\
	{										\
		strscpy(desc, c->desc_member, KUNIT_PARAM_DESC_SIZE);			\
	}										\
	KUNIT_ARRAY_PARAM(name, array, name ## _describe)
#endif

#endif /* _KPOOL_COMPAT_KUNIT_H */
