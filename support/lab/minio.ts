import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { StorageAccounts } from './accounts.ts'
import type { Certificates } from './certificates.ts'
import type { ServerProgram } from './program.ts'
import { httpReadiness } from './readiness.ts'
import type { ServerCommand } from './server-command.ts'

export interface MinioSettings {
  readonly program: ServerProgram
  readonly directory: string
  readonly port: number
  readonly certificates: Certificates
  readonly root: StorageAccounts['root']
}

/** MinIO on one drive, over HTTPS, on 127.0.0.1 alone: no console, no look for updates. */
export async function minioCommand(settings: MinioSettings): Promise<ServerCommand> {
  const { program, directory, port, certificates, root } = settings
  const certs = join(directory, 'certs')
  const data = join(directory, 'data')
  await Promise.all([mkdir(certs, { recursive: true, mode: 0o700 }), mkdir(data, { recursive: true, mode: 0o700 })])
  await Promise.all([
    writeFile(join(certs, 'public.crt'), certificates.server),
    writeFile(join(certs, 'private.key'), certificates.serverKey, { mode: 0o600 }),
  ])
  return {
    name: 'minio',
    version: program.version,
    program: program.path,
    // As JSON every line of the log carries its time.
    arguments: ['server', '--json', '--address', `127.0.0.1:${port}`, '--certs-dir', certs, data],
    environment: {
      MINIO_ROOT_USER: root.user,
      MINIO_ROOT_PASSWORD: root.password.reveal(),
      MINIO_BROWSER: 'off',
      MINIO_UPDATE: 'off',
    },
    directory,
    logFile: join(directory, 'minio.log'),
    isReady: httpReadiness(`https://127.0.0.1:${port}/minio/health/ready`, certificates.authority),
  }
}
