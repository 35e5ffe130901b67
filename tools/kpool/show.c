// SPDX-License-Identifier: GPL-2.0-only
/* kpool show: all there is to know of one pool, or one set of buffers. */
#include <stdio.h>
#include <stdlib.h>

#include "tool.h"

#define WAIT_COLUMNS	"below_ns,waits"
#define CPU_COLUMNS	"cpu,capacity,idle,gets,puts,get_misses,put_misses"
#define NODE_COLUMNS	"node,idle,gets,puts,contended,sent_home"

static void add_field(struct table *table, const struct kp_field *field, const void *item,
		      const struct options *o)
{
	char text[CELL_LEN];

	text_of(text, field, item, o);
	if (!*text)
		return;
	table_row(table);
	table_cell(table, field->name, NULL);
	table_cell(table, text, NULL);
	table_cell(table, field->what, NULL);
}

static void add_fields(struct table *table, const struct kp_field *field,
		       const struct kp_field *end, const void *item, const struct options *o)
{
	for (; field->name && field != end; field++)
		add_field(table, field, item, o);
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

static const struct kp_field *find_field(const struct kp_field *field, __u16 attr)
{
	while (field->name && field->attr != attr)
		field++;
	return field;
}

static const struct kp_field *find_figure(__u16 attr)
{
	return find_field(kp_stats_fields, attr);
}

/* What a person asks first. All of this fits on a screen of 24 lines. */
static const __u16 first_fields[] = {
	KPOOL_A_POOL_ID, KPOOL_A_POOL_NAME, KPOOL_A_POOL_OWNER, KPOOL_A_POOL_STATE,
	KPOOL_A_POOL_BYPASSED, KPOOL_A_POOL_EXISTING, KPOOL_A_POOL_IN_USE, KPOOL_A_POOL_IDLE,
	KPOOL_A_POOL_CLOSING, KPOOL_A_POOL_MEMORY, KPOOL_A_POOL_OVERHEAD, KPOOL_A_POOL_MAX,
	KPOOL_A_POOL_MAX_IDLE, KPOOL_A_POOL_MIN_IDLE, KPOOL_A_POOL_RESERVE, KPOOL_A_POOL_IDLE_MS,
	KPOOL_A_POOL_LIFETIME_MS, KPOOL_A_POOL_MAGAZINE,
};

/* Of a pool with max or reserve. */
static const __u16 first_figures[] = {
	KPOOL_A_STATS_WAITING, KPOOL_A_STATS_TIMEOUTS, KPOOL_A_STATS_EXHAUSTED,
};

static bool is_one_of(const struct kp_field *field, const __u16 *attrs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (field->attr == attrs[i])
			return true;
	return false;
}

static void add_first(struct table *table, const struct kp_pool *pool,
		      const struct kp_stats *stats, bool has_line, const struct options *o)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(first_fields); i++)
		add_field(table, find_field(kp_pool_fields, first_fields[i]), pool, o);
	for (i = 0; has_line && i < ARRAY_SIZE(first_figures); i++)
		add_field(table, find_figure(first_figures[i]), stats, o);
}

/* Without the figures that the pool itself has, too. */
static void add_rest(struct table *table, const struct kp_pool *pool,
		     const struct kp_stats *stats, bool has_line, const struct options *o)
{
	const struct kp_field *field;

	for (field = kp_pool_fields; field->name; field++)
		if (!is_one_of(field, first_fields, ARRAY_SIZE(first_fields)))
			add_field(table, field, pool, o);
	field = find_figure(KPOOL_A_STATS_CREATED);
	for (; field->name && (has_line || field->attr != KPOOL_A_STATS_WAITING); field++)
		if (!is_one_of(field, first_figures, ARRAY_SIZE(first_figures)))
			add_field(table, field, stats, o);
}

static void print_text(const struct kp_pool *pool, const struct kp_stats *stats,
		       const struct options *o)
{
	struct table *table = fields_table(o);
	/* In other pools nobody can wait. */
	bool has_line = pool->max || pool->reserve;
	struct columns c;

	add_first(table, pool, stats, has_line, o);
	add_rest(table, pool, stats, has_line, o);
	table_print(table);
	if (stats->n_wait_classes &&
	    columns_choose(&c, kp_wait_class_fields, WAIT_COLUMNS, o)) {
		putchar('\n');
		items_print(&c, stats->wait_classes, stats->n_wait_classes,
			    sizeof(*stats->wait_classes), o);
		columns_free(&c);
	}
	if (o->percpu && columns_choose(&c, kp_node_fields, NODE_COLUMNS, o)) {
		putchar('\n');
		items_print(&c, stats->nodes, stats->n_nodes, sizeof(*stats->nodes), o);
		columns_free(&c);
	}
	if (o->percpu && columns_choose(&c, kp_cpu_fields, CPU_COLUMNS, o)) {
		putchar('\n');
		items_print(&c, stats->cpus, stats->n_cpus, sizeof(*stats->cpus), o);
		columns_free(&c);
	}
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
		json_array_append_new(array, json_of_both(pool, stats, o));
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
