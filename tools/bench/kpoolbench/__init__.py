# SPDX-License-Identifier: GPL-2.0-only
"""What kpool costs, next to other allocators: collects figures, and shows them."""
