// SPDX-License-Identifier: GPL-2.0-only
/* kpool stats --percpu: each CPU's share of pools, in all or a second. */
#include <stdlib.h>
#include <string.h>

#include "stats.h"

#define ROW(name, kind)	\
	{ #name, kind, 0, offsetof(struct cpu_row, name),	\
	  sizeof(((struct cpu_row *)0)->name), NULL }

static const struct kp_field own_fields[] = { ROW(id, KP_LEVEL), ROW(name, KP_TEXT) };

static struct kp_field *all_fields;

static void free_fields(void)
{
	free(all_fields);
}

/**
 * cpu_row_fields() - the fields of a CPU's row
 *
 * Return: a table for as long as the program runs, the id first.
 */
const struct kp_field *cpu_row_fields(void)
{
	size_t i, n = ARRAY_SIZE(own_fields);
	struct kp_field *fields;

	if (all_fields)
		return all_fields;
	while (kp_cpu_fields[n - ARRAY_SIZE(own_fields)].name)
		n++;
	fields = checked(calloc(n + 1, sizeof(*fields)));
	memcpy(fields, own_fields, sizeof(own_fields));
	for (i = ARRAY_SIZE(own_fields); i < n; i++) {
		fields[i] = kp_cpu_fields[i - ARRAY_SIZE(own_fields)];
		fields[i].offset += offsetof(struct cpu_row, cpu);
	}
	all_fields = fields;
	atexit(free_fields);
	return fields;
}

static int by_cpu(const void *a, const void *b)
{
	const struct kp_cpu *one = a, *other = b;

	return (one->cpu > other->cpu) - (one->cpu < other->cpu);
}

/* The kernel gives CPUs in their order. */
static const struct kp_cpu *find_cpu(const struct kp_stats *stats, const struct kp_cpu *cpu)
{
	return stats && stats->n_cpus ?
	       bsearch(cpu, stats->cpus, stats->n_cpus, sizeof(*cpu), by_cpu) : NULL;
}

/**
 * cpu_rates() - the shares of CPUs, with rates in thousandths a second as counters
 * @stats: the figures of the pool
 * @then: what the kernel said before; NULL: counters stay as they are
 * @seconds: how long ago
 *
 * Return: @stats->n_cpus shares, which the caller frees.
 */
struct kp_cpu *cpu_rates(const struct kp_stats *stats, const struct kp_all *then, double seconds)
{
	struct kp_cpu *cpus = checked(calloc(stats->n_cpus + 1, sizeof(*cpus)));
	const struct kp_stats *before = then ? kp_all_stats(then, stats->id) : NULL;

	for (size_t i = 0; i < stats->n_cpus; i++) {
		cpus[i] = stats->cpus[i];
		if (then)
			make_rates(kp_cpu_fields, &cpus[i], find_cpu(before, &cpus[i]), seconds);
	}
	return cpus;
}

/**
 * cpu_rows_make() - a row for each CPU that used a pool
 * @rows: the pools
 * @then: as for cpu_rates()
 * @seconds: as for cpu_rates()
 *
 * Return: the rows; the caller frees the array.
 */
struct cpu_rows cpu_rows_make(const struct rows *rows, const struct kp_all *then, double seconds)
{
	struct cpu_rows all = { NULL };
	const struct row *row, *end = rows->row + rows->n;
	struct cpu_row *to;
	struct kp_cpu *cpus;

	for (row = rows->row; row < end; row++)
		all.n += row->stats.n_cpus;
	all.row = checked(calloc(all.n + 1, sizeof(*all.row)));
	to = all.row;
	for (row = rows->row; row < end; row++) {
		cpus = cpu_rates(&row->stats, then, seconds);
		for (size_t i = 0; i < row->stats.n_cpus; i++, to++) {
			to->id = row->pool.id;
			memcpy(to->name, row->pool.name, sizeof(to->name));
			to->cpu = cpus[i];
		}
		free(cpus);
	}
	return all;
}
