import { newMetricName } from './probe-series.ts'

/** In which a target tells its metrics: Prometheus' text format 0.0.4, or OpenMetrics 1.0. */
export type ExpositionFormat = 'text' | 'OpenMetrics'

/** `Content-Type` of each. */
export const contentTypes: Readonly<Record<ExpositionFormat, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  OpenMetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
}

type Labels = Readonly<Record<string, string>>

/** Metrics of one name and type. */
export interface Family {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary' | 'untyped'
  readonly help: string
  readonly samples: readonly { readonly suffix: string; readonly labels: Labels; readonly value: number }[]
}

/** A series that must be scraped, with the value that it always has. */
export interface ExposedSeries {
  /** The name among them. */
  readonly labels: Labels
  readonly value: number
}

/** A metric of every type, with these labels at each series. */
export function everyType(labels: Labels): Family[] {
  const name = newMetricName()
  const odd = { ...labels, place: 'Zürich, 3. Stock "Süd" \\ 東京' }
  const bucket = (le: string, value: number) => ({ suffix: '_bucket', labels: { ...labels, le }, value })
  const quantile = (of: string, value: number) => ({ suffix: '', labels: { ...labels, quantile: of }, value })
  return [
    {
      name: `${name}_requests`,
      type: 'counter',
      help: 'A counter of two series.',
      samples: [
        { suffix: '_total', labels: { ...odd, part: '0' }, value: 1_234_567 },
        { suffix: '_total', labels: { ...odd, part: '1' }, value: 0 },
      ],
    },
    {
      name: `${name}_temperature`,
      type: 'gauge',
      help: 'A gauge, with a backslash \\ and a line\nbreak in its help.',
      samples: [
        { suffix: '', labels: { ...odd, part: '0' }, value: -17.25 },
        { suffix: '', labels: { ...odd, part: '1' }, value: Number.POSITIVE_INFINITY },
        { suffix: '', labels: { ...odd, part: '2' }, value: 0.1 + 0.2 },
      ],
    },
    {
      name: `${name}_duration_seconds`,
      type: 'histogram',
      help: 'A classic histogram.',
      samples: [
        bucket('0.1', 3),
        bucket('2.5', 8),
        bucket('+Inf', 9),
        { suffix: '_sum', labels, value: 21.5 },
        { suffix: '_count', labels, value: 9 },
      ],
    },
    {
      name: `${name}_size_bytes`,
      type: 'summary',
      help: 'A summary.',
      samples: [
        quantile('0.5', 512),
        quantile('0.99', 4_096.5),
        { suffix: '_sum', labels, value: 6_000 },
        { suffix: '_count', labels, value: 11 },
      ],
    },
    {
      name: `${name}_whatever`,
      type: 'untyped',
      help: 'A metric of no type.',
      samples: [{ suffix: '', labels, value: 2 ** 53 - 1 }],
    },
  ]
}

/** One series with so many labels that a store with a limit does not take it. */
export function withManyLabels(labels: Labels, count: number): Family[] {
  const more = Array.from({ length: count }, (_, index) => [`label_${index}`, 'too many'] as const)
  const samples = [{ suffix: '', labels: { ...labels, ...Object.fromEntries(more) }, value: 1 }]
  return [{ name: newMetricName(), type: 'gauge', help: 'A series with many labels.', samples }]
}

/** What must be scraped of these. */
export function exposedSeries(families: readonly Family[]): ExposedSeries[] {
  return families.flatMap(({ name, samples }) =>
    samples.map(({ suffix, labels, value }) => ({ labels: { ...labels, __name__: `${name}${suffix}` }, value })),
  )
}

/** The families as a target tells them (Prometheus documentation, "Exposition formats"; OpenMetrics 1.0, "Text format"). */
export function render(families: readonly Family[], format: ExpositionFormat): string {
  const isOpen = format === 'OpenMetrics'
  const lines = families.flatMap(({ name, type, help, samples }) => {
    // The text format names a counter as its series.
    const told = type === 'counter' && !isOpen ? `${name}_total` : name
    const kind = type === 'untyped' && isOpen ? 'unknown' : type
    return [
      `# HELP ${told} ${escapeHelp(help, format)}`,
      `# TYPE ${told} ${kind}`,
      ...samples.map(({ suffix, labels, value }) => `${name}${suffix}{${labelsText(labels)}} ${numberText(value)}`),
    ]
  })
  return `${[...lines, ...(isOpen ? ['# EOF'] : [])].join('\n')}\n`
}

function labelsText(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escapeLabel(value)}"`)
    .join(',')
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

/** Quotes are escaped in OpenMetrics only. */
function escapeHelp(text: string, format: ExpositionFormat): string {
  return format === 'OpenMetrics' ? escapeLabel(text) : text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value)
}
