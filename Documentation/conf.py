# SPDX-License-Identifier: GPL-2.0-only
#
# `make docs` runs sphinx-build on this. What reads kernel-doc comments is the kernel's own, out
# of linux-source-6.1: KERNEL_SOURCE says where that is, else tests/vm/kernel does.
import os
import subprocess
import sys

top = os.path.abspath("..")
source = os.environ.get("KERNEL_SOURCE") or subprocess.run(
    [f"{top}/tests/vm/kernel", "source-6.1"], check=True, stdout=subprocess.PIPE,
    text=True).stdout.strip()
sys.path.insert(0, f"{source}/Documentation/sphinx")

project = "kpool"
author = "The kpool authors"
copyright = author
release = version = subprocess.run(
    [f"{top}/tools/version"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
extensions = ["kerneldoc", "automarkup", "sphinx.ext.graphviz"]
kerneldoc_bin = f"{source}/scripts/kernel-doc"
kerneldoc_srctree = top

# The reference has the same text as the pages of calls, for readers without a build.
exclude_patterns = ["reference"]

primary_domain = "c"
highlight_language = "none"
# What kernel-doc shows of a prototype, and the C parser has to know to read it.
c_id_attributes = ["__percpu", "__always_inline", "noinline"]

graphviz_output_format = "svg"

html_theme = "alabaster"
# The sidebar has the version below the name. It also has the search.
html_theme_options = {"page_width": "1320px", "body_max_width": "1080px", "sidebar_width": "240px",
                      "description": f"version {version}"}
html_show_sourcelink = False
html_use_index = True
