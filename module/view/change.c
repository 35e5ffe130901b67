// SPDX-License-Identifier: GPL-2.0-only
/*
 * Netlink requests that change a pool. They need CAP_NET_ADMIN, and take a reference to the pool.
 * None of them waits for a callback of a consumer that may sleep.
 */
#include <linux/kernel.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>

#include "base/fault.h"
#include "base/observer.h"
#include "base/params.h"
#include "base/ref.h"
#include "compat/genetlink.h"
#include "policy/drain.h"
#include "policy/instrument.h"
#include "policy/retune.h"
#include "pool.h"
#include "sized/limit.h"
#include "sized/set.h"
#include "sized/sets.h"
#include "store/waiters.h"
#include "view/family.h"
#include "view/netlink-gen.h"
#include "view/pool_attrs.h"
#include "view/request.h"

/* The spec has this limit as a number. */
static_assert(KPOOL_MAGAZINE_MAX == 4096);

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
	return kp_request_name(info);
}

int kpool_nl_pool_set_doit(struct sk_buff *request, struct genl_info *info)
{
	struct kpool_limits limits = { };
	unsigned int given = read_limits(info, &limits);
	struct kp_reason why;
	struct kp_pool *pool;
	int err;

	pool = kp_request_pool_held(info);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	err = given ? kp_retune(pool, &limits, given, &why) :
		      kp_refuse(&why, -EINVAL, 0, "no limit is given");
	kp_unref(pool, 1);
	return err ? genl_refuse(request, info, err, blamed(info, given, &why), why.text) : 0;
}

/* The set that a request names, with a reference. */
static struct kp_sized *hold_set(struct genl_info *info)
{
	struct kp_sized *s;

	rcu_read_lock();
	s = kp_request_set(info);
	if (!IS_ERR(s) && !refcount_inc_not_zero(&s->refs)) {
		NL_SET_ERR_MSG_ATTR(info->extack, kp_request_name(info), "the set is gone");
		s = ERR_PTR(-ENOENT);
	}
	rcu_read_unlock();
	return s;
}

int kpool_nl_set_set_doit(struct sk_buff *request, struct genl_info *info)
{
	struct nlattr *bytes = info->attrs[KPOOL_A_SET_MAX_IDLE_BYTES];
	struct kp_reason why;
	struct kp_sized *s;
	int err;

	s = hold_set(info);
	if (IS_ERR(s))
		return PTR_ERR(s);
	err = bytes ? kp_sized_set_limit(s, nla_get_u64(bytes), &why) :
		      kp_refuse(&why, -EINVAL, 0, "no limit is given");
	kp_sized_unref(s, 1);
	return err ? genl_refuse(request, info, err, bytes ?: kp_request_name(info), why.text) : 0;
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

/*
 * Tells observers of a change of instruments, or says why there is none: err. anyctx and never are
 * the texts for -EOPNOTSUPP and -ENODATA.
 */
static int told(struct kp_pool *pool, int err, struct kp_reason *why, const char *anyctx,
		const char *never)
{
	switch (err) {
	case 0:
		kp_tell_changed(pool);
		return 0;
	case -EOPNOTSUPP:
		return kp_refuse(why, err, 0, "%s", anyctx);
	case -ENODATA:
		return kp_refuse(why, -EINVAL, 0, "%s", never);
	case -ESHUTDOWN:
		return kp_refuse(why, err, 0, "the pool is being destroyed");
	default:
		return kp_refuse(why, err, 0, "no memory");
	}
}

static int change_debug(struct kp_pool *pool, struct genl_info *info, struct kp_reason *why)
{
	if (asks_nothing(info))
		return kp_refuse(why, -EINVAL, 0, "neither debug, held-ms nor a fault is given");
	return told(pool, set_debug(pool, info) ?: set_faults(pool, info), why,
		    "debug: a pool with the flag anyctx cannot be",
		    "held-ms: the pool was never debugged");
}

/* Finds the pool of a request, and changes it. change_pool: says why it refuses. */
static int change(struct sk_buff *request, struct genl_info *info,
		  int (*change_pool)(struct kp_pool *pool, struct genl_info *info,
				     struct kp_reason *why))
{
	struct kp_reason why;
	struct kp_pool *pool;
	int err;

	pool = kp_request_pool_held(info);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	err = change_pool(pool, info, &why);
	kp_unref(pool, 1);
	return err ? genl_refuse(request, info, err, kp_request_name(info), why.text) : 0;
}

int kpool_nl_pool_debug_doit(struct sk_buff *request, struct genl_info *info)
{
	return change(request, info, change_debug);
}

static int set_track(struct kp_pool *pool, const struct genl_info *info)
{
	struct nlattr *one_in = info->attrs[KPOOL_A_POOL_TRACK];
	struct nlattr *leak = info->attrs[KPOOL_A_POOL_LEAK_MS];
	int err = 0;

	if (one_in)
		err = kp_track_set(pool, nla_get_u32(one_in));
	if (!err && leak)
		err = kp_track_set_leak(pool, nla_get_u32(leak));
	return err;
}

static int change_track(struct kp_pool *pool, struct genl_info *info, struct kp_reason *why)
{
	if (!info->attrs[KPOOL_A_POOL_TRACK] && !info->attrs[KPOOL_A_POOL_LEAK_MS])
		return kp_refuse(why, -EINVAL, 0, "neither track nor leak-ms is given");
	return told(pool, set_track(pool, info), why,
		    "track: a pool with the flag anyctx cannot be",
		    "leak-ms: the pool was never tracked");
}

int kpool_nl_pool_track_doit(struct sk_buff *request, struct genl_info *info)
{
	return change(request, info, change_track);
}

static int put_trimmed(struct sk_buff *skb, const struct kp_pool *pool, u64 trimmed,
		       const struct genl_info *info)
{
	const struct kp_msg_head head = kp_reply_head(info);
	void *msg = kp_msg_begin(skb, &head);

	if (!msg || nla_put_u32(skb, KPOOL_A_POOL_ID, pool->id) ||
	    nla_put_string(skb, KPOOL_A_POOL_NAME, pool->name) ||
	    nla_put_u64_64bit(skb, KPOOL_A_POOL_TRIMMED, trimmed, KPOOL_A_POOL_PAD))
		return -EMSGSIZE;
	genlmsg_end(skb, msg);
	return 0;
}

int kpool_nl_pool_trim_doit(struct sk_buff *request, struct genl_info *info)
{
	struct sk_buff *skb;
	struct kp_pool *pool;
	int err = -ESHUTDOWN;

	/* First: nothing is trimmed if nobody can be told how much. */
	skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	pool = kp_request_pool_held(info);
	if (IS_ERR(pool)) {
		nlmsg_free(skb);
		return PTR_ERR(pool);
	}
	if (kp_enter(pool)) {
		err = put_trimmed(skb, pool, kp_trim(pool), info);
		kp_leave(pool);
	} else {
		NL_SET_ERR_MSG_ATTR(info->extack, kp_request_name(info),
				    "the pool is being destroyed");
	}
	kp_unref(pool, 1);
	if (!err)
		return genlmsg_reply(skb, info);
	nlmsg_free(skb);
	return err;
}

int kpool_nl_pool_reset_peaks_doit(struct sk_buff *request, struct genl_info *info)
{
	struct kp_pool *pool = kp_request_pool_held(info);

	if (IS_ERR(pool))
		return PTR_ERR(pool);
	if (pool->waitlist)
		kp_waitlist_reset_peaks(pool->waitlist);
	kp_unref(pool, 1);
	return 0;
}
