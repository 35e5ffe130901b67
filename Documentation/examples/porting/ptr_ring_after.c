// SPDX-License-Identifier: GPL-2.0-only
/* Frames from a pool that keeps up to 256 of them idle. */
#include <linux/kpool.h>

struct frame {
	u32 len;
	u8 bytes[1532];
};

DEFINE_KPOOL_TYPE(frame, struct frame);

static struct frame_pool *frames;

static struct frame *frame_new(void)
{
	struct frame *frame = frame_get(frames, GFP_ATOMIC);

	return IS_ERR(frame) ? NULL : frame;
}

static void frame_free(struct frame *frame)
{
	frame_put(frames, frame);
}

static int frames_create(void)
{
	frames = frame_pool_create(&(struct kpool_params){
		.name = "frames",
		.max_idle = 256,
	});
	return PTR_ERR_OR_ZERO(frames);
}

static void frames_destroy(void)
{
	frame_pool_destroy(frames);
}

/* The module uses the above once. */
static int __init example_init(void)
{
	struct frame *frame;
	int err = frames_create();

	if (err)
		return err;
	frame = frame_new();
	if (frame)
		frame_free(frame);
	return 0;
}
module_init(example_init);

static void __exit example_exit(void)
{
	frames_destroy();
}
module_exit(example_exit);

MODULE_DESCRIPTION("Frames from a pool");
MODULE_LICENSE("GPL");
KPOOL_IMPORT_NS;
