import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse, stringify } from 'yaml'
import { httpReadiness } from '../lab/readiness.ts'
import type { ServerCommand } from '../lab/server-command.ts'
import type { clusterPrograms } from '../lab/servers.ts'
import type { ClusterCredentials } from './authorities.ts'
import { run } from './host.ts'
import { sandboxImage } from './images.ts'
import { apiPort, cgroup, clusterDomain, dnsService, nodeName, podNetwork, serviceNetwork } from './place.ts'

const fixtures = fileURLToPath(new URL('../../fixtures/cluster/node/', import.meta.url))
export const containerdSocket = '/run/containerd/containerd.sock'
const etcdPort = 2379

type Program = Exclude<(typeof clusterPrograms)[number], 'kubectl' | 'coredns'>

export interface NodeSettings {
  /** For what the parts write. */
  readonly folder: string
  readonly credentials: ClusterCredentials
  /** By which it is reached from the machine. */
  readonly address: string
  readonly program: (name: Program) => { readonly path: string; readonly version: string }
}

/** The parts of a Kubernetes of one node, in the order in which they can be started; those of one row side by side. */
export async function nodeCommands(settings: NodeSettings): Promise<ServerCommand[][]> {
  const authority = readFileSync(settings.credentials.authorityFile, 'utf8')
  const command = commands(settings, authority)
  return [
    [etcd(settings, command), await containerd(settings)],
    [apiServer(settings, command)],
    [
      controllerManager(settings, command),
      command(
        'kube-scheduler',
        [
          kubeconfig(settings, 'scheduler'),
          ...served(settings),
          '--leader-elect=false',
          '--pod-max-in-unschedulable-pods-duration=5s',
        ],
        {
          url: 'https://127.0.0.1:10259/healthz',
        },
      ),
      await kubelet(settings, command),
      kubeProxy(settings, command),
    ],
  ]
}

interface Readiness {
  readonly url: string
}

type MakeCommand = (name: Program, given: readonly string[], readiness: Readiness) => ServerCommand

function commands({ folder, program }: NodeSettings, authority: string): MakeCommand {
  return (name, given, { url }) => {
    const { path, version } = program(name)
    return {
      name,
      version,
      program: path,
      arguments: given,
      environment: {},
      directory: folder,
      logFile: join(folder, 'log', `${name}.log`),
      isReady: httpReadiness(url, url.startsWith('https:') ? authority : undefined),
    }
  }
}

/** A lab's data may be lost with the machine, so nothing waits for its disk. */
function etcd({ folder }: NodeSettings, command: MakeCommand): ServerCommand {
  const client = `http://127.0.0.1:${etcdPort}`
  const given = [`--data-dir=${join(folder, 'etcd')}`, '--unsafe-no-fsync', '--log-level=warn', '--name=lab']
  const addresses = [`--listen-client-urls=${client}`, `--advertise-client-urls=${client}`]
  const peers = ['--listen-peer-urls=http://127.0.0.1:2380', '--initial-advertise-peer-urls=http://127.0.0.1:2380']
  return command('etcd', [...given, ...addresses, ...peers, '--initial-cluster=lab=http://127.0.0.1:2380'], {
    url: `${client}/health`,
  })
}

function apiServer(settings: NodeSettings, command: MakeCommand): ServerCommand {
  const { credentials, address } = settings
  return command(
    'kube-apiserver',
    [
      `--etcd-servers=http://127.0.0.1:${etcdPort}`,
      '--bind-address=0.0.0.0',
      `--secure-port=${apiPort}`,
      // Pods reach it through the Service kubernetes, whose endpoint this is.
      `--advertise-address=${address}`,
      ...served(settings),
      `--client-ca-file=${credentials.authorityFile}`,
      `--service-account-key-file=${credentials.tokenPublicKeyFile}`,
      `--service-account-signing-key-file=${credentials.tokenKeyFile}`,
      `--service-account-issuer=https://kubernetes.default.svc.${clusterDomain}`,
      `--service-cluster-ip-range=${serviceNetwork}`,
      '--authorization-mode=Node,RBAC',
      '--enable-admission-plugins=NodeRestriction',
      '--allow-privileged=true',
      `--kubelet-client-certificate=${credentials.kubeletClientFile}`,
      `--kubelet-client-key=${credentials.kubeletClientKeyFile}`,
      '--kubelet-preferred-address-types=InternalIP,Hostname',
      '--profiling=false',
    ],
    { url: `https://127.0.0.1:${apiPort}/readyz` },
  )
}

function controllerManager(settings: NodeSettings, command: MakeCommand): ServerCommand {
  const { credentials } = settings
  return command(
    'kube-controller-manager',
    [
      kubeconfig(settings, 'controller-manager'),
      ...served(settings),
      `--root-ca-file=${credentials.authorityFile}`,
      `--service-account-private-key-file=${credentials.tokenKeyFile}`,
      '--use-service-account-credentials=true',
      `--cluster-cidr=${podNetwork}`,
      '--allocate-node-cidrs=false',
      // Claims are bound to folders of the node.
      '--enable-hostpath-provisioner=true',
      '--leader-elect=false',
    ],
    { url: 'https://127.0.0.1:10257/healthz' },
  )
}

async function kubelet(settings: NodeSettings, command: MakeCommand): Promise<ServerCommand> {
  const { folder, credentials, address } = settings
  const configuration = parse(readFileSync(`${fixtures}kubelet.yaml`, 'utf8')) as Record<string, unknown>
  const resolver = join(folder, 'resolv.conf')
  const own = {
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: credentials.authorityFile },
    },
    cgroupRoot: `/${cgroup}`,
    clusterDNS: [dnsService],
    resolvConf: resolver,
    volumePluginDir: join(folder, 'volume-plugins'),
    tlsCertFile: credentials.serverFile,
    tlsPrivateKeyFile: credentials.serverKeyFile,
  }
  // Names outside the cluster are nobody's to ask for.
  await writeFile(resolver, '')
  const file = join(folder, 'kubelet.yaml')
  await writeFile(file, stringify({ ...configuration, ...own }))
  return command(
    'kubelet',
    [
      `--config=${file}`,
      kubeconfig(settings, 'kubelet'),
      `--root-dir=${join(folder, 'kubelet')}`,
      `--node-ip=${address}`,
      `--hostname-override=${nodeName}`,
    ],
    { url: 'http://127.0.0.1:10248/healthz' },
  )
}

/** The kernel's settings of connection tracking are the machine's and stay as they are. */
function kubeProxy(settings: NodeSettings, command: MakeCommand): ServerCommand {
  const untouched = ['max-per-core', 'tcp-timeout-established', 'tcp-timeout-close-wait']
  return command(
    'kube-proxy',
    [
      kubeconfig(settings, 'kube-proxy'),
      '--proxy-mode=iptables',
      `--cluster-cidr=${podNetwork}`,
      `--hostname-override=${nodeName}`,
      ...untouched.map(name => `--conntrack-${name}=0`),
    ],
    { url: 'http://127.0.0.1:10256/healthz' },
  )
}

async function containerd({ folder }: NodeSettings): Promise<ServerCommand> {
  const filled = (name: string) =>
    readFileSync(`${fixtures}${name}`, 'utf8')
      .replaceAll('@FOLDER@', folder)
      .replaceAll('@SANDBOX@', sandboxImage)
      .replaceAll('@PODS@', podNetwork)
  const file = join(folder, 'containerd.toml')
  await mkdir(join(folder, 'cni'), { recursive: true })
  await writeFile(file, filled('containerd.toml'))
  await writeFile(join(folder, 'cni', '10-acceptance.conflist'), filled('network.conflist'))
  return {
    name: 'containerd',
    version: (await run('containerd', '--version')).trim(),
    program: 'containerd',
    arguments: ['--config', file],
    environment: {},
    directory: folder,
    logFile: join(folder, 'log', 'containerd.log'),
    isReady: async () => (await run('ctr', '--address', containerdSocket, 'version')) !== '',
  }
}

function kubeconfig({ credentials }: NodeSettings, client: Parameters<ClusterCredentials['kubeconfig']>[0]): string {
  return `--kubeconfig=${credentials.kubeconfig(client)}`
}

function served({ credentials }: NodeSettings): string[] {
  return [`--tls-cert-file=${credentials.serverFile}`, `--tls-private-key-file=${credentials.serverKeyFile}`]
}
