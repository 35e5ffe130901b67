// SPDX-License-Identifier: GPL-2.0-only
/* The netlink family. */
#include <net/genetlink.h>

#include "pool.h"
#include "view/family.h"
#include "view/netlink-gen.h"
#include "view/pool_attrs.h"

/* The flags of the family are the flags of the API. */
static_assert(KPOOL_FLAG_ZERO_ON_PUT == (int)KPOOL_ZERO_ON_PUT);
static_assert(KPOOL_FLAG_BYPASS == (int)KPOOL_BYPASS);
static_assert(KPOOL_FLAG_OWN_CACHE == (int)KPOOL_OWN_CACHE);
static_assert(KPOOL_FLAG_VMALLOC == (int)KPOOL_VMALLOC);
static_assert(KPOOL_FLAG_SLEEPING == (int)KPOOL_SLEEPING);
static_assert(KPOOL_FLAG_ANYCTX == (int)KPOOL_ANYCTX);
static_assert(KPOOL_FLAG_ON_NODE == (int)KPOOL_ON_NODE);
static_assert(KPOOL_FLAG_BUILD_IN_WORKER == (int)KPOOL_BUILD_IN_WORKER);
static_assert(KPOOL_FLAG_OVERFLOW == (int)KPOOL_OVERFLOW);
static_assert(KPOOL_FLAG_RCU == (int)KPOOL_RCU);
static_assert(KPOOL_FLAG_KVMALLOC == (int)KPOOL_KVMALLOC);
static_assert(KPOOL_FLAG_DEBUG == (int)KPOOL_DEBUG);
static_assert(KPOOL_FLAG_ACCOUNT == (int)KPOOL_ACCOUNT);
static_assert(KPOOL_FLAG_ACCOUNT_GETTER == (int)KPOOL_ACCOUNT_GETTER);
static_assert(KPOOL_FLAG_NUMA_STRICT == (int)KPOOL_NUMA_STRICT);
static_assert(KPOOL_FLAG_HUGE_PAGES == (int)KPOOL_HUGE_PAGES);

static const struct genl_multicast_group mcgrps[] = {
	[KPOOL_NLGRP_EVENTS] = { .name = KPOOL_MCGRP_EVENTS },
};

struct genl_family kp_family __ro_after_init = {
	.name = KPOOL_FAMILY_NAME,
	.version = KPOOL_FAMILY_VERSION,
	.module = THIS_MODULE,
	.parallel_ops = true,
	.ops = kpool_nl_ops,
	.n_ops = ARRAY_SIZE(kpool_nl_ops),
	.mcgrps = mcgrps,
	.n_mcgrps = ARRAY_SIZE(mcgrps),
};

/* The header of the answer to a request. */
struct kp_msg_head kp_reply_head(const struct genl_info *info)
{
	return (struct kp_msg_head){
		.portid = info->snd_portid,
		.seq = info->snd_seq,
		.cmd = info->genlhdr->cmd,
	};
}

/* The header of the messages of a dump. */
struct kp_msg_head kp_dump_head(struct netlink_callback *cb, u8 cmd)
{
	return (struct kp_msg_head){
		.portid = NETLINK_CB(cb->skb).portid,
		.seq = cb->nlh->nlmsg_seq,
		.flags = NLM_F_MULTI,
		.cmd = cmd,
	};
}

/* Begins a message. Returns NULL if there is no room. */
void *kp_msg_begin(struct sk_buff *skb, const struct kp_msg_head *head)
{
	return genlmsg_put(skb, head->portid, head->seq, &kp_family, head->flags, head->cmd);
}

/* Puts a message that describes a pool. Returns 0, or -EMSGSIZE if there is no room. */
int kp_msg_pool(struct sk_buff *skb, struct kp_pool *pool, const struct kp_msg_head *head)
{
	void *msg = kp_msg_begin(skb, head);

	if (!msg)
		return -EMSGSIZE;
	if (kp_put_pool(skb, pool)) {
		genlmsg_cancel(skb, msg);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, msg);
	return 0;
}
