// SPDX-License-Identifier: Apache-2.0
// What the pages of runs and sweeps share: building elements, numbers, colours.
'use strict';

const data = JSON.parse(document.getElementById('data').textContent);
const page = document.getElementById('page');

// Okabe and Ito's palette, without black; grey for what is left over.
const palette = ['#0072b2', '#e69f00', '#009e73', '#d55e00', '#56b4e9', '#cc79a7', '#f0e442'];
const grey = '#8a939c';

/** An element with attributes (text: its content, on...: a listener) and children. */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === 'text') made.textContent = value;
    else if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

function add(...children) {
  page.append(...children);
}

/** 1234567 as 1.235 M; fractions with four digits. */
function short(value) {
  if (value === null || value === undefined) return '-';
  if (typeof value !== 'number') return String(value);
  const size = Math.abs(value);
  for (const [limit, name] of [[1e12, ' T'], [1e9, ' G'], [1e6, ' M'], [1e4, ' k']]) {
    if (size >= limit) return Number((value / (limit === 1e4 ? 1e3 : limit)).toPrecision(4)) + name;
  }
  return String(Number(value.toPrecision(5)));
}

function energy(pj) {
  for (const [limit, name] of [[1e12, 'J'], [1e9, 'mJ'], [1e6, 'uJ'], [1e3, 'nJ']]) {
    if (Math.abs(pj) >= limit) return `${Number((pj / limit).toPrecision(4))} ${name}`;
  }
  return `${Number(pj.toPrecision(4))} pJ`;
}

function duration(ns) {
  for (const [limit, name] of [[1e9, 's'], [1e6, 'ms'], [1e3, 'us']]) {
    if (ns >= limit) return `${Number((ns / limit).toPrecision(4))} ${name}`;
  }
  return `${Number(ns.toPrecision(4))} ns`;
}

function percent(fraction) {
  return fraction === null ? '-' : `${Number((100 * fraction).toFixed(2))} %`;
}

/** Boxes with a caption and a figure. */
function figures(list) {
  const box = element('div', {class: 'figures'});
  for (const [caption, figure] of list) {
    box.append(element('div', {}, element('span', {class: 'dim', text: caption}), element('b', {text: figure})));
  }
  return box;
}

/** A table of texts. */
function table(titles, rows, kind = '') {
  const head = element('tr', {}, ...titles.map((title) => element('th', {scope: 'col', text: title})));
  const body = rows.map((row) => element('tr', {}, ...row.map((cell) => element('td', {text: cell}))));
  return element('div', {class: 'scroll', tabindex: '0'},
                 element('table', {class: kind}, element('thead', {}, head), element('tbody', {}, ...body)));
}

/** {a: {b: 1}} as [['a.b', '1']]. */
function flat(object, prefix = '') {
  return Object.entries(object).flatMap(([key, value]) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? flat(value, `${prefix}${key}.`)
      : [[prefix + key, value === null ? '' : Array.isArray(value) ? value.join(', ') : String(value)]]);
}

/** The page's colours, which follow the reader's preference. */
function ink() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(name).trim();
  return {text: of('--text'), dim: of('--dim'), line: of('--line'), back: of('--back')};
}

const pending = [];
/** Calls draw in a frame of its own, after those that were asked for before: the top of a page is there first. */
function soon(draw) {
  const next = () => {
    const first = pending.shift();
    if (pending.length > 0) requestAnimationFrame(next);
    first();
  };
  pending.push(draw);
  if (pending.length === 1) requestAnimationFrame(next);
}

/** A chart in a box of its own, described in words for readers that cannot see it; drawn(chart) once it is there. */
function chart(description, configuration, drawn = () => {}) {
  const canvas = element('canvas', {role: 'img', 'aria-label': description});
  const box = element('div', {class: 'chart'}, canvas);
  // Drawn once the box stands on the page and has a size.
  soon(() => {
    if (!canvas.isConnected) return;
    configuration.options = {responsive: true, maintainAspectRatio: false, animation: false, ...configuration.options};
    canvas.chart = new Chart(canvas, configuration);
    drawn(canvas.chart);
  });
  return box;
}

function setChartColours() {
  const colours = ink();
  Chart.defaults.color = colours.text;
  Chart.defaults.borderColor = colours.line;
}

setChartColours();
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  setChartColours();
  const colours = ink();
  for (const one of Object.values(Chart.instances)) {
    for (const scale of Object.values(one.options.scales ?? {})) {
      scale.ticks = {...scale.ticks, color: colours.text};
      scale.grid = {...scale.grid, color: colours.line};
    }
    one.update();
  }
  document.dispatchEvent(new Event('colours'));
});
