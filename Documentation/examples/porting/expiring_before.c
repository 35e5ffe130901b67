// SPDX-License-Identifier: GPL-2.0-only
/* Session keys that nobody may use after ten idle seconds: a delayed work sweeps the list. */
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#define IDLE_MS		10000

struct session {
	struct list_head node;
	unsigned long idle_since;
	u8 key[32];
};

static LIST_HEAD(idle);				/* the last one that was put is first */
static DEFINE_SPINLOCK(idle_lock);		/* Protects: idle */

static void sweep(struct work_struct *work);
static DECLARE_DELAYED_WORK(sweep_work, sweep);

static bool expired(const struct session *session)
{
	return time_after(jiffies, session->idle_since + msecs_to_jiffies(IDLE_MS));
}

static void sweep(struct work_struct *work)
{
	struct session *session, *next;

	spin_lock(&idle_lock);
	list_for_each_entry_safe_reverse(session, next, &idle, node) {
		if (!expired(session))
			break;
		list_del(&session->node);
		kfree_sensitive(session);
	}
	spin_unlock(&idle_lock);
	schedule_delayed_work(&sweep_work, msecs_to_jiffies(1000));
}

static struct session *session_get(void)
{
	struct session *session;

	spin_lock(&idle_lock);
	session = list_first_entry_or_null(&idle, struct session, node);
	if (session && expired(session))
		session = NULL;
	if (session)
		list_del(&session->node);
	spin_unlock(&idle_lock);
	if (session)
		return session;
	session = kmalloc(sizeof(*session), GFP_KERNEL);
	if (session)
		get_random_bytes(session->key, sizeof(session->key));
	return session;
}

static void session_put(struct session *session)
{
	session->idle_since = jiffies;
	spin_lock(&idle_lock);
	list_add(&session->node, &idle);
	spin_unlock(&idle_lock);
}

static int sessions_create(void)
{
	schedule_delayed_work(&sweep_work, msecs_to_jiffies(1000));
	return 0;
}

static void sessions_destroy(void)
{
	struct session *session, *next;

	cancel_delayed_work_sync(&sweep_work);
	list_for_each_entry_safe(session, next, &idle, node)
		kfree_sensitive(session);
}

/* The module uses the above once. */
static int __init example_init(void)
{
	struct session *session;
	int err = sessions_create();

	if (err)
		return err;
	session = session_get();
	if (session)
		session_put(session);
	return 0;
}
module_init(example_init);

static void __exit example_exit(void)
{
	sessions_destroy();
}
module_exit(example_exit);

MODULE_DESCRIPTION("Session keys in a list");
MODULE_LICENSE("GPL");
