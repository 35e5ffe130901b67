// SPDX-License-Identifier: GPL-2.0-only
/* Pages of kpool top, as lines of text: one pool, one set of buffers, help. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "top.h"

#define WIDE_BAR	30
#define NARROW_BAR	16
#define HISTORY		48	/* samples that fit a line of 60 columns */

static const struct options plain;

static void add_marks(struct top_page *page, const struct top_row *row)
{
	for (const char *mark = row->marks; *mark; mark++)
		page_add(page, "%c %s", *mark, top_mark_text(*mark));
}

static void add_objects(struct top_page *page, const struct top_row *row)
{
	char bar[WIDE_BAR + 3], max[CELL_LEN] = "no max", memory[CELL_LEN];

	if (row->max)
		snprintf(max, sizeof(max), "max %llu", row->max);
	top_bar(bar, WIDE_BAR, row->in_use, row->idle, row->max);
	bytes_text(memory, row->memory, false);
	page_add(page, "objects %s %llu in use, %llu idle, %s", bar, row->in_use, row->idle, max);
	page_add(page, "memory  %s", memory);
}

static const struct kp_field *row_field(const char *name)
{
	const struct kp_field *field = top_fields;

	while (strcmp(field->name, name))
		field++;
	return field;
}

static void add_rates(struct top_page *page, const struct top_row *row)
{
	char gets[CELL_LEN], hits[CELL_LEN], timeouts[CELL_LEN], spark[4 * HISTORY + 1];

	top_short_text(gets, row_field("gets"), row);
	top_short_text(hits, row_field("hits"), row);
	top_short_text(timeouts, row_field("timeouts"), row);
	page_add(page, "gets/s  %s, per cent of hits %s, timeouts/s %s, waiting %llu", gets, hits,
		 timeouts, row->waiting);
	top_spark(spark, sizeof(spark), HISTORY, row);
	page_add(page, "history %s", spark);
}

static void add_fields(struct top_page *page, const struct kp_field *field, const void *item,
		       bool (*is_wanted)(const struct kp_field *field))
{
	char text[CELL_LEN];

	for (; field->name; field++) {
		if (!is_wanted(field))
			continue;
		text_of(text, field, item, &plain);
		if (*text)
			page_add(page, "  %-16s %-12s %s", field->name, text, field->what);
	}
}

static const struct kp_cpu *find_cpu(const struct kp_stats *stats, __u64 cpu)
{
	for (size_t i = 0; stats && i < stats->n_cpus; i++)
		if (stats->cpus[i].cpu == cpu)
			return &stats->cpus[i];
	return NULL;
}

static __u64 cpu_rate(const struct top *t, const struct kp_cpu *cpu)
{
	const struct kp_cpu *then = find_cpu(t->cpus_then.stats, cpu->cpu);

	if (!t->cpus_then.stats)
		return 0;
	return rate_between(cpu->gets, then ? then->gets : 0,
			seconds_between(&t->cpus_then.time, &t->cpus.time));
}

static void add_cpu(struct top_page *page, const struct top *t, const struct kp_cpu *cpu,
		    __u64 fastest)
{
	char idle[NARROW_BAR + 3], gets[NARROW_BAR + 3];
	__u64 rate = cpu_rate(t, cpu);

	/* A CPU has two magazines. */
	top_bar(idle, NARROW_BAR, 0, cpu->idle, 2 * cpu->capacity);
	top_share_bar(gets, NARROW_BAR, rate, fastest);
	page_add(page, "  %5llu %s %-8llu %s %.1f", cpu->cpu, idle, cpu->idle, gets,
		 (double)rate / 1000);
}

static void add_cpus(struct top_page *page, const struct top *t, bool frozen)
{
	const struct kp_stats *stats = t->cpus.stats;
	__u64 fastest = 0, rate;

	if (!stats) {
		page_add(page, "CPUs: %s", *t->cpus_refused ? t->cpus_refused : frozen ?
			 "not read, as the screen is frozen" : "not read yet");
		return;
	}
	for (size_t i = 0; i < stats->n_cpus; i++) {
		rate = cpu_rate(t, &stats->cpus[i]);
		if (rate > fastest)
			fastest = rate;
	}
	page_add(page, "CPUs    %-*s %-8s gets/s", NARROW_BAR + 2, "magazines", "idle");
	for (size_t i = 0; i < stats->n_cpus; i++)
		add_cpu(page, t, &stats->cpus[i], fastest);
}

static void add_waits(struct top_page *page, const struct kp_stats *stats)
{
	char bar[WIDE_BAR + 3], below[CELL_LEN];
	__u64 most = 0;
	size_t i;

	if (!stats->n_wait_classes)
		return;
	for (i = 0; i < stats->n_wait_classes; i++)
		if (stats->wait_classes[i].waits > most)
			most = stats->wait_classes[i].waits;
	page_add(page, "waits of less than");
	for (i = 0; i < stats->n_wait_classes; i++) {
		text_of(below, &kp_wait_class_fields[0], &stats->wait_classes[i], &plain);
		top_share_bar(bar, WIDE_BAR, stats->wait_classes[i].waits, most);
		page_add(page, "  %10s %s %llu", below, bar, stats->wait_classes[i].waits);
	}
}

/* Counters that are 0 say nothing. */
static void add_figures(struct top_page *page, const struct top *t, const struct kp_stats *stats)
{
	const struct kp_stats *then = kp_all_stats(&t->then.all, stats->id);
	const struct kp_field *field = kp_stats_fields;
	__u64 number, rate;

	page_add(page, "figures            since creation     a second");
	for (; field->name; field++) {
		if (field->kind != KP_COUNTER)
			continue;
		number = kp_number(field, stats);
		if (!number)
			continue;
		rate = t->seconds > 0 ?
		       rate_between(number, then ? kp_number(field, then) : 0, t->seconds) : 0;
		page_add(page, "  %-16s %14llu %12.1f  %s", field->name, number,
			 (double)rate / 1000, field->what);
	}
}

static void page_of_pool(struct top_page *page, const struct top *t, const struct top_row *row,
			 bool frozen)
{
	const struct kp_stats *stats = kp_all_stats(&t->now.all, row->id);
	const struct kp_pool *pool = kp_all_pool(&t->now.all, row->id);

	page_add(page, "pool %s: id %llu, %s, owner %s", row->name, row->id,
		 state_name(pool->state), *pool->owner ? pool->owner : "the kernel");
	add_marks(page, row);
	add_objects(page, row);
	add_rates(page, row);
	page_add_tasks(page, t, pool);
	add_cpus(page, t, frozen);
	page_add(page, "limits");
	add_fields(page, kp_pool_fields, pool, kp_is_limit);
	add_waits(page, stats);
	add_figures(page, t, stats);
}

static bool is_figure_of_set(const struct kp_field *field)
{
	return field->attr && field->kind != KP_TEXT && field->kind != KP_STATE;
}

static void add_class(struct top_page *page, const struct kp_class *class)
{
	char bar[NARROW_BAR + 3], size[CELL_LEN];

	capacity_text(size, class->size, false);
	top_bar(bar, NARROW_BAR, class->in_use, class->idle, 0);
	page_add(page, "  %8s %s %8llu %8llu %12llu", size, bar, class->in_use, class->idle,
		 class->gets);
}

static void page_of_set(struct top_page *page, const struct top *t, const struct top_row *row)
{
	const struct kp_set *set = kp_all_set(&t->now.all, row->id & ~TOP_SET);

	page_add(page, "set of buffers %s: " SET_PREFIX "%llu, %s, owner %s", row->name, set->id,
		 state_name(set->state), *set->owner ? set->owner : "the kernel");
	add_marks(page, row);
	add_objects(page, row);
	add_rates(page, row);
	page_add(page, "  %8s %-*s %8s %8s %12s", "class", NARROW_BAR + 2, "", "in use", "idle",
		 "gets");
	for (size_t i = 0; i < set->n_classes; i++)
		add_class(page, &set->classes[i]);
	page_add(page, "figures");
	add_fields(page, kp_set_fields, set, is_figure_of_set);
}

/* The note stands first, where it is seen. */
static void note_end(struct top_page *page)
{
	static const char gone[] = "It is gone; these are its last figures.";
	char *note;

	if (page->n && !strcmp(page->lines[0], gone))
		return;
	page_add(page, "%s", gone);
	note = page->lines[page->n - 1];
	memmove(page->lines + 1, page->lines, (page->n - 1) * sizeof(*page->lines));
	page->lines[0] = note;
}

/**
 * page_of_row() - the page of one pool, or of one set of buffers
 * @page: where the lines go
 * @t: the model
 * @id: the row's id
 * @frozen: readings are not taken now
 *
 * If the row is gone, the page stays as it was, with a note.
 */
void page_of_row(struct top_page *page, const struct top *t, __u64 id, bool frozen)
{
	const struct top_row *row = top_find(t, id);

	if (!row) {
		note_end(page);
		return;
	}
	page_clear(page);
	if (id & TOP_SET)
		page_of_set(page, t, row);
	else
		page_of_pool(page, t, row, frozen);
}

/**
 * page_of_help() - the page of keys and marks
 * @page: where the lines go
 */
void page_of_help(struct top_page *page)
{
	static const char * const keys[] = {
		"q            quit",
		"up, down     choose a line; PgUp and PgDn by a screen, Home: the first",
		"Enter        all about the chosen pool or set; Escape: back",
		"> or s, <    order by the next column, by the one before",
		"r            the other way round",
		"/            only names with this part; Enter keeps it, Escape drops it",
		"space or p   freeze, and go on",
		"c            the pools of classes in place of their sets, and back",
		"h or ?       this page; Escape: back",
		"",
		"USED  [##==....]  # in use, = idle, . up to max",
		"      (##======)  no max: of all that exist",
		"HITS  per cent of the gets that the CPU's magazine served",
		"MARK",
	};

	page_clear(page);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		page_add(page, "%s", keys[i]);
	for (const char *mark = "!DEBFC"; *mark; mark++)
		page_add(page, "   %c  %s", *mark, top_mark_text(*mark));
}
