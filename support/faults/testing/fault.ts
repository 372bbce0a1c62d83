import { type Fault, faultSchema } from '../fault.ts'

/** A fault for tests that says nothing but what is given. */
export function faultLike(given: Partial<Fault> = {}): Fault {
  return { ...faultSchema.parse({ id: 'something', breaks: 'Something.' }), ...given }
}
