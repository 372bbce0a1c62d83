import { z } from 'zod'
import { faultSchema } from './fault.ts'
import { genericSchema } from './generic.ts'

/** A file of faults. What is wrong with an entry by itself is found here; `check.ts` finds the rest. */
export const catalogueSchema = z.strictObject({
  /** Names for sets of requirements, known in this file alone. */
  groups: z.record(z.string(), z.array(z.string()).min(1, 'names no requirement')).default({}),
  /** Faults that follow from what scenarios ask. */
  generic: z.array(genericSchema).default([]),
  faults: z.array(faultSchema).default([]),
})

export type FaultFile = z.output<typeof catalogueSchema>

/** The faults of all files; where a file names a group, ids stand here. */
export type Catalogue = Omit<FaultFile, 'groups'>
