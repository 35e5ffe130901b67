// SPDX-License-Identifier: GPL-2.0-only
/* kpool top: a live screen of pools, the busiest first. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "top.h"

#define BATCH_COLUMNS	"id,name,marks,in_use,idle,max,gets,hits,waiting,timeouts,memory"
#define DELAY		1.0

static void wait_for(double seconds)
{
	struct timespec left = { (time_t)seconds, (long)((seconds - (time_t)seconds) * 1e9) };

	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR)
		;
}

static void print_batch(const struct top *t, struct top_view *view, const struct options *o)
{
	char text[CELL_LEN];

	top_choose(t, view);
	top_heading(text, sizeof(text), t, "%F %T");
	puts(text);
	if (view->n)
		items_print(&view->columns, view->rows, view->n, sizeof(*view->rows), o);
	putchar('\n');
}

/* The first reading is not shown, as it gives no rates. One that fails counts, so that it ends. */
static enum exit_status batch(struct top *t, struct top_view *view, const struct options *o)
{
	unsigned long n = 0;

	do {
		wait_for(o->delay);
		if (!top_read(t))
			return refused("%s", t->message);
		if (t->failed)
			refused("no reading, trying again: %s", t->message);
		else
			print_batch(t, view, o);
	} while (flush_output() && ++n != o->count);
	return t->failed ? EXIT_REFUSED : EXIT_DONE;
}

static enum exit_status run(struct top_view *view, const struct options *o)
{
	enum exit_status status;
	struct top t;

	status = top_open(&t);
	if (!status)
		status = o->batch ? batch(&t, view, o) : top_screen(&t, view, o);
	top_close(&t);
	return status;
}

enum exit_status cmd_top(const struct options *given, int argc, char **argv)
{
	struct top_view view = { .classes = given->classes };
	struct options o = *given;
	enum exit_status status;

	if (argc)
		return usage("top shows all pools, it takes no '%s': key / filters by name",
			     argv[0]);
	o.per_second = true;
	/* In this command, -b is --batch. */
	o.raw = false;
	if (!o.sort)
		o.sort = "gets";
	if (!o.delay)
		o.delay = DELAY;
	if (!columns_choose(&view.columns, top_fields, BATCH_COLUMNS, &o))
		return EXIT_USAGE;
	view.columns.text = top_text;
	if (!o.batch && !(isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)))
		status = usage("top: this is no terminal; --batch prints plain text");
	else
		status = run(&view, &o);
	free(view.rows);
	columns_free(&view.columns);
	return status;
}
