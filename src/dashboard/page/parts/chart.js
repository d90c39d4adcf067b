import { html } from 'htm/preact'
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'

/** @typedef {{ label: string, colour: string, values: readonly (number | null)[] }} Line */

/**
 * @typedef {{
 *   kind: 'counts' | 'states',
 *   least: number,
 *   format: (value: number) => string,
 * }} Scale `counts`: the legend has the sum of the hour, and the axis whole numbers; `states`: the last value. `least`: the lowest end
 * of the axis, so that small values look small.
 */

const height = 170

/** In seconds. */
const wholeMinutes = [1, 2, 5, 10, 15, 30].map((minutes) => minutes * 60)

const wholeSteps = [1, 2, 5]
  .flatMap((step) => [0, 1, 2, 3, 4, 5, 6].map((zeros) => step * 10 ** zeros))
  .sort((a, b) => a - b)

/** @param {string} name of a colour in theme.css */
const colourOf = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

/**
 * Lines over the last hour. The legend has their values as text.
 * @param {{ title: string, times: readonly number[], lines: readonly Line[], scale: Scale }} properties
 * `times`: seconds since 1970.
 */
export function Chart({ title, times, lines, scale }) {
  const place = useRef(/** @type {HTMLDivElement | null} */ (null))
  const chart = useRef(/** @type {uPlot | null} */ (null))
  const data = /** @type {uPlot.AlignedData} */ ([[...times], ...lines.map(({ values }) => [...values])])
  useEffect(() => {
    const target = place.current
    if (target === null) return
    const draw = () => {
      chart.current?.destroy()
      chart.current = new uPlot(optionsFor(target.clientWidth, lines, scale), data, target)
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
        <li class="note">${scale.kind === 'counts' ? 'Sums of the hour:' : 'Last values:'}</li>
        ${lines.map(
          ({ label, colour, values }) =>
            html`<li><span class=${`swatch ${colour.slice(2)}`}></span>${label} <b>${shownValue(values, scale)}</b></li>`,
        )}
      </ul>
    </figcaption>
    <div class="plot" ref=${place} role="img" aria-label=${`${title}, last hour: ${summary(lines, scale)}`}></div>
  </figure>`
}

/** @param {readonly (number | null)[]} values @param {Scale} scale */
function shownValue(values, { kind, format }) {
  const known = values.filter((value) => value !== null)
  if (known.length === 0) return '–'
  return format(kind === 'counts' ? known.reduce((sum, value) => sum + value, 0) : (known.at(-1) ?? 0))
}

/** @param {readonly Line[]} lines @param {Scale} scale */
const summary = (lines, scale) =>
  lines.map(({ label, values }) => `${label} ${shownValue(values, scale)}`).join(', ')

const hour = 3_600
/** A narrower axis would stretch the first values. */
const narrowest = 300

/** From the first value, at most the hour that ends now. @type {uPlot.Range.Function} */
const lastHour = (_chart, first) => {
  const now = Date.now() / 1_000
  return [Math.max(now - hour, Math.min(first ?? now, now - narrowest)), now]
}

/** A line needs two values, so a value without neighbours is a point. @type {uPlot.Series.Points.Filter} */
const isolatedPoints = (chart, series) => {
  const values = chart.data[series] ?? []
  const known = (/** @type {number} */ index) => typeof values[index] === 'number'
  return Array.from(values, (_, index) => index).filter(
    (index) => known(index) && !known(index - 1) && !known(index + 1),
  )
}

/**
 * @param {number} width @param {readonly Line[]} lines @param {Scale} scale
 * @returns {uPlot.Options}
 */
function optionsFor(width, lines, { kind, least, format }) {
  const axis = {
    stroke: colourOf('--soft'),
    grid: { stroke: colourOf('--line'), width: 1 },
    ticks: { show: false },
  }
  return {
    width,
    height,
    legend: { show: false },
    padding: [8, 18, 0, 0],
    cursor: { y: false, drag: { x: false, y: false } },
    scales: {
      x: { range: lastHour },
      y: { range: (_chart, _low, high) => [0, Math.max(high ?? 0, least) * 1.1] },
    },
    axes: [
      { ...axis, size: 26, values: '{HH}:{mm}', incrs: wholeMinutes },
      {
        ...axis,
        size: 60,
        ...(kind === 'counts' && { incrs: wholeSteps }),
        values: (_chart, ticks) => ticks.map((tick) => format(tick)),
      },
    ],
    series: [
      {},
      ...lines.map(({ label, colour }) => ({
        label,
        stroke: colourOf(colour),
        width: 2,
        points: { show: true, size: 6, fill: colourOf(colour), width: 0, filter: isolatedPoints },
      })),
    ],
  }
}
