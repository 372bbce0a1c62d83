import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'
import { EnvironmentError } from '../errors.ts'

/**
 * Below the ports that systems give to outgoing connections (32768 and up on Linux, 49152 on macOS): a port that the
 * system itself hands out may be taken by a client in the moment in which a server restarts.
 */
const first = 20_000
const last = 30_000

const handedOut = new Set<number>()

/** Ports of 127.0.0.1 on which nothing listens; never one that this process was given before. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = []
  for (let attempt = 0; attempt < 1_000 && ports.length < count; attempt++) {
    const port = randomInt(first, last)
    if (handedOut.has(port)) continue
    handedOut.add(port)
    if (await isFree(port)) ports.push(port)
  }
  if (ports.length < count)
    throw new EnvironmentError(`no ${count} free ports between ${first} and ${last} on 127.0.0.1`)
  return ports
}

/** @throws EnvironmentError that names every port that is taken and, on Linux, who listens there */
export async function requireFree(ports: readonly { readonly port: number; readonly use: string }[]): Promise<void> {
  const taken: string[] = []
  for (const { port, use } of ports) {
    if (await isFree(port)) continue
    const { findListener } = await import('./listener.ts')
    const listener = findListener(port)
    taken.push(`  - ${port} (${use}) is taken${listener === undefined ? '' : ` by ${listener}`}`)
  }
  if (taken.length > 0)
    throw new EnvironmentError(`the lab needs ports that are in use:\n${taken.join('\n')}\nEnd what listens there.`)
}

async function isFree(port: number): Promise<boolean> {
  return await new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false)
      else reject(new EnvironmentError(`no port can be opened on 127.0.0.1`, { cause: error }))
    })
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
  })
}
