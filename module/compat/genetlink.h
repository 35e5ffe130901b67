/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KPOOL_COMPAT_GENETLINK_H
#define _KPOOL_COMPAT_GENETLINK_H

#include <net/genetlink.h>

/*
 * The attributes of a dump's request. Linux 6.6 has genl_info_dump(), which Kbuild
 * looks for, and no place of their own for them any more. Can go with 6.1.
 */
static inline struct nlattr **genl_dump_attrs(struct netlink_callback *cb)
{
#ifdef HAVE_GENL_INFO_DUMP
	return genl_info_dump(cb)->attrs;
#else
	return genl_dumpit_info(cb)->attrs;
#endif
}

#endif /* _KPOOL_COMPAT_GENETLINK_H */
