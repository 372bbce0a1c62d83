import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Envelope, parseEnvelope } from '@cucumber/messages'
import { UsageError } from '../errors.ts'
import { type ReadRun, readAnyRun } from '../report/run-file.ts'

/** What one run of several left in its folder of reports, whether it ended or was killed. */
export interface ShardRun {
  readonly folder: string
  readonly run: ReadRun
  readonly messages: readonly Envelope[]
}

/** @throws UsageError where there are no reports of a run */
export function readShardRun(folder: string): ShardRun {
  const file = join(folder, 'messages.ndjson')
  if (!existsSync(file)) throw new UsageError(`${folder} holds no reports of a run (messages.ndjson is not there)`)
  return { folder, run: readAnyRun(folder), messages: messagesIn(readFileSync(file, 'utf8')) }
}

/** What was written last may be cut off, where the run was killed. */
function messagesIn(text: string): Envelope[] {
  const lines = text.split('\n')
  lines.pop()
  return lines.map(line => parseEnvelope(line))
}
