// SPDX-License-Identifier: GPL-2.0-only
/* kpool stats --delay --json: a pool with its rates. */
#include <stdlib.h>

#include "stats.h"

/* As json_of(), with the counters, which are rates, in an object of their own. */
static json_t *rates_json(const struct kp_field *field, const void *item)
{
	json_t *object = checked(json_object()), *rates = checked(json_object());

	for (; field->name; field++) {
		if (is_counter(field))
			json_object_set_new(rates, field->name,
					    checked(json_real((double)kp_number(field, item) /
							      1000)));
		else
			json_object_set_new(object, field->name, json_value(field, item));
	}
	json_object_set_new(object, "per_second", rates);
	return object;
}

/**
 * json_of_rates() - a pool with rates as an object
 * @row: the pool, after rows_rates()
 * @then: what the kernel said before, for the shares of CPUs
 * @seconds: how long ago
 * @o: whether CPUs were asked for
 */
json_t *json_of_rates(const struct row *row, const struct kp_all *then, double seconds,
		      const struct options *o)
{
	json_t *object = rates_json(kp_stats_fields, &row->stats), *array;
	struct kp_cpu *cpus;

	if (!o->percpu)
		return object;
	cpus = cpu_rates(&row->stats, then, seconds);
	array = checked(json_array());
	for (size_t i = 0; i < row->stats.n_cpus; i++)
		json_array_append_new(array, rates_json(kp_cpu_fields, &cpus[i]));
	json_object_set_new(object, "cpus", array);
	free(cpus);
	return object;
}
