import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { z } from 'zod'

export const labFixtures = fileURLToPath(new URL('../../fixtures/lab/', import.meta.url))

const pin = z.strictObject({
  module: z.string().min(1),
  package: z.string().min(1),
  version: z.string().startsWith('v'),
  tags: z.array(z.string()),
  /** The folder of `modules` with its go.mod, where several programs are of one module; else it is called as the program. */
  modules: z.string().min(1).optional(),
})

/** The programs of a Kubernetes of one node, with what speaks to it. */
export const clusterPrograms = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
  'kubectl',
  'coredns',
] as const
/** Every program that the labs can build. */
export const serverProgramNames = [
  'minio',
  'tempo',
  'mimir',
  'prometheus',
  'promtool',
  'telemetrygen',
  ...clusterPrograms,
] as const

export type ServerName = (typeof serverProgramNames)[number]
export type ServerPin = z.infer<typeof pin>

/** What the program of each server, and each tool, is built from, as `fixtures/lab/servers.yaml` pins it. */
export function readServerPins(): Record<ServerName, ServerPin> {
  return z.record(z.enum(serverProgramNames), pin).parse(parse(readFileSync(`${labFixtures}servers.yaml`, 'utf8')))
}

/** The environment variable that names a program to use instead of the pinned one, such as `LAB_TEMPO`. */
export function programVariable(name: ServerName): string {
  return `LAB_${name.toUpperCase().replaceAll('-', '_')}`
}
