import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Lab } from '../lab/lab.ts'
import type { Ended } from './command.ts'
import { startGrpcReceiver } from './grpc-receiver.ts'
import { type Asked, reply, startHttpProxy } from './http-proxy.ts'
import { printed } from './run-report.ts'
import { Surroundings } from './surroundings.ts'
import { type EditableTarget, startTestLab, targetOf, writeTarget } from './target.ts'

/**
 * A gateway that echoes what it was sent: the worst that a server can do with a secret. Whatever a run writes, no part of
 * the secret may be found in it, in no form in which a server may have written it.
 */
const surroundings = new Surroundings()
let lab: Lab
before(async () => {
  lab = await startTestLab()
})
after(async () => {
  await surroundings[Symbol.asyncDispose]()
  await lab?.[Symbol.asyncDispose]()
})

/** With characters that are written otherwise in a URL. */
const planted = `planted+/${randomBytes(30).toString('base64')}`
/** Half a secret is one too: a message may have been cut off in its middle. */
const partLength = 12

/** The header and its token, each as it is, in a URL and in base64, after some other text. */
function echo(header: string | undefined, lead: number): string {
  assert.equal(header, `Bearer ${planted}`)
  const forms = [`Bearer ${planted}`, planted].flatMap(formsOf)
  return [`${'no trace was found, for '.padEnd(lead, '.')}`, ...forms].join(' ')
}

function formsOf(text: string): string[] {
  return [text, encodeURIComponent(text), Buffer.from(text).toString('base64')]
}

/** Runs requirements on the lab with some addresses that ask for the secret; deadlines are over soon. */
async function run(
  change: (tempo: EditableTarget['systems']['tempo']) => void,
  ids: readonly string[],
): Promise<Ended> {
  const target = writeTarget(surroundings.folder, lab, ({ systems }) => change(systems.tempo))
  const requirements = ids.flatMap(id => ['--requirement', id])
  const options = ['--target', target, '--deadline-scale', '0.002', ...requirements]
  return await surroundings.accept(options, { ...lab.environment, SELFTEST_PLANTED: planted }).ended
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
  const passwords = Object.entries(lab.environment).filter(([name]) => name.endsWith('SECRET_ACCESS_KEY'))
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
    const { http } = targetOf(lab).systems.tempo
    const isOfScenarios = ({ path }: Asked) => /^\/(api\/traces|api\/search|status\/config|metrics)/.test(path)
    await using proxy = await startHttpProxy(http as string, async (asked, forward) =>
      isOfScenarios(asked) ? reply(status, echo(asked.headers.authorization, lead), 'text/plain') : await forward(),
    )
    const ended = await run(
      tempo => {
        tempo.http = guarded(proxy.url)
      },
      [...queries, ...searches],
    )
    assertEchoedAndHidden(ended)
  })
}

for (const [status, grpcStatus, lead] of [
  [400, 3, 25],
  [200, 16, 90],
] as const) {
  test(`a secret in an answer of status ${status} to a push, after ${lead} characters, is in nothing that the run writes`, async () => {
    const { otlpHttp } = targetOf(lab).systems.tempo
    await using proxy = await startHttpProxy(otlpHttp as string, async ({ headers }) =>
      reply(status, echo(headers.authorization, lead), 'text/plain'),
    )
    using receiver = await startGrpcReceiver(({ authorization }) => ({
      status: grpcStatus,
      message: echo(authorization, lead),
    }))
    const ended = await run(
      tempo => {
        tempo.otlpHttp = guarded(proxy.url)
        tempo.otlpGrpc = guarded(receiver.url)
      },
      ['tempo-mimir.005.1', 'tempo-mimir.005.3', 'tempo-mimir.003.4'],
    )
    assertEchoedAndHidden(ended)
    assert.ok(receiver.calls() > 0)
  })
}

test('a secret in an answer before the run begins is not told either', async () => {
  const { http } = targetOf(lab).systems.tempo
  for (const lead of [25, 170]) {
    await using proxy = await startHttpProxy(http as string, async ({ headers }) =>
      reply(500, echo(headers.authorization, lead), 'text/plain'),
    )
    const ended = await run(
      tempo => {
        tempo.http = guarded(proxy.url)
      },
      ['tempo-mimir.003.8'],
    )
    assert.equal(existsSync(ended.reports), false)
    assertEchoedAndHidden(ended)
  }
})
