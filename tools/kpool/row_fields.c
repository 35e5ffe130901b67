// SPDX-License-Identifier: GPL-2.0-only
/* The columns of kpool list and kpool stats: each field of a pool, of its figures and of a set. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rows.h"

#define COMPUTED(name, kind, what)	\
	{ #name, kind, 0, offsetof(struct row, name), sizeof(__u64), what }

/* What follows from the rest. */
static const struct kp_field computed[] = {
	COMPUTED(hits, KP_SHARE, "gets that the CPU's magazine served"),
	COMPUTED(wait_mean_ns, KP_LEVEL, "nanoseconds that a get waited on average"),
	{ NULL }
};

static const struct {
	const struct kp_field *fields;
	size_t offset;
} sources[] = {
	{ kp_pool_fields, offsetof(struct row, pool) },
	{ kp_stats_fields, offsetof(struct row, stats) },
	{ kp_set_fields, offsetof(struct row, set) },
	{ computed, 0 },
};

static size_t count(const struct kp_field *field)
{
	size_t n = 0;

	while (field[n].name)
		n++;
	return n;
}

static bool has_name(const struct kp_field *field, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(field[i].name, name))
			return true;
	return false;
}

static struct kp_field *all_fields;

static void free_fields(void)
{
	free(all_fields);
}

/**
 * row_fields() - the fields of a row
 *
 * If two sources have a field of the same name, the first one counts.
 *
 * Return: a table for as long as the program runs, the id first.
 */
const struct kp_field *row_fields(void)
{
	const struct kp_field *field;
	struct kp_field *fields;
	size_t i, n = 1;

	if (all_fields)
		return all_fields;
	for (i = 0; i < ARRAY_SIZE(sources); i++)
		n += count(sources[i].fields);
	fields = checked(calloc(n, sizeof(*fields)));
	for (i = n = 0; i < ARRAY_SIZE(sources); i++)
		for (field = sources[i].fields; field->name; field++) {
			if (has_name(fields, n, field->name))
				continue;
			fields[n] = *field;
			fields[n++].offset += sources[i].offset;
		}
	all_fields = fields;
	atexit(free_fields);
	return fields;
}

#define IS_COLUMN(field, name)	((field)->offset == offsetof(struct row, name))

/* Whether sums of classes make no sense. */
static bool is_peak(const struct kp_field *field)
{
	return IS_COLUMN(field, stats.existing_peak) || IS_COLUMN(field, stats.waiting_peak);
}

/**
 * row_sum() - add the figures of a class to those of its set
 * @set: the set's row
 * @stats: the figures of the class's pool
 */
void row_sum(struct row *set, const struct kp_stats *stats)
{
	const struct kp_field *field = kp_stats_fields;
	__u64 *sum;

	for (; field->name; field++) {
		if (field->kind == KP_TEXT || !strcmp(field->name, "id"))
			continue;
		sum = (__u64 *)((char *)&set->stats + field->offset);
		if (sum != &set->stats.wait_max_ns)
			*sum += kp_number(field, stats);
		else if (*sum < stats->wait_max_ns)
			*sum = stats->wait_max_ns;
	}
}

static bool is_in(const struct kp_field *field, size_t offset, size_t size)
{
	return field->offset >= offset && field->offset < offset + size;
}

#define IS_IN(field, name)	\
	is_in(field, offsetof(struct row, name), sizeof(((struct row *)NULL)->name))

/* Whether the total has the field: its name, and what row_sum() and rows_add_total() add. */
static bool is_summed(const struct kp_field *field)
{
	if (IS_IN(field, pool))
		return !IS_COLUMN(field, pool.id) && !IS_COLUMN(field, pool.owner) &&
		       !IS_COLUMN(field, pool.state) && !IS_COLUMN(field, pool.size);
	return IS_IN(field, stats);
}

/**
 * row_has() - whether a row has a field; otherwise the cell stays empty
 * @row: the row
 * @field: of row_fields()
 */
bool row_has(const struct row *row, const struct kp_field *field)
{
	if (IS_COLUMN(field, hits))
		return row->stats.gets;
	if (IS_COLUMN(field, wait_mean_ns))
		return row->stats.waits;
	if (IS_COLUMN(field, set.idle_bytes) || IS_COLUMN(field, set.in_use_bytes))
		return true;
	if (!is_set_row(row))
		return !IS_IN(field, set);
	if (row->is_total && !is_summed(field))
		return false;
	if (!IS_IN(field, pool))
		return !is_peak(field);
	return IS_COLUMN(field, pool.id) || IS_COLUMN(field, pool.name) ||
	       IS_COLUMN(field, pool.owner) || IS_COLUMN(field, pool.state) ||
	       IS_COLUMN(field, pool.size) || IS_COLUMN(field, pool.existing) ||
	       IS_COLUMN(field, pool.in_use) || IS_COLUMN(field, pool.idle) ||
	       IS_COLUMN(field, pool.closing) || IS_COLUMN(field, pool.memory) ||
	       IS_COLUMN(field, pool.overhead);
}

static void sizes_text(char *text, const struct row *row, const struct options *o)
{
	char least[CELL_LEN], most[CELL_LEN];

	capacity_text(least, row->least, o->raw);
	capacity_text(most, row->pool.size, o->raw);
	snprintf(text, CELL_LEN, "%.20s%s%.20s", least, row->least == row->pool.size ? "" : "..",
		 row->least == row->pool.size ? "" : most);
}

/* The worst that there is to say. */
static const char *mark_of(const struct row *row)
{
	if (row->pool.state != KPOOL_STATE_LIVE)
		return state_name(row->pool.state);
	if (row->exhausted)
		return "FULL";
	return row->pool.bypassed ? "bypass" : state_name(row->pool.state);
}

static bool is_time(const struct kp_field *field)
{
	size_t len = strlen(field->name);

	return len > 3 && !strcmp(field->name + len - 3, "_ns");
}

/* Numbers with a unit. False: there is nothing special about the field. */
static bool number_text(char *text, const struct kp_field *field, const struct row *row,
			const struct options *o)
{
	bool rate = o->per_second && is_counter(field);
	double number = (double)kp_number(field, row) / (rate ? 1000 : 1);

	if (field->kind == KP_BYTES_COUNTER && rate)
		bytes_text(text, (__u64)(number + 0.5), o->raw);
	else if (o->raw)
		return false;
	else if (is_time(field))
		duration_text(text, number);
	else if (field->kind == KP_COUNTER || field->kind == KP_FLOOR ||
		 (field->kind == KP_LEVEL && !IS_COLUMN(field, pool.id)))
		count_text(text, number, rate);
	else if ((field->kind == KP_LIMIT && (!number || number == KP_NONE)) ||
		 ((field->kind == KP_MAX_IDLE || field->kind == KP_BYTES_LIMIT) && !number))
		snprintf(text, CELL_LEN, "none");	/* the word that kpool set takes */
	else
		return false;
	return true;
}

/**
 * row_text() - a cell's text, as text_of() has it
 * @text: room for CELL_LEN characters
 * @field: the column
 * @item: the row
 * @o: whether numbers have units, and whether counters are rates
 */
void row_text(char *text, const struct kp_field *field, const void *item,
	      const struct options *o)
{
	const struct row *row = item;

	*text = '\0';
	if (!row_has(row, field))
		return;
	if (IS_COLUMN(field, pool.id) && is_set_row(row))
		snprintf(text, CELL_LEN, SET_PREFIX "%llu", row->pool.id & ~ROW_SET);
	else if (IS_COLUMN(field, pool.size) && is_set_row(row))
		sizes_text(text, row, o);
	else if (IS_COLUMN(field, pool.state) && !o->raw)
		snprintf(text, CELL_LEN, "%s", mark_of(row));
	else if (!number_text(text, field, row, o))
		text_of(text, field, item, o);
}

/**
 * row_colour() - a cell's colour on a terminal
 * @field: the column
 * @item: the row
 *
 * Return: the sequence that begins it, or NULL.
 */
const char *row_colour(const struct kp_field *field, const void *item)
{
	static const char red[] = "\033[1;31m", yellow[] = "\033[33m", cyan[] = "\033[36m";
	const struct row *row = item;

	if (IS_COLUMN(field, stats.waiting))
		return row->stats.waiting ? red : NULL;
	if (!IS_COLUMN(field, pool.state))
		return NULL;
	if (row->pool.state != KPOOL_STATE_LIVE)
		return yellow;
	if (row->exhausted)
		return red;
	return row->pool.bypassed ? cyan : NULL;
}
