import { html } from 'htm/preact'
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'

/** @typedef {{ label: string, colour: string, values: readonly (number | null)[] }} Line */

const height = 170

/** @param {string} name of a colour in theme.css */
const colourOf = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

/**
 * Lines over time. The table below it has the last values for people who cannot see it.
 * @param {{ title: string, times: readonly number[], lines: readonly Line[], format: (value: number) => string }} properties
 * `times`: seconds since 1970.
 */
export function Chart({ title, times, lines, format }) {
  const place = useRef(/** @type {HTMLDivElement | null} */ (null))
  const chart = useRef(/** @type {uPlot | null} */ (null))
  const data = /** @type {uPlot.AlignedData} */ ([[...times], ...lines.map(({ values }) => [...values])])
  useEffect(() => {
    const target = place.current
    if (target === null) return
    const draw = () => {
      chart.current?.destroy()
      chart.current = new uPlot(optionsFor(target.clientWidth, lines, format), data, target)
    }
    draw()
    const dark = matchMedia('(prefers-color-scheme: dark)')
    dark.addEventListener('change', draw)
    const resized = new ResizeObserver(() => chart.current?.setSize({ width: target.clientWidth, height }))
    resized.observe(target)
    return () => {
      dark.removeEventListener('change', draw)
      resized.disconnect()
      chart.current?.destroy()
      chart.current = null
    }
  }, [])
  useEffect(() => chart.current?.setData(data), [times, lines])
  return html`<figure class="chart">
    <figcaption>
      <span>${title}</span>
      <ul class="legend">
        ${lines.map(
          ({ label, colour, values }) =>
            html`<li><span class=${`swatch ${colour.slice(2)}`}></span>${label} <b>${lastOf(values, format)}</b></li>`,
        )}
      </ul>
    </figcaption>
    <div class="plot" ref=${place} role="img" aria-label=${`${title}, last hour: ${summary(lines, format)}`}></div>
  </figure>`
}

/** @param {readonly (number | null)[]} values @param {(value: number) => string} format */
function lastOf(values, format) {
  const last = values.findLast((value) => value !== null)
  return last === undefined || last === null ? '–' : format(last)
}

/** @param {readonly Line[]} lines @param {(value: number) => string} format */
const summary = (lines, format) =>
  lines.map(({ label, values }) => `${label} ${lastOf(values, format)}`).join(', ')

/**
 * @param {number} width @param {readonly Line[]} lines @param {(value: number) => string} format
 * @returns {uPlot.Options}
 */
function optionsFor(width, lines, format) {
  const axis = {
    stroke: colourOf('--soft'),
    grid: { stroke: colourOf('--line'), width: 1 },
    ticks: { show: false },
  }
  return {
    width,
    height,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false } },
    scales: { y: { range: (_chart, _low, high) => [0, Math.max(high ?? 0, 1) * 1.1] } },
    axes: [
      { ...axis, values: '{HH}:{mm}' },
      { ...axis, size: 56, values: (_chart, ticks) => ticks.map((tick) => format(tick)) },
    ],
    series: [
      {},
      ...lines.map(({ label, colour }) => ({
        label,
        stroke: colourOf(colour),
        width: 2,
        points: { show: false },
      })),
    ],
  }
}
