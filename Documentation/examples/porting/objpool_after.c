// SPDX-License-Identifier: GPL-2.0-only
/* Probe events from a pool for any context. */
#include <linux/kpool.h>

struct event {
	unsigned long ip;
	u64 began;
};

static struct kpool *events;

static struct event *event_begin(unsigned long ip)
{
	struct event *event = kpool_get(events, GFP_NOWAIT);

	if (IS_ERR(event))
		return NULL;
	event->ip = ip;
	return event;
}

static void event_end(struct event *event)
{
	kpool_put(events, event);
}

static int events_create(void)
{
	events = kpool_create(&(struct kpool_params){
		.name = "probe-events",
		.size = sizeof(struct event),
		.flags = KPOOL_ANYCTX,
		.min_idle = 128,
		.max = 128,
	});
	return PTR_ERR_OR_ZERO(events);
}

static void events_destroy(void)
{
	kpool_destroy(events);
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

MODULE_DESCRIPTION("Probe events from a pool");
MODULE_LICENSE("GPL");
KPOOL_IMPORT_NS;
