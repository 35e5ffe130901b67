// SPDX-License-Identifier: GPL-2.0-only
/*
 * The netlink family, which tells programs about pools and sets of buffers. pool_attrs.c and
 * set_attrs.c fill the messages. Documentation/netlink/specs/kpool.yaml describes the messages;
 * netlink-gen.c and uapi/linux/kpool_netlink.h are generated from it.
 *
 * Requests run in parallel, and take no lock of kpool's to look a pool up and to fill a message:
 * RCU keeps the memory of a pool or set that ends meanwhile. So dumps, which anybody may ask for
 * again and again, keep nobody waiting. A request that changes a pool takes a reference to it.
 */
#include <linux/capability.h>
#include <linux/netlink.h>
#include <linux/rcupdate.h>
#include <linux/timekeeping.h>
#include <net/net_namespace.h>

#include "base/fault.h"
#include "base/observer.h"
#include "base/params.h"
#include "base/ref.h"
#include "base/registry.h"
#include "compat/genetlink.h"
#include "policy/instrument.h"
#include "policy/retune.h"
#include "pool.h"
#include "sized/set.h"
#include "sized/sets.h"
#include "view/netlink-gen.h"
#include "view/netlink.h"
#include "view/pool_attrs.h"
#include "view/set_attrs.h"

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

/* The spec has this limit as a number. */
static_assert(KPOOL_MAGAZINE_MAX == 4096);

/* All kinds of requests name their pool or set by the same attributes, see read_which(). */
static_assert((int)KPOOL_A_POOL_ID == (int)KPOOL_A_STATS_ID);
static_assert((int)KPOOL_A_POOL_NAME == (int)KPOOL_A_STATS_NAME);
static_assert((int)KPOOL_A_POOL_ID == (int)KPOOL_A_SET_ID);
static_assert((int)KPOOL_A_POOL_NAME == (int)KPOOL_A_SET_NAME);

static const struct genl_multicast_group mcgrps[] = {
	[KPOOL_NLGRP_EVENTS] = { .name = KPOOL_MCGRP_EVENTS },
};

static struct genl_family family __ro_after_init = {
	.name = KPOOL_FAMILY_NAME,
	.version = KPOOL_FAMILY_VERSION,
	.module = THIS_MODULE,
	.parallel_ops = true,
	.ops = kpool_nl_ops,
	.n_ops = ARRAY_SIZE(kpool_nl_ops),
	.mcgrps = mcgrps,
	.n_mcgrps = ARRAY_SIZE(mcgrps),
};

/* Fields of a message's header. */
struct kp_msg_head {
	u32 portid;
	u32 seq;
	int flags;
	u8 cmd;
};

static void *begin(struct sk_buff *skb, const struct kp_msg_head *head)
{
	return genlmsg_put(skb, head->portid, head->seq, &family, head->flags, head->cmd);
}

static int fill_pool(struct sk_buff *skb, struct kp_pool *pool, const struct kp_msg_head *head)
{
	void *msg = begin(skb, head);

	if (!msg)
		return -EMSGSIZE;
	if (kp_put_pool(skb, pool)) {
		genlmsg_cancel(skb, msg);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, msg);
	return 0;
}

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
	void *msg = begin(skb, head);
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
	void *msg = begin(skb, head);
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

/* How a request names a pool or a set: by its id, or by its name if id is 0. */
struct kp_which {
	u32 id;
	char name[KPOOL_NAME_LEN];
};

static int read_which(struct genl_info *info, struct kp_which *which)
{
	struct nlattr *id = info->attrs[KPOOL_A_POOL_ID];
	struct nlattr *name = info->attrs[KPOOL_A_POOL_NAME];

	if (id && name) {
		NL_SET_ERR_MSG_ATTR(info->extack, name, "id and name are given, one is enough");
		return -EINVAL;
	}
	if (!id && !name) {
		GENL_REQ_ATTR_CHECK(info, KPOOL_A_POOL_ID);
		NL_SET_ERR_MSG(info->extack, "neither id nor name is given");
		return -EINVAL;
	}
	/* The policy refuses an id of 0. */
	which->id = id ? nla_get_u32(id) : 0;
	if (name)
		nla_strscpy(which->name, name, sizeof(which->name));
	return 0;
}

static struct nlattr *named_by(const struct genl_info *info)
{
	return info->attrs[KPOOL_A_POOL_ID] ?: info->attrs[KPOOL_A_POOL_NAME];
}

/* The pool that a request names by id or by name. The caller is an RCU reader. */
static struct kp_pool *find(struct genl_info *info)
{
	struct kp_which which;
	struct kp_pool *pool;
	int err;

	err = read_which(info, &which);
	if (err)
		return ERR_PTR(err);
	pool = which.id ? kp_registry_find(which.id) : kp_registry_find_name(which.name);
	if (pool)
		return pool;
	NL_SET_BAD_ATTR(info->extack, named_by(info));
	if (which.id)
		NL_SET_ERR_MSG(info->extack, "no pool has that id");
	else
		NL_SET_ERR_MSG(info->extack, "no pool has that name");
	return ERR_PTR(-ENOENT);
}

/* The set that a request names by id or by name. The caller is an RCU reader. */
static struct kp_sized *find_set(struct genl_info *info)
{
	struct kp_which which;
	struct kp_sized *s;
	int err;

	err = read_which(info, &which);
	if (err)
		return ERR_PTR(err);
	s = which.id ? kp_registry_find_set(which.id) : kp_registry_find_set_name(which.name);
	if (s)
		return s;
	NL_SET_BAD_ATTR(info->extack, named_by(info));
	if (which.id)
		NL_SET_ERR_MSG(info->extack, "no set has that id");
	else
		NL_SET_ERR_MSG(info->extack, "no set has that name");
	return ERR_PTR(-ENOENT);
}

static struct kp_msg_head reply_head(const struct genl_info *info)
{
	return (struct kp_msg_head){
		.portid = info->snd_portid,
		.seq = info->snd_seq,
		.cmd = info->genlhdr->cmd,
	};
}

int kpool_nl_pool_get_doit(struct sk_buff *request, struct genl_info *info)
{
	const struct kp_msg_head head = reply_head(info);
	struct sk_buff *skb;
	struct kp_pool *pool;
	int err;

	skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	rcu_read_lock();
	pool = find(info);
	/* This never fails on purpose: who ends a fault asks for the pool first. */
	err = IS_ERR(pool) ? PTR_ERR(pool) : fill_pool(skb, pool, &head);
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
	const struct kp_msg_head head = reply_head(info);
	bool percpu = info->attrs[KPOOL_A_STATS_PERCPU];
	unsigned int part = 0;
	struct sk_buff *skb;
	struct kp_pool *pool;
	int err;

	err = may_see_cpus(request, info->attrs[KPOOL_A_STATS_PERCPU], info->extack);
	if (err)
		return err;
	skb = genlmsg_new(GENLMSG_DEFAULT_SIZE +
			  (percpu ? num_possible_cpus() * kp_cpu_nest_size() : 0), GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	rcu_read_lock();
	pool = find(info);
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
	const struct kp_msg_head head = reply_head(info);
	unsigned int part = 0;
	struct sk_buff *skb;
	struct kp_sized *s;
	int err;

	/* Large enough for all parts. */
	skb = genlmsg_new(GENLMSG_DEFAULT_SIZE + kp_set_nests_size(), GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	rcu_read_lock();
	s = find_set(info);
	err = IS_ERR(s) ? PTR_ERR(s) : fill_set(skb, s, &head, &part);
	rcu_read_unlock();
	if (!err)
		return genlmsg_reply(skb, info);
	nlmsg_free(skb);
	return err;
}

/* In the order in which kpool blames limits that do not go together. */
static const struct {
	enum kpool_limit limit;
	u16 attr;
	u16 offset;
} limit_attrs[] = {
#define ATTR(LIMIT, name)	\
	{ KPOOL_LIMIT_ ## LIMIT, KPOOL_A_POOL_ ## LIMIT, offsetof(struct kpool_limits, name) }
	ATTR(MAGAZINE, magazine),
	ATTR(MIN_IDLE, min_idle),
	ATTR(RESERVE, reserve),
	ATTR(MAX_IDLE, max_idle),
	ATTR(MAX, max),
	ATTR(IDLE_MS, idle_ms),
	ATTR(LIFETIME_MS, lifetime_ms),
#undef ATTR
};

/* Reads the limits of a request. Returns which limits it has, of enum kpool_limit. */
static unsigned int read_limits(const struct genl_info *info, struct kpool_limits *limits)
{
	unsigned int i, given = 0;
	struct nlattr *attr;

	for (i = 0; i < ARRAY_SIZE(limit_attrs); i++) {
		attr = info->attrs[limit_attrs[i].attr];
		if (!attr)
			continue;
		*(unsigned int *)((void *)limits + limit_attrs[i].offset) = nla_get_u32(attr);
		given |= limit_attrs[i].limit;
	}
	return given;
}

/* The attribute to blame in a request. If no limit is wrong, the one that names the pool. */
static struct nlattr *blamed(const struct genl_info *info, unsigned int given,
			     const struct kp_reason *why)
{
	/* The wrong limit may be an old one that does not go with the given limits. */
	unsigned int i, about = why->about & given ?: why->about ? given : 0;

	for (i = 0; i < ARRAY_SIZE(limit_attrs); i++)
		if (about & limit_attrs[i].limit)
			return info->attrs[limit_attrs[i].attr];
	return named_by(info);
}

/* Like find(), but takes a reference, and the caller need not be an RCU reader. */
static struct kp_pool *find_and_hold(struct genl_info *info)
{
	struct kp_pool *pool;

	rcu_read_lock();
	pool = find(info);
	if (!IS_ERR(pool) && !refcount_inc_not_zero(&pool->refs)) {
		NL_SET_ERR_MSG_ATTR(info->extack, named_by(info), "the pool is gone");
		pool = ERR_PTR(-ENOENT);
	}
	rcu_read_unlock();
	return pool;
}

int kpool_nl_pool_set_doit(struct sk_buff *request, struct genl_info *info)
{
	struct kpool_limits limits = { };
	unsigned int given = read_limits(info, &limits);
	struct kp_reason why;
	struct kp_pool *pool;
	int err;

	pool = find_and_hold(info);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	err = given ? kp_retune(pool, &limits, given, &why) :
		      kp_refuse(&why, -EINVAL, 0, "no limit is given");
	kp_unref(pool, 1);
	return err ? genl_refuse(request, info, err, blamed(info, given, &why), why.text) : 0;
}

static int set_debug(struct kp_pool *pool, const struct genl_info *info)
{
	struct nlattr *on = info->attrs[KPOOL_A_POOL_DEBUG];
	struct nlattr *held = info->attrs[KPOOL_A_POOL_HELD_MS];
	int err = 0;

	if (on)
		err = kp_debug_set(pool, nla_get_u8(on));
	if (!err && held)
		err = kp_debug_set_held(pool, nla_get_u32(held));
	return err;
}

static int set_faults(struct kp_pool *pool, const struct genl_info *info)
{
	enum kp_fault fault;
	struct nlattr *one_in;
	int err = 0;

	for (fault = 0; fault < KP_FAULTS_END && !err; fault++) {
		one_in = info->attrs[kp_attr_of_fault(fault)];
		if (one_in)
			err = kp_set_fault(pool, fault, nla_get_u32(one_in));
	}
	return err;
}

static bool asks_nothing(const struct genl_info *info)
{
	enum kp_fault fault;

	for (fault = 0; fault < KP_FAULTS_END; fault++)
		if (info->attrs[kp_attr_of_fault(fault)])
			return false;
	return !info->attrs[KPOOL_A_POOL_DEBUG] && !info->attrs[KPOOL_A_POOL_HELD_MS];
}

static int change_debug(struct kp_pool *pool, struct genl_info *info, struct kp_reason *why)
{
	int err;

	if (asks_nothing(info))
		return kp_refuse(why, -EINVAL, 0, "neither debug, held-ms nor a fault is given");
	err = set_debug(pool, info) ?: set_faults(pool, info);
	switch (err) {
	case 0:
		kp_tell_changed(pool);
		return 0;
	case -EOPNOTSUPP:
		return kp_refuse(why, err, 0, "debug: a pool with the flag anyctx cannot be");
	case -ENODATA:
		return kp_refuse(why, -EINVAL, 0, "held-ms: the pool was never debugged");
	case -ESHUTDOWN:
		return kp_refuse(why, err, 0, "the pool is being destroyed");
	default:
		return kp_refuse(why, err, 0, "no memory");
	}
}

int kpool_nl_pool_debug_doit(struct sk_buff *request, struct genl_info *info)
{
	struct kp_reason why;
	struct kp_pool *pool;
	int err;

	pool = find_and_hold(info);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	err = change_debug(pool, info, &why);
	kp_unref(pool, 1);
	return err ? genl_refuse(request, info, err, named_by(info), why.text) : 0;
}

/* Position of a dump, in netlink_callback.ctx. */
struct kp_dump {
	u32 done;		/* id of the last pool or set that is completely in messages */
	u32 partly;		/* id of a pool or set of which some parts are in messages */
	unsigned int part;	/* the next part of the pool or set with the id partly */
};

static_assert(sizeof(struct kp_dump) <= sizeof_field(struct netlink_callback, ctx));

static struct kp_msg_head dump_head(struct netlink_callback *cb, u8 cmd)
{
	return (struct kp_msg_head){
		.portid = NETLINK_CB(cb->skb).portid,
		.seq = cb->nlh->nlmsg_seq,
		.flags = NLM_F_MULTI,
		.cmd = cmd,
	};
}

/* A dump shows all pools or sets, so it accepts no id and no name. */
static int dump_check(struct netlink_callback *cb)
{
	struct nlattr **attrs = genl_dump_attrs(cb);
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
	const struct kp_msg_head head = dump_head(cb, cmd);
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

	return pool ? fill_pool(skb, pool, head) ?: 1 : 0;
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
	bool percpu = genl_dump_attrs(cb)[KPOOL_A_STATS_PERCPU];

	return pool ? fill_stats(skb, pool, head, percpu, dump_part(cb, *id)) ?: 1 : 0;
}

int kpool_nl_stats_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	int err = may_see_cpus(cb->skb, genl_dump_attrs(cb)[KPOOL_A_STATS_PERCPU], cb->extack);

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

/*
 * Tells listeners what happened to a pool. A listener that has no room for the message finds
 * ENOBUFS instead. So do all listeners if there is no memory for the message. The end of a pool
 * does not reclaim memory for the message: the task that reclaims may be waiting for the pool to
 * end.
 */
static void notify(struct kp_pool *pool, u8 cmd)
{
	const gfp_t gfp = cmd == KPOOL_CMD_POOL_ADD_NTF ? GFP_KERNEL : GFP_NOWAIT | __GFP_NOWARN;
	const struct kp_msg_head head = { .cmd = cmd };
	struct sk_buff *skb;

	if (!genl_has_listeners(&family, &init_net, KPOOL_NLGRP_EVENTS))
		return;
	skb = kp_fail(pool, KP_FAIL_MESSAGE) ? NULL : genlmsg_new(GENLMSG_DEFAULT_SIZE, gfp);
	if (!skb || fill_pool(skb, pool, &head)) {
		nlmsg_free(skb);
		genl_set_err(&family, &init_net, 0, KPOOL_NLGRP_EVENTS, -ENOBUFS);
		return;
	}
	genlmsg_multicast_netns(&family, &init_net, skb, 0, KPOOL_NLGRP_EVENTS, gfp);
}

static void tell_added(struct kp_pool *pool)
{
	notify(pool, KPOOL_CMD_POOL_ADD_NTF);
}

static void tell_changed(struct kp_pool *pool)
{
	notify(pool, KPOOL_CMD_POOL_CHANGE_NTF);
}

static void tell_removed(struct kp_pool *pool)
{
	notify(pool, KPOOL_CMD_POOL_DEL_NTF);
}

static struct kp_observer observer = {
	.added = tell_added,
	.changed = tell_changed,
	.removed = tell_removed,
};

int kp_netlink_init(void)
{
	int err = genl_register_family(&family);

	if (!err)
		kp_observe(&observer);
	return err;
}

void kp_netlink_exit(void)
{
	kp_observe_no_more(&observer);
	genl_unregister_family(&family);
}
