import { randomBytes } from 'node:crypto'
import { Given, Then, When } from '@cucumber/cucumber'
import type { V1StorageClass } from '@kubernetes/client-node'
import { findVolume, type ScratchNamespace, volumeOf } from '../support/drivers/kubernetes-scratch.ts'
import { quantityOf } from '../support/drivers/kubernetes-text.ts'
import { NotApplicable, Undetermined } from '../support/errors.ts'
import { type Moment, now } from '../support/eventually.ts'
import { hasCapacity, hasSucceeded, isBound, isGone, wroteExactly } from '../support/expectations/kubernetes.ts'
import { learn, learnOf, prepare } from '../support/prepare.ts'
import { scenarioState } from '../support/scenario-state.ts'
import { kubernetesSystem } from '../support/systems.ts'
import type { AcceptanceWorld } from '../support/world.ts'
import { scratchOf } from './scratch.ts'

const claim = 'claim'
/** Twice what a claim of a scenario asks for at first. */
const expanded = '32Mi'
const expansionMs = 5 * 60_000
const waitsForConsumer = 'WaitForFirstConsumer'
const isDefault = 'storageclass.kubernetes.io/is-default-class'

interface ClaimState {
  since?: Moment
  /** The name of the volume that the claim was bound to. */
  volume?: string
  /** What was written to it, in hexadecimal. */
  written?: string
}

const stateOf = scenarioState<AcceptanceWorld, ClaimState>(() => ({}))

When('a claim is created', async function (this: AcceptanceWorld) {
  await createClaim(this)
})

/** Gives a class that waits for a consumer a pod that wants the claim. */
async function createClaim(
  world: AcceptanceWorld,
): Promise<{ scratch: ScratchNamespace; storageClass: V1StorageClass }> {
  const { run } = world
  const scratch = await scratchOf(world)
  stateOf(world).since = now()
  await learnOf(run, 'the claim', signal => scratch.claim(claim, signal))
  const storageClass = await defaultClass(world, scratch)
  if (storageClass.volumeBindingMode === waitsForConsumer) {
    const { shellImage: image } = kubernetesSystem(run)
    await learnOf(run, 'a consumer of the claim', signal =>
      scratch.pod({ name: 'consumer', image, script: 'true', claim }, signal),
    )
  }
  return { scratch, storageClass }
}

/** @throws NotApplicable where the cluster has none */
async function defaultClass({ run }: AcceptanceWorld, { client }: ScratchNamespace): Promise<V1StorageClass> {
  const { items } = await learn(run, 'the storage classes', signal =>
    client.ask('list StorageClasses', signal, ({ storage }, options) => storage.listStorageClass({}, options)),
  )
  const usual = items.find(({ metadata }) => metadata?.annotations?.[isDefault] === 'true')
  if (usual === undefined) throw new NotApplicable('the cluster has no default storage class')
  return usual
}

Then('the claim is bound to a volume within {duration}', async function (this: AcceptanceWorld, deadlineMs: number) {
  const scratch = await scratchOf(this)
  const { since } = stateOf(this)
  const ask = (signal: AbortSignal) => scratch.findClaim(claim, signal)
  await this.eventually({ deadlineMs, since, after: 'the creation' }, { ask, expect: isBound })
})

Given('a claim that was bound to a volume', async function (this: AcceptanceWorld) {
  const { scratch, storageClass } = await createClaim(this)
  const { metadata, reclaimPolicy } = storageClass
  if (reclaimPolicy !== 'Delete')
    throw new NotApplicable(`the default storage class ${metadata?.name} reclaims by ${reclaimPolicy}, not by deletion`)
  const { value } = await prepare(this.run, 'the claim is not bound', {
    ask: signal => scratch.findClaim(claim, signal),
    expect: isBound,
  })
  if (value === undefined) throw new Undetermined('the claim is gone again', 'environment')
  stateOf(this).volume = volumeOf(value)
})

When('the claim is deleted', async function (this: AcceptanceWorld) {
  const scratch = await scratchOf(this)
  stateOf(this).since = now()
  await scratch.removePod('consumer', this.signal)
  await scratch.removeClaim(claim, this.signal)
})

Then('neither the claim nor its volume is there any more', async function (this: AcceptanceWorld) {
  const scratch = await scratchOf(this)
  const { since, volume = '' } = stateOf(this)
  const claims = { ask: (signal: AbortSignal) => scratch.findClaim(claim, signal), expect: isGone('the claim') }
  const volumes = {
    ask: (signal: AbortSignal) => findVolume(scratch.client, volume, signal),
    expect: isGone(`volume ${volume}`),
  }
  await this.eventuallyAll<unknown>({ since, after: 'the deletion' }, [claims, volumes])
})

Given('a pod that wrote random bytes to a claim, and was deleted', async function (this: AcceptanceWorld) {
  const { run } = this
  const { scratch } = await createClaim(this)
  const { shellImage: image } = kubernetesSystem(run)
  const written = randomBytes(512).toString('hex')
  stateOf(this).written = written
  const script = `printf %s ${written} > /data/bytes && sync`
  await learnOf(run, 'the pod that writes', signal => scratch.pod({ name: 'writer', image, script, claim }, signal))
  await prepare(run, 'the pod that writes does not end well', {
    ask: signal => scratch.findPod('writer', signal),
    expect: hasSucceeded,
  })
  await scratch.removePod('writer', this.signal)
  await prepare(run, 'the pod that wrote stays', {
    ask: signal => scratch.findPod('writer', signal),
    expect: isGone('the pod that wrote'),
  })
})

When('another pod reads the claim', async function (this: AcceptanceWorld) {
  const scratch = await scratchOf(this)
  const { shellImage: image } = kubernetesSystem(this.run)
  stateOf(this).since = now()
  await learnOf(this.run, 'the pod that reads', signal =>
    scratch.pod({ name: 'reader', image, script: 'cat /data/bytes', claim }, signal),
  )
})

Then('it reads the same bytes', async function (this: AcceptanceWorld) {
  const scratch = await scratchOf(this)
  const { written = '', since } = stateOf(this)
  // A pod that cannot read it ends badly, and what it wrote then is not what was written to the claim.
  const ask = (signal: AbortSignal) => scratch.log('reader', signal)
  await this.eventually({ since, after: 'the pod was made' }, { ask, expect: wroteExactly(written) })
})

Given('a claim that a pod uses, of a class that allows it to be expanded', async function (this: AcceptanceWorld) {
  const { run } = this
  const { scratch, storageClass } = await createClaim(this)
  const { metadata, allowVolumeExpansion } = storageClass
  if (allowVolumeExpansion !== true)
    throw new NotApplicable(`the default storage class ${metadata?.name} does not allow claims to be expanded`)
  const { shellImage: image } = kubernetesSystem(run)
  // Many kinds of volumes are expanded only when a pod has them.
  const script = `sleep ${expansionMs / 1_000}`
  await learnOf(run, 'the pod that uses it', signal => scratch.pod({ name: 'user', image, script, claim }, signal))
  await prepare(run, 'the claim is not bound', { ask: signal => scratch.findClaim(claim, signal), expect: isBound })
})

When('twice its capacity is asked for', async function (this: AcceptanceWorld) {
  const scratch = await scratchOf(this)
  stateOf(this).since = now()
  await learn(this.run, 'whether more can be asked for', signal => scratch.resizeClaim(claim, expanded, signal))
})

Then('the claim has that capacity', async function (this: AcceptanceWorld) {
  const scratch = await scratchOf(this)
  const { since } = stateOf(this)
  const ask = (signal: AbortSignal) => scratch.findClaim(claim, signal)
  await this.eventually(
    { since, after: 'it was asked for', patienceMs: expansionMs },
    { ask, expect: hasCapacity(expanded, quantityOf) },
  )
})
