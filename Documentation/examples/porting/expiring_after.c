// SPDX-License-Identifier: GPL-2.0-only
/* Session keys that nobody may use after ten idle seconds, from a pool. */
#include <linux/kpool.h>
#include <linux/random.h>
#include <linux/string.h>

#define IDLE_MS		10000

struct session {
	u8 key[32];
};

static struct kpool *sessions;

static int session_ctor(void *obj, void *ctx, gfp_t gfp, int node)
{
	struct session *session = obj;

	get_random_bytes(session->key, sizeof(session->key));
	return 0;
}

static void session_dtor(void *obj, void *ctx)
{
	memzero_explicit(obj, sizeof(struct session));
}

static struct session *session_get(void)
{
	return kpool_get(sessions, GFP_KERNEL);
}

static void session_put(struct session *session)
{
	kpool_put(sessions, session);
}

static int sessions_create(void)
{
	static const struct kpool_ops ops = { .ctor = session_ctor, .dtor = session_dtor };

	sessions = kpool_create(&(struct kpool_params){
		.name = "sessions",
		.size = sizeof(struct session),
		.idle_ms = IDLE_MS,
		.ops = &ops,
	});
	return PTR_ERR_OR_ZERO(sessions);
}

static void sessions_destroy(void)
{
	kpool_destroy_sync(sessions, 1000);
}

/* The module uses the above once. */
static int __init example_init(void)
{
	struct session *session;
	int err = sessions_create();

	if (err)
		return err;
	session = session_get();
	if (!IS_ERR(session))
		session_put(session);
	return 0;
}
module_init(example_init);

static void __exit example_exit(void)
{
	sessions_destroy();
}
module_exit(example_exit);

MODULE_DESCRIPTION("Session keys from a pool");
MODULE_LICENSE("GPL");
KPOOL_IMPORT_NS;
