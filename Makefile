# SPDX-License-Identifier: GPL-2.0-only
#
# What a person types; `make help` lists it. What belongs into the modules is in Kbuild.

# The running kernel's build folder, or else Debian's newest installed headers.
KDIR ?= $(firstword $(wildcard /lib/modules/$(shell uname -r)/build) \
	$(shell find /usr/src -maxdepth 1 -name 'linux-headers-*-amd64' | \
		grep -xE '.*/linux-headers-[0-9.-]+(\+deb[0-9.]+)?-amd64' | sort -V | tail -n 1))
utsrelease = $(KDIR)/include/generated/utsrelease.h
KREL = $(shell sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' $(utsrelease) 2>/dev/null)
BUILD ?= build/$(KREL)
DOCS ?= build/docs
PREFIX ?= /usr/local
INSTALL_MOD_STRIP ?= 1
SCALE ?= short
K ?= stock

# make takes a name with a blank for two names.
refuse_blanks = $(if $(filter-out 0 1,$(words $(2))),$(error make cannot handle a blank in the path \
	of $(1): '$(2)'))
$(call refuse_blanks,this folder,$(CURDIR))
$(foreach variable,KDIR BUILD DESTDIR PREFIX,$(call refuse_blanks,$(variable)=,$($(variable))))

include module/compat/versions.mk

# Two builds for one kernel at once would spoil each other's files.
alone = flock $(BUILD)/.lock
kbuild = $(alone) $(MAKE) -C $(KDIR) M=$(abspath $(BUILD))
sources = $(wildcard Kbuild module samples tests uapi)
headers = $(wildcard module/include/linux/kpool*.h)
header_parts = $(wildcard module/include/linux/kpool/*.h)
uapi_headers = $(wildcard uapi/linux/kpool*.h)
tools = $(CURDIR)/build/tools
bin_dir = $(DESTDIR)$(PREFIX)/bin
share_dir = $(DESTDIR)$(PREFIX)/share
uapi_dir = $(DESTDIR)$(PREFIX)/include/linux
unit_dir = $(DESTDIR)$(PREFIX)/lib/systemd/system
for_prometheus = $(wildcard tools/prometheus/*)
units = $(notdir $(wildcard tools/systemd/*))
scripts = $(notdir $(wildcard tools/bpftrace/*))
for_drgn = tools/drgn/kpool.py
include_dir = $(DESTDIR)$(PREFIX)/include/kpool
lib_dir = $(DESTDIR)$(PREFIX)/lib/kpool
bench_dir = $(share_dir)/kpool/bench
bench_parts = $(wildcard $(addprefix tools/bench/kpoolbench/*.,py css js))
# The charting library of the benchmark's page, to install beside it.
chart_js = $(firstword $(wildcard /usr/share/javascript/chart.js/chart.min.js))
module_dir = $(DESTDIR)/lib/modules/$(KREL)/updates
stage = $(abspath $(BUILD))/stage

version := $(shell tools/version)
dkms_dir = $(DESTDIR)/usr/src/kpool-$(version)
bench_dkms_dir = $(DESTDIR)/usr/src/kpool-bench-$(version)
for_bench_dkms = LICENSES module/compat module/include tests/bench/Kbuild \
	$(wildcard tests/bench/*.[ch])
for_dkms = Kbuild LICENSES Makefile module tools/add-btf tools/dkms/symvers tools/version uapi

.PHONY: all modules tree tools man install install-module install-headers install-tool \
	install-man install-dkms install-bench install-bench-tool install-bench-dkms uninstall \
	uninstall-dkms dist deb samples demo test bench shell docs reference clean help

all: modules ## the modules (the default)

modules: tree ## kpool.ko in build/RELEASE, for the kernel of KDIR= (BTF_BASE= its vmlinux)
	+$(kbuild) modules
	@$(alone) tools/add-btf $(BUILD) '$(KREL)' '$(BTF_BASE)'

# Kbuild writes beside the sources, so each kernel gets a tree of links to them.
tree:
	$(if $(and $(wildcard $(KDIR)/Makefile),$(wildcard $(utsrelease))),,$(error \
		no kernel headers in KDIR='$(KDIR)': tests/tools/setup installs them))
	$(call check_kernel,$(KREL))
	@mkdir -p $(BUILD)
	@find $(BUILD)/ -xtype l -delete
	@find $(sources) -name '*.[chS]' -printf '%h %f\n' -o -name Kbuild -printf '%h %f\n' \
		-o -name '*.mk' -printf '%h %f\n' -o -name Makefile -printf '%h %f\n' | \
	while read -r folder file; do \
		mkdir -p "$(BUILD)/$$folder" && \
		ln -sfT "$(CURDIR)/$$folder/$$file" "$(BUILD)/$$folder/$$file" || exit 1; \
	done
	@mkdir -p $(BUILD)/tools && ln -sfT $(CURDIR)/tools/version $(BUILD)/tools/version

# Headers of a distribution come without the key to sign with, and a complaint would follow.
no_key = $(if $(wildcard $(KDIR)/certs/signing_key.pem),,CONFIG_MODULE_SIG_ALL=)

tools: ## the kpool program, in build/tools
	@mkdir -p $(tools)
	+flock $(tools)/.lock $(MAKE) -C tools/kpool OUT=$(tools)

man: ## pages of the manual about the calls, in build/man
	@command -v rst2man >/dev/null || { echo 'the pages need rst2man: tests/tools/setup tools'; exit 1; }
	@rm -rf build/man && mkdir -p build/man/man7
	tools/reference man build/man/man9
	rst2man Documentation/kpool.7.rst build/man/man7/kpool.7

install: install-module install-tool install-man ## the module, the headers, the program, the manual

install-module: modules install-headers ## kpool.ko, the public headers, Module.symvers (DESTDIR= PREFIX=)
	+$(kbuild) modules_install INSTALL_MOD_PATH=$(DESTDIR) INSTALL_MOD_DIR=updates \
		INSTALL_MOD_STRIP=$(INSTALL_MOD_STRIP) $(no_key)
	install -d $(lib_dir)/$(KREL)
	install -C -m 644 $(BUILD)/Module.symvers $(lib_dir)/$(KREL)
	$(if $(DESTDIR),,depmod $(KREL))

install-headers: ## headers for consumers and for programs that speak netlink, a semantic patch
	install -d $(include_dir)/linux/kpool $(uapi_dir) $(share_dir)/kpool/coccinelle
	install -C -m 644 $(headers) $(include_dir)/linux
	install -C -m 644 $(header_parts) $(include_dir)/linux/kpool
	install -C -m 644 $(uapi_headers) $(uapi_dir)
	install -C -m 644 tools/coccinelle/kpool.cocci $(share_dir)/kpool/coccinelle

install-dkms: install-headers ## kpool.ko's source for DKMS in /usr/src, and the headers
	@install -d $(dkms_dir)
	tar -cf - $(for_dkms) | tar -C $(dkms_dir) --no-same-owner -xf -
	echo '$(version)' >$(dkms_dir)/VERSION
	sed 's|@VERSION@|$(version)|; s|@PREFIX@|$(PREFIX)|' tools/dkms/dkms.conf >$(dkms_dir)/dkms.conf
	@echo 'for the running kernel: dkms install kpool/$(version)'

install-tool: tools ## the kpool program, its man page and completion, what programs need
	install -d $(bin_dir) $(share_dir)/man/man8 $(share_dir)/bash-completion/completions \
		$(share_dir)/kpool/bpftrace $(uapi_dir) $(unit_dir)
	install -C -m 755 $(tools)/kpool $(bin_dir)
	install -C -m 644 $(tools)/kpool.8 $(share_dir)/man/man8
	install -C -m 644 tools/kpool/completion.bash \
		$(share_dir)/bash-completion/completions/kpool
	install -C -m 644 Documentation/netlink/specs/kpool.yaml Documentation/kpool.schema.json \
		$(for_prometheus) $(for_drgn) $(share_dir)/kpool
	install -C -m 755 $(addprefix tools/bpftrace/,$(scripts)) $(share_dir)/kpool/bpftrace
	install -C -m 644 $(uapi_headers) $(uapi_dir)
	install -C -m 644 $(addprefix tools/systemd/,$(units)) $(unit_dir)
	sed -i 's|/usr/local/bin|$(PREFIX)/bin|' $(addprefix $(unit_dir)/,$(filter %.service,$(units)))

install-man: man ## pages of the manual about the calls
	install -d $(share_dir)/man/man7 $(share_dir)/man/man9
	install -C -m 644 build/man/man7/* $(share_dir)/man/man7
	install -C -m 644 build/man/man9/* $(share_dir)/man/man9

install-bench: install-bench-tool ## the benchmark for `kpool bench`: its module, its program
	+$(MAKE) install-module KPOOL_BENCH=1

install-bench-tool:
	install -d $(bench_dir)/kpoolbench
	install -C -m 755 tools/bench/kpool-bench tools/bench/measure $(bench_dir)
	install -C -m 644 $(bench_parts) $(bench_dir)/kpoolbench
	$(if $(chart_js),install -C -m 644 $(chart_js) $(bench_dir)/kpoolbench,@echo \
		'without libjs-chart.js the benchmark makes no pages')

install-bench-dkms: install-bench-tool ## the benchmark, its module as source for DKMS in /usr/src
	@install -d $(bench_dkms_dir)
	tar -cf - $(for_bench_dkms) | \
		tar -C $(bench_dkms_dir) --no-same-owner -xf -
	sed 's|@VERSION@|$(version)|; s|@PREFIX@|$(PREFIX)|' tools/dkms/bench.conf \
		>$(bench_dkms_dir)/dkms.conf

uninstall: ## remove what install put there
	rm -f $(bin_dir)/kpool $(share_dir)/man/man8/kpool.8 $(share_dir)/man/man7/kpool.7 \
		$(addprefix $(share_dir)/man/man9/,$(shell tools/reference names)) \
		$(share_dir)/bash-completion/completions/kpool \
		$(addprefix $(share_dir)/kpool/,kpool.yaml kpool.schema.json \
			$(notdir $(for_prometheus) $(for_drgn))) \
		$(addprefix $(share_dir)/kpool/bpftrace/,$(scripts)) $(addprefix $(unit_dir)/,$(units))
	@rmdir --ignore-fail-on-non-empty $(share_dir)/kpool/bpftrace $(share_dir)/kpool \
		$(unit_dir) $(dir $(unit_dir)) $(share_dir)/bash-completion/completions \
		$(share_dir)/bash-completion $(addprefix $(share_dir)/man/man,7 8 9) 2>/dev/null || :
	rm -f $(module_dir)/tests/bench/kpool_bench.ko*
	rm -rf $(bench_dir)
	@rmdir --ignore-fail-on-non-empty $(share_dir)/kpool $(module_dir)/tests/bench \
		$(module_dir)/tests 2>/dev/null || :
	rm -f $(module_dir)/kpool.ko* $(lib_dir)/$(KREL)/Module.symvers
	@rmdir --ignore-fail-on-non-empty $(lib_dir)/$(KREL) $(lib_dir) $(module_dir) 2>/dev/null || :
	$(remove_headers)
	$(if $(DESTDIR),,depmod $(KREL))

define remove_headers
	rm -f $(addprefix $(include_dir)/linux/,$(notdir $(headers))) \
		$(addprefix $(include_dir)/linux/kpool/,$(notdir $(header_parts))) \
		$(addprefix $(uapi_dir)/,$(notdir $(uapi_headers))) \
		$(share_dir)/kpool/coccinelle/kpool.cocci
	@rmdir --ignore-fail-on-non-empty $(include_dir)/linux/kpool $(include_dir)/linux $(include_dir) \
		$(uapi_dir) $(share_dir)/kpool/coccinelle $(share_dir)/kpool 2>/dev/null || :
endef

uninstall-dkms: ## remove what install-dkms put there, and what DKMS built of it
	$(if $(DESTDIR),,! dkms status kpool/$(version) | grep -q . || dkms remove kpool/$(version) --all)
	$(if $(DESTDIR),,! dkms status kpool-bench/$(version) | grep -q . || \
		dkms remove kpool-bench/$(version) --all)
	rm -rf $(dkms_dir) $(bench_dkms_dir)
	$(remove_headers)

# Built as somebody else would: in a folder of their own, from what install installs.
samples: modules ## the samples, against a staged installation
	+$(MAKE) install-module DESTDIR=$(stage)
	+set -e; for sample in $(dir $(wildcard samples/*/Makefile)); do \
		$(alone) $(MAKE) -C $(BUILD)/$$sample KDIR=$(KDIR) KPOOL=$(stage)$(PREFIX); \
	done

dist: ## the source of this commit as a tarball, in build/
	$(if $(wildcard .git),,$(error dist needs the git repository))
	$(if $(findstring .dirty,$(version)),$(error commit your changes first))
	@mkdir -p build
	git archive --prefix=kpool-$(version)/ --add-virtual-file=kpool-$(version)/VERSION:$(version) \
		-o build/kpool-$(version).tar.gz HEAD
	@echo build/kpool-$(version).tar.gz

deb: ## Debian packages, in build/deb
	tools/deb

demo: ## serve ten thousand HTTP requests out of pools, in a VM
	tests/demo

test: ## all tests, or one: T=name; SCALE=short|full
	T='$(T)' SCALE='$(SCALE)' tests/run

bench: ## what pools cost: tables, build/bench/index.html (BASE=old.json M='instructions time' CASES=)
	BASE='$(BASE)' CASES='$(CASES)' ROUNDS='$(ROUNDS)' tests/bench/report $(M)

shell: ## a VM with kpool loaded and this machine's programs (K=stock|6.1|6.12-rt|7.3|native|...)
	tests/vm/shell $(K)

docs: ## the HTML documentation, in build/docs (DOCS=)
	tests/tools/setup docs
	sphinx-build -W -q -b html Documentation $(DOCS)
	tools/bench/kpool-bench --quiet --show $(wildcard Documentation/benchmark/*.json) \
		--html $(DOCS)/benchmark.html

reference: ## Documentation/reference, from the comments of the public headers
	tests/tools/setup docs
	tools/reference pages "$$(tests/vm/kernel source-6.1)/scripts/kernel-doc" Documentation/reference

clean: ## remove build/; what was fetched stays in the cache folder
	rm -rf build

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 18
