# SPDX-License-Identifier: GPL-2.0-only
# The oldest kernel that module/compat/ supports, and the newest kernel that a test has run on.
oldest_kernel = 6.1
newest_tested_kernel = 7.3

# A number that can be compared, from a release or a version: 6.1.0-56-amd64 is 6001.
version_number = $(shell echo '$(1)' | sed -nE 's/^([0-9]+)\.([0-9]+).*/\1 \2/p' | \
	{ read -r major minor && echo $$((major * 1000 + minor)); })
is_older = $(shell test '$(call version_number,$(1))' -lt '$(call version_number,$(2))' && echo y)

# Stops on a release that is too old, and prints a message on one that no test has run on.
check_kernel = $(if $(call is_older,$(1),$(oldest_kernel)),$(error kpool needs Linux \
	$(oldest_kernel) or newer, KDIR is $(1)))$(if \
	$(call is_older,$(newest_tested_kernel),$(1)),$(info kpool is not tested on Linux $(1) \
	yet; the newest tested is $(newest_tested_kernel)))
