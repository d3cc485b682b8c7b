// SPDX-License-Identifier: Apache-2.0
// The pictures of a sweep: scatter plot with its Pareto front, pinned points, parallel coordinates, main effects.
'use strict';

const legend = element('div', {class: 'legend'});
function drawLegend() {
  const parameter = state.colour;
  if (parameter === null) return legend.replaceChildren();
  const few = parameter.levels.length <= palette.length;
  const chosen = few ? parameter.levels.map((_, i) => i) : [0, parameter.levels.length - 1];
  legend.replaceChildren(element('span', {class: 'dim', text: parameter.name}), ...chosen.map((i) => {
    const mark = element('i');
    mark.style.background = few ? palette[i] : ramped(i / (parameter.levels.length - 1));
    return element('span', {}, mark, shownLevel(parameter.levels[i]));
  }));
}

const said = element('p', {class: 'dim', 'aria-live': 'polite', id: 'said', text: ' '});

function pin(i) {
  const at = state.pinned.indexOf(i);
  if (at >= 0) state.pinned.splice(at, 1);
  else state.pinned.push(i);
  drawPinned();
  drawScatter();
  drawParallel();
}

let scatter = null;
function drawScatter() {
  if (scatter === null) return;
  front = frontOf(state.x, state.y);
  const at = (i) => ({x: state.x.values[i], y: state.y.values[i]});
  const points = state.shown.filter((i) => state.x.values[i] !== null && state.y.values[i] !== null);
  const [pinned, line] = scatter.data.datasets;
  // A dataset for each colour: options of single points would make thousands of them slow.
  const coloured = new Map();
  for (const i of points) {
    const colour = colourOf(i);
    if (!coloured.has(colour)) coloured.set(colour, []);
    coloured.get(colour).push(i);
  }
  scatter.data.datasets = [pinned, line, ...[...coloured].map(([colour, own]) => (
    {label: 'points', showLine: false, points: own, data: own.map(at), pointRadius: 4, borderWidth: 0,
     backgroundColor: colour}))];
  line.points = front;
  line.data = front.map(at);
  pinned.points = state.focus >= 0 ? [...state.pinned, state.focus] : state.pinned;
  pinned.data = pinned.points.map(at);
  scatter.options.scales.x.title.text = state.x.name;
  scatter.options.scales.y.title.text = state.y.name;
  scatter.update();
}

function makeScatter() {
  const box = chart('Each point of the sweep by two figures, with the Pareto front as a line. Arrow keys walk along the ' +
    'front, Enter pins a point.', {
    type: 'line',  // a line's points share their options, those of type scatter do not: thousands are twice as slow
    data: {datasets: [
      {label: 'pinned', showLine: false, points: [], data: [], pointRadius: 9, pointHoverRadius: 9, borderWidth: 3, borderColor: '#d55e00',
       backgroundColor: 'transparent'},
      {label: 'front', points: [], data: [], borderColor: '#d55e00', borderWidth: 2, pointRadius: 0},
    ]},
    options: {
      interaction: {mode: 'point'},
      onClick: (event, hits) => {
        if (hits.length > 0) pin(scatter.data.datasets[hits[0].datasetIndex].points[hits[0].index]);
      },
      scales: {
        x: {type: 'linear', title: {display: true, text: ''}, ticks: {callback: short}},
        y: {type: 'linear', title: {display: true, text: ''}, ticks: {callback: short}},
      },
      plugins: {
        legend: {display: false},
        tooltip: {
          filter: (item, index) => index === 0,
          callbacks: {title: () => '', label: (item) => describe(item.dataset.points[item.dataIndex])},
        },
      },
    },
  }, (made) => {
    scatter = made;
    drawScatter();
  });
  const canvas = box.firstChild;
  canvas.tabIndex = 0;
  canvas.addEventListener('keydown', (event) => {
    const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
    if (step !== undefined && front.length > 0) {
      const at = front.indexOf(state.focus);
      state.focus = front[at < 0 ? 0 : Math.min(front.length - 1, Math.max(0, at + step))];
      said.textContent = describe(state.focus).join(', ');
      drawScatter();
    } else if (event.key === 'Enter' && state.focus >= 0) {
      pin(state.focus);
    } else {
      return;
    }
    event.preventDefault();
  });
  return box;
}

const pinnedBox = element('div');
function drawPinned() {
  if (state.pinned.length === 0) return pinnedBox.replaceChildren();
  const rows = [...parameters.map((parameter) => [parameter.name, ...state.pinned.map((i) => shownLevel(levelOf(parameter, i)))]),
                ...metrics.map((metric) => [metric.name, ...state.pinned.map((i) => short(metric.values[i]))])];
  pinnedBox.replaceChildren(
    element('h2', {text: 'Pinned points'}),
    table(['', ...state.pinned.map((i) => data.hash[i])], rows),
    element('button', {text: 'Unpin all', onclick: () => {
      state.pinned = [];
      drawPinned();
      drawScatter();
      drawParallel();
    }}));
}

// Parallel coordinates: one axis per parameter, then the two figures.
const parallel = element('canvas', {role: 'img', 'aria-label': 'Parallel coordinates: every point as a line over its parameters and figures'});
const parallelBox = element('div', {class: 'chart wide', tabindex: '0'}, parallel);
const axisRoom = 80;  // below that, names of axes overlap: the box scrolls instead
function drawParallel() {
  if (parallelBox.clientWidth === 0) return;
  const width = Math.max(parallelBox.clientWidth, axisRoom * (parameters.length + 2));
  const height = parallelBox.clientHeight, scale = devicePixelRatio || 1;
  parallel.width = width * scale;
  parallel.height = height * scale;
  parallel.style.width = `${width}px`;
  parallel.style.height = `${height}px`;
  const pen = parallel.getContext('2d'), colours = ink();
  pen.scale(scale, scale);
  const axes = [
    ...parameters.map((parameter) => ({
      name: parameter.name, part: (i) => parameter.levels.length > 1 ? parameter.index[i] / (parameter.levels.length - 1) : 0.5,
      ends: [shownLevel(parameter.levels[0]), shownLevel(parameter.levels[parameter.levels.length - 1])],
    })),
    ...[state.x, state.y].map((metric) => {
      let least = Infinity, most = -Infinity;
      for (const i of done) {
        if (metric.values[i] === null) continue;
        least = Math.min(least, metric.values[i]);
        most = Math.max(most, metric.values[i]);
      }
      return {name: metric.name, ends: [short(least), short(most)],
              part: (i) => metric.values[i] === null || most === least ? 0.5 : (metric.values[i] - least) / (most - least)};
    }),
  ];
  const left = 50, right = 50, top = 46, bottom = 24;
  const x = (k) => left + (axes.length > 1 ? k / (axes.length - 1) : 0) * (width - left - right);
  const y = (part) => height - bottom - part * (height - top - bottom);
  const line = (i) => {
    pen.beginPath();
    axes.forEach((axis, k) => k === 0 ? pen.moveTo(x(0), y(axis.part(i))) : pen.lineTo(x(k), y(axis.part(i))));
    pen.stroke();
  };
  const alpha = Math.max(0.04, Math.min(0.6, 60 / Math.max(1, state.shown.length)));
  for (let k = 0; k + 1 < axes.length; ++k) {
    // Lines from pixel to pixel that look the same are drawn once, as opaque as all of them: a grid has thousands.
    const bundles = new Map();
    for (const i of state.shown) {
      const from = Math.round(y(axes[k].part(i))), to = Math.round(y(axes[k + 1].part(i)));
      const key = `${state.colour?.index[i]} ${from} ${to}`;
      const bundle = bundles.get(key);
      if (bundle === undefined) bundles.set(key, {from, to, number: 1, colour: colourOf(i)});
      else bundle.number += 1;
    }
    for (const {from, to, number, colour} of bundles.values()) {
      pen.globalAlpha = 1 - (1 - alpha) ** number;
      pen.strokeStyle = colour;
      pen.beginPath();
      pen.moveTo(x(k), from);
      pen.lineTo(x(k + 1), to);
      pen.stroke();
    }
  }
  pen.globalAlpha = 1;
  pen.lineWidth = 3;
  pen.strokeStyle = '#d55e00';
  state.pinned.forEach(line);
  pen.lineWidth = 1;
  pen.strokeStyle = colours.dim;
  pen.fillStyle = colours.text;
  pen.font = '12px system-ui, sans-serif';
  pen.textAlign = 'center';
  const room = axes.length > 1 ? (width - left - right) / (axes.length - 1) : width;
  axes.forEach((axis, k) => {
    pen.beginPath();
    pen.moveTo(x(k), top);
    pen.lineTo(x(k), height - bottom);
    pen.stroke();
    pen.fillText(axis.name, x(k), k % 2 === 0 || room > 110 ? 12 : 26, Math.max(60, 1.9 * room));
    pen.fillText(axis.ends[1], x(k), top - 4, 90);
    pen.fillText(axis.ends[0], x(k), height - 8, 90);
  });
}

// Main effects of the figure on the y axis: one small chart per parameter.
const effects = element('div', {class: 'small'});
function drawEffects() {
  const metric = state.y;
  for (const canvas of effects.querySelectorAll('canvas')) canvas.chart?.destroy();
  effects.replaceChildren(...parameters.filter((parameter) => parameter.levels.length > 1).map((parameter) => {
    const sums = parameter.levels.map(() => [0, 0]);
    for (const i of done) {
      if (metric.values[i] === null) continue;
      sums[parameter.index[i]][0] += metric.values[i];
      sums[parameter.index[i]][1] += 1;
    }
    return chart(`Mean ${metric.name} by ${parameter.name}`, {
      type: 'line',
      data: {
        labels: parameter.levels.map(shownLevel),
        datasets: [{data: sums.map(([sum, number]) => number > 0 ? sum / number : null), borderColor: palette[0],
                    backgroundColor: palette[0], pointRadius: 4}],
      },
      options: {
        scales: {x: {title: {display: true, text: parameter.name}}, y: {ticks: {callback: short}}},
        plugins: {legend: {display: false}, tooltip: {callbacks: {label: (item) => short(item.raw)}}},
      },
    });
  }));
}
