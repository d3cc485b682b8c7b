// SPDX-License-Identifier: Apache-2.0
// The page of a sweep. `data`: parameters [{name, levels, index}], metrics [{name, better, values}] column by column,
// hash, status and error per point.
'use strict';

const count = data.hash.length;
const metrics = data.metrics.filter((metric) => metric.values.some((value) => value !== null));
const parameters = data.parameters;
const done = [...Array(count).keys()].filter((i) => data.status[i] === 'done');
const metricNamed = (name) => metrics.find((metric) => metric.name === name);
const levelOf = (parameter, i) => parameter.levels[parameter.index[i]];
const shownLevel = (level) => level === null ? '-' : typeof level === 'number' ? String(Number(level.toPrecision(6)))
  : String(level).split('/').pop();

/** Colours from dark blue to yellow that every colour vision orders alike: stops of cividis (J. R. Nunez et al., 2018). */
const ramp = [[0, 34, 78], [67, 78, 108], [125, 124, 120], [188, 175, 111], [254, 232, 56]];
function ramped(part) {
  const place = Math.min(ramp.length - 1.000001, Math.max(0, part * (ramp.length - 1)));
  const low = Math.floor(place);
  return `rgb(${ramp[low].map((from, k) => Math.round(from + (place - low) * (ramp[low + 1][k] - from))).join(',')})`;
}

/** Points that no other one beats in both metrics, in the order of x. */
function frontOf(x, y) {
  const cost = (metric, i) => metric.better === 'more' ? -metric.values[i] : metric.values[i];
  const order = done.filter((i) => x.values[i] !== null && y.values[i] !== null)
    .sort((a, b) => cost(x, a) - cost(x, b) || cost(y, a) - cost(y, b));
  const front = [];
  let least = Infinity;
  for (const i of order) {
    const own = cost(y, i);
    const last = front[front.length - 1];
    const equal = last !== undefined && cost(x, last) === cost(x, i) && cost(y, last) === own;
    if (own < least || equal) front.push(i);
    least = Math.min(least, own);
  }
  return front.sort((a, b) => x.values[a] - x.values[b]);
}

const state = {
  x: metricNamed('energy_pj') ?? metrics[0], y: metricNamed('top1') ?? metrics[1] ?? metrics[0],
  colour: parameters[0] ?? null, pinned: [], shown: done, sort: null, descending: false, first: 0, focus: -1,
};
let front = frontOf(state.x, state.y);

function select(caption, options, chosen, change) {
  const list = element('select', {onchange: (event) => change(options[event.target.selectedIndex])},
    ...options.map((option) => element('option', {text: option.name})));
  list.selectedIndex = Math.max(0, options.indexOf(chosen));
  return element('label', {}, caption, list);
}

function describe(i) {
  return [...parameters.map((parameter) => `${parameter.name} = ${shownLevel(levelOf(parameter, i))}`),
          ...[state.y, state.x].map((metric) => `${metric.name} = ${short(metric.values[i])}`)];
}

function colourOf(i) {
  const parameter = state.colour;
  if (parameter === null) return palette[0];
  if (parameter.levels.length <= palette.length) return palette[parameter.index[i]];
  return ramped(parameter.index[i] / (parameter.levels.length - 1));
}

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
  const [pinned, line, all] = scatter.data.datasets;
  all.points = points;
  all.data = points.map(at);
  all.backgroundColor = points.map(colourOf);
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
    type: 'scatter',
    data: {datasets: [
      {label: 'pinned', points: [], data: [], pointRadius: 9, pointHoverRadius: 9, borderWidth: 3, borderColor: '#d55e00',
       backgroundColor: 'transparent'},
      {label: 'front', points: [], data: [], showLine: true, borderColor: '#d55e00', borderWidth: 2, pointRadius: 0},
      {label: 'points', points: [], data: [], pointRadius: 4, borderWidth: 0},
    ]},
    options: {
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
  requestAnimationFrame(() => {
    scatter = canvas.chart;
    drawScatter();
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
const parallelBox = element('div', {class: 'chart'}, parallel);
function drawParallel() {
  const width = parallelBox.clientWidth, height = parallelBox.clientHeight, scale = devicePixelRatio || 1;
  if (width === 0) return;
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
  pen.globalAlpha = Math.max(0.04, Math.min(0.6, 60 / Math.max(1, state.shown.length)));
  for (const i of state.shown) {
    pen.strokeStyle = colourOf(i);
    line(i);
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

// The table: filtered, sorted, a page at a time.
const perPage = 100;
const columns = [
  ...parameters.map((parameter) => ({name: parameter.name, of: (i) => levelOf(parameter, i), text: (i) => shownLevel(levelOf(parameter, i))})),
  ...metrics.map((metric) => ({name: metric.name, of: (i) => metric.values[i], text: (i) => short(metric.values[i])})),
];
const head = element('tr');
const body = element('tbody');
const where = element('span', {class: 'dim'});

function drawTable() {
  const onFront = new Set(front);
  const rows = [...state.shown];
  if (state.sort !== null) {
    const sign = state.descending ? -1 : 1, of = state.sort.of;
    rows.sort((a, b) => {
      const left = of(a), right = of(b);
      if (left === right) return a - b;
      if (left === null) return 1;
      if (right === null) return -1;
      return sign * (left < right ? -1 : 1);
    });
  }
  state.first = Math.max(0, Math.min(state.first, Math.floor((rows.length - 1) / perPage) * perPage));
  const part = rows.slice(state.first, state.first + perPage);
  body.replaceChildren(...part.map((i) => element('tr', onFront.has(i) ? {class: 'front'} : {},
    element('td', {}, element('button', {text: data.hash[i], title: 'pin or unpin', onclick: () => pin(i)})),
    ...columns.map((column) => element('td', {text: column.text(i)})))));
  where.textContent = rows.length === 0 ? 'no points' : `${state.first + 1} to ${state.first + part.length} of ${rows.length}`;
}

head.append(element('th', {scope: 'col', text: 'point'}), ...columns.map((column) => {
  const title = element('th', {scope: 'col'});
  title.append(element('button', {text: column.name, onclick: () => {
    state.descending = state.sort === column && !state.descending;
    state.sort = column;
    for (const other of head.children) other.removeAttribute('aria-sort');
    title.setAttribute('aria-sort', state.descending ? 'descending' : 'ascending');
    drawTable();
  }}));
  return title;
}));

/** "adc.bits=5 top1>=0.9 resnet": each word a comparison of a column, or a text that some parameter holds. */
function filter(text) {
  const tests = text.split(/\s+/).filter((word) => word !== '').map((word) => {
    const match = /^([\w.]+)(<=|>=|!=|=|<|>)(.+)$/.exec(word);
    const column = match === null ? undefined : columns.find((one) => one.name === match[1]);
    if (column === undefined) return (i) => parameters.some((parameter) => String(levelOf(parameter, i)).includes(word));
    const wanted = match[3] !== '' && !isNaN(match[3]) ? Number(match[3]) : match[3];
    const compare = {
      '=': (value) => String(value) === String(wanted), '!=': (value) => String(value) !== String(wanted),
      '<': (value) => value !== null && value < wanted, '>': (value) => value !== null && value > wanted,
      '<=': (value) => value !== null && value <= wanted, '>=': (value) => value !== null && value >= wanted,
    }[match[2]];
    return (i) => compare(column.of(i));
  });
  state.shown = done.filter((i) => tests.every((test) => test(i)));
  state.first = 0;
  drawTable();
  drawScatter();
  drawParallel();
}

function csv() {
  const quoted = (value) => {
    const text = value === null || value === undefined ? '' : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = [['hash', ...columns.map((column) => column.name)], ...state.shown.map((i) => [data.hash[i], ...columns.map((column) => column.of(i))])];
  return lines.map((line) => line.map(quoted).join(',')).join('\n') + '\n';
}

function download() {
  const link = element('a', {href: URL.createObjectURL(new Blob([csv()], {type: 'text/csv'})), download: 'points.csv'});
  link.click();
  URL.revokeObjectURL(link.href);
}

function redraw() {
  drawLegend();
  drawScatter();
  drawParallel();
  drawTable();
}

const reasons = new Map();
for (let i = 0; i < count; ++i) {
  if (data.status[i] === 'done') continue;
  const reason = `${data.status[i]}: ${data.error[i]}`;
  reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
}

let waiting = 0;
add(
  element('h1', {text: data.title}),
  element('p', {class: 'dim', text: `${done.length} points done, ${count - done.length} invalid or failed; cimcycle ${data.version}`}),
  element('h2', {text: 'Pareto front'}),
  element('div', {class: 'controls'},
    select('across', metrics, state.x, (metric) => { state.x = metric; redraw(); }),
    select('up', metrics, state.y, (metric) => { state.y = metric; redraw(); drawEffects(); }),
    select('colour', parameters, state.colour, (parameter) => { state.colour = parameter; redraw(); })),
  legend, makeScatter(), said, pinnedBox,
  element('h2', {text: 'Parallel coordinates'}), parallelBox,
  element('h2', {text: 'Main effects'}),
  element('p', {class: 'dim', text: 'Means of the figure chosen as "up" over all points with one value of a parameter.'}), effects,
  element('h2', {text: 'Points'}),
  element('div', {class: 'controls'},
    element('label', {}, 'filter', element('input', {
      type: 'search', id: 'filter', size: '36', placeholder: 'adc.bits=5 top1>=0.9',
      oninput: (event) => { clearTimeout(waiting); waiting = setTimeout(() => filter(event.target.value), 150); },
    })),
    element('button', {text: 'CSV', id: 'csv', onclick: download}),
    element('button', {text: 'Previous', onclick: () => { state.first -= perPage; drawTable(); }}),
    element('button', {text: 'Next', onclick: () => { state.first += perPage; drawTable(); }}), where),
  element('div', {class: 'scroll', tabindex: '0'}, element('table', {}, element('thead', {}, head), body)));
if (reasons.size > 0) {
  add(element('h2', {text: 'Points that were not run'}),
      table(['reason', 'points'], [...reasons].slice(0, 200).map(([reason, number]) => [reason, String(number)]), 'words'));
}
drawLegend();
drawTable();
drawEffects();
requestAnimationFrame(drawParallel);
addEventListener('resize', drawParallel);
document.addEventListener('colours', drawParallel);
