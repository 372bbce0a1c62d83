import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { labsFolder } from '../folders.ts'
import { isRunning } from '../process-identity.ts'
import { directoryPrefix, type LabRecord, readRecord } from './lab-record.ts'

/** Ends the servers of every lab whose supervisor is gone, and deletes their folders. */
export async function endOrphans(tell: (line: string) => void, folder: string = labsFolder): Promise<void> {
  for (const entry of list(folder).filter(name => name.endsWith('.json'))) {
    const file = join(folder, entry)
    const record = readRecord(file)
    // Its supervisor may be alive: two labs may run side by side.
    if (record === undefined || isRunning(record.supervisor)) continue
    const ended = record.servers.filter(
      server => isRunning(server.process) && isServer(server) && kill(server.process.pid),
    )
    for (
      let attempt = 0;
      attempt < 80 && ended.some(server => isRunning(server.process) && !isZombie(server.process.pid));
      attempt++
    )
      await pause(25)
    if (basename(record.directory).startsWith(directoryPrefix))
      rmSync(record.directory, { recursive: true, force: true, maxRetries: 3 })
    rmSync(file, { force: true })
    const servers =
      ended.length === 0
        ? 'nothing of it was running'
        : `ended ${ended.map(({ name, process }) => `${name} (pid ${process.pid})`).join(', ')}`
    tell(`a run that was killed left a lab behind; ${servers}, deleted ${record.directory}`)
  }
}

/** Ended, but not yet asked about by its new parent, which may take its time; its files and ports are free. */
function isZombie(pid: number): boolean {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** Where the system tells no start time, the number may be another's by now: the command has to be ours too. */
function isServer({ program, process }: LabRecord['servers'][number]): boolean {
  if (process.startTicks !== undefined) return true
  try {
    return execFileSync('ps', ['-o', 'command=', '-p', String(process.pid)], { encoding: 'utf8' }).startsWith(program)
  } catch {
    return false
  }
}

/** The whole group, of which every server is the leader. */
function kill(pid: number): boolean {
  try {
    process.kill(-pid, 'SIGKILL')
    return true
  } catch {
    return false
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
