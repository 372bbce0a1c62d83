import { Given, Then } from '@cucumber/cucumber'
import { formatDuration } from '../support/duration.ts'
import { Undetermined } from '../support/errors.ts'
import { NotSeen } from '../support/eventually.ts'
import { inTurn } from '../support/questions.ts'
import { workloadOf } from '../support/systems.ts'
import type { AcceptanceWorld } from '../support/world.ts'
import { type Disruptions, ofMimir, ofTempo } from './evidence/disruptions.ts'
import { countLost } from './evidence/lost.ts'
import { judgedWait } from './evidence/waited.ts'
import type { Sent } from './sent.ts'

Given('Tempo was killed while it held traces of every age', async function (this: AcceptanceWorld) {
  await ofTempo.kill(this.run)
})

Given('Mimir was killed when it had just acknowledged samples', async function (this: AcceptanceWorld) {
  await ofMimir.kill(this.run)
})

Then(
  'within {duration} Tempo answers whole for every trace that was old enough',
  async function (this: AcceptanceWorld, deadlineMs: number) {
    await answersAfterKill(this, ofTempo, deadlineMs)
  },
)

Then(
  'within {duration} Mimir answers for every one of them, each once',
  async function (this: AcceptanceWorld, deadlineMs: number) {
    await answersAfterKill(this, ofMimir, deadlineMs)
  },
)

async function answersAfterKill<Kind extends Sent, Stored>(
  world: AcceptanceWorld,
  { keeper, kill }: Disruptions<Kind, Stored>,
  deadlineMs: number,
): Promise<void> {
  const { run } = world
  const { at, ready, old, young, memoryOnlyMs } = await kill(run)
  if (old.length === 0) throw new Undetermined('nothing was old enough at the kill', 'harness')
  if (ready instanceof NotSeen || ready.timeToTrueMs > deadlineMs) {
    const asked = `status of ${workloadOf(run, keeper.system).name}`
    await world.judge({ deadlineMs, after: 'the kill' }, [judgedWait(ready, 'it did not become ready', asked)])
  }
  await world.eventually(
    { deadlineMs, since: at, after: 'the kill' },
    inTurn(old.map(sent => keeper.answers(run, sent))),
  )
  if (memoryOnlyMs === 0) return
  // What was too young is told and not judged, so it is asked for last: the deadline is for the others.
  const lost = await countLost(world, keeper, young)
  world.note(
    `${old.length} were older than ${formatDuration(memoryOnlyMs)} at the kill; of ${young.length} younger ones ${lost} are lost`,
  )
}
