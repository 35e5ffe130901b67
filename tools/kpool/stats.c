// SPDX-License-Identifier: GPL-2.0-only
/* kpool stats: what pools did since their creation, or what they do a second. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tool.h"

/* As many as fit a terminal of 80 columns. */
#define COLUMNS		"id,name,existing,in_use,idle,gets,puts,get_misses,created"
#define RATE_COLUMNS	"id,name,in_use,idle,gets,puts,get_misses,created"
#define CPU_COLUMNS	"id,name,cpu,capacity,idle,gets,puts,get_misses,put_misses"

/* The pools that a person wants to see; none: all. */
struct chosen {
	__u32 *ids;
	size_t n;
};

/* Their figures at a moment. */
struct sample {
	struct kp_stats *stats;
	size_t n;
	struct timespec time;		/* CLOCK_MONOTONIC */
};

static double seconds_between(const struct timespec *then, const struct timespec *now)
{
	return (double)(now->tv_sec - then->tv_sec) + (double)(now->tv_nsec - then->tv_nsec) / 1e9;
}

static enum exit_status choose(struct kp *kp, struct chosen *chosen, int argc, char **argv)
{
	struct kp_pool pool;

	*chosen = (struct chosen){ checked(calloc(argc + 1, sizeof(__u32))), 0 };
	for (int i = 0; i < argc; i++) {
		if (find_pool(kp, argv[i], &pool)) {
			free(chosen->ids);
			return EXIT_REFUSED;
		}
		chosen->ids[chosen->n++] = (__u32)pool.id;
	}
	return EXIT_DONE;
}

/* A chosen pool that is gone meanwhile is left out, and then asked for no more. */
static int take_chosen(struct kp *kp, struct chosen *chosen, bool percpu, struct sample *sample)
{
	struct kp_stats *one;
	size_t n, i = 0;
	int err;

	sample->stats = checked(calloc(chosen->n, sizeof(*sample->stats)));
	while (i < chosen->n) {
		err = kp_stats(kp, &(struct kp_which){ .id = chosen->ids[i] }, percpu, &one, &n);
		if (!err && n) {
			sample->stats[sample->n++] = *one;
			free(one);
			i++;
			continue;
		}
		if (err != -ENOENT || chosen->n == 1)
			return err;
		chosen->n--;
		memmove(&chosen->ids[i], &chosen->ids[i + 1],
			(chosen->n - i) * sizeof(*chosen->ids));
	}
	return 0;
}

static int take(struct kp *kp, struct chosen *chosen, bool percpu, struct sample *sample)
{
	int err;

	*sample = (struct sample){ NULL, 0, { 0, 0 } };
	if (chosen->n)
		err = take_chosen(kp, chosen, percpu, sample);
	else
		err = kp_stats(kp, NULL, percpu, &sample->stats, &sample->n);
	clock_gettime(CLOCK_MONOTONIC, &sample->time);
	return err;
}

static struct sample copy(const struct sample *from)
{
	struct sample to = *from;
	size_t i, size;

	to.stats = checked(calloc(from->n + 1, sizeof(*to.stats)));
	for (i = 0; i < from->n; i++) {
		to.stats[i] = from->stats[i];
		/* Not needed for rates. */
		to.stats[i].wait_classes = NULL;
		to.stats[i].n_wait_classes = 0;
		if (!from->stats[i].n_cpus)
			continue;
		size = from->stats[i].n_cpus * sizeof(struct kp_cpu);
		to.stats[i].cpus = memcpy(checked(malloc(size)), from->stats[i].cpus, size);
	}
	return to;
}

static void drop(struct sample *sample)
{
	kp_stats_free(sample->stats, sample->n);
	*sample = (struct sample){ NULL, 0, { 0, 0 } };
}

/*
 * Makes rates of counters, in thousandths a second. What was not there then began
 * at 0 since.
 */
static void make_rates(const struct kp_field *field, void *now, const void *then, double seconds)
{
	__u64 *number, before;

	for (; field->name; field++) {
		if (field->kind != KP_COUNTER)
			continue;
		number = (__u64 *)((char *)now + field->offset);
		before = then ? kp_number(field, then) : 0;
		*number = *number > before ?
			  (__u64)((double)(*number - before) * 1000 / seconds + 0.5) : 0;
	}
}

static int by_id(const void *a, const void *b)
{
	const struct kp_stats *one = a, *other = b;

	return one->id < other->id ? -1 : one->id > other->id;
}

static int by_cpu(const void *a, const void *b)
{
	const struct kp_cpu *one = a, *other = b;

	return one->cpu < other->cpu ? -1 : one->cpu > other->cpu;
}

/* The kernel gives CPUs in their order. */
static const struct kp_cpu *find_cpu(const struct kp_stats *stats, const struct kp_cpu *cpu)
{
	return stats && stats->n_cpus ?
	       bsearch(cpu, stats->cpus, stats->n_cpus, sizeof(*cpu), by_cpu) : NULL;
}

/* Puts the older sample into the order of ids. */
static void make_sample_rates(struct sample *now, struct sample *then, double seconds)
{
	const struct kp_stats *before = NULL;
	struct kp_stats *stats;

	if (then->n)
		qsort(then->stats, then->n, sizeof(*then->stats), by_id);
	for (stats = now->stats; stats < now->stats + now->n; stats++) {
		if (then->n)
			before = bsearch(stats, then->stats, then->n, sizeof(*stats), by_id);
		make_rates(kp_stats_fields, stats, before, seconds);
		for (size_t i = 0; i < stats->n_cpus; i++)
			make_rates(kp_cpu_fields, &stats->cpus[i],
				   find_cpu(before, &stats->cpus[i]), seconds);
	}
}

/* A CPU's share with the pool that it is of, for a table of all. */
struct cpu_row {
	__u64 id;
	char name[KP_NAME_LEN];
	struct kp_cpu cpu;
};

static struct kp_field cpu_row_fields[16] = {
	{ "id", KP_LEVEL, 0, offsetof(struct cpu_row, id), sizeof(__u64), NULL },
	{ "name", KP_TEXT, 0, offsetof(struct cpu_row, name), KP_NAME_LEN, NULL },
};

static void fill_cpu_row_fields(void)
{
	const struct kp_field *from = kp_cpu_fields;
	struct kp_field *to = &cpu_row_fields[2];

	for (; from->name; from++, to++) {
		*to = *from;
		to->offset += offsetof(struct cpu_row, cpu);
	}
}

static struct cpu_row *cpu_rows(const struct sample *sample, size_t *n)
{
	struct cpu_row *rows, *row;
	size_t i, j;

	for (i = 0, *n = 0; i < sample->n; i++)
		*n += sample->stats[i].n_cpus;
	rows = checked(calloc(*n + 1, sizeof(*rows)));
	row = rows;
	for (i = 0; i < sample->n; i++)
		for (j = 0; j < sample->stats[i].n_cpus; j++, row++) {
			row->id = sample->stats[i].id;
			memcpy(row->name, sample->stats[i].name, sizeof(row->name));
			row->cpu = sample->stats[i].cpus[j];
		}
	return rows;
}

static void print_text(const struct columns *c, const struct sample *sample,
		       const struct options *o)
{
	struct cpu_row *rows;
	size_t n;

	if (!o->percpu) {
		items_sort(c, sample->stats, sample->n, sizeof(*sample->stats));
		items_print(c, sample->stats, sample->n, sizeof(*sample->stats), o);
		return;
	}
	rows = cpu_rows(sample, &n);
	items_sort(c, rows, n, sizeof(*rows));
	items_print(c, rows, n, sizeof(*rows), o);
	free(rows);
}

static double rate_of(const struct kp_field *field, const void *item)
{
	return (double)kp_number(field, item) / 1000;
}

/* As json_of(), with the counters, which are rates now, in an object of their own. */
static json_t *rates_json(const struct kp_field *field, const void *item)
{
	json_t *object = checked(json_object()), *rates = checked(json_object());

	for (; field->name; field++) {
		if (field->kind == KP_COUNTER)
			json_object_set_new(rates, field->name,
					    checked(json_real(rate_of(field, item))));
		else
			json_object_set_new(object, field->name, json_value(field, item));
	}
	json_object_set_new(object, "per_second", rates);
	return object;
}

static json_t *stats_rates_json(const struct kp_stats *stats, const struct options *o)
{
	json_t *object = rates_json(kp_stats_fields, stats), *cpus;

	if (!o->percpu)
		return object;
	cpus = checked(json_array());
	for (size_t i = 0; i < stats->n_cpus; i++)
		json_array_append_new(cpus, rates_json(kp_cpu_fields, &stats->cpus[i]));
	json_object_set_new(object, "cpus", cpus);
	return object;
}

static json_t *array_json(const struct columns *c, const struct sample *sample,
			  const struct options *o, json_t *(*one)(const struct kp_stats *stats,
					const struct options *o))
{
	json_t *array = checked(json_array());

	/* The order of CPUs of all pools is for tables. */
	if (!o->percpu)
		items_sort(c, sample->stats, sample->n, sizeof(*sample->stats));
	for (size_t i = 0; i < sample->n; i++)
		json_array_append_new(array, one(&sample->stats[i], o));
	return array;
}

static void print_rates_json(const struct columns *c, const struct sample *sample,
			     double seconds, const struct options *o)
{
	json_t *object = checked(json_object());
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	json_object_set_new(object, "time",
			    checked(json_real((double)now.tv_sec + (double)now.tv_nsec / 1e9)));
	json_object_set_new(object, "seconds", checked(json_real(seconds)));
	json_object_set_new(object, "pools", array_json(c, sample, o, stats_rates_json));
	json_print(object, o);
}

static void print_clock(void)
{
	char text[16];
	time_t now = time(NULL);
	struct tm tm;

	localtime_r(&now, &tm);
	strftime(text, sizeof(text), "%H:%M:%S", &tm);
	puts(text);
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

static enum exit_status print_rates(struct kp *kp, struct chosen *chosen,
				    const struct columns *c, const struct options *o)
{
	struct sample then, now, rates;
	struct options per_second = *o;
	struct timespec tick;
	unsigned long n = 0;
	double seconds;
	int err;

	per_second.per_second = true;
	err = take(kp, chosen, o->percpu, &then);
	tick = then.time;
	while (!err) {
		wait_for_tick(&tick, o->delay);
		err = take(kp, chosen, o->percpu, &now);
		if (err) {
			drop(&now);
			break;
		}
		seconds = seconds_between(&then.time, &now.time);
		rates = copy(&now);
		make_sample_rates(&rates, &then, seconds);
		drop(&then);
		then = now;
		if (o->json) {
			print_rates_json(c, &rates, seconds, o);
		} else {
			if (n)
				putchar('\n');
			print_clock();
			print_text(c, &rates, &per_second);
		}
		drop(&rates);
		if (!flush_output() || ++n == o->count)
			break;
	}
	drop(&then);
	return err ? refused("%s", kp_message(kp)) : EXIT_DONE;
}

static enum exit_status print_totals(struct kp *kp, struct chosen *chosen,
				     const struct columns *c, const struct options *o)
{
	struct sample sample;
	enum exit_status status = EXIT_DONE;

	if (take(kp, chosen, o->percpu, &sample))
		status = refused("%s", kp_message(kp));
	else if (o->json)
		json_print(array_json(c, &sample, o, json_of_stats), o);
	else if (!sample.n)
		fputs("kpool: there is no pool\n", stderr);
	else
		print_text(c, &sample, o);
	drop(&sample);
	return status;
}

static enum exit_status print_stats(struct kp *kp, const struct columns *c,
				    const struct options *o, int argc, char **argv)
{
	enum exit_status status;
	struct chosen chosen;

	status = choose(kp, &chosen, argc, argv);
	if (status)
		return status;
	status = o->delay ? print_rates(kp, &chosen, c, o) : print_totals(kp, &chosen, c, o);
	free(chosen.ids);
	return status;
}

enum exit_status cmd_stats(const struct options *o, int argc, char **argv)
{
	const struct kp_field *fields = o->percpu ? cpu_row_fields : kp_stats_fields;
	const char *columns = o->output ? o->output : o->percpu ? CPU_COLUMNS :
			      o->delay ? RATE_COLUMNS : COLUMNS;
	enum exit_status status = EXIT_REFUSED;
	struct columns c;
	struct kp *kp;

	if (o->count && !o->delay)
		return usage("stats: --count goes with --delay");
	fill_cpu_row_fields();
	if (!columns_choose(&c, fields, columns, o))
		return EXIT_USAGE;
	kp = connect_kernel();
	if (kp)
		status = print_stats(kp, &c, o, argc, argv);
	kp_close(kp);
	columns_free(&c);
	return status;
}
