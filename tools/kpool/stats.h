/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of kpool stats share. */
#ifndef STATS_H
#define STATS_H

#include "rows.h"

/* A CPU's share with the pool that it is of, for a table of all. */
struct cpu_row {
	__u64 id;
	char name[KP_NAME_LEN];
	struct kp_cpu cpu;
};

struct cpu_rows {
	struct cpu_row *row;
	size_t n;
};

/* stats_cpus.c */
const struct kp_field *cpu_row_fields(void);
struct kp_cpu *cpu_rates(const struct kp_stats *stats, const struct kp_all *then, double seconds);
struct cpu_rows cpu_rows_make(const struct rows *rows, const struct kp_all *then, double seconds);

/* stats_json.c */
json_t *json_of_rates(const struct row *row, const struct kp_all *then, double seconds,
		      const struct options *o);

#endif /* STATS_H */
