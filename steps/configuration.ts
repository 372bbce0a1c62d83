import { Then, When } from '@cucumber/cucumber'
import { sendRawOverGrpc } from '../support/drivers/otlp-grpc.ts'
import { withTenant } from '../support/drivers/tempo.ts'
import type { TempoConfiguration } from '../support/drivers/tempo-configuration.ts'
import { checkCertificate } from '../support/drivers/tls.ts'
import { NotApplicable, Undetermined } from '../support/errors.ts'
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
import { prepare } from '../support/prepare.ts'
import { scenarioState } from '../support/scenario-state.ts'
import { objectStorageOf, tempoOf, tempoSystem } from '../support/systems.ts'
import type { AcceptanceWorld } from '../support/world.ts'

const configurationOf = scenarioState<AcceptanceWorld, { read?: Seen<TempoConfiguration> }>(() => ({}))

When("Tempo's running configuration is read", async function (this: AcceptanceWorld) {
  const ask = (signal: AbortSignal) => tempoOf(this.run).configuration(signal)
  configurationOf(this).read = await prepare(this.run, 'Tempo does not tell its configuration', {
    ask,
    expect: () => undefined,
  })
})

function configuration(world: AcceptanceWorld): Seen<TempoConfiguration> {
  const { read } = configurationOf(world)
  if (read === undefined) throw new Undetermined('the scenario has read no configuration', 'harness')
  return read
}

/** The storage settings of the configuration that was read. */
function storageSettings(world: AcceptanceWorld): StorageSettings {
  const { s3 } = configuration(world).value.storage
  if (s3 === undefined) throw new NotApplicable("Tempo's storage backend is not S3")
  return { ...s3, accessKeyId: s3.accessKey, skipsVerification: s3.tls.insecureSkipVerify }
}

async function judgeSettings(
  world: AcceptanceWorld,
  ...expectations: ((settings: StorageSettings) => void)[]
): Promise<void> {
  const settings = storageSettings(world)
  const { request } = configuration(world)
  await world.judge(
    { after: 'the reading' },
    expectations.map(expectation => ({ request, check: () => expectation(settings) })),
  )
}

Then("its storage endpoint is the target's", async function (this: AcceptanceWorld) {
  await judgeSettings(this, storesAt(objectStorageOf(this.run).endpoint))
})

Then("its storage endpoint is the target's, over HTTPS only", async function (this: AcceptanceWorld) {
  await judgeSettings(this, storesAt(objectStorageOf(this.run).endpoint), overHttpsOnly)
})

Then("its storage bucket is the target's", async function (this: AcceptanceWorld) {
  await judgeSettings(this, storesInBucket(tempoSystem(this.run).bucket))
})

Then("its storage credentials are those of Tempo's own account", async function (this: AcceptanceWorld) {
  const { storageUser } = tempoSystem(this.run)
  if (storageUser === undefined) throw new NotApplicable('the target names no storageUser of tempo')
  const { credentials, administration } = objectStorageOf(this.run)
  const others = [credentials, administration?.credentials].flatMap(one =>
    one === undefined ? [] : [one.accessKeyId.reveal()],
  )
  await judgeSettings(this, ownCredentials(storageUser, others))
})

Then('the certificate of its storage endpoint verifies for that host', async function (this: AcceptanceWorld) {
  const { endpoint, insecure } = storageSettings(this)
  if (insecure) throw new NotApplicable("Tempo's storage endpoint does not use HTTPS")
  const url = new URL(endpoint.includes('://') ? endpoint : `https://${endpoint}`)
  const ask = (signal: AbortSignal) => checkCertificate(url, objectStorageOf(this.run).ca, signal)
  await this.eventually({ after: 'the reading', again: 'transient' }, { ask, expect: certificateVerifies })
})

Then("its OTLP gRPC receiver listens on the target's port", async function (this: AcceptanceWorld) {
  const { request, value } = configuration(this)
  const check = () => listensOn(tempoSystem(this.run).otlpGrpcPort)(value.receivers.otlpGrpc)
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
