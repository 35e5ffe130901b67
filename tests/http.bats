# SPDX-License-Identifier: GPL-2.0-only
#
# The HTTP sample, end to end. The script inside the guest names each of its checks in its log.

load helpers

@test "every answer, every limit, unload under load, native" {
	http httpd native 300
}

# SCALE=full kills the backend a thousand times.
@test "a real backend that comes and goes, native" {
	http proxy native "$(by_scale 300 3600)" "$(nginx)"
}

@test "long answers, slow clients, native" {
	http streams native 600
}
