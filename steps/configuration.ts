import { type DataTable, Then, When } from '@cucumber/cucumber'
import type { Answer } from '../support/drivers/answer.ts'
import { sendRawOverGrpc } from '../support/drivers/otlp-grpc.ts'
import type { RemoteWriteConfiguration } from '../support/drivers/prometheus.ts'
import { withTenant } from '../support/drivers/tempo.ts'
import { checkCertificate } from '../support/drivers/tls.ts'
import { NotApplicable, Undetermined, Unmet } from '../support/errors.ts'
import type { Seen } from '../support/eventually.ts'
import { statusIs } from '../support/expectations/answers.ts'
import {
  certificateVerifies,
  listensOn,
  overHttpsOnly,
  ownCredentials,
  type StorageSettings,
  storesAt,
  storesInBucket,
} from '../support/expectations/configuration.ts'
import { queueIsSetTo, writesEverything } from '../support/expectations/remote-write.ts'
import { probeSeries } from '../support/metrics/probe-series.ts'
import { prepare } from '../support/prepare.ts'
import type { Run } from '../support/run.ts'
import { scenarioState } from '../support/scenario-state.ts'
import {
  isStoring,
  type ServerSystemName,
  type StoringSystemName,
  storingSystemNames,
} from '../support/system-names.ts'
import {
  mimirOf,
  mimirSystem,
  objectStorageOf,
  prometheusOf,
  storageUserOf,
  systemOf,
  tempoOf,
  tempoSystem,
} from '../support/systems.ts'
import type { AcceptanceWorld } from '../support/world.ts'
import { judgedSent } from './sent.ts'
import { titles } from './systems.ts'
import { write } from './writes.ts'

/** What is read of a running configuration, whichever system it is. */
interface Configuration {
  readonly system: ServerSystemName
  /** Of every part of the system that uses object storage; the first is that of its data. */
  readonly storages: readonly StorageSettings[]
  /** Where it writes remotely. */
  readonly remoteWrites?: readonly RemoteWriteConfiguration[]
  /** Where its OTLP gRPC receiver listens. */
  readonly otlpGrpc?: string | undefined
  readonly httpPort?: number
}

type ReadConfiguration = (run: Run, signal: AbortSignal) => Promise<Answer<Configuration>>

const readers: Readonly<Record<ServerSystemName, ReadConfiguration>> = {
  tempo: async (run, signal) => {
    const answer = await tempoOf(run).configuration(signal)
    const { storage, receivers } = answer.value
    const { s3 } = storage
    const own = s3 && { ...s3, accessKeyId: s3.accessKey, skipsVerification: s3.tls.insecureSkipVerify }
    const storages = own === undefined ? [] : [own]
    return { ...answer, value: { system: 'tempo', storages, otlpGrpc: receivers.otlpGrpc } }
  },
  mimir: async (run, signal) => {
    const answer = await mimirOf(run).configuration(signal)
    const { storages, httpPort } = answer.value
    return { ...answer, value: { system: 'mimir', storages, httpPort } }
  },
  prometheus: async (run, signal) => {
    const answer = await prometheusOf(run).configuration(signal)
    return { ...answer, value: { system: 'prometheus', storages: [], remoteWrites: answer.value.remoteWrites } }
  },
}

const configurationOf = scenarioState<AcceptanceWorld, { read?: Seen<Configuration> }>(() => ({}))

When("{server}'(s) running configuration is read", async function (this: AcceptanceWorld, system: ServerSystemName) {
  const ask = (signal: AbortSignal) => readers[system](this.run, signal)
  configurationOf(this).read = await prepare(this.run, `${titles[system]} does not tell its configuration`, {
    ask,
    expect: () => undefined,
  })
})

function configuration(world: AcceptanceWorld): Seen<Configuration> {
  const { read } = configurationOf(world)
  if (read === undefined) throw new Undetermined('the scenario has read no configuration', 'harness')
  return read
}

/** The storage settings of the configuration that was read; those of its data first. */
function storageSettings(world: AcceptanceWorld): [StorageSettings, ...StorageSettings[]] {
  const { storages, system } = configuration(world).value
  const [first, ...others] = storages
  if (first === undefined) throw new NotApplicable(`${titles[system]}'s storage backend is not S3`)
  return [first, ...others]
}

async function judgeSettings(
  world: AcceptanceWorld,
  ...expectations: ((settings: StorageSettings) => void)[]
): Promise<void> {
  const all = storageSettings(world)
  const { request } = configuration(world)
  await world.judge(
    { after: 'the reading' },
    all.flatMap(settings => expectations.map(expectation => ({ request, check: () => expectation(settings) }))),
  )
}

Then("its storage endpoint is the target's", async function (this: AcceptanceWorld) {
  await judgeSettings(this, storesAt(objectStorageOf(this.run).knownAs))
})

Then("its storage endpoint is the target's, over HTTPS only", async function (this: AcceptanceWorld) {
  await judgeSettings(this, storesAt(objectStorageOf(this.run).knownAs), overHttpsOnly)
})

Then("its storage bucket is the target's", async function (this: AcceptanceWorld) {
  const { request, value } = configuration(this)
  const [data] = storageSettings(this)
  const { system } = value
  if (!isStoring(system)) throw new Undetermined(`${titles[system]} has no bucket`, 'harness')
  const check = () => storesInBucket(systemOf(this.run, system).bucket)(data)
  await this.judge({ after: 'the reading' }, [{ request, check }])
})

Then(
  "its storage credentials are those of {system}'s own account",
  async function (this: AcceptanceWorld, system: StoringSystemName) {
    const { target } = this.run
    const own = storageUserOf(this.run, system)
    const { credentials, administration } = objectStorageOf(this.run)
    const others = [
      ...[credentials, administration?.credentials].flatMap(one =>
        one === undefined ? [] : [one.accessKeyId.reveal()],
      ),
      ...storingSystemNames.flatMap(name => (name === system ? [] : (target.systems[name]?.storageUser ?? []))),
    ]
    await judgeSettings(this, ownCredentials(own, others))
  },
)

Then('the certificate of its storage endpoint verifies for that host', async function (this: AcceptanceWorld) {
  const [{ endpoint, insecure }] = storageSettings(this)
  if (insecure) throw new NotApplicable('its storage endpoint does not use HTTPS')
  const url = new URL(endpoint.includes('://') ? endpoint : `https://${endpoint}`)
  const { knownAs, endpoint: reached, ca } = objectStorageOf(this.run)
  // Under the same name, through a port of this machine.
  if (url.host === knownAs.host) url.port = reached.port
  const ask = (signal: AbortSignal) => checkCertificate(url, ca, signal)
  await this.eventually({ after: 'the reading', again: 'transient' }, { ask, expect: certificateVerifies })
})

Then("its OTLP gRPC receiver listens on the target's port", async function (this: AcceptanceWorld) {
  const { request, value } = configuration(this)
  const check = () => listensOn(tempoSystem(this.run).otlpGrpcPort)(value.otlpGrpc)
  await this.judge({ after: 'the reading' }, [{ request, check }])
})

Then('an OTLP gRPC request is accepted there', async function (this: AcceptanceWorld) {
  const { otlpGrpc, tenant } = tempoSystem(this.run)
  const nothingToExport = new Uint8Array()
  const ask = async (signal: AbortSignal) => {
    const answer = await sendRawOverGrpc(withTenant(otlpGrpc, tenant), nothingToExport, signal)
    return { ...answer, value: answer }
  }
  await this.eventually({ after: 'the reading', again: 'transient' }, { ask, expect: statusIs('OK') })
})

Then("its HTTP server listens on the target's port", async function (this: AcceptanceWorld) {
  const { request, value } = configuration(this)
  const { httpPort } = mimirSystem(this.run)
  const check = () => {
    if (value.httpPort !== httpPort)
      throw new Unmet(`its HTTP server listens on port ${value.httpPort}, expected ${httpPort}`)
  }
  await this.judge({ after: 'the reading' }, [{ request, check }])
})

async function judgeRemoteWrites(
  world: AcceptanceWorld,
  expect: (remoteWrites: readonly RemoteWriteConfiguration[]) => void,
): Promise<void> {
  const { request, value } = configuration(world)
  await world.judge({ after: 'the reading' }, [{ request, check: () => expect(value.remoteWrites ?? []) }])
}

Then('its remote write to Mimir has a queue with', async function (this: AcceptanceWorld, table: DataTable) {
  await judgeRemoteWrites(this, queueIsSetTo(table.rowsHash()))
})

Then('its remote write to Mimir leaves no series out', async function (this: AcceptanceWorld) {
  await judgeRemoteWrites(this, writesEverything)
})

Then('a remote write request is accepted at {word}', async function (this: AcceptanceWorld, path: string) {
  const written = await write(this.run, this.probe, probeSeries(this.probe))
  const { request } = written
  const { check } = judgedSent(written)
  const atPath = () => {
    check()
    if (!request.includes(`${path},`)) throw new Unmet(`it was accepted at ${request}, not at ${path}`)
  }
  await this.judge({ after: 'the write' }, [{ request, check: atPath }])
})
