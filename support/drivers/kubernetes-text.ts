import type { V1LabelSelector } from '@kubernetes/client-node'

/** Kubernetes writes selectors and quantities as text. */

/** `app=tempo,tier in (a,b)` (kubernetes.io, "Labels and Selectors"). */
export function selectorOf(selector: V1LabelSelector | undefined): string {
  const exact = Object.entries(selector?.matchLabels ?? {}).map(([name, value]) => `${name}=${value}`)
  const written = (selector?.matchExpressions ?? []).map(({ key, operator, values = [] }) => {
    if (operator === 'Exists') return key
    if (operator === 'DoesNotExist') return `!${key}`
    return `${key} ${operator === 'In' ? 'in' : 'notin'} (${values.join(',')})`
  })
  return [...exact, ...written].join(',')
}

const factors: Readonly<Record<string, number>> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}

/** `1.5Gi` as a number of bytes, `250m` as a quarter (kubernetes.io, "Quantity"). Undefined for what is none. */
export function quantityOf(text: string | undefined): number | undefined {
  const parts = /^([+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)([a-zA-Z]{0,2})$/.exec(text ?? '')
  const factor = factors[parts?.[2] ?? ''] ?? (parts?.[2] === 'n' ? 1e-9 : parts?.[2] === 'u' ? 1e-6 : undefined)
  return parts === null || factor === undefined ? undefined : Number(parts[1]) * factor
}

/** The bytes of the pod that uses most, in a PodMetricsList of metrics.k8s.io; undefined where nothing was measured. */
export function memoryOf(list: unknown): number | undefined {
  const { items = [] } = (list ?? {}) as { items?: { containers?: { usage?: { memory?: string } }[] }[] }
  const used = items.map(({ containers = [] }) =>
    containers.reduce((sum, { usage }) => sum + (quantityOf(usage?.memory) ?? 0), 0),
  )
  return used.length === 0 ? undefined : Math.max(...used)
}
