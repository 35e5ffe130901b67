# SPDX-License-Identifier: GPL-2.0-only
# The oldest kernel that module/compat/ makes up for, and the newest that a test has seen.
oldest_kernel = 6.1
newest_tested_kernel = 7.3

# Of a release or a version, a number to compare: 6.1.0-56-amd64 is 6001.
version_number = $(shell echo '$(1)' | sed -nE 's/^([0-9]+)\.([0-9]+).*/\1 \2/p' | \
	{ read -r major minor && echo $$((major * 1000 + minor)); })
is_older = $(shell test '$(call version_number,$(1))' -lt '$(call version_number,$(2))' && echo y)

# Stops for a release that is too old, and says so of one that no test has seen.
check_kernel = $(if $(call is_older,$(1),$(oldest_kernel)),$(error kpool needs Linux \
	$(oldest_kernel) or newer, KDIR is $(1)))$(if \
	$(call is_older,$(newest_tested_kernel),$(1)),$(info kpool is not tested on Linux $(1) \
	yet; the newest tested is $(newest_tested_kernel)))
