import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ProxiedServers } from '../bench/proxy.ts'
import type { Way } from '../bench/proxy-load.ts'
import { ruleSchema } from '../faults/rule.ts'
import { makeAccounts } from '../lab/accounts.ts'
import { makeCertificates } from '../lab/certificates.ts'
import { portsByName } from '../lab/lab-system.ts'
import { minioCommand } from '../lab/minio.ts'
import { prepareStorage } from '../lab/minio-setup.ts'
import { freePorts } from '../lab/ports.ts'
import { findProgram } from '../lab/program.ts'
import { startProxy } from '../lab/proxy/proxy.ts'
import type { ServerCommand } from '../lab/server-command.ts'
import { ServerProcess } from '../lab/server-process.ts'
import { tempo } from '../lab/tempo.ts'

const bucket = 'bench'
const key = 'large'
const objectBytes = 64 * 2 ** 20
const region = 'us-east-1'

/** Tempo and its MinIO, as a lab has them, that can also be reached without the proxy; a lab hides them behind it. */
export async function startProxiedServers(
  folder: string,
  signal: AbortSignal,
): Promise<ProxiedServers & AsyncDisposable> {
  await using starting = new AsyncDisposableStack()
  const [minio = 0, http = 0, otlpGrpc = 0, otlpHttp = 0, internalGrpc = 0, ...listening] = await freePorts(8)
  const [minioBefore = 0, httpBefore = 0, grpcBefore = 0] = listening
  const [accounts, certificates] = [makeAccounts(['tempo']), await makeCertificates()]
  const account = accounts.systems.tempo
  if (account === undefined) throw new Error('no account was made for tempo')
  const caFile = join(folder, 'ca.crt')
  await writeFile(caFile, certificates.authority)
  const search = { signal, onProgress: () => undefined }
  const start = async (command: ServerCommand) => await starting.use(new ServerProcess(command)).start(signal)
  const program = await findProgram('minio', search)
  const { root } = accounts
  await start(await minioCommand({ program, directory: join(folder, 'minio'), port: minio, certificates, root }))
  const endpoint = new URL(`https://127.0.0.1:${minio}`)
  const ca = certificates.authority
  await prepareStorage({
    endpoint,
    ca,
    region,
    buckets: [{ name: bucket, account, expirationDays: 1 }],
    accounts,
    signal,
  })
  await start(
    await tempo.command({
      program: await findProgram('tempo', search),
      directory: join(folder, 'tempo'),
      ports: portsByName({
        'tempo.http': http,
        'tempo.internal-grpc': internalGrpc,
        'tempo.otlp-grpc': otlpGrpc,
        'tempo.otlp-http': otlpHttp,
      }),
      asked: portsByName({}),
      flushedByLab: false,
      storage: { endpoint, caFile, region, bucket, account },
    }),
  )
  const proxy = starting.use(
    await startProxy({
      ports: [
        { name: 'minio.s3', listen: { port: minioBefore }, upstream: { port: minio } },
        { name: 'tempo.http', listen: { port: httpBefore }, upstream: { port: http } },
        { name: 'tempo.otlp-grpc', listen: { port: grpcBefore }, upstream: { port: otlpGrpc } },
      ],
      certificates,
    }),
  )
  const credentials = { accessKeyId: account.user, secretAccessKey: account.password.reveal() }
  const storage = { ca, region, credentials }
  await putObject(endpoint, storage, signal)
  const way = (http: number, push: number, store: number): Way => ({
    tempo: new URL(`http://127.0.0.1:${http}`),
    otlpGrpc: new URL(`http://127.0.0.1:${push}`),
    storage: { endpoint: new URL(`https://127.0.0.1:${store}`), bucket, key, bytes: objectBytes },
  })
  const running = starting.move()
  return {
    direct: way(http, otlpGrpc, minio),
    through: way(httpBefore, grpcBefore, minioBefore),
    storage,
    watch: async () => {
      const ports = ['minio.s3', 'tempo.http', 'tempo.otlp-grpc'] as const
      await proxy.setRules(ports.map(at => ruleSchema.parse({ at, when: { path: '^/never$' }, do: { reset: true } })))
    },
    [Symbol.asyncDispose]: async () => await running.disposeAsync(),
  }
}

async function putObject(endpoint: URL, storage: ProxiedServers['storage'], signal: AbortSignal): Promise<void> {
  const [{ PutObjectCommand, S3Client }, { Agent }] = await Promise.all([
    import('@aws-sdk/client-s3'),
    import('node:https'),
  ])
  const client = new S3Client({
    endpoint: endpoint.href,
    forcePathStyle: true,
    region: storage.region,
    credentials: storage.credentials,
    requestHandler: { httpsAgent: new Agent({ ca: storage.ca }) },
  })
  const object = { Bucket: bucket, Key: key, Body: randomBytes(objectBytes) }
  await client.send(new PutObjectCommand(object), { abortSignal: signal })
  client.destroy()
}
