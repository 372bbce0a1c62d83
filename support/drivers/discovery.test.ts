import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { z } from 'zod'
import { NotApplicable, Undetermined } from '../errors.ts'
import { describeDiscovery, discoveryOf, exposeTo, withdraw } from './discovery.ts'

const server = join(import.meta.dirname, '../../fixtures/cluster/base/targets/server.ts')
const folder = mkdtempSync(join(tmpdir(), 'discovery-'))
const signal = new AbortController().signal
const exposition = { contentType: 'text/plain; version=0.0.4; charset=utf-8', body: 'tide{harbour="ö"} 1\n' }

let child: ChildProcess
let url: string

before(async () => {
  child = spawn(process.execPath, [server], {
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  assert.ok(child.stdout !== null)
  for await (const line of createInterface(child.stdout)) {
    const port = /^listening on port (\d+)$/.exec(line)?.[1]
    assert.ok(port !== undefined, line)
    url = `http://127.0.0.1:${port}`
    break
  }
})
after(() => {
  child.kill()
  rmSync(folder, { recursive: true })
})

const service = () => ({ service: { url: new URL(url), headers: {} } })

const groups = z.array(z.object({ targets: z.array(z.string()), labels: z.record(z.string(), z.string()) }))

/** What a Prometheus would find there, and scrape. */
async function discovered(): Promise<{ name: string | undefined; scrape: () => Promise<Response> }[]> {
  const answer = groups.parse(await (await fetch(`${url}/targets`)).json())
  return answer.map(({ targets: [host], labels }) => ({
    name: labels.instance,
    scrape: async () => await fetch(`http://${host}${labels.__metrics_path__}`),
  }))
}

test('what is left with the server is discovered and scraped there, and its first scrape is told', async () => {
  const target = await exposeTo(service(), 'run-1-a', exposition, signal)
  assert.equal(target.instance, 'run-1-a')
  assert.equal(await target.firstScrape(signal), undefined)
  const [found, ...others] = await discovered()
  assert.equal(found?.name, 'run-1-a')
  assert.deepEqual(others, [])

  const earliest = performance.now()
  const scraped = await found.scrape()
  const latest = performance.now()
  assert.equal(scraped.headers.get('content-type'), exposition.contentType)
  assert.equal(await scraped.text(), exposition.body)
  await found.scrape()
  const first = await target.firstScrape(signal)
  assert.ok(first !== undefined)
  // The way back is counted as if it had taken no time.
  const wayMs = performance.now() - latest
  assert.ok(first.monotonicMs >= earliest && first.monotonicMs <= latest + wayMs)
  assert.ok(Math.abs(Date.now() - performance.now() - (first.wallTime.getTime() - first.monotonicMs)) < 1_000)

  await target[Symbol.asyncDispose]()
  assert.deepEqual(await discovered(), [])
  await withdraw(service(), 'run-1-a', signal)
})

test('what the server cannot take is an error that says why', async () => {
  const large = { ...exposition, body: 'x'.repeat(1_100_000) }
  const refused = (why: RegExp) => (error: unknown) => error instanceof Undetermined && why.test(error.message)
  await assert.rejects(exposeTo(service(), 'run-1-b', large, signal), refused(/cannot be announced .*: .*413/))
  const nobody = { service: { url: new URL('http://127.0.0.1:1'), headers: {} } }
  await assert.rejects(exposeTo(nobody, 'run-1-b', exposition, signal), refused(/nothing listens there/))
  assert.equal((await fetch(`${url}/targets/run-1-b`, { method: 'PUT', body: '{}' })).status, 400)
  assert.equal((await fetch(`${url}/targets/run-1-b`, { method: 'POST' })).status, 404)
  assert.equal((await fetch(`${url}/nothing`)).status, 404)
  assert.deepEqual(await discovered(), [])
})

test('in a folder it is a file that goes with the target', async () => {
  const discovery = { folder, host: '127.0.0.1' }
  const file = join(folder, 'run-1-c.json')
  {
    await using target = await exposeTo(discovery, 'run-1-c', exposition, signal)
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), [{ targets: [target.instance] }])
    assert.equal(await target.firstScrape(signal), undefined)
    assert.equal(await (await fetch(`http://${target.instance}/metrics`)).text(), exposition.body)
    assert.ok((await target.firstScrape(signal)) !== undefined)
  }
  assert.equal(existsSync(file), false)
  const missing = { folder: join(folder, 'missing'), host: '127.0.0.1' }
  await assert.rejects(
    exposeTo(missing, 'run-1-c', exposition, signal),
    /cannot be announced to Prometheus in .*missing/,
  )
})

test('a discovery is called by its place, and one that is not there is not applicable', () => {
  assert.equal(describeDiscovery({ folder: '/targets', host: 'here' }), '/targets')
  assert.equal(describeDiscovery(service()), `${url}/`)
  const forwarded = { host: 'acceptance-targets.monitoring.svc', port: 9464, forwarded: true }
  const address = { url: new URL('http://acceptance-targets.monitoring.svc:41000'), headers: {}, service: forwarded }
  assert.equal(describeDiscovery({ service: address }), 'acceptance-targets.monitoring.svc:9464')
  assert.throws(() => discoveryOf({}), NotApplicable)
})
