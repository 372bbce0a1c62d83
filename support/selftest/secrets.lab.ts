import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, test } from 'node:test'
import type { Ended } from './command.ts'
import { ruleFault } from './fault.ts'
import { printed } from './run-report.ts'
import { type EditableTarget, writeTarget } from './target.ts'
import { useTestLab } from './test-lab.ts'

/**
 * A gateway that echoes what it was sent: the worst that a server can do with a secret. Whatever a run writes, no part of
 * the secret may be found in it, in no form in which a server may have written it.
 */
const { surroundings, lab } = useTestLab()
afterEach(async () => await lab().restore())

/** With characters that are written otherwise in a URL. */
const planted = `planted+/${randomBytes(30).toString('base64')}`
/** Half a secret is one too: a message may have been cut off in its middle. */
const partLength = 12

/** The header and its token, each as it is, in a URL and in base64, after some other text. */
function echo(lead: number): string {
  const forms = [`Bearer ${planted}`, planted].flatMap(formsOf)
  return [`${'no trace was found, for '.padEnd(lead, '.')}`, ...forms].join(' ')
}

type Port = 'tempo.http' | 'tempo.otlp-http' | 'tempo.otlp-grpc'

/** Requests that carry the secret are answered with it, in their own protocol; a second rule counts those that do not. */
function echoing(at: Port, path: string, status: number, lead: number) {
  const carriesSecret = { authorization: `^${literally(`Bearer ${planted}`)}$` }
  const carriesNone = { authorization: `^(?!${literally(`Bearer ${planted}`)}$)` }
  const text = echo(lead)
  const answer =
    at === 'tempo.otlp-grpc'
      ? { grpcStatus: status, grpcMessage: text }
      : { status, headers: { 'content-type': 'text/plain' }, body: text }
  return [
    { at, when: { path, headers: carriesSecret }, do: { answer } },
    { at, when: { path, headers: carriesNone }, do: { answer: { status: 599 } } },
  ]
}

/** A pattern that fits this text alone. */
function literally(text: string): string {
  return text.replaceAll(/[+/=]/g, '\\$&')
}

/** Every rule of `echoing` that echoes has struck, and none that counts. */
async function assertEchoed(): Promise<void> {
  const strikes = await lab().strikes()
  strikes.forEach((count, index) => {
    assert.equal(count > 0, index % 2 === 0, `strikes ${strikes}`)
  })
}

function formsOf(text: string): string[] {
  return [text, encodeURIComponent(text), Buffer.from(text).toString('base64')]
}

/** Runs requirements on the lab with some addresses that ask for the secret; deadlines are over soon. */
async function run(
  change: (tempo: EditableTarget['systems']['tempo']) => void,
  ids: readonly string[],
): Promise<Ended> {
  const target = writeTarget(surroundings.folder, lab(), ({ systems }) => change(systems.tempo))
  const requirements = ids.flatMap(id => ['--requirement', id])
  const options = ['--target', target, '--deadline-scale', '0.002', ...requirements]
  return await surroundings.accept(options, { ...lab().environment, SELFTEST_PLANTED: planted }).ended
}

const guarded = (url: string) => ({ url, bearerToken: { env: 'SELFTEST_PLANTED' } })

function assertEchoedAndHidden(ended: Ended): void {
  assert.ok(ended.code === 1 || ended.code === 3, printed(ended))
  assert.match(ended.stdout + ended.stderr, /no trace was found, for/, 'nothing was echoed, so nothing was tested')
  assertSecretsHidden(ended)
}

function assertSecretsHidden(ended: Ended): void {
  const texts = new Map([
    ['standard output', ended.stdout],
    ['standard error', ended.stderr],
    ...[...filesBelow(ended.reports), ...filesBelow(surroundings.data)].map(
      file => [file, readFileSync(file, 'latin1')] as const,
    ),
  ])
  const passwords = Object.entries(lab().environment).filter(([name]) => name.endsWith('SECRET_ACCESS_KEY'))
  assert.equal(passwords.length, 2)
  const secrets = [planted, `Bearer ${planted}`, ...passwords.map(([, value]) => value)]
  const forms = secrets.flatMap(formsOf)
  for (const [name, text] of texts) {
    for (const form of forms) {
      const found = partsOf(form).find(part => text.includes(part))
      assert.equal(found, undefined, `in ${name}: ...${text.slice(text.indexOf(found ?? '') - 200).slice(0, 300)}...`)
    }
  }
}

/** Every piece of a secret that is long enough to tell. The word "Bearer" is none. */
function partsOf(form: string): string[] {
  const from = form.startsWith('Bearer') ? 'Bearer '.length : 0
  const own = form.slice(from)
  return Array.from({ length: own.length - partLength + 1 }, (_, at) => own.slice(at, at + partLength))
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
}

const queries = ['006.1', '006.3', '006.6', '003.8', '003.9'].map(number => `tempo-mimir.${number}`)
const searches = ['suite.tempo.1', 'suite.tempo.2', 'lgtm.019.2']

for (const [status, lead] of [
  [500, 25],
  [404, 90],
  [200, 280],
] as const) {
  test(`a secret in an answer of status ${status}, after ${lead} characters, is in nothing that the run writes`, async () => {
    const ofScenarios = '^/(api/traces|api/search|status/config|metrics)'
    await lab().apply(ruleFault(...echoing('tempo.http', ofScenarios, status, lead)))
    const ended = await run(
      tempo => {
        tempo.http = guarded(tempo.http as string)
      },
      [...queries, ...searches],
    )
    assertEchoedAndHidden(ended)
    await assertEchoed()
  })
}

for (const [status, grpcStatus, lead] of [
  [400, 3, 25],
  [200, 16, 90],
] as const) {
  test(`a secret in an answer of status ${status} to a push, after ${lead} characters, is in nothing that the run writes`, async () => {
    await lab().apply(
      ruleFault(...echoing('tempo.otlp-http', '', status, lead), ...echoing('tempo.otlp-grpc', '', grpcStatus, lead)),
    )
    const ended = await run(
      tempo => {
        tempo.otlpHttp = guarded(tempo.otlpHttp as string)
        tempo.otlpGrpc = guarded(tempo.otlpGrpc as string)
      },
      ['tempo-mimir.005.1', 'tempo-mimir.005.3', 'tempo-mimir.003.4'],
    )
    assertEchoedAndHidden(ended)
    await assertEchoed()
  })
}

test('a secret in an answer before the run begins is not told either', async () => {
  for (const lead of [25, 170]) {
    await lab().apply(ruleFault(...echoing('tempo.http', '', 500, lead)))
    const ended = await run(
      tempo => {
        tempo.http = guarded(tempo.http as string)
      },
      ['tempo-mimir.003.8'],
    )
    assert.equal(existsSync(ended.reports), false)
    assertEchoedAndHidden(ended)
    await assertEchoed()
  }
})
