// SPDX-License-Identifier: GPL-2.0-only
/* Asking the kernel for tasks: the holders of objects, and the gets that wait. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include "kp.h"
#include "nl.h"

struct list {
	void *items;
	size_t n;
};

static int add_function(struct kp_holder *holder, struct nlattr *attr)
{
	char **stack = realloc(holder->stack, (holder->n_stack + 1) * sizeof(*stack));

	if (!stack)
		return -ENOMEM;
	holder->stack = stack;
	stack[holder->n_stack] = nla_strdup(attr);
	if (!stack[holder->n_stack])
		return -ENOMEM;
	holder->n_stack++;
	return 0;
}

static int add_holder(struct nlmsghdr *nlh, void *arg)
{
	struct nlattr *tb[KPOOL_A_HOLDER_MAX + 1], *attr;
	struct list *list = arg;
	struct kp_holder *holder;
	int left, err = 0;

	if (genlmsg_parse(nlh, 0, tb, KPOOL_A_HOLDER_MAX, NULL))
		return -EBADMSG;
	holder = kp_one_more(&list->items, &list->n, sizeof(*holder));
	if (!holder)
		return -ENOMEM;
	kp_read_fields(kp_holder_fields, tb, holder);
	nlmsg_for_each_attr(attr, nlh, GENL_HDRLEN, left)
		if (!err && nla_type(attr) == KPOOL_A_HOLDER_STACK)
			err = add_function(holder, attr);
	return err;
}

static int add_waiter(struct nlmsghdr *nlh, void *arg)
{
	struct nlattr *tb[KPOOL_A_WAITER_MAX + 1];
	struct list *list = arg;
	struct kp_waiter *waiter;

	if (genlmsg_parse(nlh, 0, tb, KPOOL_A_WAITER_MAX, NULL))
		return -EBADMSG;
	waiter = kp_one_more(&list->items, &list->n, sizeof(*waiter));
	if (!waiter)
		return -ENOMEM;
	kp_read_fields(kp_waiter_fields, tb, waiter);
	return 0;
}

/**
 * kp_holders() - ask which tasks hold objects
 * @kp: the connection
 * @which: the pool that is meant; NULL: all
 * @holders: receives one item for each object; the caller frees them with kp_holders_free()
 * @n: how many
 *
 * Return: 0, or a negative errno: -EPERM without CAP_NET_ADMIN, -ENOENT if there is no such pool.
 */
int kp_holders(struct kp *kp, const struct kp_which *which, struct kp_holder **holders, size_t *n)
{
	struct list list = { NULL, 0 };
	int err = kp_dump(kp, KPOOL_CMD_HOLDERS_GET, which, add_holder, &list);

	if (err) {
		kp_holders_free(list.items, list.n);
		list = (struct list){ NULL, 0 };
	}
	*holders = list.items;
	*n = list.n;
	return kp_explain(kp, err, "see which tasks hold objects");
}

/**
 * kp_holders_free() - free what kp_holders() gave
 * @holders: the holders
 * @n: how many
 */
void kp_holders_free(struct kp_holder *holders, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < holders[i].n_stack; j++)
			free(holders[i].stack[j]);
		free(holders[i].stack);
	}
	free(holders);
}

/**
 * kp_waiters() - ask which tasks wait for objects
 * @kp: the connection
 * @which: the pool that is meant; NULL: all
 * @waiters: receives them, in the order of the wait list; the caller frees them with free()
 * @n: how many
 *
 * Return: 0, or a negative errno: -EPERM without CAP_NET_ADMIN, -ENOENT if there is no such pool.
 */
int kp_waiters(struct kp *kp, const struct kp_which *which, struct kp_waiter **waiters, size_t *n)
{
	struct list list = { NULL, 0 };
	int err = kp_dump(kp, KPOOL_CMD_WAITERS_GET, which, add_waiter, &list);

	if (err) {
		free(list.items);
		list = (struct list){ NULL, 0 };
	}
	*waiters = list.items;
	*n = list.n;
	return kp_explain(kp, err, "see which tasks wait");
}
