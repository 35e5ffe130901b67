// SPDX-License-Identifier: GPL-2.0-only
/*
 * Netlink requests that show pools and sets of buffers. pool_attrs.c and set_attrs.c fill the
 * messages. change.c has the requests that change a pool, tasks.c those that show tasks.
 * Documentation/netlink/specs/kpool.yaml describes the messages; netlink-gen.c and
 * uapi/linux/kpool_netlink.h are generated from it.
 *
 * Requests run in parallel, and take no lock of kpool's to look a pool up and to fill a message:
 * RCU keeps the memory of a pool or set that ends meanwhile. So dumps, which anybody may ask for
 * again and again, keep nobody waiting.
 */
#include <linux/capability.h>
#include <linux/netlink.h>
#include <linux/rcupdate.h>

#include "base/fault.h"
#include "base/registry.h"
#include "compat/genetlink.h"
#include "pool.h"
#include "sized/limit.h"
#include "sized/set.h"
#include "sized/sets.h"
#include "view/events.h"
#include "view/family.h"
#include "view/netlink-gen.h"
#include "view/netlink.h"
#include "view/pool_attrs.h"
#include "view/request.h"
#include "view/set_attrs.h"

/* Ends a message to which parts were added until it was full. Cancels it if it has no part. */
static int end_parts(struct sk_buff *skb, void *msg, int err, bool any)
{
	if (err && !any)
		genlmsg_cancel(skb, msg);
	else
		genlmsg_end(skb, msg);
	return err;
}

/* Returns -EMSGSIZE if parts are left. The message is there if at least one part had room. */
static int fill_stats(struct sk_buff *skb, struct kp_pool *pool, const struct kp_msg_head *head,
		      bool percpu, unsigned int *part)
{
	const unsigned int first = *part;
	void *msg = kp_msg_begin(skb, head);
	int err;

	if (!msg)
		return -EMSGSIZE;
	if (nla_put_u32(skb, KPOOL_A_STATS_ID, pool->id) ||
	    nla_put_string(skb, KPOOL_A_STATS_NAME, pool->name)) {
		genlmsg_cancel(skb, msg);
		return -EMSGSIZE;
	}
	err = kp_put_stats(skb, pool, percpu, part);
	return end_parts(skb, msg, err, *part != first);
}

/* Like fill_stats(). */
static int fill_set(struct sk_buff *skb, struct kp_sized *s, const struct kp_msg_head *head,
		    unsigned int *part)
{
	const unsigned int first = *part;
	void *msg = kp_msg_begin(skb, head);
	int err;

	if (!msg)
		return -EMSGSIZE;
	if (nla_put_u32(skb, KPOOL_A_SET_ID, s->id) ||
	    nla_put_string(skb, KPOOL_A_SET_NAME, s->name)) {
		genlmsg_cancel(skb, msg);
		return -EMSGSIZE;
	}
	err = kp_put_set(skb, s, part);
	return end_parts(skb, msg, err, *part != first);
}

int kpool_nl_pool_get_doit(struct sk_buff *request, struct genl_info *info)
{
	const struct kp_msg_head head = kp_reply_head(info);
	struct sk_buff *skb;
	struct kp_pool *pool;
	int err;

	skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	rcu_read_lock();
	pool = kp_request_pool(info);
	/* This never fails on purpose: who ends a fault asks for the pool first. */
	err = IS_ERR(pool) ? PTR_ERR(pool) : kp_msg_pool(skb, pool, &head);
	rcu_read_unlock();
	if (!err)
		return genlmsg_reply(skb, info);
	nlmsg_free(skb);
	return err;
}

/*
 * Which CPU uses a pool how much, and how full its cache is, tells one user of the machine what
 * another user's work does. The totals of a pool are open to all.
 */
static int may_see_cpus(struct sk_buff *request, struct nlattr *percpu,
			struct netlink_ext_ack *extack)
{
	if (!percpu || netlink_capable(request, CAP_NET_ADMIN))
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, percpu, "percpu needs CAP_NET_ADMIN");
	return -EPERM;
}

int kpool_nl_stats_get_doit(struct sk_buff *request, struct genl_info *info)
{
	const struct kp_msg_head head = kp_reply_head(info);
	bool percpu = info->attrs[KPOOL_A_STATS_PERCPU];
	unsigned int part = 0;
	struct sk_buff *skb;
	struct kp_pool *pool;
	int err;

	err = may_see_cpus(request, info->attrs[KPOOL_A_STATS_PERCPU], info->extack);
	if (err)
		return err;
	skb = genlmsg_new(GENLMSG_DEFAULT_SIZE +
			  (percpu ? kp_shares_size() : 0), GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	rcu_read_lock();
	pool = kp_request_pool(info);
	err = IS_ERR(pool) ? PTR_ERR(pool) :
	      kp_fail(pool, KP_FAIL_MESSAGE) ?: fill_stats(skb, pool, &head, percpu, &part);
	rcu_read_unlock();
	if (!err)
		return genlmsg_reply(skb, info);
	nlmsg_free(skb);
	return err;
}

int kpool_nl_set_get_doit(struct sk_buff *request, struct genl_info *info)
{
	const struct kp_msg_head head = kp_reply_head(info);
	unsigned int part = 0;
	struct sk_buff *skb;
	struct kp_sized *s;
	int err;

	/* Large enough for all parts. */
	skb = genlmsg_new(GENLMSG_DEFAULT_SIZE + kp_set_nests_size(), GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	rcu_read_lock();
	s = kp_request_set(info);
	err = IS_ERR(s) ? PTR_ERR(s) : fill_set(skb, s, &head, &part);
	rcu_read_unlock();
	if (!err)
		return genlmsg_reply(skb, info);
	nlmsg_free(skb);
	return err;
}

/* Position of a dump, in netlink_callback.ctx. */
struct kp_dump {
	u32 done;		/* id of the last pool or set that is completely in messages */
	u32 partly;		/* id of a pool or set of which some parts are in messages */
	unsigned int part;	/* the next part of the pool or set with the id partly */
};

static_assert(sizeof(struct kp_dump) <= sizeof_field(struct netlink_callback, ctx));

/* A dump shows all pools or sets, so it accepts no id and no name. */
static int dump_check(struct netlink_callback *cb)
{
	struct nlattr **attrs = genl_info_dump(cb)->attrs;
	struct nlattr *one = attrs[KPOOL_A_POOL_ID] ?: attrs[KPOOL_A_POOL_NAME];

	if (!one)
		return 0;
	NL_SET_ERR_MSG_ATTR(cb->extack, one, "a dump is of all, and takes no id or name");
	return -EINVAL;
}

/*
 * next: puts a message about the pool or set that follows *id, and sets *id to its id.
 * Returns 1, 0 if there is none, or -EMSGSIZE if the message had no room for all parts.
 */
static int dump_all(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
		    int (*next)(struct sk_buff *skb, u32 *id, const struct kp_msg_head *head,
				struct netlink_callback *cb))
{
	const struct kp_msg_head head = kp_dump_head(cb, cmd);
	struct kp_dump *dump = (void *)cb->ctx;
	u32 id = dump->done;
	int more;

	more = dump_check(cb);
	if (more)
		return more;
	do {
		/* A section for each message: its end may let other tasks run. */
		rcu_read_lock();
		more = next(skb, &id, &head, cb);
		rcu_read_unlock();
		if (more > 0)
			dump->done = id;
	} while (more > 0);
	return more && skb->len ? skb->len : more;
}

static int next_pool(struct sk_buff *skb, u32 *id, const struct kp_msg_head *head,
		     struct netlink_callback *cb)
{
	struct kp_pool *pool = kp_registry_after(id);

	return pool ? kp_msg_pool(skb, pool, head) ?: 1 : 0;
}

int kpool_nl_pool_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump_all(skb, cb, KPOOL_CMD_POOL_GET, next_pool);
}

/* The part to go on with, for the pool or set with this id, which comes next. */
static unsigned int *dump_part(struct netlink_callback *cb, u32 id)
{
	struct kp_dump *dump = (void *)cb->ctx;

	/* The pool or set of which some parts were sent can be gone. */
	if (dump->partly != id)
		dump->part = 0;
	dump->partly = id;
	return &dump->part;
}

static int next_stats(struct sk_buff *skb, u32 *id, const struct kp_msg_head *head,
		      struct netlink_callback *cb)
{
	struct kp_pool *pool = kp_registry_after(id);
	bool percpu = genl_info_dump(cb)->attrs[KPOOL_A_STATS_PERCPU];

	return pool ? fill_stats(skb, pool, head, percpu, dump_part(cb, *id)) ?: 1 : 0;
}

int kpool_nl_stats_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr **attrs = genl_info_dump(cb)->attrs;
	int err = may_see_cpus(cb->skb, attrs[KPOOL_A_STATS_PERCPU], cb->extack);

	if (err)
		return err;
	return dump_all(skb, cb, KPOOL_CMD_STATS_GET, next_stats);
}

static int next_set(struct sk_buff *skb, u32 *id, const struct kp_msg_head *head,
		    struct netlink_callback *cb)
{
	struct kp_sized *s = kp_registry_set_after(id);

	return s ? fill_set(skb, s, head, dump_part(cb, *id)) ?: 1 : 0;
}

int kpool_nl_set_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump_all(skb, cb, KPOOL_CMD_SET_GET, next_set);
}

int kp_netlink_init(void)
{
	int err = genl_register_family(&kp_family);

	if (!err)
		kp_events_init();
	return err;
}

void kp_netlink_exit(void)
{
	kp_events_exit();
	genl_unregister_family(&kp_family);
}
