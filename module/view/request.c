// SPDX-License-Identifier: GPL-2.0-only
/* Finds the pool or set that a netlink request names. */
#include <linux/netlink.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>

#include "base/registry.h"
#include "compat/genetlink.h"
#include "pool.h"
#include "sized/set.h"
#include "sized/sets.h"
#include "view/request.h"

/* All kinds of requests name their pool or set by the same attributes, see read_which(). */
static_assert((int)KPOOL_A_POOL_ID == (int)KPOOL_A_STATS_ID);
static_assert((int)KPOOL_A_POOL_NAME == (int)KPOOL_A_STATS_NAME);
static_assert((int)KPOOL_A_POOL_ID == (int)KPOOL_A_SET_ID);
static_assert((int)KPOOL_A_POOL_NAME == (int)KPOOL_A_SET_NAME);

/* How a request names a pool or a set: by its id, or by its name if id is 0. */
struct kp_which {
	u32 id;
	char name[KPOOL_NAME_LEN];
};

static int read_which(struct nlattr **attrs, struct netlink_ext_ack *extack,
		      struct kp_which *which)
{
	struct nlattr *id = attrs[KPOOL_A_POOL_ID], *name = attrs[KPOOL_A_POOL_NAME];

	if (id && name) {
		NL_SET_ERR_MSG_ATTR(extack, name, "id and name are given, one is enough");
		return -EINVAL;
	}
	/* The policy refuses an id of 0. */
	which->id = id ? nla_get_u32(id) : 0;
	if (name)
		nla_strscpy(which->name, name, sizeof(which->name));
	return 0;
}

/* The attribute that names the pool or set. */
struct nlattr *kp_request_name(const struct genl_info *info)
{
	return info->attrs[KPOOL_A_POOL_ID] ?: info->attrs[KPOOL_A_POOL_NAME];
}

static int read_request(struct genl_info *info, struct kp_which *which)
{
	if (!info->attrs[KPOOL_A_POOL_ID] && !info->attrs[KPOOL_A_POOL_NAME]) {
		GENL_REQ_ATTR_CHECK(info, KPOOL_A_POOL_ID);
		NL_SET_ERR_MSG(info->extack, "neither id nor name is given");
		return -EINVAL;
	}
	return read_which(info->attrs, info->extack, which);
}

static struct kp_pool *find_pool(struct nlattr **attrs, struct netlink_ext_ack *extack,
				 const struct kp_which *which)
{
	struct kp_pool *pool;

	pool = which->id ? kp_registry_find(which->id) : kp_registry_find_name(which->name);
	if (pool)
		return pool;
	NL_SET_BAD_ATTR(extack, attrs[KPOOL_A_POOL_ID] ?: attrs[KPOOL_A_POOL_NAME]);
	if (which->id)
		NL_SET_ERR_MSG(extack, "no pool has that id");
	else
		NL_SET_ERR_MSG(extack, "no pool has that name");
	return ERR_PTR(-ENOENT);
}

/* The pool that a request names by id or by name. The caller is an RCU reader. */
struct kp_pool *kp_request_pool(struct genl_info *info)
{
	struct kp_which which;
	int err = read_request(info, &which);

	return err ? ERR_PTR(err) : find_pool(info->attrs, info->extack, &which);
}

/*
 * The same for a dump that may be of one pool. Sets *id to 0 if no pool is named. Returns 0 or an
 * error. The caller is an RCU reader.
 */
int kp_dump_pool(struct netlink_callback *cb, u32 *id)
{
	struct nlattr **attrs = genl_info_dump(cb)->attrs;
	struct kp_which which;
	struct kp_pool *pool;
	int err;

	*id = 0;
	if (!attrs[KPOOL_A_POOL_ID] && !attrs[KPOOL_A_POOL_NAME])
		return 0;
	err = read_which(attrs, cb->extack, &which);
	if (err)
		return err;
	pool = find_pool(attrs, cb->extack, &which);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	*id = pool->id;
	return 0;
}

/* The set that a request names by id or by name. The caller is an RCU reader. */
struct kp_sized *kp_request_set(struct genl_info *info)
{
	struct kp_which which;
	struct kp_sized *s;
	int err;

	err = read_request(info, &which);
	if (err)
		return ERR_PTR(err);
	s = which.id ? kp_registry_find_set(which.id) : kp_registry_find_set_name(which.name);
	if (s)
		return s;
	NL_SET_BAD_ATTR(info->extack, kp_request_name(info));
	if (which.id)
		NL_SET_ERR_MSG(info->extack, "no set has that id");
	else
		NL_SET_ERR_MSG(info->extack, "no set has that name");
	return ERR_PTR(-ENOENT);
}

/* Like kp_request_pool(), but takes a reference, and the caller need not be an RCU reader. */
struct kp_pool *kp_request_pool_held(struct genl_info *info)
{
	struct kp_pool *pool;

	rcu_read_lock();
	pool = kp_request_pool(info);
	if (!IS_ERR(pool) && !refcount_inc_not_zero(&pool->refs)) {
		NL_SET_ERR_MSG_ATTR(info->extack, kp_request_name(info), "the pool is gone");
		pool = ERR_PTR(-ENOENT);
	}
	rcu_read_unlock();
	return pool;
}
