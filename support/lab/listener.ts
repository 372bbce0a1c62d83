import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

const listening = '0A'

/**
 * Who listens on a TCP port, as `tempo (pid 4711)`; undefined where that cannot be told (not Linux, or another user's).
 * From /proc/net/tcp and /proc/PID/fd (proc_pid_net(5), proc_pid_fd(5)).
 */
export function findListener(port: number): string | undefined {
  const inodes = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap(table => listeningInodes(table, port)))
  if (inodes.size === 0) return undefined
  for (const pid of list('/proc').filter(entry => /^\d+$/.test(entry))) {
    for (const descriptor of list(`/proc/${pid}/fd`)) {
      const inode = /^socket:\[(\d+)\]$/.exec(readLink(`/proc/${pid}/fd/${descriptor}`))?.[1]
      if (inode !== undefined && inodes.has(inode)) return `${read(`/proc/${pid}/comm`).trim()} (pid ${pid})`
    }
  }
  return undefined
}

function listeningInodes(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return read(table)
    .split('\n')
    .map(line => line.trim().split(/\s+/))
    .filter(fields => fields[1]?.endsWith(suffix) === true && fields[3] === listening)
    .flatMap(fields => fields[9] ?? [])
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

function readLink(file: string): string {
  try {
    return readlinkSync(file)
  } catch {
    return ''
  }
}
