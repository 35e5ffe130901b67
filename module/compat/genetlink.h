/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KPOOL_COMPAT_GENETLINK_H
#define _KPOOL_COMPAT_GENETLINK_H

#include <net/genetlink.h>

/*
 * The attributes of a dump's request. Linux 6.6 has genl_info_dump(), which Kbuild looks for. From
 * then on the attributes are in there only. Can go with 6.1.
 */
static inline struct nlattr **genl_dump_attrs(struct netlink_callback *cb)
{
#ifdef HAVE_GENL_INFO_DUMP
	return genl_info_dump(cb)->attrs;
#else
	return genl_dumpit_info(cb)->attrs;
#endif
}

/*
 * Refuses a request, with a text that is not used after this call. The extended ack has room for a
 * text since Linux 6.2. On older kernels this function sends the answer itself. Then it returns
 * -EINTR, which means that no answer is needed, as when a dump is started. Can go with 6.1.
 */
static inline int genl_refuse(struct sk_buff *request, struct genl_info *info, int err,
			      const struct nlattr *bad, const char *text)
{
	NL_SET_BAD_ATTR(info->extack, bad);
#ifdef NL_SET_ERR_MSG_FMT
	NL_SET_ERR_MSG_FMT(info->extack, "%s", text);
	return err;
#else
	info->extack->_msg = text;
	netlink_ack(request, info->nlhdr, err, info->extack);
	info->extack->_msg = NULL;
	return -EINTR;
#endif
}

#endif /* _KPOOL_COMPAT_GENETLINK_H */
