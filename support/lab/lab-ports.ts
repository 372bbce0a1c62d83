import { freePorts, requireFree } from './ports.ts'
import type { Place, ProxiedPort } from './proxy/place.ts'
import type { TempoPorts } from './tempo.ts'

/** The ports on which the lab is asked; behind each of them, and unknown to others, a server listens on one of its own. */
export interface OuterPorts {
  readonly minio: number
  readonly tempo: Omit<TempoPorts, 'internalGrpc'>
}

interface LabPorts {
  readonly outer: OuterPorts
  readonly inner: { readonly minio: number; readonly tempo: TempoPorts }
}

/**
 * The ports of the lab. Those that servers listen on are always any that are free.
 * @throws EnvironmentError where a usual port is taken
 */
export async function choosePorts(kind: 'free' | 'usual'): Promise<LabPorts> {
  const [minio = 0, http = 0, internalGrpc = 0, otlpGrpc = 0, otlpHttp = 0] = await freePorts(5)
  const inner = { minio, tempo: { http, internalGrpc, otlpGrpc, otlpHttp } }
  return { outer: kind === 'free' ? await freeOuterPorts() : await usualOuterPorts(), inner }
}

/** Every port of the lab, with its control socket, as the proxy stands before it. */
export function proxiedPorts({ outer, inner }: LabPorts, control: Omit<ProxiedPort, 'name'>): ProxiedPort[] {
  const between = (listen: number, upstream: number): { listen: Place; upstream: Place } => ({
    listen: { port: listen },
    upstream: { port: upstream },
  })
  return [
    { name: 'minio.s3', ...between(outer.minio, inner.minio) },
    { name: 'tempo.http', ...between(outer.tempo.http, inner.tempo.http) },
    { name: 'tempo.otlp-grpc', ...between(outer.tempo.otlpGrpc, inner.tempo.otlpGrpc) },
    { name: 'tempo.otlp-http', ...between(outer.tempo.otlpHttp, inner.tempo.otlpHttp) },
    { name: 'lab.control', ...control },
  ]
}

async function freeOuterPorts(): Promise<OuterPorts> {
  const [minio = 0, http = 0, otlpGrpc = 0, otlpHttp = 0] = await freePorts(4)
  return { minio, tempo: { http, otlpGrpc, otlpHttp } }
}

async function usualOuterPorts(): Promise<OuterPorts> {
  await requireFree([
    { port: 9000, use: 'MinIO' },
    { port: 3200, use: 'Tempo HTTP' },
    { port: 4317, use: 'Tempo OTLP gRPC' },
    { port: 4318, use: 'Tempo OTLP HTTP' },
  ])
  return { minio: 9000, tempo: { http: 3200, otlpGrpc: 4317, otlpHttp: 4318 } }
}
