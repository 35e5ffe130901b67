// SPDX-License-Identifier: GPL-2.0-only
/*
 * Figures as metrics: text in the format OpenMetrics, or in the older format of Prometheus. The
 * metrics follow from the tables of fields, so a new field is a new metric.
 *
 * The two formats differ in little. OpenMetrics names a counter without _total in its
 * description, has the type info, says units, and marks the end of the text. The older format
 * knows none of these.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tool.h"

#define METRIC_LEN	128

/* Bounds of the classes that the kernel counts waits in, except the last, which has none. */
#define WAIT_FIRST_NS	4096ULL
#define WAIT_LAST_NS	(WAIT_FIRST_NS << 22)

/* What a row has fields of. */
enum {
	OF_POOL,
	OF_STATS,
	OF_CLASS,
	OF_SET,
	OFS,
};

/* A pool or a set: a sample of each metric. */
struct row {
	char *labels;
	const void *item[OFS];		/* NULL: the row has no such fields */
};

struct rows {
	struct row *row;
	size_t n;
};

struct output {
	FILE *to;
	enum metrics_form form;
	__u64 boot_ms;			/* when CLOCK_BOOTTIME was 0, by CLOCK_REALTIME */
};

struct metric {
	char name[METRIC_LEN];		/* without the suffix */
	const char *suffix;		/* of samples */
	const char *type;
	const char *unit;		/* "": none */
	int decimals;			/* so many digits of the number are a fraction */
	const char *what;
};

static bool ends_with(const char *name, const char *end)
{
	size_t len = strlen(name), end_len = strlen(end);

	return len >= end_len && !strcmp(name + len - end_len, end);
}

/* Names and ids are labels. */
static bool is_label(const struct kp_field *field)
{
	return field->kind == KP_TEXT || !strcmp(field->name, "id") ||
	       ends_with(field->name, "_id");
}

/* Words are labels of the info metric. */
static bool is_info(const struct kp_field *field)
{
	return field->kind == KP_STATE || field->kind == KP_BACKING || field->kind == KP_ZONE ||
	       field->kind == KP_NODE || field->kind == KP_FLAGS;
}

static bool has_field(const struct kp_field *fields, const char *name)
{
	for (; fields->name; fields++)
		if (!strcmp(fields->name, name))
			return true;
	return false;
}

/* What a class of a set has as any pool has it. */
static bool is_of_each_pool(const struct kp_field *field)
{
	return has_field(kp_pool_fields, field->name) || has_field(kp_stats_fields, field->name) ||
	       !strcmp(field->name, "misses");
}

/* Its type and its unit. False: the field is no metric. */
static bool type_of(struct metric *m, const struct kp_field *field)
{
	*m = (struct metric){ .type = "gauge", .suffix = "", .unit = "" };
	switch (field->kind) {
	case KP_COUNTER:
		m->type = "counter";
		break;
	case KP_BYTES_COUNTER:
		m->type = "counter";
		m->unit = "bytes";
		break;
	case KP_BYTES:
	case KP_BYTES_LIMIT:
	case KP_CAPACITY:
		m->unit = "bytes";
		break;
	case KP_SHARE:
		m->unit = "ratio";
		m->decimals = 3;
		break;
	case KP_SINCE:
		m->unit = "timestamp_seconds";
		m->decimals = 3;
		break;
	case KP_LEVEL:
	case KP_NUMBER:
	case KP_FAULT:
	case KP_ONE_IN:
	case KP_YES:
	case KP_LIMIT:
	case KP_MAX_IDLE:
	case KP_FLOOR:
	case KP_MAGAZINE:
		break;
	default:
		return false;
	}
	if (!strcmp(m->type, "counter"))
		m->suffix = "_total";
	return true;
}

/* The name of a time says its unit, which is seconds in a metric. */
static void use_seconds(struct metric *m, const struct kp_field *field)
{
	m->what = field->what;
	if (ends_with(field->name, "_ns")) {
		m->unit = "seconds";
		m->decimals = 9;
		m->what += strncmp(m->what, "nano", 4) ? 0 : 4;
	} else if (ends_with(field->name, "_ms")) {
		m->unit = "seconds";
		m->decimals = 3;
		m->what += strncmp(m->what, "milli", 5) ? 0 : 5;
	}
}

/* As kpool_limit_idle_seconds of idle_ms. False: the field is no metric. */
static bool metric_of(struct metric *m, const char *prefix, const struct kp_field *field)
{
	static const char * const units[] = { "_ns", "_ms", "_time", "_bytes" };
	bool limit = kp_is_limit(field) || field->kind == KP_BYTES_LIMIT;
	size_t len = strlen(field->name);

	if (is_label(field) || !type_of(m, field))
		return false;
	use_seconds(m, field);
	for (size_t i = 0; *m->unit && i < ARRAY_SIZE(units); i++)
		if (ends_with(field->name, units[i]))
			len = strlen(field->name) - strlen(units[i]);
	snprintf(m->name, sizeof(m->name), "%s%s%.*s%s%s", prefix, limit ? "limit_" : "", (int)len,
		 field->name, *m->unit ? "_" : "", m->unit);
	if (!strcmp(m->unit, "timestamp_seconds"))
		m->unit = "seconds";
	return true;
}

/* The value of a metric. False: there is none, as of a limit that does not limit. */
static bool value_of(__u64 *value, const struct kp_field *field, const struct output *out,
		     const void *item)
{
	*value = kp_number(field, item);
	switch (field->kind) {
	case KP_NUMBER:
	case KP_FAULT:
	case KP_ONE_IN:
	case KP_BYTES_LIMIT:
		return *value;
	case KP_LIMIT:
		return *value && *value != KP_NONE;
	case KP_MAX_IDLE:
		if (*value != KP_NONE)
			return *value;
		*value = 0;
		return true;
	case KP_SINCE:
		if (!*value)
			return false;
		*value += out->boot_ms;
		return true;
	default:
		return true;
	}
}

static void print_head(const struct output *out, const struct metric *m)
{
	bool open = out->form == FORM_OPENMETRICS;
	const char *suffix = open ? "" : m->suffix;
	const char *type = !open && !strcmp(m->type, "info") ? "gauge" : m->type;

	fprintf(out->to, "# HELP %s%s %c%s.\n", m->name, suffix, toupper((unsigned char)*m->what),
		m->what + 1);
	fprintf(out->to, "# TYPE %s%s %s\n", m->name, suffix, type);
	if (open && *m->unit)
		fprintf(out->to, "# UNIT %s %s\n", m->name, m->unit);
}

/* A number with a decimal point before its last digits, and without zeros at the end. */
static void print_decimal(FILE *to, __u64 number, int decimals)
{
	__u64 power = 1;

	for (int i = 0; i < decimals; i++)
		power *= 10;
	fprintf(to, "%llu", number / power);
	number %= power;
	if (number)
		fputc('.', to);
	while (number) {
		power /= 10;
		fputc((int)('0' + number / power), to);
		number %= power;
	}
}

static void print_label(FILE *to, const char *name, const char *value)
{
	fprintf(to, "%s=\"", name);
	for (; *value; value++) {
		if (*value == '\n') {
			fputs("\\n", to);
			continue;
		}
		if (*value == '\\' || *value == '"')
			fputc('\\', to);
		fputc(*value, to);
	}
	fputc('"', to);
}

static bool is_sent(int of, const struct kp_field *field, const void *item)
{
	return of != OF_STATS || ((const struct kp_stats *)item)->sent[field->attr];
}

static void print_metric(const struct output *out, const struct metric *m,
			 const struct kp_field *field, const struct rows *rows, int of)
{
	const struct row *row;
	bool first = true;
	__u64 value;

	for (row = rows->row; row < rows->row + rows->n; row++) {
		if (!row->item[of] || !is_sent(of, field, row->item[of]) ||
		    !value_of(&value, field, out, row->item[of]))
			continue;
		if (first)
			print_head(out, m);
		first = false;
		fprintf(out->to, "%s%s{%s} ", m->name, m->suffix, row->labels);
		print_decimal(out->to, value, m->decimals);
		fputc('\n', out->to);
	}
}

static void print_metrics(const struct output *out, const char *prefix,
			  const struct kp_field *field, const struct rows *rows, int of)
{
	struct metric m;

	for (; field->name; field++) {
		if (of == OF_POOL && has_field(kp_stats_fields, field->name))
			continue;
		if (of == OF_CLASS && is_of_each_pool(field))
			continue;
		if (metric_of(&m, prefix, field))
			print_metric(out, &m, field, rows, of);
	}
}

/* The words that describe a pool or a set, as labels of a metric that is always 1. */
static void print_info(const struct output *out, const char *name, const char *what,
		       const struct kp_field *fields, const struct rows *rows, int of)
{
	static const struct options o;
	struct metric m = { .suffix = "_info", .type = "info", .unit = "", .what = what };
	const struct kp_field *field;
	const struct row *row;
	char text[CELL_LEN];

	snprintf(m.name, sizeof(m.name), "%s", name);
	if (rows->n)
		print_head(out, &m);
	for (row = rows->row; row < rows->row + rows->n; row++) {
		fprintf(out->to, "%s%s{%s", m.name, m.suffix, row->labels);
		for (field = fields; field->name; field++) {
			if (!is_info(field))
				continue;
			text_of(text, field, row->item[of], &o);
			fputc(',', out->to);
			print_label(out->to, field->name, text);
		}
		fputs("} 1\n", out->to);
	}
}

/* Counts of waits that took less than each bound. Bounds without waits have a line, too. */
static void print_wait_classes(const struct output *out, const struct metric *m,
			       const struct row *row)
{
	const struct kp_stats *stats = row->item[OF_STATS];
	const struct kp_wait_class *class = stats->wait_classes, *end = class;
	__u64 bound, waits = 0;

	end += stats->n_wait_classes;
	for (bound = WAIT_FIRST_NS; bound; bound *= 2) {
		if (bound > WAIT_LAST_NS && (class == end || class->below_ns == ~0ULL))
			break;
		for (; class < end && class->below_ns <= bound; class++)
			waits += class->waits;
		fprintf(out->to, "%s_bucket{%s,le=\"", m->name, row->labels);
		print_decimal(out->to, bound, 9);
		fprintf(out->to, "\"} %llu\n", waits);
	}
	for (; class < end; class++)
		waits += class->waits;
	fprintf(out->to, "%s_bucket{%s,le=\"+Inf\"} %llu\n", m->name, row->labels, waits);
	fprintf(out->to, "%s_count{%s} %llu\n", m->name, row->labels, waits);
	fprintf(out->to, "%s_sum{%s} ", m->name, row->labels);
	print_decimal(out->to, stats->wait_ns, 9);
	fputc('\n', out->to);
}

static void print_waits(const struct output *out, const struct rows *rows)
{
	const struct metric m = {
		.name = "kpool_wait_duration_seconds", .suffix = "", .type = "histogram",
		.unit = "seconds", .what = "how long gets waited",
	};
	const struct row *row;
	bool first = true;

	for (row = rows->row; row < rows->row + rows->n; row++) {
		if (!((const struct kp_stats *)row->item[OF_STATS])->sent[KPOOL_A_STATS_WAITS])
			continue;
		if (first)
			print_head(out, &m);
		first = false;
		print_wait_classes(out, &m, row);
	}
}

/* Labels, with commas between. Names that are NULL or empty are no labels. */
static char *labels_of(const char *pool, __u64 id, const char *owner, const char *set)
{
	char *labels, number[32];
	size_t len;
	FILE *to = checked(open_memstream(&labels, &len));

	snprintf(number, sizeof(number), "%llu", id);
	print_label(to, pool ? "pool" : "set", pool ? pool : set);
	fputc(',', to);
	print_label(to, "id", number);
	if (*owner) {
		fputc(',', to);
		print_label(to, "owner", owner);
	}
	if (pool && set) {
		fputc(',', to);
		print_label(to, "set", set);
	}
	if (fclose(to))
		checked(NULL);
	return labels;
}

static const struct kp_class *class_of(const struct kp_set *set, const struct kp_pool *pool)
{
	for (size_t i = 0; set && i < set->n_classes; i++)
		if (set->classes[i].pool_id == pool->id)
			return &set->classes[i];
	return NULL;
}

/* A pool that came or went between two answers of the kernel is left out. */
static struct rows pool_rows(const struct kp_all *all)
{
	struct rows rows = { checked(calloc(all->n_pools + 1, sizeof(*rows.row))), 0 };
	const struct kp_stats *stats;
	const struct kp_pool *pool;
	const struct kp_set *set;

	for (pool = all->pools; pool < all->pools + all->n_pools; pool++) {
		stats = kp_all_stats(all, pool->id);
		if (!stats)
			continue;
		set = kp_all_set(all, pool->set_id);
		rows.row[rows.n++] = (struct row){
			.labels = labels_of(pool->name, pool->id, pool->owner,
					    set ? set->name : NULL),
			.item = {
				[OF_POOL] = pool,
				[OF_STATS] = stats,
				[OF_CLASS] = class_of(set, pool),
			},
		};
	}
	return rows;
}

static struct rows set_rows(const struct kp_all *all)
{
	struct rows rows = { checked(calloc(all->n_sets + 1, sizeof(*rows.row))), 0 };
	const struct kp_set *set;

	for (set = all->sets; set < all->sets + all->n_sets; set++)
		rows.row[rows.n++] = (struct row){
			.labels = labels_of(NULL, set->id, set->owner, set->name),
			.item = { [OF_SET] = set },
		};
	return rows;
}

static void free_rows(struct rows *rows)
{
	for (size_t i = 0; i < rows->n; i++)
		free(rows->row[i].labels);
	free(rows->row);
}

/**
 * metrics_print() - print pools and sets as metrics
 * @to: where they go
 * @all: the pools and the sets
 * @form: the format
 */
void metrics_print(FILE *to, const struct kp_all *all, enum metrics_form form)
{
	struct rows pools = pool_rows(all), sets = set_rows(all);
	struct output out = { .to = to, .form = form };
	struct timespec now;
	__u64 boot_ms;

	clock_gettime(CLOCK_REALTIME, &now);
	boot_ms = (__u64)now.tv_sec * 1000 + (__u64)now.tv_nsec / 1000000 - now_ms();
	/* Whole seconds, because the two clocks are read one after the other. */
	out.boot_ms = (boot_ms + 500) / 1000 * 1000;

	print_info(&out, "kpool_pool", "what a pool is; its state", kp_pool_fields, &pools,
		   OF_POOL);
	print_metrics(&out, "kpool_", kp_pool_fields, &pools, OF_POOL);
	print_metrics(&out, "kpool_", kp_stats_fields, &pools, OF_STATS);
	print_metrics(&out, "kpool_", kp_class_fields, &pools, OF_CLASS);
	print_waits(&out, &pools);
	print_info(&out, "kpool_set", "what a set of buffers is; its state", kp_set_fields, &sets,
		   OF_SET);
	print_metrics(&out, "kpool_set_", kp_set_fields, &sets, OF_SET);
	if (form == FORM_OPENMETRICS)
		fputs("# EOF\n", to);
	free_rows(&pools);
	free_rows(&sets);
}
