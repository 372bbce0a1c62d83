import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/** When something ran; milliseconds since the Unix epoch. */
export interface Span {
  readonly start: number
  readonly stop: number
}

const result = z.object({ start: z.number(), stop: z.number() })

/** When each scenario of a run ran, as Allure's results tell it. */
export function scenarioTimes(folder: string): Span[] {
  return readdirSync(folder)
    .filter(name => name.endsWith('-result.json'))
    .map(name => result.parse(JSON.parse(readFileSync(join(folder, name), 'utf8'))))
}

/** How many of them ran at the same time at most; one that begins as another ends does not overlap with it. */
export function mostAtATime(spans: readonly Span[]): number {
  const changes = spans
    .flatMap(({ start, stop }) => [
      { at: start, by: 1 },
      { at: stop, by: -1 },
    ])
    .sort((left, right) => left.at - right.at || left.by - right.by)
  let running = 0
  return changes.reduce((most, { by }) => {
    running += by
    return Math.max(most, running)
  }, 0)
}
