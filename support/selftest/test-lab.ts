import { after, before } from 'node:test'
import type { Lab } from '../lab/lab.ts'
import { Surroundings } from './surroundings.ts'
import { startTestLab } from './target.ts'

/** What the tests of a file share. */
export interface TestLab {
  readonly surroundings: Surroundings
  /** The lab, once the tests have begun. */
  lab(): Lab
}

/** Surroundings and a lab for all tests of a file; both go with the last of them. */
export function useTestLab(): TestLab {
  const surroundings = new Surroundings()
  let lab: Lab | undefined
  before(async () => {
    lab = await startTestLab()
  })
  after(async () => {
    await surroundings[Symbol.asyncDispose]()
    await lab?.[Symbol.asyncDispose]()
  })
  return {
    surroundings,
    lab: () => {
      if (lab === undefined) throw new Error('the lab has not started')
      return lab
    },
  }
}
