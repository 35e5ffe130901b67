// SPDX-License-Identifier: GPL-2.0-only
/* Tables of items, with the columns and in the order that a person chose. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

/**
 * column_find() - a field by its name
 * @all: the fields that there are
 * @name: the name
 * @len: how long it is
 *
 * Return: the field, or NULL.
 */
const struct kp_field *column_find(const struct kp_field *all, const char *name, size_t len)
{
	for (; all->name; all++)
		if (strlen(all->name) == len && strncmp(all->name, name, len) == 0)
			return all;
	return NULL;
}

static void no_column(const struct kp_field *all, const char *name, size_t len)
{
	char names[1024];
	size_t n = 0;

	for (; all->name && n < sizeof(names); all++)
		n += snprintf(names + n, sizeof(names) - n, " %s", all->name);
	usage("there is no column '%.*s'; there are:%s", (int)len, name, names);
}

/**
 * columns_choose() - choose columns by their names
 * @c: where they go; columns_free() in the end
 * @all: the fields that there are
 * @names: their names, with commas between
 *
 * Return: false if there is no such column, and it was said.
 */
bool columns_choose(struct columns *c, const struct kp_field *all, const char *names)
{
	const struct kp_field *field;
	size_t len;

	*c = (struct columns){ NULL, 0 };
	for (; ; names += len + 1) {
		len = strcspn(names, ",");
		field = column_find(all, names, len);
		if (!field) {
			no_column(all, names, len);
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
	*c = (struct columns){ NULL, 0 };
}

struct order {
	const struct kp_field *field;
	bool reverse;
};

/* Texts from A on, numbers with the largest first, times with the latest first. */
static int compare(const void *a, const void *b, void *arg)
{
	const struct order *order = arg;
	__u64 x, y;
	int way;

	if (order->field->kind == KP_TEXT) {
		way = strcmp(kp_text(order->field, a), kp_text(order->field, b));
	} else {
		x = kp_number(order->field, a);
		y = kp_number(order->field, b);
		way = (x < y) - (x > y);
	}
	return order->reverse ? -way : way;
}

/**
 * items_sort() - order items by the column that a person chose
 * @items: the items, ordered by id
 * @n: how many
 * @size: bytes of one
 * @all: the fields that there are
 * @o: which column; none: they stay as they are
 *
 * Return: false if there is no such column, and it was said.
 */
bool items_sort(void *items, size_t n, size_t size, const struct kp_field *all,
		const struct options *o)
{
	struct order order = { NULL, o->reverse };

	if (!o->sort && !o->reverse)
		return true;
	if (!o->sort) {
		/* By the first column, the id, and so from the largest on. */
		order = (struct order){ all, false };
	} else {
		order.field = column_find(all, o->sort, strlen(o->sort));
		if (!order.field) {
			no_column(all, o->sort, strlen(o->sort));
			return false;
		}
	}
	if (n)
		qsort_r(items, n, size, compare, &order);
	return true;
}

static void add_heading(struct table *table, const struct kp_field *field,
			const struct options *o)
{
	bool words = field->kind == KP_TEXT || field->kind == KP_FLAGS ||
		     field->kind == KP_STATE || field->kind == KP_BACKING ||
		     field->kind == KP_ZONE;
	char heading[64], *c;

	snprintf(heading, sizeof(heading), "%s%s", field->name,
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
			text_of(text, c->field[j], (const char *)items + i * size, o);
			table_cell(table, text);
		}
	}
	table_print(table);
}
