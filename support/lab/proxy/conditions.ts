import type { Condition } from '../../faults/rule.ts'
import { uncompressed } from './compression.ts'
import { type Asked, headerOf, type Reply } from './message.ts'

/** Whether a condition can only be decided when the server has answered. */
export function needsReply({ status, answer }: Condition): boolean {
  return status !== undefined || answer !== undefined
}

/** Whether a request, and its answer where the condition is about that, are what the condition says. */
export function holds(condition: Condition, asked: Asked, reply?: Reply): boolean {
  const { method, path, headers = {}, tenant, account, body, status, answer } = condition
  if (needsReply(condition) && reply === undefined) return false
  return (
    (method === undefined || method === asked.method) &&
    fits(path, () => asked.path) &&
    Object.entries(headers).every(([name, pattern]) => fits(pattern, () => headerOf(asked.headers, name))) &&
    fits(tenant, () => headerOf(asked.headers, 'x-scope-orgid')) &&
    (account === undefined || accountOf(asked).startsWith(account)) &&
    fits(body, () => uncompressed(asked).body.toString('utf8')) &&
    (status === undefined || status === reply?.status) &&
    fits(answer, () => (reply === undefined ? '' : uncompressed(reply).body.toString('utf8')))
  )
}

function fits(pattern: string | undefined, text: () => string): boolean {
  return pattern === undefined || new RegExp(pattern).test(text())
}

/** The access key of an S3 request (AWS Signature Version 4: `Credential=KEY/DATE/REGION/s3/aws4_request`). */
function accountOf({ headers }: Asked): string {
  return /Credential=([^/]+)\//.exec(headerOf(headers, 'authorization'))?.[1] ?? ''
}
