// SPDX-License-Identifier: GPL-2.0-only
/* Tables: what is needed of libsmartcols, which fits them to the terminal. */
#include <stdlib.h>

#include <libsmartcols.h>

#include "tool.h"

struct table {
	struct libscols_table *scols;
	struct libscols_line *line;
	size_t cell;		/* the next one's number in the line */
};

/**
 * table_new() - begin a table
 * @o: whether it has headings
 *
 * Columns come first, then rows; table_print() ends it.
 */
struct table *table_new(const struct options *o)
{
	struct table *table = checked(calloc(1, sizeof(*table)));

	table->scols = checked(scols_new_table());
	scols_table_enable_noheadings(table->scols, o->no_headings);
	scols_table_enable_colors(table->scols, o->colour);
	return table;
}

/**
 * table_column() - add a column
 * @table: the table
 * @heading: its heading
 * @number: aligned to the right
 * @can_shrink: may be cut where the terminal is too narrow
 */
void table_column(struct table *table, const char *heading, bool number, bool can_shrink)
{
	checked(scols_table_new_column(table->scols, heading, 0,
				       (number ? SCOLS_FL_RIGHT : 0) |
				       (can_shrink ? SCOLS_FL_TRUNC : 0)));
}

/* Begins a row. */
void table_row(struct table *table)
{
	table->line = checked(scols_table_new_line(table->scols, NULL));
	table->cell = 0;
}

/* Adds the row's next cell; the text is copied. The colour is a sequence, or NULL. */
void table_cell(struct table *table, const char *text, const char *colour)
{
	struct libscols_cell *cell = checked(scols_line_get_cell(table->line, table->cell++));

	if (scols_cell_set_data(cell, text) || (colour && scols_cell_set_color(cell, colour)))
		checked(NULL);
}

/* Prints the table, and frees it. */
void table_print(struct table *table)
{
	scols_print_table(table->scols);
	scols_unref_table(table->scols);
	free(table);
}

/* The table as text, which the caller frees. Frees the table. */
char *table_string(struct table *table)
{
	char *text = NULL;

	if (scols_print_table_to_string(table->scols, &text))
		checked(NULL);
	scols_unref_table(table->scols);
	free(table);
	return checked(text);
}
