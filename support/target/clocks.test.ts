import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { clocksApart } from './clocks.ts'
import type { Target } from './target.ts'

const servers: Server[] = []
after(() => {
  for (const server of servers) server.close()
})

/** A target whose object storage tells this time. */
async function targetThatTells(date: string | undefined, status = 403): Promise<Target> {
  const server = createServer((_, response) => {
    response.sendDate = false
    response.writeHead(status, date === undefined ? {} : { date }).end()
  })
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const endpoint = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  return { s3: { endpoint }, systems: {} } as unknown as Target
}

const signal = AbortSignal.timeout(10_000)
const aMinuteAgo = (ms: number) => new Date(Date.now() - 60_000 - ms).toUTCString()

test('a clock that is an hour behind is told, with how much', async () => {
  const [difference] = await clocksApart(await targetThatTells(aMinuteAgo(3_540_000)), signal)
  assert.match(difference?.place ?? '', /^object storage at 127\.0\.0\.1:\d+$/)
  assert.ok(Math.abs((difference?.ms ?? 0) - 3_600_000) < 5_000)
})

test('a clock that is ahead is told as well', async () => {
  const [difference] = await clocksApart(await targetThatTells(new Date(Date.now() + 300_000).toUTCString()), signal)
  assert.ok((difference?.ms ?? 0) > 290_000)
})

test('clocks that agree to the minute are no trouble', async () => {
  assert.deepEqual(await clocksApart(await targetThatTells(aMinuteAgo(-30_000)), signal), [])
})

test('what does not tell its time, or does not answer, is no clock', async () => {
  assert.deepEqual(await clocksApart(await targetThatTells(undefined), signal), [])
  const silent = { s3: { endpoint: new URL('http://127.0.0.1:1') }, systems: {} } as unknown as Target
  assert.deepEqual(await clocksApart(silent, signal), [])
})
