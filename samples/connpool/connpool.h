/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * connpool: pools of TCP connections that the kernel itself uses as a client.
 */
#ifndef _CONNPOOL_H
#define _CONNPOOL_H

#include <linux/list.h>
#include <linux/socket.h>
#include <linux/types.h>

struct connpool;
struct socket;

/**
 * struct connpool_params - what connpool_create() is to create
 * @name: name of the pool, as for kpool_create()
 * @address: an IPv4 or IPv6 address with its port
 * @max_open: connections at a time, those in use and idle ones; 0: no limit
 * @min_idle: connections opened at creation, and kept from then on
 * @max_idle: idle connections that are kept; 0: no limit, %KPOOL_KEEP_NONE: none, so
 *	that each get opens one
 * @idle_ms: close a connection that was idle for longer; 0: never
 * @lifetime_ms: close a connection that is older, when it is idle; 0: never
 * @connect_timeout_ms: how long the peer may take to accept; 0: for as long as
 *	TCP tries
 *
 * Zero what is not used. connpool_create() copies all of it.
 */
struct connpool_params {
	const char *name;
	struct sockaddr_storage address;
	unsigned int max_open;
	unsigned int min_idle;
	unsigned int max_idle;
	unsigned int idle_ms;
	unsigned int lifetime_ms;
	unsigned int connect_timeout_ms;
};

/**
 * struct connpool_conn - a connection
 * @sock: its socket, for who got the connection to send and receive with
 * @reused: somebody had it before, so that the peer may be about to close it
 *
 * For who got it to read; the rest is private.
 */
struct connpool_conn {
	struct socket *sock;
	bool reused;
	/* private: */
	bool connected;
	unsigned long connect_by;
	struct connpool *pool;
	struct list_head node;
};

struct connpool *connpool_create(const struct connpool_params *params);
void connpool_stop(struct connpool *pool);
void connpool_destroy(struct connpool *pool);
struct connpool_conn *connpool_get(struct connpool *pool, long timeout_jiffies);
int connpool_reopen(struct connpool *pool, struct connpool_conn *conn, long timeout_jiffies);
void connpool_put(struct connpool *pool, struct connpool_conn *conn, bool reusable);
u64 connpool_opened(const struct connpool *pool);

#endif
