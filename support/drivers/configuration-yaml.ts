import { parse } from 'yaml'
import { z } from 'zod'
import { parseDuration } from '../duration.ts'
import { RequestError } from '../errors.ts'

/** A duration as Go or Prometheus write it (`2h0m0s`, `1d`), in milliseconds. */
export const duration = z.string().transform((text, context) => {
  try {
    return parseDuration(text)
  } catch (error) {
    context.addIssue(String(error))
    return z.NEVER
  }
})

/** What a server says of its own configuration, with defaults filled in and secrets masked. @throws RequestError */
export function configurationIn(yaml: string, system: string): unknown {
  try {
    return parse(yaml)
  } catch (cause) {
    throw new RequestError(`what ${system} says of its configuration is no YAML`, { cause, whose: 'product' })
  }
}

/** @param below where it was found, for messages, such as `storage.trace.s3.` @throws RequestError naming each key that is not as expected */
export function checkConfiguration<T extends z.ZodType>(
  expected: T,
  found: unknown,
  system: string,
  below = '',
): z.infer<T> {
  const parsed = expected.safeParse(found)
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.map(issue => `${below}${issue.path.join('.') || 'document'}: ${issue.message}`)
  throw new RequestError(`${system}'s configuration is not as expected: ${faults.join('; ')}`, { whose: 'product' })
}
