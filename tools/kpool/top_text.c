// SPDX-License-Identifier: GPL-2.0-only
/* How rows of kpool top read: cells, bars, histories. */
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "top.h"

static const struct {
	char mark;
	const char *text;
} marks[] = {
	{ TOP_EXHAUSTED, "exhausted: gets wait, or found max objects and none idle" },
	{ 'D', "detached: destroyed while objects were in use" },
	{ 'E', "ending: it is being destroyed" },
	{ 'B', "bypassed: keeps no object just now" },
	{ 'F', "faults: calls fail on purpose" },
	{ 'C', "checks: gets and puts are checked" },
};

/**
 * top_mark_text() - what a mark means
 * @mark: the mark
 */
const char *top_mark_text(char mark)
{
	for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
		if (marks[i].mark == mark)
			return marks[i].text;
	return "";
}

/* How many of the cells a part is. What is not 0 has a cell, and what is not all leaves one. */
static size_t cells_of(__u64 part, __u64 all, size_t cells)
{
	size_t n;

	if (!part || !all || !cells)
		return 0;
	if (part >= all)
		return cells;
	n = (size_t)((double)part * (double)cells / (double)all + 0.5);
	if (!n)
		return 1;
	return n < cells ? n : cells > 1 ? cells - 1 : cells;
}

static char *fill(char *text, char c, size_t n)
{
	memset(text, c, n);
	return text + n;
}

/**
 * top_bar() - a bar of objects
 * @text: room for @cells + 3 characters
 * @cells: how many cells it has
 * @in_use: objects in use, shown as #
 * @idle: idle objects, shown as =
 * @max: limit of objects; 0: none, and the bar, in round brackets, is of all that exist
 */
void top_bar(char *text, size_t cells, __u64 in_use, __u64 idle, __u64 max)
{
	__u64 sum = in_use + idle, all = max > sum ? max : sum;
	size_t total = cells_of(sum, all, cells), used = cells_of(in_use, all, cells);

	/* A pool that has idle objects shows one, if there is room for both. */
	if (!idle)
		used = total;
	else if (used == total && total > 1)
		used--;
	*text++ = max ? '[' : '(';
	text = fill(text, '#', used);
	text = fill(text, '=', total - used);
	text = fill(text, max ? '.' : ' ', cells - total);
	*text++ = max ? ']' : ')';
	*text = '\0';
}

/**
 * top_share_bar() - a bar of a part of something
 * @text: room for @cells + 3 characters
 * @cells: how many cells it has
 * @part: the part
 * @all: all of it
 */
void top_share_bar(char *text, size_t cells, __u64 part, __u64 all)
{
	size_t n = cells_of(part, all, cells);

	*text++ = '[';
	text = fill(text, '#', n);
	text = fill(text, ' ', cells - n);
	*text++ = ']';
	*text = '\0';
}

static bool is_rate(const struct kp_field *field)
{
	return field->offset >= offsetof(struct top_row, gets) &&
	       field->offset <= offsetof(struct top_row, hits);
}

#define IS_COLUMN(field, name)	((field)->offset == offsetof(struct top_row, name))

static bool special_text(char *text, const struct kp_field *field, const struct top_row *row)
{
	bool unknown = is_rate(field) && !row->has_rates;

	if (unknown || (IS_COLUMN(field, hits) && !row->gets))
		snprintf(text, CELL_LEN, "-");
	else if (IS_COLUMN(field, id) && row->id & TOP_SET)
		snprintf(text, CELL_LEN, SET_PREFIX "%llu", row->id & ~TOP_SET);
	else if (IS_COLUMN(field, max) && !row->max)
		snprintf(text, CELL_LEN, "-");
	else if (IS_COLUMN(field, used))
		top_bar(text, TOP_BAR, row->in_use, row->idle, row->max);
	else
		return false;
	return true;
}

/**
 * top_text() - a cell's text, as text_of() has it
 * @text: room for CELL_LEN characters
 * @field: the column
 * @item: the row
 * @o: whether counters are rates
 */
void top_text(char *text, const struct kp_field *field, const void *item, const struct options *o)
{
	if (!special_text(text, field, item))
		text_of(text, field, item, o);
}

/**
 * top_short_text() - a cell's text for a narrow column of the screen
 * @text: room for CELL_LEN characters
 * @field: the column
 * @row: the row
 */
void top_short_text(char *text, const struct kp_field *field, const struct top_row *row)
{
	static const struct options plain;

	if (special_text(text, field, row))
		return;
	if (IS_COLUMN(field, hits))
		snprintf(text, CELL_LEN, row->hits == 1000 ? "100" : "%.1f",
			 (double)row->hits / 10);
	else if (field->kind == KP_COUNTER)
		count_text(text, (double)kp_number(field, row) / 1000, true);
	else if (!IS_COLUMN(field, id) && (field->kind == KP_LEVEL || field->kind == KP_LIMIT))
		count_text(text, (double)kp_number(field, row), false);
	else
		text_of(text, field, row, &plain);
}

static const char *spark_of(__u64 rate, __u64 most)
{
	static const char * const blocks[] = {
		"\u2581", "\u2582", "\u2583", "\u2584", "\u2585", "\u2586", "\u2587", "\u2588"
	};
	static const char * const ascii[] = { "_", ".", ":", "-", "=", "+", "*", "#" };
	size_t level = cells_of(rate, most, ARRAY_SIZE(blocks) - 1);

	return strcmp(nl_langinfo(CODESET), "UTF-8") ? ascii[level] : blocks[level];
}

/**
 * top_spark() - the last rates of a row as a line of small columns
 * @text: where it goes
 * @size: its room, @cells times four and one
 * @cells: how many rates
 * @row: the row
 *
 * The highest of these rates has the full height.
 */
void top_spark(char *text, size_t size, size_t cells, const struct top_row *row)
{
	size_t first = row->n_history > cells ? row->n_history - cells : 0, i, len;
	__u64 most = 0;

	for (i = first; i < row->n_history; i++)
		if (row->history[i] > most)
			most = row->history[i];
	*text = '\0';
	for (i = first, len = 0; i < row->n_history && len + 4 < size; i++)
		len += snprintf(text + len, size - len, "%s", spark_of(row->history[i], most));
}

/**
 * top_heading() - time, and sums over all pools
 * @text: where it goes
 * @size: its room
 * @t: the model
 * @format: of the time, as strftime() takes it
 */
void top_heading(char *text, size_t size, const struct top *t, const char *format)
{
	size_t pools = 0, len;
	char memory[CELL_LEN];
	struct tm tm;

	for (size_t i = 0; i < t->n && !(t->rows[i].id & TOP_SET); i++)
		pools++;
	bytes_text(memory, t->memory, false);
	localtime_r(&t->now.date.tv_sec, &tm);
	len = strftime(text, size, format, &tm);
	snprintf(text + len, size - len, "  pools %zu  memory %s  exhausted %zu", pools, memory,
		 t->exhausted);
}
