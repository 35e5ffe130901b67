// SPDX-License-Identifier: GPL-2.0-only
/* See nl.h. Each function ends the program with a message if something is wrong. */
#include <err.h>
#include <stdio.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "nl.h"

char nl_context[128];

static noreturn void bad(const char *what, const struct nlmsghdr *nlh)
{
	const unsigned char *byte = (const void *)nlh;
	__u32 i;

	for (i = 0; nlh && i < nlh->nlmsg_len && i < 512; i++)
		fprintf(stderr, "%02x%c", byte[i], (i + 1) % 16 ? ' ' : '\n');
	errx(1, "%s\nbad answer: %s", nl_context, what);
}

/* A socket on which a receive waits at most ten seconds. */
int nl_open(void)
{
	const struct timeval limit = { .tv_sec = 10 };
	int fd, on = 1;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (fd < 0)
		err(1, "socket");
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on)))
		err(1, "setsockopt");
	return fd;
}

void nl_begin(void *message, __u16 type, __u16 flags, __u8 cmd)
{
	struct nlmsghdr *nlh = message;

	memset(message, 0, NLMSG_HDRLEN + GENL_HDRLEN);
	nlh->nlmsg_len = NLMSG_HDRLEN + GENL_HDRLEN;
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	*(struct genlmsghdr *)NLMSG_DATA(nlh) = (struct genlmsghdr){ .cmd = cmd, .version = 1 };
}

void nl_put(void *message, __u16 type, const void *data, size_t size)
{
	struct nlmsghdr *nlh = message;
	char *end = (char *)message + nlh->nlmsg_len;

	*(struct nlattr *)end = (struct nlattr){ .nla_len = NLA_HDRLEN + size, .nla_type = type };
	memset(end + NLA_HDRLEN, 0, NLA_ALIGN(size));
	memcpy(end + NLA_HDRLEN, data, size);
	nlh->nlmsg_len += NLA_HDRLEN + NLA_ALIGN(size);
}

void nl_send(int fd, const void *message)
{
	const struct nlmsghdr *nlh = message;

	if (send(fd, message, nlh->nlmsg_len, 0) < 0)
		err(1, "%s\nsend", nl_context);
}

size_t nl_receive(int fd, void *buffer, size_t size)
{
	ssize_t n = recv(fd, buffer, size, MSG_TRUNC);

	if (n < 0)
		err(1, "%s\nno answer", nl_context);
	if ((size_t)n > size)
		errx(1, "%s\nan answer of %zd bytes", nl_context, n);
	return n;
}

/* The next of the messages that were received together. NULL after the last. */
const struct nlmsghdr *nl_next(const void *buffer, size_t size, size_t *at)
{
	const struct nlmsghdr *nlh = (const void *)((const char *)buffer + *at);
	size_t left = size - *at;

	if (*at >= size)
		return NULL;
	if (left < NLMSG_HDRLEN || nlh->nlmsg_len < NLMSG_HDRLEN || nlh->nlmsg_len > left)
		bad("message length", left < NLMSG_HDRLEN ? NULL : nlh);
	*at += NLMSG_ALIGN(nlh->nlmsg_len);
	return nlh;
}

/* The attribute at *at. Moves *at to the next one. NULL at the end, which must fit. */
const struct nlattr *nl_next_attr(const void *attrs, size_t size, size_t *at,
				  const struct nlmsghdr *nlh)
{
	const struct nlattr *nla = (const void *)((const char *)attrs + *at);
	size_t left = size - *at;

	if (*at >= size)
		return NULL;
	if (left < NLA_HDRLEN || nla->nla_len < NLA_HDRLEN || nla->nla_len > left)
		bad("attribute length", nlh);
	*at += NLA_ALIGN(nla->nla_len);
	return nla;
}

static const void *payload(const struct nlattr *nla)
{
	return (const char *)nla + NLA_HDRLEN;
}

static size_t payload_size(const struct nlattr *nla)
{
	return nla->nla_len - NLA_HDRLEN;
}

static __u32 payload_u32(const struct nlattr *nla)
{
	__u32 value;

	memcpy(&value, payload(nla), sizeof(value));
	return value;
}

enum kind { NONE, FLAG, PAD, U32, U64, STRING, CPU, NODE, WAIT_CLASS, CLASS, BUCKET };

static const unsigned char pool_kinds[KPOOL_A_POOL_LAST + 1] = {
	[KPOOL_A_POOL_ID] = U32,
	[KPOOL_A_POOL_NAME] = STRING,
	[KPOOL_A_POOL_PAD] = PAD,
	[KPOOL_A_POOL_OWNER] = STRING,
	[KPOOL_A_POOL_STATE] = U32,
	[KPOOL_A_POOL_BYPASSED] = FLAG,
	[KPOOL_A_POOL_CREATE_TIME ... KPOOL_A_POOL_IDLE] = U64,
	[KPOOL_A_POOL_SIZE ... KPOOL_A_POOL_FOOTPRINT] = U64,
	[KPOOL_A_POOL_BACKING ... KPOOL_A_POOL_NODE] = U32,
	[KPOOL_A_POOL_USEROFFSET ... KPOOL_A_POOL_WIPE_SIZE] = U64,
	[KPOOL_A_POOL_FLAGS ... KPOOL_A_POOL_SET_ID] = U32,
	[KPOOL_A_POOL_CLOSING] = U64,
	[KPOOL_A_POOL_WORKERS] = U32,
	[KPOOL_A_POOL_DEBUGGED] = FLAG,
	[KPOOL_A_POOL_HELD_MS] = U32,
	[KPOOL_A_POOL_FAIL_GET ... KPOOL_A_POOL_LEAK_MS] = U32,
	[KPOOL_A_POOL_TRIMMED ... KPOOL_A_POOL_OVERHEAD] = U64,
	[KPOOL_A_POOL_MAGAZINE_ASKED] = U32,
};

static const unsigned char stats_kinds[KPOOL_A_STATS_MAX + 1] = {
	[KPOOL_A_STATS_ID] = U32,
	[KPOOL_A_STATS_NAME] = STRING,
	[KPOOL_A_STATS_PAD] = PAD,
	[KPOOL_A_STATS_CPU] = CPU,
	[KPOOL_A_STATS_WAIT_CLASS] = WAIT_CLASS,
	[KPOOL_A_STATS_EXISTING ... KPOOL_A_STATS_CLOSE_RETRIES] = U64,
	[KPOOL_A_STATS_WAITING ... KPOOL_A_STATS_WAITING_PEAK] = U64,
	[KPOOL_A_STATS_RESERVE_USED ... KPOOL_A_STATS_SENT_HOME] = U64,
	[KPOOL_A_STATS_BUILT_NOLOCK ... KPOOL_A_STATS_CARVED] = U64,
	[KPOOL_A_STATS_NODE] = NODE,
};

static const unsigned char cpu_kinds[KPOOL_A_CPU_STATS_MAX + 1] = {
	[KPOOL_A_CPU_STATS_CPU] = U32,
	[KPOOL_A_CPU_STATS_PAD] = PAD,
	[KPOOL_A_CPU_STATS_CAPACITY ... KPOOL_A_CPU_STATS_IDLE] = U32,
	[KPOOL_A_CPU_STATS_GETS ... KPOOL_A_CPU_STATS_PUT_MISSES] = U64,
};

static const unsigned char node_kinds[KPOOL_A_NODE_STATS_MAX + 1] = {
	[KPOOL_A_NODE_STATS_NODE] = U32,
	[KPOOL_A_NODE_STATS_PAD] = PAD,
	[KPOOL_A_NODE_STATS_IDLE ... KPOOL_A_NODE_STATS_SENT_HOME] = U64,
};

static const unsigned char wait_class_kinds[KPOOL_A_WAIT_CLASS_MAX + 1] = {
	[KPOOL_A_WAIT_CLASS_BELOW_NS] = U64,
	[KPOOL_A_WAIT_CLASS_PAD] = PAD,
	[KPOOL_A_WAIT_CLASS_WAITS] = U64,
};

static const unsigned char set_kinds[KPOOL_A_SET_MAX + 1] = {
	[KPOOL_A_SET_ID] = U32,
	[KPOOL_A_SET_NAME] = STRING,
	[KPOOL_A_SET_PAD] = PAD,
	[KPOOL_A_SET_OWNER] = STRING,
	[KPOOL_A_SET_STATE] = U32,
	[KPOOL_A_SET_CHECKED] = FLAG,
	[KPOOL_A_SET_CLASS] = CLASS,
	[KPOOL_A_SET_BUCKET] = BUCKET,
	[KPOOL_A_SET_SAMPLE_INTERVAL] = U32,
	[KPOOL_A_SET_MAX_IDLE_BYTES ... KPOOL_A_SET_OVERSIZE_MEMORY] = U64,
};

static const unsigned char class_kinds[KPOOL_A_CLASS_MAX + 1] = {
	[KPOOL_A_CLASS_POOL_ID] = U32,
	[KPOOL_A_CLASS_PAD] = PAD,
	[KPOOL_A_CLASS_BACKING] = U32,
	[KPOOL_A_CLASS_SIZE ... KPOOL_A_CLASS_MEMORY] = U64,
};

static const unsigned char bucket_kinds[KPOOL_A_BUCKET_MAX + 1] = {
	[KPOOL_A_BUCKET_UP_TO] = U64,
	[KPOOL_A_BUCKET_PAD] = PAD,
	[KPOOL_A_BUCKET_SAMPLES] = U64,
};

static const unsigned char holder_kinds[KPOOL_A_HOLDER_MAX + 1] = {
	[KPOOL_A_HOLDER_ID] = U32,
	[KPOOL_A_HOLDER_NAME] = STRING,
	[KPOOL_A_HOLDER_PAD] = PAD,
	[KPOOL_A_HOLDER_NUMBER] = U32,
	[KPOOL_A_HOLDER_HELD_MS] = U64,
	[KPOOL_A_HOLDER_PID] = U32,
	[KPOOL_A_HOLDER_COMM ... KPOOL_A_HOLDER_STACK] = STRING,
};

static const unsigned char waiter_kinds[KPOOL_A_WAITER_MAX + 1] = {
	[KPOOL_A_WAITER_ID] = U32,
	[KPOOL_A_WAITER_NAME] = STRING,
	[KPOOL_A_WAITER_PAD] = PAD,
	[KPOOL_A_WAITER_WAIT_NS] = U64,
	[KPOOL_A_WAITER_PID] = U32,
	[KPOOL_A_WAITER_COMM] = STRING,
	[KPOOL_A_WAITER_WANTED ... KPOOL_A_WAITER_GOT] = U32,
};

static bool string_fits(const struct nlattr *nla)
{
	size_t size = payload_size(nla);

	return size > 1 && memchr(payload(nla), 0, size) == (const char *)payload(nla) + size - 1;
}

/* Checks that the attribute is known, and has the right length. */
static bool kind_fits(enum kind kind, const struct nlattr *nla)
{
	switch (kind) {
	case FLAG:
	case PAD:
		return !payload_size(nla);
	case U32:
		return payload_size(nla) == 4;
	case U64:
		return payload_size(nla) == 8;
	case STRING:
		return string_fits(nla);
	case CPU:
	case NODE:
	case WAIT_CLASS:
	case CLASS:
	case BUCKET:
		return nla->nla_type & NLA_F_NESTED;
	default:
		return false;
	}
}

static enum kind kind_of(const struct nlattr *nla, const unsigned char *kinds, unsigned int most)
{
	unsigned int type = nla->nla_type & NLA_TYPE_MASK;

	return type <= most ? kinds[type] : NONE;
}

/* Checks a nest, which must have least to most figures. */
static void check_nest(const struct nlattr *nest, const unsigned char *kinds, unsigned int last,
		       unsigned int least, unsigned int most, const struct nlmsghdr *nlh)
{
	const struct nlattr *nla;
	unsigned int figures = 0;
	size_t at = 0;
	enum kind kind;

	while ((nla = nl_next_attr(payload(nest), payload_size(nest), &at, nlh))) {
		kind = kind_of(nla, kinds, last);
		if (!kind_fits(kind, nla))
			bad("an attribute in a nest", nlh);
		figures += kind == U32 || kind == U64;
	}
	if (figures < least || figures > most)
		bad("figures in a nest", nlh);
}

/* If the attribute is a nest, checks and counts it. */
static void check_list_item(const struct nlattr *nla, enum kind kind, struct nl_reply *reply,
			    const struct nlmsghdr *nlh)
{
	switch (kind) {
	case CPU:
		check_nest(nla, cpu_kinds, KPOOL_A_CPU_STATS_MAX, 7, 7, nlh);
		reply->cpus++;
		break;
	case NODE:
		check_nest(nla, node_kinds, KPOOL_A_NODE_STATS_MAX, 6, 6, nlh);
		reply->nodes++;
		break;
	case WAIT_CLASS:
		check_nest(nla, wait_class_kinds, KPOOL_A_WAIT_CLASS_MAX, 2, 2, nlh);
		break;
	case CLASS:
		/* If the class's pool is gone, so are these two: the pool and its backing. */
		check_nest(nla, class_kinds, KPOOL_A_CLASS_MAX, 11, 13, nlh);
		reply->classes++;
		break;
	case BUCKET:
		/* The last bucket has no largest size. */
		check_nest(nla, bucket_kinds, KPOOL_A_BUCKET_MAX, 1, 2, nlh);
		reply->buckets++;
		break;
	default:
		break;
	}
}

static enum kind kind_in(const struct nlattr *nla, __u8 cmd)
{
	switch (cmd) {
	case KPOOL_CMD_STATS_GET:
		return kind_of(nla, stats_kinds, KPOOL_A_STATS_MAX);
	case KPOOL_CMD_SET_GET:
		return kind_of(nla, set_kinds, KPOOL_A_SET_MAX);
	case KPOOL_CMD_HOLDERS_GET:
		return kind_of(nla, holder_kinds, KPOOL_A_HOLDER_MAX);
	case KPOOL_CMD_WAITERS_GET:
		return kind_of(nla, waiter_kinds, KPOOL_A_WAITER_MAX);
	default:
		return kind_of(nla, pool_kinds, KPOOL_A_POOL_LAST);
	}
}

/* Figures that only a pool with max or reserve has. */
#define BOUNDED	14

/* How many figures of 64 bits pools have. */
static unsigned int stats_figures(void)
{
	unsigned int attr, n = 0;

	for (attr = 0; attr <= KPOOL_A_STATS_MAX; attr++)
		n += stats_kinds[attr] == U64;
	return n;
}

/* Is the answer complete, with so many figures of 64 bits? */
static bool is_whole(struct nl_reply *reply, __u8 cmd, unsigned int wide)
{
	switch (cmd) {
	case KPOOL_CMD_STATS_GET:
		reply->totals = wide == stats_figures() || wide == stats_figures() - BOUNDED;
		return reply->totals || (!wide && (reply->cpus || reply->nodes));
	case KPOOL_CMD_SET_GET:
		reply->totals = wide == 13;
		return reply->totals || (!wide && reply->classes + reply->buckets);
	case KPOOL_CMD_HOLDERS_GET:
	case KPOOL_CMD_WAITERS_GET:
	case KPOOL_CMD_POOL_TRIM:
		reply->totals = true;
		return wide == 1;
	default:
		reply->totals = true;
		return wide >= 13;
	}
}

/* Checks an answer of the family to a request of that command. */
struct nl_reply nl_check_reply(const struct nlmsghdr *nlh, __u8 cmd)
{
	const struct genlmsghdr *genl = NLMSG_DATA(nlh);
	struct nl_reply reply = { 0 };
	const struct nlattr *nla;
	unsigned int wide = 0;
	size_t size, at = 0;
	enum kind kind;

	if (nlh->nlmsg_len < NLMSG_HDRLEN + GENL_HDRLEN)
		bad("no room for its header", nlh);
	if (genl->cmd != cmd || genl->version != 1 || genl->reserved)
		bad("its header", nlh);
	size = nlh->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN;
	while ((nla = nl_next_attr((const char *)genl + GENL_HDRLEN, size, &at, nlh))) {
		kind = kind_in(nla, cmd);
		if (!kind_fits(kind, nla))
			bad("an attribute", nlh);
		wide += kind == U64;
		check_list_item(nla, kind, &reply, nlh);
		if (nla->nla_type == KPOOL_A_POOL_ID)
			reply.id = payload_u32(nla);
		if (nla->nla_type == KPOOL_A_POOL_NAME)
			snprintf(reply.name, sizeof(reply.name), "%s", (const char *)payload(nla));
	}
	if (!reply.id || !*reply.name)
		bad("no id or no name", nlh);
	if (!is_whole(&reply, cmd, wide))
		bad("attributes are missing", nlh);
	return reply;
}

/* Checks what the kernel adds to an error, or to the end of a dump. */
static void check_tlvs(const struct nlmsghdr *nlh, size_t from)
{
	const struct nlattr *nla;
	size_t at = 0;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (nlh->nlmsg_len < from)
		bad("no room for what is added", nlh);
	while ((nla = nl_next_attr((const char *)nlh + from, nlh->nlmsg_len - from, &at, nlh)))
		if (nla->nla_type == NLMSGERR_ATTR_MSG && !string_fits(nla))
			bad("message of an error", nlh);
}

/* Returns 0 for an ACK, otherwise an errno. */
int nl_check_error(const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *error = NLMSG_DATA(nlh);
	size_t size = sizeof(*error);

	if (nlh->nlmsg_len < NLMSG_HDRLEN + size)
		bad("length of an error", nlh);
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		size += error->msg.nlmsg_len - NLMSG_HDRLEN;
	check_tlvs(nlh, NLMSG_HDRLEN + NLMSG_ALIGN(size));
	if (error->error > 0 || error->error < -4095)
		bad("number of an error", nlh);
	return -error->error;
}

/* As nl_check_error(), for the end of a dump. */
int nl_check_done(const struct nlmsghdr *nlh)
{
	int error;

	if (nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(error))
		bad("length of a dump's end", nlh);
	memcpy(&error, NLMSG_DATA(nlh), sizeof(error));
	check_tlvs(nlh, NLMSG_HDRLEN + sizeof(error));
	if (error > 0 || error < -4095)
		bad("number of a dump's end", nlh);
	return -error;
}

/*
 * The family's number. The request makes the kernel load the module. Without the family: exit
 * status 2.
 */
__u16 nl_family(int fd, const char *name)
{
	static char buffer[NL_ROOM];
	const struct nlmsghdr *nlh;
	const struct nlattr *nla;
	size_t size, at = 0, from = NLMSG_HDRLEN + GENL_HDRLEN;
	char request[128];
	int error;

	nl_begin(request, GENL_ID_CTRL, 0, CTRL_CMD_GETFAMILY);
	nl_put(request, CTRL_ATTR_FAMILY_NAME, name, strlen(name) + 1);
	nl_send(fd, request);
	size = nl_receive(fd, buffer, sizeof(buffer));
	nlh = nl_next(buffer, size, &at);
	if (!nlh)
		errx(1, "an empty answer");
	if (nlh->nlmsg_type == NLMSG_ERROR) {
		error = nl_check_error(nlh);
		errx(2, "no family %s: %s", name, strerror(error));
	}
	at = 0;
	while ((nla = nl_next_attr(buffer + from, nlh->nlmsg_len - from, &at, nlh)))
		if (nla->nla_type == CTRL_ATTR_FAMILY_ID)
			return *(const __u16 *)payload(nla);
	errx(1, "a family without a number");
}
