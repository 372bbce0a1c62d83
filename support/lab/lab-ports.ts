import { freePorts, requireFree } from './ports.ts'
import type { TempoPorts } from './tempo.ts'

interface LabPorts {
  readonly minio: number
  readonly tempo: TempoPorts
}

/**
 * The ports of the lab's servers. Tempo's internal one is always any that is free.
 * @throws EnvironmentError where a usual port is taken
 */
export async function choosePorts(kind: 'free' | 'usual'): Promise<LabPorts> {
  const [minio = 0, http = 0, internalGrpc = 0, otlpGrpc = 0, otlpHttp = 0] = await freePorts(5)
  if (kind === 'free') return { minio, tempo: { http, internalGrpc, otlpGrpc, otlpHttp } }
  await requireFree([
    { port: 9000, use: 'MinIO' },
    { port: 3200, use: 'Tempo HTTP' },
    { port: 4317, use: 'Tempo OTLP gRPC' },
    { port: 4318, use: 'Tempo OTLP HTTP' },
  ])
  return { minio: 9000, tempo: { http: 3200, internalGrpc, otlpGrpc: 4317, otlpHttp: 4318 } }
}
