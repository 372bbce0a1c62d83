import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { runGo } from './go-command.ts'

const moduleVersion = z.object({ Path: z.string(), Version: z.string().optional() })
const moduleFile = z.object({
  Require: z.array(moduleVersion).nullish(),
  Replace: z.array(z.object({ Old: moduleVersion, New: moduleVersion })).nullish(),
})

/**
 * The archive files that a module's requirements have in Go's module cache once they are fetched
 * (`cache/download/PATH/@v/VERSION.zip`; go.dev/ref/mod#module-cache).
 */
export async function moduleArchives(directory: string, signal: AbortSignal): Promise<string[]> {
  const [cache, file] = await Promise.all([
    runGo({ arguments: ['env', 'GOMODCACHE'], directory, signal }),
    runGo({ arguments: ['mod', 'edit', '-json'], directory, signal }),
  ])
  const { Require, Replace } = moduleFile.parse(JSON.parse(file))
  const replaced = new Map((Replace ?? []).map(({ Old, New }) => [Old.Path, New]))
  return (Require ?? [])
    .map(required => replaced.get(required.Path) ?? required)
    .filter(({ Version }) => Version !== undefined)
    .map(({ Path, Version }) =>
      join(cache.trim(), 'cache', 'download', escapeCase(Path), '@v', `${escapeCase(Version ?? '')}.zip`),
    )
}

export function countMissing(archives: readonly string[]): number {
  return archives.filter(archive => !existsSync(archive)).length
}

/** Go writes capital letters as `!` and the small letter, for file systems that do not tell them apart. */
function escapeCase(text: string): string {
  return text.replace(/[A-Z]/g, letter => `!${letter.toLowerCase()}`)
}
