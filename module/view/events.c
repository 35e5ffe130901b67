// SPDX-License-Identifier: GPL-2.0-only
/* Tells programs that listen to the netlink family what happens to pools. */
#include <net/genetlink.h>
#include <net/net_namespace.h>

#include "base/fault.h"
#include "base/observer.h"
#include "pool.h"
#include "view/events.h"
#include "view/family.h"
#include "view/netlink-gen.h"

static bool listens(void)
{
	return genl_has_listeners(&kp_family, &init_net, KPOOL_NLGRP_EVENTS);
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

	if (!listens())
		return;
	skb = kp_fail(pool, KP_FAIL_MESSAGE) ? NULL : genlmsg_new(GENLMSG_DEFAULT_SIZE, gfp);
	if (!skb || kp_msg_pool(skb, pool, &head)) {
		nlmsg_free(skb);
		genl_set_err(&kp_family, &init_net, 0, KPOOL_NLGRP_EVENTS, -ENOBUFS);
		return;
	}
	genlmsg_multicast_netns(&kp_family, &init_net, skb, 0, KPOOL_NLGRP_EVENTS, gfp);
}

static void tell_added(struct kp_pool *pool)
{
	notify(pool, KPOOL_CMD_POOL_ADD_NTF);
}

static void tell_changed(struct kp_pool *pool)
{
	notify(pool, KPOOL_CMD_POOL_CHANGE_NTF);
}

static void tell_leak(struct kp_pool *pool)
{
	notify(pool, KPOOL_CMD_POOL_LEAK_NTF);
}

static void tell_exhausted(struct kp_pool *pool)
{
	notify(pool, KPOOL_CMD_POOL_EXHAUSTED_NTF);
}

static void tell_recovered(struct kp_pool *pool)
{
	notify(pool, KPOOL_CMD_POOL_RECOVERED_NTF);
}

static void tell_timeouts(struct kp_pool *pool)
{
	notify(pool, KPOOL_CMD_POOL_TIMEOUT_NTF);
}

static void tell_pressure(struct kp_pool *pool)
{
	notify(pool, KPOOL_CMD_POOL_PRESSURE_NTF);
}

static void tell_removed(struct kp_pool *pool)
{
	notify(pool, KPOOL_CMD_POOL_DEL_NTF);
}

static struct kp_observer observer = {
	.added = tell_added,
	.changed = tell_changed,
	.leak = tell_leak,
	.exhausted = tell_exhausted,
	.recovered = tell_recovered,
	.timeouts = tell_timeouts,
	.pressure = tell_pressure,
	.listens = listens,
	.removed = tell_removed,
};

void kp_events_init(void)
{
	kp_observe(&observer);
}

void kp_events_exit(void)
{
	kp_observe_no_more(&observer);
}
