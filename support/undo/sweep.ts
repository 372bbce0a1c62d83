import { existsSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { describeDiscovery, withdraw } from '../drivers/discovery.ts'
import { accountOf } from '../drivers/storage-account.ts'
import { StorageAdministration } from '../drivers/storage-administration.ts'
import { workloadAt } from '../drivers/workload-place.ts'
import { describeError } from '../errors.ts'
import { directoryPrefix } from '../lab/lab-record.ts'
import { loadTarget } from '../target/load.ts'
import { crossOut, describeAction, type PendingChange, pendingChanges } from './journal.ts'

const undoMs = 10_000

/** What became of the changes that killed runs left behind. */
export interface Sweep {
  readonly undone: number
  /** In words, with what to do. */
  readonly failed: readonly string[]
}

/** A way to the systems of a target, for as long as it is not disposed of, with the variables that tell of it. */
interface Way extends AsyncDisposable {
  readonly environment: Readonly<Record<string, string>>
}

/**
 * Undoes what runs that are gone left changed. All is tried. Changes of runs that go on are theirs to undo.
 * @param environment holds the secrets that the target files name
 * @param wayTo opens the way to a target file's systems
 */
export async function sweepChanges(
  environment: NodeJS.ProcessEnv,
  tell: (line: string) => void,
  wayTo: (targetFile: string) => Promise<Way>,
): Promise<Sweep> {
  let undone = 0
  const failed: string[] = []
  for (const change of pendingChanges().filter(({ owned }) => !owned)) {
    const what = `${describeAction(change.action)}, left by run ${change.runId} of ${change.at}`
    try {
      if (await undo(change, environment, wayTo)) tell(`undone: ${what}`)
      else tell(`nothing to undo any more: ${what}; its target file ${change.targetFile} is gone`)
      crossOut(change.runId, change.id)
      undone += 1
    } catch (error) {
      failed.push(`${what} (${change.targetFile}): ${describeError(error)}`)
    }
  }
  for (const line of failed) tell(`could not be undone: ${line}; npm run sweep tries again`)
  return { undone, failed }
}

/** False where the target was a lab, and is gone with its file. */
async function undo(
  { action, targetFile }: PendingChange,
  environment: NodeJS.ProcessEnv,
  wayTo: (targetFile: string) => Promise<Way>,
): Promise<boolean> {
  if (!existsSync(targetFile) && basename(dirname(targetFile)).startsWith(directoryPrefix)) return false
  await using way = await wayTo(targetFile)
  const { s3, systems, clusters } = loadTarget(targetFile, { ...environment, ...way.environment })
  const signal = AbortSignal.timeout(undoMs)
  switch (action.kind) {
    case 'enable-storage-user':
      if (s3 === undefined) throw new Error('the target file names no s3 any more')
      await new StorageAdministration(s3).setUserStatus(action.user, 'enabled', signal)
      break
    case 'remove-scrape-target': {
      const discovery = systems.prometheus?.discovery
      if (discovery === undefined || describeDiscovery(discovery) !== action.discovery)
        throw new Error('the target file names another discovery of targets now; remove it there by hand')
      await withdraw(discovery, action.name, signal)
      break
    }
    case 'remove-object': {
      const account = s3 && accountOf(s3, systems[action.system] ?? {})
      if (account === undefined)
        throw new Error(
          `the target file names no storage account of ${action.system} any more; remove the object by hand`,
        )
      const { value } = await account.attempt('delete', { ...action, content: Buffer.alloc(0) }, signal)
      if (!value.allowed) throw new Error(`the storage account of ${action.system} may not: ${value.refusal}`)
      break
    }
    case 'scale-workload': {
      const workload = systems[action.system]?.workload
      if (workload === undefined) throw new Error(`the target file names no workload of ${action.system} any more`)
      await workloadAt(workload, clusters).scale(action.instances, signal)
    }
  }
  return true
}
