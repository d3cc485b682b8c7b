// SPDX-License-Identifier: Apache-2.0
// Puts the page of a sweep together.
'use strict';

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
  element('p', {class: 'dim', text: `${done.length} points done, ${count - done.length} without a result; cimcycle ${data.version}`}),
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
  // Laid out when it comes into sight; until then a row counts as 31 pixels.
  element('div', {class: 'scroll', tabindex: '0', style: 'content-visibility: auto; contain-intrinsic-size: auto ' +
    `${31 * (Math.min(perPage, done.length) + 1)}px`}, element('table', {}, element('thead', {}, head), body)));
if (reasons.size > 0) {
  add(element('h2', {text: 'Points without a result'}),
      table(['reason', 'points'], [...reasons].slice(0, 200).map(([reason, number]) => [reason, String(number)]), 'words'));
}
drawLegend();
drawTable();
soon(drawParallel);
drawEffects();
addEventListener('resize', drawParallel);
document.addEventListener('colours', drawParallel);
