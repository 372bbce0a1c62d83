import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Document, parseDocument } from 'yaml'
import type { ServerFault } from '../faults/fault.ts'
import { labFixtures } from './servers.ts'

export interface ConfigurationSettings {
  /** The system's name: `fixtures/lab/<name>.yaml` is what it begins with, `<directory>/<name>.yaml` what it becomes. */
  readonly name: string
  readonly directory: string
  /** By path with dots: what is this lab's. */
  readonly values: readonly (readonly [path: string, value: unknown])[]
  readonly fault: ServerFault | undefined
}

/** Writes a server's configuration with what is this lab's filled in, and above it what a fault makes different. */
export async function writeConfiguration(
  settings: ConfigurationSettings,
): Promise<{ readonly file: string; readonly configuration: Document }> {
  const { name, directory, values, fault } = settings
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const configuration = parseDocument(await readFile(`${labFixtures}${name}.yaml`, 'utf8'))
  for (const [path, value] of [...values, ...Object.entries(fault?.configuration ?? {})]) {
    configuration.setIn(path.split('.'), value)
  }
  const file = join(directory, `${name}.yaml`)
  // It holds the storage password.
  await writeFile(file, configuration.toString(), { mode: 0o600 })
  return { file, configuration }
}

/** An environment with what a fault sets in it, and without what it takes away. */
export function environmentUnder(
  environment: Readonly<Record<string, string>>,
  fault: ServerFault | undefined,
): Record<string, string> {
  const all = Object.entries({ ...environment, ...fault?.environment })
  return Object.fromEntries(all.flatMap(([name, value]) => (value === null ? [] : [[name, value]])))
}
