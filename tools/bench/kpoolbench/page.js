// SPDX-License-Identifier: GPL-2.0-only
// Draws the charts that the page describes. data-drawn of the page is their number in the end, and
// data-errors what went wrong, for tests.
"use strict";

window.addEventListener("error", (event) => {
	document.documentElement.dataset.errors =
		(document.documentElement.dataset.errors || "") + event.message + "\n";
});

function number(value) {
	if (value >= 100000)
		return value.toLocaleString("en", { notation: "compact", maximumSignificantDigits: 3 });
	return value.toLocaleString("en", { maximumSignificantDigits: value < 1000 ? 3 : 5 });
}

// 65536 bytes are 64K.
function bytes(value) {
	for (const [unit, size] of [["M", 1 << 20], ["K", 1 << 10]])
		if (value >= size && value % size === 0)
			return value / size + unit;
	return String(value);
}

// A logarithmic axis has lines at 1, 2, 5, 10, 20 and so on.
function isRound(value) {
	const first = value / Math.pow(10, Math.floor(Math.log10(value) + 1e-9));

	return [1, 2, 5].some((n) => Math.abs(first - n) < 1e-6);
}

function prepare(axis) {
	if (axis.points) {
		// Ticks where something was measured.
		axis.afterBuildTicks = (scale) => {
			scale.ticks = axis.points.map((value) => ({ value }));
		};
		axis.min = Math.min(...axis.points);
		axis.max = Math.max(...axis.points);
		axis.ticks = { autoSkip: false, callback: axis.bytes ? bytes : number };
	} else if (axis.type === "logarithmic") {
		axis.ticks = { callback: (value) => isRound(value) ? number(value) : "" };
	}
}

// Writes the figure behind each horizontal bar.
const labels = {
	id: "labels",
	afterDatasetsDraw(chart) {
		if (chart.options.indexAxis !== "y")
			return;
		chart.getDatasetMeta(0).data.forEach((bar, i) => {
			const value = chart.data.datasets[0].data[i];

			chart.ctx.fillStyle = Chart.defaults.color;
			chart.ctx.textBaseline = "middle";
			chart.ctx.font = "13px sans-serif";
			chart.ctx.fillText(value === null ? "0" : number(value), bar.x + 6, bar.y);
		});
	},
};
Chart.register(labels);

Chart.defaults.animation = false;
Chart.defaults.maintainAspectRatio = false;
Chart.defaults.font.size = 13;
Chart.defaults.color = "#1c2733";

let drawn = 0;
for (const chart of JSON.parse(document.getElementById("charts").textContent)) {
	const options = chart.options;

	Object.values(options.scales).forEach(prepare);
	if (options.indexAxis === "y")
		options.layout = { padding: { right: 60 } };
	options.plugins = Object.assign({ legend: { position: "bottom" } }, options.plugins);
	options.plugins.tooltip = { callbacks: {
		title: (items) => items[0].parsed && chart.type === "line" ?
			number(items[0].parsed.x) : items[0].label,
		label: (item) => {
			const value = options.indexAxis === "y" ? item.parsed.x : item.parsed.y;

			return `${item.dataset.label}: ${number(value)} ${chart.unit}`;
		},
	} };
	new Chart(document.getElementById(chart.id), { type: chart.type, data: chart.data, options });
	drawn++;
}
document.documentElement.dataset.drawn = drawn;
