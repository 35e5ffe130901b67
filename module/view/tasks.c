// SPDX-License-Identifier: GPL-2.0-only
/*
 * Netlink requests that show tasks: the holders of objects, and the gets that wait. They tell one
 * user of the machine what another user does, so they need CAP_NET_ADMIN.
 *
 * A dump is of one pool or of all. It has no lock and no reference between two messages. So the
 * pool may end meanwhile, and holders and waiters may come and go. A holder that stays is in the
 * dump once, and so is a waiter.
 */
#include <linux/kernel.h>
#include <linux/netlink.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "base/records.h"
#include "base/ref.h"
#include "base/registry.h"
#include "compat/genetlink.h"
#include "object/holders.h"
#include "pool.h"
#include "store/waiters.h"
#include "view/family.h"
#include "view/netlink-gen.h"
#include "view/request.h"

/* All kinds of requests name their pool by the same attributes, see view/request.c. */
static_assert((int)KPOOL_A_POOL_ID == (int)KPOOL_A_HOLDER_ID);
static_assert((int)KPOOL_A_POOL_NAME == (int)KPOOL_A_HOLDER_NAME);
static_assert((int)KPOOL_A_POOL_ID == (int)KPOOL_A_WAITER_ID);
static_assert((int)KPOOL_A_POOL_NAME == (int)KPOOL_A_WAITER_NAME);

/* Longer names are cut, so that a message with a stack fits into the buffer of a dump. */
#define FUNCTION_LEN	128

/* Puts the name of a function, with an offset and its module. */
static int put_function(struct sk_buff *skb, int attr, unsigned long address)
{
	char text[FUNCTION_LEN];

	/* %pB: the address is where a call returns to, which may lie behind the caller's end. */
	snprintf(text, sizeof(text), "%pB", (void *)address);
	return nla_put_string(skb, attr, text);
}

static int put_stack(struct sk_buff *skb, const struct kp_holder *by)
{
	unsigned long *functions;
	unsigned int n = kp_holder_stack(by, &functions), i;
	int err = 0;

	for (i = 0; i < n && !err; i++)
		err = put_function(skb, KPOOL_A_HOLDER_STACK, functions[i]);
	return err;
}

static int put_holder(struct sk_buff *skb, struct kp_pool *pool, const struct kp_held *held)
{
	return nla_put_u32(skb, KPOOL_A_HOLDER_ID, pool->id) ||
	       nla_put_string(skb, KPOOL_A_HOLDER_NAME, pool->name) ||
	       nla_put_u32(skb, KPOOL_A_HOLDER_NUMBER, held->number) ||
	       nla_put_u64_64bit(skb, KPOOL_A_HOLDER_HELD_MS, held->ms, KPOOL_A_HOLDER_PAD) ||
	       nla_put_u32(skb, KPOOL_A_HOLDER_PID, held->by.pid) ||
	       nla_put_string(skb, KPOOL_A_HOLDER_COMM, held->by.comm) ||
	       (held->by.caller &&
		put_function(skb, KPOOL_A_HOLDER_CALLER, held->by.caller)) ||
	       put_stack(skb, &held->by);
}

static int put_waiter(struct sk_buff *skb, struct kp_pool *pool, const struct kp_waiting *w)
{
	return nla_put_u32(skb, KPOOL_A_WAITER_ID, pool->id) ||
	       nla_put_string(skb, KPOOL_A_WAITER_NAME, pool->name) ||
	       nla_put_u64_64bit(skb, KPOOL_A_WAITER_WAIT_NS, w->ns, KPOOL_A_WAITER_PAD) ||
	       nla_put_u32(skb, KPOOL_A_WAITER_PID, w->pid) ||
	       nla_put_string(skb, KPOOL_A_WAITER_COMM, w->comm) ||
	       nla_put_u32(skb, KPOOL_A_WAITER_WANTED, w->wanted) ||
	       nla_put_u32(skb, KPOOL_A_WAITER_GOT, w->got);
}

static int end_message(struct sk_buff *skb, void *msg, int no_room)
{
	if (no_room) {
		genlmsg_cancel(skb, msg);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, msg);
	return 0;
}

static int msg_holder(struct sk_buff *skb, struct kp_pool *pool, const struct kp_held *held,
		      const struct kp_msg_head *head)
{
	void *msg = kp_msg_begin(skb, head);

	return msg ? end_message(skb, msg, put_holder(skb, pool, held)) : -EMSGSIZE;
}

static int msg_waiter(struct sk_buff *skb, struct kp_pool *pool, const struct kp_waiting *w,
		      const struct kp_msg_head *head)
{
	void *msg = kp_msg_begin(skb, head);

	return msg ? end_message(skb, msg, put_waiter(skb, pool, w)) : -EMSGSIZE;
}

/* The longest holder of a pool. Context: process context, with a reference to the pool. */
static int reply_holder(struct sk_buff *skb, struct kp_pool *pool, const struct genl_info *info)
{
	const struct kp_msg_head head = kp_reply_head(info);
	struct kp_records *records = kp_holders(pool);
	struct kp_held held;

	if (!records) {
		NL_SET_ERR_MSG(info->extack, "the pool is not tracked: pool-track begins that");
		return -ENODATA;
	}
	if (!kp_records_longest(records, pool, &held, 1)) {
		NL_SET_ERR_MSG(info->extack, "the pool knows no holder of an object");
		return -ENOENT;
	}
	return msg_holder(skb, pool, &held, &head);
}

static int reply_waiter(struct sk_buff *skb, struct kp_pool *pool, const struct genl_info *info)
{
	const struct kp_msg_head head = kp_reply_head(info);
	struct kp_waiting waiting[KP_WAITERS_BATCH];

	if (!pool->waitlist || !kp_waiters_after(pool, 0, waiting)) {
		NL_SET_ERR_MSG(info->extack, "nobody waits");
		return -ENOENT;
	}
	return msg_waiter(skb, pool, &waiting[0], &head);
}

static int reply(struct genl_info *info,
		 int (*put)(struct sk_buff *skb, struct kp_pool *pool,
			    const struct genl_info *info))
{
	struct sk_buff *skb;
	struct kp_pool *pool;
	int err;

	pool = kp_request_pool_held(info);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	skb = genlmsg_new(GENLMSG_DEFAULT_SIZE + (KP_STACK_MOST + 1) * FUNCTION_LEN, GFP_KERNEL);
	err = skb ? put(skb, pool, info) : -ENOMEM;
	kp_unref(pool, 1);
	if (!err)
		return genlmsg_reply(skb, info);
	nlmsg_free(skb);
	return err;
}

int kpool_nl_holders_get_doit(struct sk_buff *request, struct genl_info *info)
{
	return reply(info, reply_holder);
}

int kpool_nl_waiters_get_doit(struct sk_buff *request, struct genl_info *info)
{
	return reply(info, reply_waiter);
}

/* Position of a dump, in netlink_callback.ctx. */
struct kp_task_dump {
	bool begun;
	u32 only;		/* id of the pool that the request names; 0: none */
	u32 done;		/* id of the last pool that is completely in messages */
	u32 partly;		/* id of a pool that is in messages in part ... */
	u64 from;		/* ... and where the rest begins: 0: at the first */
};

static_assert(sizeof(struct kp_task_dump) <= sizeof_field(struct netlink_callback, ctx));

/* The pool to go on with, or NULL. */
static struct kp_pool *dump_pool(struct kp_task_dump *dump)
{
	u32 id = dump->done;
	struct kp_pool *pool;

	if (dump->only)
		pool = dump->done ? NULL : kp_registry_find(dump->only);
	else
		pool = kp_registry_after(&id);
	/* The pool that is partly in messages can be gone. */
	if (pool && dump->partly != pool->id) {
		dump->partly = pool->id;
		dump->from = 0;
	}
	return pool;
}

/*
 * all: puts messages about a pool, from *from on. Returns 0, -EMSGSIZE if some had no room, or
 * -EAGAIN to be called again.
 */
static int dump_tasks(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
		      int (*all)(struct sk_buff *skb, struct kp_pool *pool, u64 *from,
				 const struct kp_msg_head *head))
{
	const struct kp_msg_head head = kp_dump_head(cb, cmd);
	struct kp_task_dump *dump = (void *)cb->ctx;
	struct kp_pool *pool;
	int err = 0;

	do {
		/* A section for each pool, and for a part of the records of a large one. */
		rcu_read_lock();
		if (!dump->begun)
			err = kp_dump_pool(cb, &dump->only);
		dump->begun = true;
		pool = err ? NULL : dump_pool(dump);
		if (pool)
			err = all(skb, pool, &dump->from, &head);
		if (pool && !err)
			dump->done = pool->id;
		rcu_read_unlock();
		cond_resched();
	} while (pool && (!err || err == -EAGAIN));
	return err && skb->len ? skb->len : err;
}

static int all_holders(struct sk_buff *skb, struct kp_pool *pool, u64 *from,
		       const struct kp_msg_head *head)
{
	struct kp_records *records = kp_holders(pool);
	unsigned long key = *from;
	struct kp_held held;
	int err = 0;

	while (records && (err = kp_records_held_from(records, pool, &key, &held)) > 0) {
		err = msg_holder(skb, pool, &held, head);
		if (err)
			break;
		*from = key;
	}
	if (err == -EAGAIN)
		*from = key;
	return err;
}

static int all_waiters(struct sk_buff *skb, struct kp_pool *pool, u64 *from,
		       const struct kp_msg_head *head)
{
	struct kp_waiting waiting[KP_WAITERS_BATCH];
	unsigned int i, n;
	int err = 0;

	do {
		n = pool->waitlist ? kp_waiters_after(pool, *from, waiting) : 0;
		for (i = 0; i < n && !err; i++) {
			err = msg_waiter(skb, pool, &waiting[i], head);
			if (!err)
				*from = waiting[i].arrival;
		}
	} while (n && !err);
	return err;
}

int kpool_nl_holders_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump_tasks(skb, cb, KPOOL_CMD_HOLDERS_GET, all_holders);
}

int kpool_nl_waiters_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump_tasks(skb, cb, KPOOL_CMD_WAITERS_GET, all_waiters);
}
