// SPDX-License-Identifier: GPL-2.0-only
/* Tables of items, with the columns and in the order that a person chose. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

static const struct kp_field *column_find(const struct kp_field *all, const char *name, size_t len)
{
	for (; all->name; all++)
		if (strlen(all->name) == len && strncmp(all->name, name, len) == 0)
			return all;
	return NULL;
}

/* As column_find(), but says so if there is none. */
static const struct kp_field *column_want(const struct kp_field *all, const char *name, size_t len)
{
	const struct kp_field *field = column_find(all, name, len);
	size_t names_len;
	char *names;
	FILE *to;

	if (field)
		return field;
	to = checked(open_memstream(&names, &names_len));
	for (; all->name; all++)
		fprintf(to, " %s", all->name);
	if (fclose(to))
		checked(NULL);
	usage("there is no column '%.*s'; there are:%s", (int)len, name, names);
	free(names);
	return NULL;
}

static bool choose_order(struct columns *c, const struct kp_field *all, const struct options *o)
{
	c->reverse = o->reverse;
	if (o->sort) {
		c->sort = column_want(all, o->sort, strlen(o->sort));
		return c->sort;
	}
	/* They come ordered by the first column, the id, from the smallest on. */
	if (o->reverse) {
		c->sort = all;
		c->reverse = false;
	}
	return true;
}

/**
 * columns_choose() - choose the columns of a table by their names, and its order
 * @c: where they go; columns_free() in the end
 * @all: the fields that there are, the id first
 * @names: names of those to show, with commas between
 * @o: what the order is to be
 *
 * Return: false if there is no such column, and it was said.
 */
bool columns_choose(struct columns *c, const struct kp_field *all, const char *names,
		    const struct options *o)
{
	const struct kp_field *field;
	size_t len;

	*c = (struct columns){ .text = text_of };
	if (!choose_order(c, all, o))
		return false;
	for (; ; names += len + 1) {
		len = strcspn(names, ",");
		field = column_want(all, names, len);
		if (!field) {
			columns_free(c);
			return false;
		}
		c->field = checked(reallocarray(c->field, c->n + 1, sizeof(*c->field)));
		c->field[c->n++] = field;
		if (!names[len])
			return true;
	}
}

/* Prints no column in which all items so far have 0 or nothing. */
void columns_hide_unused(struct columns *c)
{
	c->used = checked(calloc(c->n, sizeof(*c->used)));
}

/* Frees what columns_choose() took. */
void columns_free(struct columns *c)
{
	free(c->field);
	free(c->used);
	c->field = NULL;
	c->used = NULL;
	c->n = 0;
}

/* Items begin with their id. */
static int compare_ids(const void *a, const void *b)
{
	__u64 x = *(const __u64 *)a, y = *(const __u64 *)b;

	return (x > y) - (x < y);
}

/*
 * Texts from A on, numbers with the largest first, times with the latest first. Equal ones are in
 * the order of ids.
 */
static int compare(const void *a, const void *b, void *arg)
{
	const struct columns *c = arg;
	__u64 x, y;
	int way;

	if (c->sort->kind == KP_TEXT) {
		way = strcmp(kp_text(c->sort, a), kp_text(c->sort, b));
	} else {
		x = kp_number(c->sort, a);
		y = kp_number(c->sort, b);
		way = (x < y) - (x > y);
	}
	if (!way)
		return compare_ids(a, b);
	return c->reverse ? -way : way;
}

/**
 * items_sort() - order items as a person chose
 * @c: the order
 * @items: the items, ordered by id
 * @n: how many
 * @size: bytes of one
 */
void items_sort(const struct columns *c, void *items, size_t n, size_t size)
{
	if (n && c->sort)
		qsort_r(items, n, size, compare, (void *)c);
}

/* Without the unit, if each value has one. */
static size_t name_len(const struct kp_field *field, const struct options *o)
{
	static const char * const units[] = { "_bytes", "_ns" };
	bool has_unit[] = {
		field->kind == KP_BYTES || field->kind == KP_BYTES_COUNTER, !o->raw,
	};
	size_t len = strlen(field->name), unit;

	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		unit = strlen(units[i]);
		if (has_unit[i] && len > unit && !strcmp(field->name + len - unit, units[i]))
			return len - unit;
	}
	return len;
}

static void heading_of(char *heading, const struct kp_field *field, const struct options *o)
{
	snprintf(heading, CELL_LEN, "%.*s%s", (int)name_len(field, o), field->name,
		 o->per_second && is_counter(field) ? "/s" : "");
	for (; *heading; heading++)
		*heading = (char)toupper((unsigned char)*heading);
}

static void add_heading(struct table *table, const struct kp_field *field,
			const struct options *o)
{
	bool words = field->kind == KP_TEXT || field->kind == KP_FLAGS ||
		     field->kind == KP_STATE || field->kind == KP_BACKING ||
		     field->kind == KP_ZONE;
	char heading[CELL_LEN];

	heading_of(heading, field, o);
	table_column(table, heading, !words, field->kind == KP_TEXT || field->kind == KP_FLAGS);
}

static bool is_used(const struct columns *c, size_t column, const void *items, size_t n,
		    size_t size, const struct options *o)
{
	char text[CELL_LEN];

	for (size_t i = 0; i < n; i++) {
		c->text(text, c->field[column], (const char *)items + i * size, o);
		if (*text && strcmp(text, "0"))
			return true;
	}
	return false;
}

static size_t width_of(const struct columns *c, size_t column, const void *items, size_t n,
		       size_t size, const struct options *o)
{
	char text[CELL_LEN] = "";
	size_t width;

	if (!o->no_headings)
		heading_of(text, c->field[column], o);
	width = strlen(text);
	for (size_t i = 0; i < n; i++) {
		c->text(text, c->field[column], (const char *)items + i * size, o);
		if (strlen(text) > width)
			width = strlen(text);
	}
	return width;
}

/*
 * Which columns are printed. Unless a person named them: those that are used and fit the terminal.
 * If not all of them fit, the first two stay, and as many others as possible from the first on.
 */
static bool *choose_printed(const struct columns *c, const void *items, size_t n, size_t size,
			    const struct options *o)
{
	bool *printed = checked(calloc(c->n, sizeof(*printed)));
	size_t height, width, used = 0;
	bool is_terminal = terminal_size(&height, &width);

	for (size_t i = 0; i < c->n; i++) {
		printed[i] = true;
		if (!c->used)
			continue;
		c->used[i] = c->used[i] || is_used(c, i, items, n, size, o);
		printed[i] = c->used[i];
		if (!printed[i] || !is_terminal)
			continue;
		used += width_of(c, i, items, n, size, o) + (i ? 1 : 0);
		printed[i] = i < 2 || used <= width;
	}
	return printed;
}

static struct table *items_table(const struct columns *c, const void *items, size_t n, size_t size,
				 const struct options *o)
{
	bool *printed = choose_printed(c, items, n, size, o);
	struct table *table = table_new(o);
	char text[CELL_LEN];
	const void *item;
	size_t i, j;

	for (j = 0; j < c->n; j++)
		if (printed[j])
			add_heading(table, c->field[j], o);
	for (i = 0; i < n; i++) {
		item = (const char *)items + i * size;
		table_row(table);
		for (j = 0; j < c->n; j++) {
			if (!printed[j])
				continue;
			c->text(text, c->field[j], item, o);
			table_cell(table, text, o->colour && c->colour ?
				   c->colour(c->field[j], item) : NULL);
		}
	}
	free(printed);
	return table;
}

/**
 * items_print() - print items as a table
 * @c: its columns
 * @items: the items
 * @n: how many
 * @size: bytes of one
 * @o: how
 */
void items_print(const struct columns *c, const void *items, size_t n, size_t size,
		 const struct options *o)
{
	table_print(items_table(c, items, n, size, o));
}

/**
 * items_string() - as items_print(), into a text
 *
 * Return: the text, which the caller frees.
 */
char *items_string(const struct columns *c, const void *items, size_t n, size_t size,
		   const struct options *o)
{
	return table_string(items_table(c, items, n, size, o));
}
