// SPDX-License-Identifier: GPL-2.0-only
/* Probe events from an objpool, which has 128 of them and never more. */
#include <linux/module.h>
#include <linux/objpool.h>

struct event {
	unsigned long ip;
	u64 began;
};

static struct objpool_head events;

static struct event *event_begin(unsigned long ip)
{
	struct event *event = objpool_pop(&events);

	if (event)
		event->ip = ip;
	return event;
}

static void event_end(struct event *event)
{
	objpool_push(event, &events);
}

static int events_create(void)
{
	return objpool_init(&events, 128, sizeof(struct event), GFP_KERNEL, NULL, NULL, NULL);
}

static void events_destroy(void)
{
	objpool_fini(&events);
}

/* The module uses the above once. */
static int __init example_init(void)
{
	struct event *event;
	int err = events_create();

	if (err)
		return err;
	event = event_begin(_RET_IP_);
	if (event)
		event_end(event);
	return 0;
}
module_init(example_init);

static void __exit example_exit(void)
{
	events_destroy();
}
module_exit(example_exit);

MODULE_DESCRIPTION("Probe events from an objpool");
MODULE_LICENSE("GPL");
