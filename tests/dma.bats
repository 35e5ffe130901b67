# SPDX-License-Identifier: GPL-2.0-only
#
# DMA pools of a driver, on QEMU's device edu, which copies the bytes. All DMA goes through bounce
# buffers, so a sync that is missing shows.

load helpers

@test "objects of DMA pools go to a device and back, and are put after it is gone, 6.1" {
	local folder log=$LOGS/dma.console
	folder=$(built 6.1)
	logged dma vm -d edu,dma_mask=0xffffffff -a swiotlb=force -t 180 -l "$log" \
		-o "$folder/kpool.ko" -o "$folder/tests/edu/kpool_edu.ko" "$TOP/tests/vm/guest/dma"
	kernel-log "$log"
	[ "$(grep -c 'objects there and back' "$LOGS/dma.log")" = 5 ]
	grep -F 'kpool_edu: removed' "$LOGS/dma.log"
	grep -F 'kpool_edu: late puts done' "$LOGS/dma.log"
	[ "$(grep -c 'consumers hold 1 coherent objects of 0000:00:' "$LOGS/dma.log")" = 2 ]
	(grep -E 'kpool_edu: .*(failed|not those|mapped for|has changed)' "$LOGS/dma.log" || :) |
		none "complaints"
}
