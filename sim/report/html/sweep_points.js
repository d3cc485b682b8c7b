// SPDX-License-Identifier: Apache-2.0
// What the page of a sweep knows of its points, and what is chosen on it. `data`: parameters [{name, levels, index}],
// metrics [{name, better, values}] column by column, hash, status and error per point.
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
  const shades = 32;  // more are hard to tell apart, and slow
  return ramped(Math.round(shades * parameter.index[i] / (parameter.levels.length - 1)) / shades);
}
