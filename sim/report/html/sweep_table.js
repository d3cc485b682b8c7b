// SPDX-License-Identifier: Apache-2.0
// The table of a sweep's points: filtered, sorted, a page at a time, as CSV.
'use strict';

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
