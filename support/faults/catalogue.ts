import { z } from 'zod'
import { faultSchema } from './fault.ts'
import { genericSchema } from './generic.ts'

/** The file of faults. What is wrong with an entry by itself is found here; `check.ts` finds the rest. */
export const catalogueSchema = z.strictObject({
  /** Names for sets of requirements. */
  groups: z.record(z.string(), z.array(z.string()).min(1, 'names no requirement')).default({}),
  /** Faults that follow from what scenarios ask. */
  generic: z.array(genericSchema).default([]),
  faults: z.array(faultSchema).min(1, 'holds no fault'),
})

export type Catalogue = z.output<typeof catalogueSchema>
