// SPDX-License-Identifier: GPL-2.0-only
/* kpool waiters: which tasks wait for objects, and since when. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

struct waits {
	struct kp_waiter *waiters;
	size_t n;
};

static void print_table(const struct waits *w, const struct options *o)
{
	struct table *table = table_new(o);
	const struct kp_waiter *waiter;
	char text[CELL_LEN];

	table_column(table, "POOL", false, true);
	table_column(table, "WAITS", true, false);
	table_column(table, "TASK", false, true);
	table_column(table, "WANTS", true, false);
	table_column(table, "HAS", true, false);
	for (waiter = w->waiters; waiter < w->waiters + w->n; waiter++) {
		table_row(table);
		table_cell(table, waiter->name, NULL);
		held_text(text, waiter->wait_ns / 1000000, o->raw);
		table_cell(table, text, NULL);
		snprintf(text, sizeof(text), "%s[%llu]", waiter->comm, waiter->pid);
		table_cell(table, text, NULL);
		snprintf(text, sizeof(text), "%llu", waiter->wanted);
		table_cell(table, text, NULL);
		snprintf(text, sizeof(text), "%llu", waiter->got);
		table_cell(table, text, NULL);
	}
	table_print(table);
}

static void print(const struct waits *w, const struct options *o)
{
	json_t *array;

	if (o->json) {
		array = checked(json_array());
		for (size_t i = 0; i < w->n; i++)
			json_array_append_new(array, json_of(kp_waiter_fields, &w->waiters[i]));
		json_print(array, o);
	} else if (w->n) {
		print_table(w, o);
	} else {
		fprintf(stderr, "kpool: nobody waits\n");
	}
}

static enum exit_status add(struct kp *kp, const char *name, const struct kp_which *which,
			    struct waits *w)
{
	struct kp_waiter *waiters;
	size_t n;

	if (kp_waiters(kp, which, &waiters, &n))
		return refused("waiters%s%s: %s", *name ? " " : "", name, kp_message(kp));
	if (n) {
		w->waiters = checked(reallocarray(w->waiters, w->n + n, sizeof(*waiters)));
		memcpy(w->waiters + w->n, waiters, n * sizeof(*waiters));
		w->n += n;
	}
	free(waiters);
	return EXIT_DONE;
}

static enum exit_status add_pool(struct kp *kp, const char *name, const struct kp_pool *pool,
				 void *arg)
{
	const struct kp_which which = { .id = (__u32)pool->id };

	return add(kp, name, &which, arg);
}

enum exit_status cmd_waiters(const struct options *o, int argc, char **argv)
{
	enum exit_status status = EXIT_DONE;
	struct waits w = { NULL, 0 };
	struct kp *kp = connect_kernel();

	if (!kp)
		return EXIT_REFUSED;
	if (!argc)
		status = add(kp, "", NULL, &w);
	for (int i = 0; i < argc; i++)
		if (each_pool(kp, argv[i], add_pool, &w))
			status = EXIT_REFUSED;
	if (!status)
		print(&w, o);
	free(w.waiters);
	kp_close(kp);
	return status;
}
