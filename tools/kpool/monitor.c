// SPDX-License-Identifier: GPL-2.0-only
/* kpool monitor: what becomes of pools, as it happens. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tool.h"

struct monitor {
	const struct options *o;
	unsigned long events;
};

static const char * const events[] = {
	[KP_PRESENT] = "present",
	[KP_CREATED] = "created",
	[KP_CHANGED] = "changed",
	[KP_LEAK] = "leak",
	[KP_EXHAUSTED] = "exhausted",
	[KP_RECOVERED] = "recovered",
	[KP_TIMEOUT] = "timeout",
	[KP_PRESSURE] = "pressure",
	[KP_DETACHED] = "detached",
	[KP_GONE] = "gone",
	[KP_LOST] = "lost",
};

static void print_limits(const struct kp_pool *pool, const struct options *o)
{
	const struct kp_field *field;
	const char *before = "";
	char text[CELL_LEN];

	for (field = kp_pool_fields; field->name; field++) {
		if (!kp_is_limit(field))
			continue;
		text_of(text, field, pool, o);
		printf("%s%s %s", before, field->name, text);
		before = ", ";
	}
}

static void print_objects(const struct kp_pool *pool)
{
	char size[CELL_LEN];

	bytes_text(size, pool->size, false);
	printf("size %s, existing %llu, in_use %llu", size, pool->existing, pool->in_use);
	if (pool->max && pool->max != KP_NONE)
		printf(", max %llu, waiting %llu, timeouts %llu", pool->max, pool->waiting,
		       pool->timeouts);
	if (*pool->owner)
		printf(", owner %s", pool->owner);
}

static void print_text(enum kp_event event, const struct kp_pool *pool,
		       const struct timespec *now, const struct options *o)
{
	char clock[16];
	struct tm tm;

	localtime_r(&now->tv_sec, &tm);
	strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	printf("%s.%03ld %-9s ", clock, now->tv_nsec / 1000000, events[event]);
	if (!pool) {
		printf("some events: too many at once\n");
		return;
	}
	printf("%5llu %-24s ", pool->id, pool->name);
	if (event == KP_CHANGED)
		print_limits(pool, o);
	else
		print_objects(pool);
	putchar('\n');
}

static void print_json(enum kp_event event, const struct kp_pool *pool,
		       const struct timespec *now, const struct options *o)
{
	json_t *object = checked(json_object());

	json_object_set_new(object, "time",
			    checked(json_real((double)now->tv_sec + (double)now->tv_nsec / 1e9)));
	json_object_set_new(object, "event", checked(json_string(events[event])));
	if (pool) {
		json_object_set_new(object, "waiting",
				    checked(json_integer((json_int_t)pool->waiting)));
		json_object_set_new(object, "timeouts",
				    checked(json_integer((json_int_t)pool->timeouts)));
		json_object_set_new(object, "pool", json_of_pool(pool));
	}
	json_print(object, o);
}

static bool on_event(enum kp_event event, const struct kp_pool *pool, void *arg)
{
	struct monitor *m = arg;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (m->o->json)
		print_json(event, pool, &now, m->o);
	else
		print_text(event, pool, &now, m->o);
	return flush_output() && ++m->events != m->o->count;
}

enum exit_status cmd_monitor(const struct options *o, int argc, char **argv)
{
	enum exit_status status = EXIT_DONE;
	struct monitor m = { .o = o };
	struct kp *kp;

	if (argc)
		return usage("monitor listens to all pools, it takes no '%s'", argv[0]);
	kp = connect_kernel();
	if (!kp)
		return EXIT_REFUSED;
	if (kp_listen(kp, o->present, on_event, &m))
		status = refused("%s", kp_message(kp));
	kp_close(kp);
	return status;
}
