import { Unmet } from '../../support/errors.ts'
import { learn } from '../../support/prepare.ts'
import type { AcceptanceWorld } from '../../support/world.ts'
import type { Keeper } from '../keepers/keeper.ts'
import type { Sent } from '../sent.ts'

/** Of how many the system does not answer for all. */
export async function countLost<Kind extends Sent, Stored>(
  { run }: AcceptanceWorld,
  keeper: Keeper<Kind, Stored>,
  sent: readonly Kind[],
): Promise<number> {
  const whole = await Promise.all(
    sent.map(async one => {
      const { ask, expect } = keeper.answers(run, one)
      const value = await learn(run, 'whether what was sent is there', ask)
      try {
        expect(value)
        return true
      } catch (error) {
        if (!(error instanceof Unmet)) throw error
        return false
      }
    }),
  )
  return whole.filter(each => !each).length
}
