/**
 * The kinds of "no" that the suite tells apart. Everything else that is thrown is a defect of the harness.
 */

/** What was asked came back, but it is not (yet) what was promised. Thrown by expectations only. */
export class Unmet extends Error {
  override readonly name = 'Unmet'
}

/** Who was asked: the system under test, or something around it, such as its storage or who keeps its processes. */
export type Answerer = 'product' | 'environment'

/** A request failed in a way that may pass by itself: refused, reset, timed out, 429 or 5xx. Worth asking again. */
export class TransientError extends Error {
  override readonly name = 'TransientError'
  readonly whose: Answerer

  constructor(message: string, { whose = 'product', ...options }: ErrorOptions & { whose?: Answerer } = {}) {
    super(message, options)
    this.whose = whose
  }
}

/**
 * A request got a definite answer that the question does not allow. Never asked again. It is the product's where the system
 * under test itself answered so (a refusal of good data, a body that cannot be read), and the environment's where something
 * in between did, or the suite is not let in (401, 403, TLS, a wrong address).
 */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  readonly whose: Answerer

  constructor(message: string, { whose = 'environment', ...options }: ErrorOptions & { whose?: Answerer } = {}) {
    super(message, options)
    this.whose = whose
  }
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

/**
 * Whether an error is a bug of this suite, and not of the data that it was reading: a TypeError or ReferenceError that was
 * not thrown inside a library, where damaged data may lead to one. What the platform throws is of whoever called it.
 */
export function isDefect(error: unknown): boolean {
  if (!(error instanceof TypeError || error instanceof ReferenceError)) return false
  const places = error.stack?.split('\n').filter(line => line.trimStart().startsWith('at ')) ?? []
  const thrower = places.find(place => !/<anonymous>\)?$|\bnode:|\bnative\b/.test(place))
  return !(thrower?.includes('node_modules') ?? false)
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
