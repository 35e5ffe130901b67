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
	char names[1024];
	size_t n = 0;

	if (field)
		return field;
	for (; all->name && n < sizeof(names); all++)
		n += snprintf(names + n, sizeof(names) - n, " %s", all->name);
	usage("there is no column '%.*s'; there are:%s", (int)len, name, names);
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

	*c = (struct columns){ NULL, 0, NULL, false, text_of };
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

/* Frees what columns_choose() took. */
void columns_free(struct columns *c)
{
	free(c->field);
	c->field = NULL;
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

static void add_heading(struct table *table, const struct kp_field *field,
			const struct options *o)
{
	bool words = field->kind == KP_TEXT || field->kind == KP_FLAGS ||
		     field->kind == KP_STATE || field->kind == KP_BACKING ||
		     field->kind == KP_ZONE;
	bool bytes = field->kind == KP_BYTES || field->kind == KP_BYTES_COUNTER;
	size_t len = strlen(field->name);
	char heading[64], *c;

	/* Values have units. */
	if (bytes && len > 6 && !strcmp(field->name + len - 6, "_bytes"))
		len -= 6;
	snprintf(heading, sizeof(heading), "%.*s%s", (int)len, field->name,
		 o->per_second && field->kind == KP_COUNTER ? "/s" : "");
	for (c = heading; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	table_column(table, heading, !words, field->kind == KP_TEXT || field->kind == KP_FLAGS);
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
	struct table *table = table_new(o);
	char text[CELL_LEN];

	for (size_t i = 0; i < c->n; i++)
		add_heading(table, c->field[i], o);
	for (size_t i = 0; i < n; i++) {
		table_row(table);
		for (size_t j = 0; j < c->n; j++) {
			c->text(text, c->field[j], (const char *)items + i * size, o);
			table_cell(table, text);
		}
	}
	table_print(table);
}
