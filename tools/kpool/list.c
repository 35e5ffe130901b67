// SPDX-License-Identifier: GPL-2.0-only
/* kpool list: the pools and the sets of buffers, a line each. */
#include <stdio.h>

#include "rows.h"

/* They fit a terminal of 80 columns. */
#define COLUMNS	"id,name,state,in_use,idle,max,waiting,memory,owner"

static bool has_filters(const struct options *o, int argc)
{
	return argc || o->states || o->owner || o->exhausted;
}

static void print_text(const struct columns *c, struct rows *rows, const struct options *o,
		       int argc)
{
	if (rows->n && o->total)
		rows_add_total(rows);
	if (rows->n)
		items_print(c, rows->row, rows->n, sizeof(*rows->row), o);
	else
		fprintf(stderr, "kpool: there is no %s%s\n", has_filters(o, argc) ? "such " : "",
			o->sets ? "set of buffers" : "pool");
}

/* Sets are among the rows only if pools are not. */
static void print_json(const struct rows *rows, const struct options *o)
{
	json_t *array = checked(json_array());
	const struct row *row;

	for (row = rows->row; row < rows->row + rows->n; row++)
		json_array_append_new(array, is_set_row(row) ? json_of_set(&row->set) :
				      json_of_both(&row->pool, &row->stats, o));
	json_print(array, o);
}

static enum exit_status list(struct kp *kp, struct columns *c, const struct options *o, int argc,
			     char **argv)
{
	struct rows rows = { NULL };
	enum exit_status status;
	struct kp_all all;

	if (kp_all_get(kp, false, &all))
		status = refused("%s", kp_message(kp));
	else
		status = rows_make(&rows, &all, kp, o, argc, argv);
	if (!status) {
		items_sort(c, rows.row, rows.n, sizeof(*rows.row));
		if (o->json)
			print_json(&rows, o);
		else
			print_text(c, &rows, o, argc);
	}
	rows_free(&rows);
	kp_all_free(&all);
	return status;
}

enum exit_status cmd_list(const struct options *o, int argc, char **argv)
{
	enum exit_status status = EXIT_REFUSED;
	struct columns c;
	struct kp *kp;

	if (o->classes && o->sets)
		return usage("list: --classes and --sets exclude each other");
	if (o->total && o->json)
		return usage("list: --total is a line of the table, JSON has none");
	if (!columns_choose(&c, row_fields(), o->output ? o->output : COLUMNS, o))
		return EXIT_USAGE;
	c.text = row_text;
	c.colour = row_colour;
	kp = connect_kernel();
	if (kp)
		status = list(kp, &c, o, argc, argv);
	kp_close(kp);
	columns_free(&c);
	return status;
}
