// SPDX-License-Identifier: Apache-2.0
// The page of one run: `data` is its report.json.
'use strict';

const layers = data.layers;
const names = layers.map((layer) => layer.name);

/** Bars per layer, one series per part; the smallest parts together where there are more than colours. */
function stacked(description, axis, parts, show) {
  const total = (part) => part.values.reduce((sum, value) => sum + value, 0);
  const sorted = parts.filter((part) => total(part) > 0).sort((a, b) => total(b) - total(a));
  const shown = sorted.slice(0, palette.length);
  const rest = sorted.slice(palette.length);
  const series = shown.map((part, i) => ({label: part.name, data: part.values, backgroundColor: palette[i]}));
  if (rest.length > 0) {
    series.push({
      label: rest.map((part) => part.name).join(', '), backgroundColor: grey,
      data: names.map((_, i) => rest.reduce((sum, part) => sum + part.values[i], 0)),
    });
  }
  return chart(description, {
    type: 'bar',
    data: {labels: names, datasets: series},
    options: {
      interaction: {mode: 'index', intersect: false},
      scales: {x: {stacked: true}, y: {stacked: true, title: {display: true, text: axis}, ticks: {callback: short}}},
      plugins: {
        legend: {position: 'bottom'},
        tooltip: {callbacks: {label: (item) => `${item.dataset.label}: ${show(item.raw)}`}},
      },
    },
  });
}

function bars(description, axis, values, colour, show) {
  return chart(description, {
    type: 'bar',
    data: {labels: names, datasets: [{label: axis, data: values, backgroundColor: colour}]},
    options: {
      scales: {y: {beginAtZero: true, title: {display: true, text: axis}}},
      plugins: {legend: {display: false}, tooltip: {callbacks: {label: (item) => show(item.raw)}}},
    },
  });
}

const totals = data.totals;
add(
  element('h1', {text: `${data.network.name} on ${data.hardware.name}`}),
  element('p', {class: 'dim', text: `${data.dataset.name}, ${data.dataset.split}: ${data.dataset.images} images, ` +
    `${data.dataset.timed_images} timed; cimcycle ${data.version}`}),
  figures([
    ['accuracy', percent(data.accuracy.top1)], ['energy per image', energy(totals.energy_pj.total)],
    ['latency', totals.latency_ns === null ? '-' : duration(totals.latency_ns.mean)],
    ['area', `${short(totals.area_um2.total / 1e6)} mm2`], ['TOPS/W', short(totals.tops_per_watt)],
    ['LSB reads skipped', percent(totals.skip_ratio)], ['gates closed', percent(totals.masked_ratio)],
  ]));
for (const warning of data.warnings) add(element('p', {text: `Note: ${warning}`}));

const components = Object.keys(totals.energy_pj).filter((name) => name !== 'total');
add(
  element('h2', {text: 'Energy by layer and component'}),
  stacked('Energy per image of each layer, stacked by component', 'pJ per image',
          components.map((name) => ({name, values: layers.map((layer) => layer.energy_pj[name])})), energy));

const causes = Object.keys(layers[0].stall_cycles);
const cycleParts = [
  {name: 'busy', values: layers.map((layer) => layer.busy_cycles ?? 0)},
  ...causes.map((cause) => ({name: `stall: ${cause}`, values: layers.map((layer) => layer.stall_cycles[cause] ?? 0)})),
  {name: 'idle', values: layers.map((layer) => layer.idle_cycles ?? 0)},
];
add(
  element('h2', {text: 'Where the cycles of the crossbars went'}),
  stacked('Cycles of all crossbars of each layer, stacked by busy, stall causes and idle', 'cycles x crossbars per image',
          cycleParts, short));

const clippedShare = layers.map((layer) => layer.conversions > 0 ? layer.clipped_conversions / layer.conversions : 0);
add(element('h2', {text: 'Gates and converters'}));
const pair = element('div', {class: 'small'});
pair.append(
  bars('Share of LSB reads that the gates skip, per layer', 'LSB reads skipped',
       layers.map((layer) => layer.skip_ratio ?? 0), palette[2], percent),
  bars('Share of conversions that clip, per layer', 'conversions clipped', clippedShare, palette[3],
       (share) => share === 0 ? 'none' : share.toExponential(2)));
add(pair);

add(
  element('h2', {text: 'Layers'}),
  table(['layer', 'bits', 'gate', 'crossbars', 'energy', 'cycles', 'skipped', 'clipped', 'ADC busy'],
        layers.map((layer, i) => [
          layer.name, layer.hb === null ? '' : `${layer.hb}+${layer.lb}`, layer.gate, String(layer.crossbars),
          energy(layer.energy_pj.total), short(layer.cycles), layer.skip_ratio === null ? '' : percent(layer.skip_ratio),
          layer.hb === null ? '' : layer.lossless ? 'lossless' : clippedShare[i].toExponential(1),
          layer.adc_utilization === null ? '' : percent(layer.adc_utilization),
        ])),
  element('h2', {text: 'Accuracy'}),
  table(['classified by', 'top-1'], [
    ['the chip as described', percent(data.accuracy.top1)],
    ['the same gates, ideal ADCs', percent(data.accuracy.ideal_adc_top1)],
    ['everything read, ideal ADCs', percent(data.accuracy.ungated_top1)],
    ['the network before quantization', percent(data.accuracy.float_top1)],
  ]),
  element('h2', {text: 'Compared with'}),
  table(['', 'top-1', 'energy', 'latency'], [
    ['this run', percent(data.accuracy.top1), energy(totals.energy_pj.total),
     totals.latency_ns === null ? '-' : duration(totals.latency_ns.mean)],
    ...Object.entries(data.baselines).filter(([, one]) => one.energy_pj !== null).map(([name, one]) =>
      [name, percent(one.top1), energy(one.energy_pj), one.latency_ns === null ? '-' : duration(one.latency_ns)]),
  ]),
  element('h2', {text: 'Hardware'}),
  table(['key', 'value'], flat(data.hardware), 'words'),
  element('h2', {text: 'Provenance'}),
  table(['', ''], [
    ['command', data.command], ['version', data.version], ['network', `${data.network.name} (${data.network.hash})`],
    ['dataset', `${data.dataset.name}, ${data.dataset.split}`], ['seed', String(data.seed)],
    ['simulated in', `${short(data.simulation.wall_seconds)} s on ${data.simulation.threads} threads (${data.simulation.simd})`],
  ], 'words'));
