/** Plain data, as JSON has it. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json }

/** Where something stands: in a list or in an object, under an index or a name. */
interface Spot {
  readonly within: Json[] | { [name: string]: Json }
  readonly key: string | number
}

/**
 * The spots that a place names, such as `batches.*.scopeSpans.-1.spans.0`; the last first, so that dropping one does not
 * move the others.
 * @param missing whether the last name may be one that is not there yet
 */
export function spotsOf(root: Json, place: string, missing: 'allowed' | 'not allowed' = 'not allowed'): Spot[] {
  const whole: Spot[] = [{ within: [root], key: 0 }]
  return place
    .split('.')
    .reduce((spots, step) => spots.flatMap(spot => stepInto(valueAt(spot), step, missing === 'allowed')), whole)
    .reverse()
}

export function valueAt({ within, key }: Spot): Json | undefined {
  return Array.isArray(within) ? within[Number(key)] : within[key]
}

export function put({ within, key }: Spot, value: Json): void {
  if (Array.isArray(within)) within[Number(key)] = value
  else within[key] = value
}

export function drop({ within, key }: Spot): void {
  if (Array.isArray(within)) within.splice(Number(key), 1)
  else delete within[key]
}

/** Whether there was a list in which it can stand twice. */
export function double({ within, key }: Spot): boolean {
  if (!Array.isArray(within)) return false
  within.splice(Number(key), 0, structuredClone(within[Number(key)] ?? null))
  return true
}

function stepInto(value: Json | undefined, step: string, mayBeNew: boolean): Spot[] {
  if (Array.isArray(value)) {
    if (step === '*') return value.map((_, key) => ({ within: value, key }))
    const index = Number(step)
    const key = index < 0 ? value.length + index : index
    return Number.isInteger(key) && key >= 0 && key < value.length ? [{ within: value, key }] : []
  }
  if (typeof value !== 'object' || value === null) return []
  if (step === '*') return Object.keys(value).map(key => ({ within: value, key }))
  return mayBeNew || Object.hasOwn(value, step) ? [{ within: value, key: step }] : []
}
