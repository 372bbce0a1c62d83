/**
 * The kinds of "no" that the suite tells apart. Everything else that is thrown is a defect of the harness.
 */

/** What was asked came back, but it is not (yet) what was promised. Thrown by expectations only. */
export class Unmet extends Error {
  override readonly name = 'Unmet'
}

/** A request failed in a way that may pass by itself: refused, reset, timed out, 429 or 5xx. Worth asking again. */
export class TransientError extends Error {
  override readonly name = 'TransientError'
}

/** A request got a definite answer that the question does not allow (401, 403, an unreadable body). Never asked again. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
}

/** The target lacks what a scenario needs (a workload, a permission, an administration account). */
export class NotApplicable extends Error {
  override readonly name = 'NotApplicable'
}

/** The promise was broken: the one error that turns a requirement red. */
export class Violation extends Error {
  override readonly name = 'Violation'
}

/** Something other than the product kept the suite from deciding. */
export class Undetermined extends Error {
  override readonly name = 'Undetermined'
  readonly fault: 'environment' | 'harness'

  constructor(message: string, fault: 'environment' | 'harness', options?: ErrorOptions) {
    super(message, options)
    this.fault = fault
  }
}

/** The user asked for something that cannot be done; `faults` lists all of it, one line each. Ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly faults: readonly string[]

  constructor(message: string, faults: readonly string[] = [], options?: ErrorOptions) {
    super(faults.length === 0 ? message : `${message}\n${faults.map(fault => `  - ${fault}`).join('\n')}`, options)
    this.faults = faults
  }
}

/** The environment keeps the run from starting or going on. Ends with exit code 3. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError'
}

/** The message of anything thrown, with its chain of causes, on one line each. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  const own = error.message || code || error.name
  const cause = error.cause === undefined ? '' : describeError(error.cause)
  if (own.includes(cause)) return own
  return cause.startsWith(own) ? cause : `${own}: ${cause}`
}
