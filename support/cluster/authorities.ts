import { generateKeyPairSync } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CertificateAuthority, makeKeys, privateKeyPem } from '../lab/authority.ts'
import { validFromNow } from '../lab/certificates.ts'
import { apiPort, apiService, nodeName } from './place.ts'

/** Who speaks to the API server, and as whom (kubernetes.io, "PKI certificates and requirements"). */
const clients = {
  admin: 'CN=admin, O=system:masters',
  'controller-manager': 'CN=system:kube-controller-manager',
  scheduler: 'CN=system:kube-scheduler',
  'kube-proxy': 'CN=system:kube-proxy',
  kubelet: `CN=system:node:${nodeName}, O=system:nodes`,
  'kubelet-client': 'CN=kube-apiserver-kubelet-client, O=system:masters',
} as const

type Client = keyof typeof clients

/** The files by which the parts of a cluster know each other. */
export interface ClusterCredentials {
  readonly authorityFile: string
  /** A server certificate for the node's addresses. */
  readonly serverFile: string
  readonly serverKeyFile: string
  /** Of the API server towards the kubelet. */
  readonly kubeletClientFile: string
  readonly kubeletClientKeyFile: string
  /** By which tokens of service accounts are signed, and the public one. */
  readonly tokenKeyFile: string
  readonly tokenPublicKeyFile: string
  kubeconfig(client: Exclude<Client, 'kubelet-client'>): string
}

/** Makes an authority that only this cluster knows, and everything that it signs; below `folder`, for its owner alone. */
export async function makeCredentials(folder: string, nodeAddress: string): Promise<ClusterCredentials> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const during = validFromNow()
  const authority = await CertificateAuthority.create('CN=observability-acceptance cluster authority', during)
  const keep = async (name: string, text: string): Promise<string> => {
    const file = join(folder, name)
    await writeFile(file, text, { mode: 0o600 })
    return file
  }
  const authorityFile = await keep('ca.crt', authority.certificate)
  const serverKeys = await makeKeys()
  const names = [
    ...['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc', nodeName].map(
      value => ({ type: 'dns', value }) as const,
    ),
    { type: 'dns', value: 'kubernetes.default.svc.cluster.local' } as const,
    ...['127.0.0.1', apiService, nodeAddress].map(value => ({ type: 'ip', value }) as const),
  ]
  const server = await authority.sign({ subject: 'CN=kube-apiserver', names, during, keys: serverKeys })
  const signed = new Map<Client, { certificate: string; key: string }>()
  for (const [name, subject] of Object.entries(clients) as [Client, string][]) {
    const keys = await makeKeys()
    signed.set(name, { certificate: await authority.sign({ subject, during, keys }), key: await privateKeyPem(keys) })
  }
  const of = (client: Client) => signed.get(client) ?? { certificate: '', key: '' }
  const tokens = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  for (const client of signed.keys()) {
    if (client === 'kubelet-client') continue
    const address = client === 'admin' ? nodeAddress : '127.0.0.1'
    await keep(`${client}.kubeconfig`, kubeconfigOf(`https://${address}:${apiPort}`, authority.certificate, of(client)))
  }
  return {
    authorityFile,
    serverFile: await keep('server.crt', server),
    serverKeyFile: await keep('server.key', await privateKeyPem(serverKeys)),
    kubeletClientFile: await keep('kubelet-client.crt', of('kubelet-client').certificate),
    kubeletClientKeyFile: await keep('kubelet-client.key', of('kubelet-client').key),
    tokenKeyFile: await keep('tokens.key', tokens.privateKey),
    tokenPublicKeyFile: await keep('tokens.pub', tokens.publicKey),
    kubeconfig: client => join(folder, `${client}.kubeconfig`),
  }
}

/** A kubeconfig is JSON as well as YAML. */
function kubeconfigOf(server: string, authority: string, { certificate, key }: { certificate: string; key: string }) {
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const name = nodeName
  return `${JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name, cluster: { server, 'certificate-authority-data': base64(authority) } }],
      users: [{ name, user: { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) } }],
      contexts: [{ name, context: { cluster: name, user: name } }],
      'current-context': name,
    },
    null,
    2,
  )}\n`
}
