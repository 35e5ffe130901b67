// SPDX-License-Identifier: GPL-2.0-only
/* kpool stats: what pools did since their creation, or what they do a second. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rows.h"
#include "stats.h"

/* The most important ones come first: a narrow terminal leaves out the last ones. */
#define COLUMNS		"id,name,in_use,idle,waiting,gets,created,wait_mean_ns,timeouts,hits," \
			"build_failures,misused"
#define CPU_COLUMNS	"id,name,cpu,capacity,idle,gets,puts,get_misses,put_misses"

/* What the kernel said at a moment. */
struct reading {
	struct kp_all all;
	struct timespec time;		/* CLOCK_MONOTONIC */
};

/* All that a table needs. */
struct stats {
	struct kp *kp;
	struct columns *columns;
	const struct options *o;
	int argc;
	char **argv;
};

static int take(const struct stats *s, struct reading *reading)
{
	int err = kp_all_get(s->kp, s->o->percpu, &reading->all);

	clock_gettime(CLOCK_MONOTONIC, &reading->time);
	return err;
}

static char *text_of_rows(const struct stats *s, struct rows *rows, const struct kp_all *then,
			  double seconds, const struct options *o)
{
	struct cpu_rows cpus;
	char *text;

	if (!o->percpu) {
		items_sort(s->columns, rows->row, rows->n, sizeof(*rows->row));
		return items_string(s->columns, rows->row, rows->n, sizeof(*rows->row), o);
	}
	cpus = cpu_rows_make(rows, then, seconds);
	items_sort(s->columns, cpus.row, cpus.n, sizeof(*cpus.row));
	text = items_string(s->columns, cpus.row, cpus.n, sizeof(*cpus.row), o);
	free(cpus.row);
	return text;
}

static void print_rates_json(const struct stats *s, struct rows *rows, const struct kp_all *then,
			     double seconds)
{
	json_t *object = checked(json_object()), *array = checked(json_array());
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	json_object_set_new(object, "time",
			    checked(json_real((double)now.tv_sec + (double)now.tv_nsec / 1e9)));
	json_object_set_new(object, "seconds", checked(json_real(seconds)));
	for (size_t i = 0; i < rows->n; i++)
		json_array_append_new(array, json_of_rates(&rows->row[i], then, seconds, s->o));
	json_object_set_new(object, "pools", array);
	json_print(object, s->o);
}

static void print_rates_text(const struct stats *s, struct rows *rows, const struct kp_all *then,
			     double seconds, unsigned long n)
{
	struct options o = *s->o;
	char *text;

	o.per_second = true;
	text = rows->n ? text_of_rows(s, rows, then, seconds, &o) :
	       checked(strdup("there is no such pool"));
	print_table_of_now(text, !n);
	free(text);
}

/* Whether a table of nothing means that there will never be another. */
static bool is_end(const struct stats *s, const struct rows *rows)
{
	if (rows->n || !s->argc || s->o->states || s->o->owner || s->o->exhausted)
		return false;
	for (int i = 0; i < s->argc; i++)
		if (is_pattern(s->argv[i]))
			return false;
	return true;
}

/* False: no pool that a person named is there any more. */
static bool print_interval(const struct stats *s, const struct reading *then,
			   const struct reading *now, unsigned long n)
{
	double seconds = seconds_between(&then->time, &now->time);
	struct rows rows;
	bool end;

	rows_make(&rows, &now->all, NULL, s->o, s->argc, s->argv);
	end = is_end(s, &rows);
	rows_rates(&rows, &then->all, seconds);
	/* The order of CPUs of all pools is for tables. */
	if (s->o->json && !s->o->percpu)
		items_sort(s->columns, rows.row, rows.n, sizeof(*rows.row));
	if (!end && s->o->json)
		print_rates_json(s, &rows, &then->all, seconds);
	else if (!end)
		print_rates_text(s, &rows, &then->all, seconds, n);
	rows_free(&rows);
	return !end;
}

/* Until the next tick, which is a whole number of delays after the first if we keep up. */
static void wait_for_tick(struct timespec *tick, double delay)
{
	struct timespec now;
	double sum = (double)tick->tv_nsec / 1e9 + delay;

	tick->tv_sec += (time_t)sum;
	tick->tv_nsec = (long)((sum - (double)(time_t)sum) * 1e9);
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (seconds_between(tick, &now) > 0)
		*tick = now;
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, tick, NULL) == EINTR)
		;
}

static enum exit_status print_rates(const struct stats *s, struct reading *then)
{
	enum exit_status status = EXIT_DONE;
	struct timespec tick = then->time;
	struct reading now;
	unsigned long n = 0;

	do {
		wait_for_tick(&tick, s->o->delay);
		if (take(s, &now))
			status = refused("%s", kp_message(s->kp));
		else if (!print_interval(s, then, &now, n))
			status = refused("what was named is gone");
		kp_all_free(&then->all);
		*then = now;
	} while (!status && flush_output() && ++n != s->o->count);
	return status;
}

static void print_totals(const struct stats *s, struct rows *rows)
{
	json_t *array;
	char *text;

	if (!s->o->json && !rows->n) {
		fprintf(stderr, "kpool: there is no %spool\n",
			s->o->states || s->o->owner || s->o->exhausted ? "such " : "");
	} else if (!s->o->json) {
		text = text_of_rows(s, rows, NULL, 0, s->o);
		puts(text);
		free(text);
	} else {
		array = checked(json_array());
		if (!s->o->percpu)
			items_sort(s->columns, rows->row, rows->n, sizeof(*rows->row));
		for (size_t i = 0; i < rows->n; i++)
			json_array_append_new(array, json_of_stats(&rows->row[i].stats, s->o));
		json_print(array, s->o);
	}
}

/* Names are looked up in the first reading, also if only later ones are printed. */
static enum exit_status print_stats(const struct stats *s)
{
	struct rows rows = { NULL };
	struct reading first;
	enum exit_status status;

	if (take(s, &first))
		status = refused("%s", kp_message(s->kp));
	else
		status = rows_make(&rows, &first.all, s->kp, s->o, s->argc, s->argv);
	if (!status && s->o->delay)
		status = print_rates(s, &first);
	else if (!status)
		print_totals(s, &rows);
	rows_free(&rows);
	kp_all_free(&first.all);
	return status;
}

enum exit_status cmd_stats(const struct options *o, int argc, char **argv)
{
	const struct kp_field *fields = o->percpu ? cpu_row_fields() : row_fields();
	const char *names = o->output ? o->output : o->percpu ? CPU_COLUMNS : COLUMNS;
	enum exit_status status = EXIT_REFUSED;
	struct columns c;
	struct stats s = { .columns = &c, .o = o, .argc = argc, .argv = argv };

	if (o->count && !o->delay)
		return usage("stats: --count goes with --delay");
	if (!columns_choose(&c, fields, names, o))
		return EXIT_USAGE;
	if (!o->percpu) {
		c.text = row_text;
		c.colour = row_colour;
		if (!o->output)
			columns_hide_unused(&c);
	}
	s.kp = connect_kernel();
	if (s.kp)
		status = print_stats(&s);
	kp_close(s.kp);
	columns_free(&c);
	return status;
}
