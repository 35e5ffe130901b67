// SPDX-License-Identifier: GPL-2.0-only
/* kpool show: all there is to know of one pool, or one set of buffers. */
#include <stdio.h>
#include <stdlib.h>

#include "tool.h"

#define WAIT_COLUMNS	"below_ns,waits"
#define CPU_COLUMNS	"cpu,capacity,idle,gets,puts,get_misses,put_misses"

static void add_fields(struct table *table, const struct kp_field *field,
		       const struct kp_field *end, const void *item, const struct options *o)
{
	char text[CELL_LEN];

	for (; field->name && field != end; field++) {
		text_of(text, field, item, o);
		if (!*text)
			continue;
		table_row(table);
		table_cell(table, field->name);
		table_cell(table, text);
		table_cell(table, field->what);
	}
}

/* A table of fields, with a word on each. */
static struct table *fields_table(const struct options *o)
{
	struct options plain = *o;
	struct table *table;

	plain.no_headings = true;
	table = table_new(&plain);
	table_column(table, "", false, false);
	table_column(table, "", false, false);
	table_column(table, "", false, true);
	return table;
}

/**
 * print_fields() - print fields of an item, a line each
 * @field: the first
 * @end: the one after the last; NULL: all that follow
 * @item: the item
 * @o: whether numbers have units
 */
void print_fields(const struct kp_field *field, const struct kp_field *end, const void *item,
		  const struct options *o)
{
	struct table *table = fields_table(o);

	add_fields(table, field, end, item, o);
	table_print(table);
}

static const struct kp_field *find_figure(__u16 attr)
{
	const struct kp_field *field = kp_stats_fields;

	while (field->name && field->attr != attr)
		field++;
	return field;
}

static void print_text(const struct kp_pool *pool, const struct kp_stats *stats,
		       const struct options *o)
{
	struct table *table = fields_table(o);
	struct columns c;
	bool has_line;

	add_fields(table, kp_pool_fields, NULL, pool, o);
	/* What describes the pool is not told twice, nor that nobody waits where nobody can. */
	has_line = pool->max || pool->reserve;
	add_fields(table, find_figure(KPOOL_A_STATS_CREATED),
		   has_line ? NULL : find_figure(KPOOL_A_STATS_WAITING), stats, o);
	table_print(table);
	if (stats->n_wait_classes &&
	    columns_choose(&c, kp_wait_class_fields, WAIT_COLUMNS, o)) {
		putchar('\n');
		items_print(&c, stats->wait_classes, stats->n_wait_classes,
			    sizeof(*stats->wait_classes), o);
		columns_free(&c);
	}
	if (o->percpu && columns_choose(&c, kp_cpu_fields, CPU_COLUMNS, o)) {
		putchar('\n');
		items_print(&c, stats->cpus, stats->n_cpus, sizeof(*stats->cpus), o);
		columns_free(&c);
	}
}

static json_t *both_json(const struct kp_pool *pool, const struct kp_stats *stats,
			 const struct options *o)
{
	json_t *object = json_of_pool(pool);

	json_object_set_new(object, "stats", json_of_stats(stats, o));
	return object;
}

/* One pool: as text at once, as JSON into the array. */
static enum exit_status show_pool(struct kp *kp, const struct options *o, const char *arg,
				  const struct kp_pool *pool, json_t *array)
{
	struct kp_which which = { .id = (__u32)pool->id };
	struct kp_stats *stats;
	size_t n;

	if (kp_stats(kp, &which, o->percpu, &stats, &n))
		return refused("%s: %s", arg, kp_message(kp));
	if (array)
		json_array_append_new(array, both_json(pool, stats, o));
	else
		print_text(pool, stats, o);
	kp_stats_free(stats, n);
	return EXIT_DONE;
}

static void show_set(const struct options *o, const struct kp_set *set, json_t *array)
{
	if (array)
		json_array_append_new(array, json_of_set(set));
	else
		print_set(set, o);
}

static enum exit_status show(struct kp *kp, const struct options *o, const char *arg,
			     json_t *array)
{
	enum exit_status status = EXIT_DONE;
	struct found found;

	if (find_any(kp, arg, &found))
		return EXIT_REFUSED;
	if (found.set)
		show_set(o, found.set, array);
	if (found.set && found.is_pool && !array)
		putchar('\n');
	if (found.is_pool)
		status = show_pool(kp, o, arg, &found.pool, array);
	if (found.set)
		kp_sets_free(found.set, 1);
	return status;
}

enum exit_status cmd_show(const struct options *o, int argc, char **argv)
{
	enum exit_status status = EXIT_DONE;
	json_t *array = NULL;
	struct kp *kp;

	if (!argc)
		return usage("show what? Give names or ids of pools, or names of sets of buffers");
	kp = connect_kernel();
	if (!kp)
		return EXIT_REFUSED;
	if (o->json)
		array = checked(json_array());
	for (int i = 0; i < argc; i++) {
		if (i && !array)
			putchar('\n');
		if (show(kp, o, argv[i], array))
			status = EXIT_REFUSED;
	}
	if (array)
		json_print(array, o);
	kp_close(kp);
	return status;
}
