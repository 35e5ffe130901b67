/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KPOOL_COMPAT_GENETLINK_H
#define _KPOOL_COMPAT_GENETLINK_H

#include <net/genetlink.h>

#ifndef HAVE_GENL_INFO_DUMP
/* What a dump knows of its request. Linux 6.6 has a new name for this. Can go with 6.1. */
#define genl_info_dump	genl_dumpit_info
#endif

/* Refuses a request, with a text that is not used after this call. Returns the error. */
static inline int genl_refuse(struct sk_buff *request, struct genl_info *info, int err,
			      const struct nlattr *bad, const char *text)
{
	NL_SET_BAD_ATTR(info->extack, bad);
#ifdef NL_SET_ERR_MSG_FMT
	NL_SET_ERR_MSG_FMT(info->extack, "%s", text);
	return err;
#else
	/*
	 * The extended ack has room for a text since Linux 6.2. Here this function sends the answer
	 * itself, and returns -EINTR, which means that no answer is needed, as when a dump is
	 * started. Can go with 6.1.
	 */
	info->extack->_msg = text;
	netlink_ack(request, info->nlhdr, err, info->extack);
	info->extack->_msg = NULL;
	return -EINTR;
#endif
}

#endif /* _KPOOL_COMPAT_GENETLINK_H */
