import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { clusterPrograms } from '../lab/servers.ts'

const program = z.strictObject({ path: z.string(), version: z.string() })

const settingsSchema = z.strictObject({
  folder: z.string(),
  hostAddress: z.string(),
  nodeAddress: z.string(),
  programs: z.record(z.enum(clusterPrograms), program),
  /** Their archives. */
  images: z.array(z.string()),
})

/** What `cluster up` tells the supervisor, which starts in namespaces of its own. */
export type NodeSettings = z.infer<typeof settingsSchema>

const fileName = 'settings.json'

export function writeSettings(settings: NodeSettings): void {
  writeFileSync(join(settings.folder, fileName), JSON.stringify(settings), { mode: 0o600 })
}

export function readSettings(folder: string): NodeSettings {
  return settingsSchema.parse(JSON.parse(readFileSync(join(folder, fileName), 'utf8')))
}

const eventSchema = z.union([
  z.strictObject({ started: z.string(), elapsedMs: z.number() }),
  z.strictObject({ failed: z.string() }),
  z.strictObject({ up: z.literal(true), elapsedMs: z.number() }),
])

/** What the supervisor tells of its way: a part that is ready, why it gave up, or that all parts run. */
export type ClusterEvent = z.infer<typeof eventSchema>

export function tellEvent(file: string, event: ClusterEvent): void {
  appendFileSync(file, `${JSON.stringify(event)}\n`, { mode: 0o600 })
}

/** All that was told so far; a line that is just being written is left for the next look. */
export function readEvents(file: string): ClusterEvent[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return []
  }
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter(line => line !== '')
    .map(line => eventSchema.parse(JSON.parse(line)))
}
