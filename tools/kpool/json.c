// SPDX-License-Identifier: GPL-2.0-only
/*
 * Values as a program reads them: Documentation/kpool.schema.json says how.
 * Numbers are raw, fields have the names that they have everywhere.
 */
#include <stdio.h>

#include "tool.h"

static json_t *flags_json(__u64 value)
{
	json_t *flags = checked(json_array());
	char name[FLAG_LEN];

	for (unsigned int bit = 0; bit < 64; bit++)
		if (value >> bit & 1) {
			flag_name(name, bit);
			json_array_append_new(flags, checked(json_string(name)));
		}
	return flags;
}

/**
 * json_value() - a field's value
 * @field: the field
 * @item: what has it
 *
 * Return: NULL for what this item does not have.
 */
json_t *json_value(const struct kp_field *field, const void *item)
{
	__u64 number;

	if (field->kind == KP_TEXT)
		return *kp_text(field, item) ? checked(json_string(kp_text(field, item))) : NULL;
	number = kp_number(field, item);
	switch (field->kind) {
	case KP_YES:
		return json_boolean(number);
	case KP_STATE:
	case KP_BACKING:
	case KP_ZONE:
		return checked(json_string(enum_name(field->kind, number)));
	case KP_FLAGS:
		return flags_json(number);
	case KP_NODE:
		return number == KP_NONE ? NULL : checked(json_integer((json_int_t)number));
	case KP_BELOW_NS:
		return number == ~0ULL ? NULL : checked(json_integer((json_int_t)number));
	case KP_SHARE:
		return checked(json_real((double)number / 10));
	case KP_SINCE:
	case KP_UP_TO:
	case KP_SET:
	case KP_NUMBER:
	case KP_FAULT:
	case KP_ONE_IN:
		return number ? checked(json_integer((json_int_t)number)) : NULL;
	default:
		return checked(json_integer((json_int_t)number));
	}
}

/**
 * json_of() - an object with the fields of an item
 * @fields: the fields
 * @item: the item
 */
json_t *json_of(const struct kp_field *fields, const void *item)
{
	json_t *object = checked(json_object()), *value;

	for (; fields->name; fields++) {
		value = json_value(fields, item);
		if (value)
			json_object_set_new(object, fields->name, value);
	}
	return object;
}

/**
 * json_of_pool() - a pool as an object
 * @pool: the pool
 */
json_t *json_of_pool(const struct kp_pool *pool)
{
	return json_of(kp_pool_fields, pool);
}

/**
 * json_of_stats() - figures of a pool as an object, what there is of each CPU and of waits in it
 * @stats: the figures
 * @o: whether CPUs were asked for
 */
json_t *json_of_stats(const struct kp_stats *stats, const struct options *o)
{
	json_t *object = json_of(kp_stats_fields, stats), *list;
	size_t i;

	if (stats->wait_classes) {
		list = checked(json_array());
		for (i = 0; i < stats->n_wait_classes; i++)
			json_array_append_new(list, json_of(kp_wait_class_fields,
							    &stats->wait_classes[i]));
		json_object_set_new(object, "wait_classes", list);
	}
	if (o->percpu) {
		list = checked(json_array());
		for (i = 0; i < stats->n_cpus; i++)
			json_array_append_new(list, json_of(kp_cpu_fields, &stats->cpus[i]));
		json_object_set_new(object, "cpus", list);
		list = checked(json_array());
		for (i = 0; i < stats->n_nodes; i++)
			json_array_append_new(list, json_of(kp_node_fields, &stats->nodes[i]));
		json_object_set_new(object, "nodes", list);
	}
	return object;
}

/**
 * json_of_both() - a pool as an object, with its figures in it
 * @pool: the pool
 * @stats: its figures
 * @o: whether CPUs were asked for
 */
json_t *json_of_both(const struct kp_pool *pool, const struct kp_stats *stats,
		     const struct options *o)
{
	json_t *object = json_of_pool(pool);

	json_object_set_new(object, "stats", json_of_stats(stats, o));
	return object;
}

static json_t *list_json(const struct kp_field *fields, const void *items, size_t n, size_t size)
{
	json_t *list = checked(json_array());

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_of(fields, (const char *)items + i * size));
	return list;
}

static json_t *better_json(const struct better *b)
{
	json_t *object = checked(json_object()), *sizes = checked(json_array());

	for (size_t i = 0; i < b->n; i++)
		json_array_append_new(sizes, checked(json_integer((json_int_t)b->sizes[i])));
	json_object_set_new(object, "sizes", sizes);
	json_object_set_new(object, "samples", checked(json_integer((json_int_t)b->samples)));
	json_object_set_new(object, "less_given", checked(json_real((double)b->less_given / 10)));
	json_object_set_new(object, "less_waste", checked(json_real((double)b->less_waste / 10)));
	return object;
}

/**
 * json_of_set() - a set of buffers as an object, with its classes
 * @set: the set
 */
json_t *json_of_set(const struct kp_set *set)
{
	json_t *object = json_of(kp_set_fields, set);
	struct better better;

	json_object_set_new(object, "classes",
			    list_json(kp_class_fields, set->classes, set->n_classes,
				      sizeof(*set->classes)));
	json_object_set_new(object, "buckets",
			    list_json(kp_bucket_fields, set->buckets, set->n_buckets,
				      sizeof(*set->buckets)));
	better_classes(set, &better);
	if (better.verdict == IS_BETTER)
		json_object_set_new(object, "better_classes", better_json(&better));
	return object;
}

/**
 * json_print() - print a value, and free it
 * @json: the value
 * @o: in one line, or for people
 */
void json_print(json_t *json, const struct options *o)
{
	json_dumpf(json, stdout, (o->pretty ? JSON_INDENT(2) : JSON_COMPACT) |
				 JSON_REAL_PRECISION(15));
	putchar('\n');
	json_decref(json);
}
