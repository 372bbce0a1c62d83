import type { PortName } from '../faults/ports.ts'
import type { AskedPort, LabSystem } from './lab-system.ts'
import { freePorts, requireFree } from './ports.ts'
import type { ProxiedPort } from './proxy/place.ts'

const storage: AskedPort = { name: 'minio.s3', usual: 9000, use: 'MinIO' }

/** By name: the ports on which the lab is asked, and those, unknown to others, on which the servers behind them listen. */
export interface LabPorts {
  readonly outer: Readonly<Record<string, number>>
  readonly inner: Readonly<Record<string, number>>
}

/**
 * The ports of the lab and of these systems. Those that servers listen on are always any that are free.
 * @throws EnvironmentError where a usual port is taken
 */
export async function choosePorts(
  kind: 'free' | 'usual',
  systems: readonly Pick<LabSystem, 'ports' | 'ownPorts'>[],
): Promise<LabPorts> {
  const asked = [storage, ...systems.flatMap(({ ports }) => ports)]
  const names = asked.map(({ name }) => name)
  const inner = await freeByName([...names, ...systems.flatMap(({ ownPorts }) => ownPorts)])
  if (kind === 'free') return { outer: await freeByName(names), inner }
  await requireFree(asked.map(({ usual, use }) => ({ port: usual, use })))
  return { outer: Object.fromEntries(asked.map(({ name, usual }) => [name, usual])), inner }
}

/** Every port of the lab, with its control socket, as the proxy stands before it. */
export function proxiedPorts({ outer, inner }: LabPorts, control: Omit<ProxiedPort, 'name'>): ProxiedPort[] {
  const proxied = Object.entries(outer).map(([name, port]) => ({
    name: name as PortName,
    listen: { port },
    upstream: { port: inner[name] ?? 0 },
  }))
  return [...proxied, { name: 'lab.control', ...control }]
}

async function freeByName(names: readonly string[]): Promise<Record<string, number>> {
  const ports = await freePorts(names.length)
  return Object.fromEntries(names.map((name, index) => [name, ports[index] ?? 0]))
}
