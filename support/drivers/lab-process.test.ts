import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { serveControl } from '../lab/control-server.ts'
import { ServerProcess } from '../lab/server-process.ts'
import { scriptedServer } from '../lab/testing/scripted-server.ts'
import { Secret } from '../secret.ts'
import { LabProcess } from './lab-process.ts'

const never = new AbortController().signal
const password = new Secret('a-password-of-the-lab')

describe('a process of the lab', { timeout: 30_000 }, () => {
  const script = scriptedServer(
    `echo "ts=$(date -u +%Y-%m-%dT%H:%M:%S.%NZ) msg=serving key=${password.reveal()}"; : > ready; exec sleep 60`,
  )
  const server = new ServerProcess(script.command, undefined, { firstPause: 60_000, longestPause: 60_000 })
  const socket = join(script.directory, 'control.sock')
  let control: AsyncDisposable
  before(async () => {
    control = await serveControl(socket, { processes: new Map([['scripted', server]]) })
    await server.start(never)
  })
  after(async () => {
    await control[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
    script[Symbol.dispose]()
  })

  const lab = new LabProcess({ socket, name: 'scripted' })
  const nextLife = async (before: string) => {
    for (let attempt = 0; attempt < 200; attempt++) {
      const { value: status } = await lab.status(never)
      if (status.incarnation !== before && status.ready) return status
      await pause(25)
    }
    return assert.fail('no new life within 5 s')
  }

  it('is called by its name and tells how it is', async () => {
    assert.equal(lab.name, 'lab/scripted')
    const { value: status } = await lab.status(never)
    assert.equal(status.ready, true)
    assert.equal(status.restarts, 0)
    assert.equal(status.description, 'scripted: ready, 0 restarts')
    assert.ok((status.memoryBytes ?? 0) > 0)
    assert.ok(Date.now() - (status.startedAt?.getTime() ?? 0) < 20_000)
    assert.equal((await lab.status(never)).value.incarnation, status.incarnation)
  })

  it('is killed and asked to end, and lives again', async () => {
    const { value: first } = await lab.status(never)
    await lab.kill(never)
    const second = await nextLife(first.incarnation)
    assert.equal(second.description, 'scripted: ready, 1 restart, last ended by signal SIGKILL')
    await lab.terminate(never)
    const third = await nextLife(second.incarnation)
    assert.equal(third.description, 'scripted: ready, 2 restarts, last ended by signal SIGTERM')
  })

  it('shows its log since a moment, without the secrets in it', async () => {
    const { value: lines, request } = await lab.log(new Date(Date.now() - 20_000), never)
    assert.match(request, /^GET \/processes\/scripted\/log\?since=/)
    assert.match(lines[0] ?? '', /component=lab msg=started/)
    const serving = lines.filter(line => line.includes('msg=serving'))
    assert.ok(serving.length >= 1)
    assert.ok(serving.every(line => line.includes('key=[secret]')))
    assert.deepEqual((await lab.log(new Date(Date.now() + 60_000), never)).value, [])
  })

  it('that the lab does not have is a definite no', async () => {
    const other = new LabProcess({ socket, name: 'mimir' })
    await assert.rejects(other.status(never), {
      name: 'RequestError',
      message: /GET \/processes\/mimir at the lab's socket .*: 404 .*it runs scripted/,
    })
  })

  it('that is down cannot be ended just now, and tells that it is down', async () => {
    process.kill(-(server.pid ?? assert.fail()), 'SIGKILL')
    for (let attempt = 0; attempt < 200 && server.incidents.length === 0; attempt++) await pause(10)
    const second = await nextLife('')
    process.kill(-(server.pid ?? assert.fail()), 'SIGKILL')
    for (let attempt = 0; attempt < 200 && server.incidents.length < 2; attempt++) await pause(10)
    await assert.rejects(lab.kill(never), { name: 'TransientError', message: /409 .*scripted is down/ })
    const { value: status } = await lab.status(never)
    assert.equal(status.ready, false)
    assert.equal(status.memoryBytes, undefined)
    assert.equal(status.incarnation, second.incarnation)
    assert.match(status.description, /^scripted: down, /)
  })

  it('of a lab that is gone is a definite no, and an interrupted question ends', async () => {
    const gone = new LabProcess({ socket: join(script.directory, 'gone.sock'), name: 'scripted' })
    await assert.rejects(gone.status(never), {
      name: 'RequestError',
      message: /there is no such socket; the lab is not running/,
    })
    const aborted = AbortSignal.abort(new Error('enough'))
    await assert.rejects(lab.status(aborted), /enough/)
  })

  it('whose answer cannot be read, or is cut off, is nobody’s broken promise', async () => {
    const odd = join(script.directory, 'odd.sock')
    const answers = ['content-length: 5\r\n\r\n<html', 'content-length: 50\r\n\r\n{"name"']
    const server = createServer(peer => {
      peer.on('error', () => undefined)
      peer.once('data', () => peer.end(`HTTP/1.1 200 OK\r\n${answers.shift()}`))
    })
    await new Promise<void>(resolve => server.listen(odd, resolve))
    const other = new LabProcess({ socket: odd, name: 'scripted' })
    await assert.rejects(other.status(never), { name: 'RequestError', whose: 'environment', message: /no JSON: <html/ })
    await assert.rejects(other.status(never), { name: 'TransientError' })
    server.close()
    const late = AbortSignal.timeout(1)
    while (!late.aborted) await pause(1)
    await assert.rejects(lab.status(late), { name: 'TransientError', message: /no answer in time/ })
  })

  it('needs a socket whose path is short enough', async () => {
    await assert.rejects(serveControl(`/tmp/${'x'.repeat(110)}`, { processes: new Map() }), {
      name: 'EnvironmentError',
      message: /too long a path; set TMPDIR to a shorter one/,
    })
  })
})
