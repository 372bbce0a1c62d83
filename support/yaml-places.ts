import {
  EVENT_ALIAS,
  EVENT_DOCUMENT,
  EVENT_MAPPING,
  EVENT_POP,
  EVENT_SCALAR,
  type Event,
  getScalarValue,
} from 'js-yaml'

/** Where an entry begins, and what is in it: by key, or by number in a list. */
interface Place {
  /** From the beginning of the text, counted in UTF-16 units. */
  readonly start: number
  readonly inner?: ReadonlyMap<string, Place>
}

/** Finds the line of the entry at a path, or of the nearest one around it that is there; both are counted from 1. */
export function lineFinder(text: string, events: readonly Event[]): (path: readonly PropertyKey[]) => number {
  let root: Place | undefined
  let lineStarts: number[] | undefined
  return path => {
    root ??= placesOf(text, events)
    lineStarts ??= startsOfLines(text)
    let place = root
    for (const part of path) {
      const next = place.inner?.get(String(part))
      if (next === undefined) break
      place = next
    }
    return lineAt(lineStarts, place.start)
  }
}

/** The events come in the order of the text: each collection's until it is closed, a mapping's as key and value in turn. */
function placesOf(text: string, events: readonly Event[]): Place {
  let next = 0
  const take = (): Event | undefined => events[next++]

  function placeOf(event: Event | undefined, start: number): Place {
    if (event === undefined || !('style' in event) || event.type === EVENT_SCALAR) return { start }
    const inner = new Map<string, Place>()
    for (let item = take(); item !== undefined && item.type !== EVENT_POP; item = take()) {
      if (event.type === EVENT_MAPPING) {
        const key = item.type === EVENT_SCALAR ? getScalarValue(text, item) : undefined
        // A key that is itself a collection has no name to find it by, but must be passed by.
        if (key === undefined) placeOf(item, 0)
        const value = placeOf(take(), startOf(item))
        if (key !== undefined) inner.set(key, value)
      } else inner.set(String(inner.size), placeOf(item, startOf(item)))
    }
    return { start, inner }
  }

  const first = take()
  return placeOf(first?.type === EVENT_DOCUMENT ? take() : first, 0)
}

function startOf(event: Event): number {
  if (event.type === EVENT_SCALAR) return event.valueStart
  if (event.type === EVENT_ALIAS) return event.anchorStart
  return 'start' in event ? event.start : 0
}

function startsOfLines(text: string): number[] {
  const starts = [0]
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) starts.push(end + 1)
  return starts
}

function lineAt(lineStarts: readonly number[], offset: number): number {
  let low = 0
  let high = lineStarts.length
  while (low + 1 < high) {
    const middle = (low + high) >> 1
    if ((lineStarts[middle] ?? 0) <= offset) low = middle
    else high = middle
  }
  return low + 1
}
