import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { EnvironmentError } from '../errors.ts'
import { ServerProcess } from './server-process.ts'
import { isEnded } from './testing/processes.ts'
import { scriptedServer } from './testing/scripted-server.ts'

const never = new AbortController().signal
const serve = 'echo serving; : > ready; exec sleep 60'
const until = async (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await holds()) return
    await pause(25)
  }
  assert.fail(`${what}: not within 5 s`)
}

describe('a server process', { timeout: 30_000 }, () => {
  it('is ready once it answers, tells of itself, and is ended with all that it started', async () => {
    using script = scriptedServer('sleep 60 & echo $! > child; : > ready; wait')
    const server = new ServerProcess(script.command)
    await server.start(never)
    const status = await server.status(never)
    assert.deepEqual([status.ready, status.restarts, status.name, status.version], [true, 0, 'scripted', '1.0'])
    assert.ok(status.memoryBytes !== undefined && status.memoryBytes > 100_000, `${status.memoryBytes} bytes`)
    const child = Number(readFileSync(`${script.command.directory}/child`, 'utf8'))
    await server[Symbol.asyncDispose]()
    assert.ok(await isEnded(status.pid ?? 0))
    assert.ok(await isEnded(child))
    assert.equal(server.pid, undefined)
    assert.deepEqual(server.incidents, [])
  })

  it('gets nothing of the environment but what it needs', async () => {
    process.env.MINIO_SOMETHING = 'of the user'
    using script = scriptedServer(`env; ${serve}`)
    await using server = new ServerProcess(script.command)
    await server.start(never)
    const log = readFileSync(script.command.logFile, 'utf8')
    assert.match(log, /^SECRET_OF_LAB=x$/m)
    assert.doesNotMatch(log, /MINIO_SOMETHING/)
  })

  it('that ends before it is ready fails the start, with the end of its log', async () => {
    using script = scriptedServer('for i in $(seq 40); do echo "line $i"; done; exit 7')
    await using server = new ServerProcess(script.command)
    await assert.rejects(server.start(never), (error: Error) => {
      assert.ok(error instanceof EnvironmentError)
      assert.match(error.message, /^scripted ended before it was ready \(exit code 7\); its log ends with:/)
      assert.match(error.message, /line 40/)
      assert.doesNotMatch(error.message, /line 20\n/)
      return true
    })
    await pause(100)
    assert.equal(server.pid, undefined)
  })

  it('tells what kept it from starting, where its log says so', async () => {
    using script = scriptedServer('echo "listen tcp 127.0.0.1:3200: bind: address already in use"; exit 1')
    await using server = new ServerProcess(script.command)
    await assert.rejects(
      server.start(never),
      /ended before it was ready \(exit code 1\): a port that it needs is taken/,
    )
  })

  it('that never becomes ready fails the start, and one that cannot be run too', async () => {
    using script = scriptedServer('exec sleep 60')
    await using slow = new ServerProcess(script.command, undefined, { startTimeout: 200 })
    await assert.rejects(slow.start(never), /was not ready after/)
    await using missing = new ServerProcess({ ...script.command, program: '/nowhere/at/all' })
    await assert.rejects(missing.start(never), /not started: spawn \/nowhere\/at\/all ENOENT/)
  })

  it('stays down while there is to be none of it, and comes back when there is to be one', async () => {
    using script = scriptedServer(serve)
    await using server = new ServerProcess(script.command)
    await server.start(never)
    server.scale(0)
    await until('it is down', () => server.pid === undefined)
    await pause(200)
    assert.equal(server.pid, undefined, 'nobody starts it again')
    assert.equal((await server.status(never)).instances, 0)
    server.scale(1)
    await until('it is up again', async () => (await server.status(never)).ready)
    assert.equal((await server.status(never)).instances, 1)
    server.scale(0)
    await server.becomesReady(never)
    assert.deepEqual([(await server.status(never)).instances, server.incidents], [1, []])
  })

  it('stops starting when it is interrupted', async () => {
    using script = scriptedServer('exec sleep 60')
    await using server = new ServerProcess(script.command)
    await assert.rejects(server.start(AbortSignal.timeout(100)), { name: /TimeoutError|AbortError/ })
  })

  it('is started again at once when it was asked to end, and that is no incident', async () => {
    using script = scriptedServer(serve)
    await using server = new ServerProcess(script.command, undefined, { firstPause: 60_000, longestPause: 60_000 })
    await server.start(never)
    for (const [end, exit] of [
      [() => server.terminate(), 'signal SIGTERM'],
      [() => server.kill(), 'signal SIGKILL'],
      [() => server.terminate(), 'signal SIGTERM'],
    ] as const) {
      const before = server.pid
      assert.equal(end(), true)
      await until('a new process', () => server.pid !== undefined && server.pid !== before)
      assert.equal((await server.status(never)).lastExit, exit)
    }
    assert.equal((await server.status(never)).restarts, 3)
    assert.deepEqual(server.incidents, [])
  })

  it('that does not end when asked is killed after the grace', async () => {
    using script = scriptedServer("trap '' TERM; : > ready; while :; do sleep 0.05; done")
    await using server = new ServerProcess(script.command, undefined, { grace: 300 })
    await server.start(never)
    const started = performance.now()
    server.terminate()
    await until('the end', async () => (await server.status(never)).lastExit !== undefined)
    assert.equal((await server.status(never)).lastExit, 'signal SIGKILL')
    assert.ok(performance.now() - started >= 290)
  })

  it('that keeps dying is an incident each time, and is started again ever later', async () => {
    using script = scriptedServer(`echo "dying of it"; if [ -e ready ]; then exit 3; fi; : > ready; sleep 0.2; exit 3`)
    await using server = new ServerProcess(script.command, undefined, { firstPause: 150, longestPause: 300 })
    await server.start(never)
    await until('five deaths', () => server.incidents.length >= 5)
    const times = server.incidents.slice(0, 5).map(({ at }) => Date.parse(at))
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0))
    const [atOnce = 0, first = 0, second = 0, third = 0] = gaps
    assert.ok(atOnce < 140, `${gaps}`)
    assert.ok(first >= 145 && first < 290, `${gaps}`)
    assert.ok(second >= 295 && second < 450, `${gaps}`)
    assert.ok(third >= 295 && third < 450, `${gaps}`)
    assert.equal(server.incidents[0]?.exit, 'exit code 3')
    assert.match(server.incidents[0]?.logTail ?? '', /dying of it/)
  })

  it('that lived for long begins a new row of restarts', async () => {
    using script = scriptedServer(': > ready; sleep 0.15; exit 3')
    await using server = new ServerProcess(script.command, undefined, {
      firstPause: 60_000,
      longestPause: 60_000,
      steadyLife: 100,
    })
    await server.start(never)
    await until('three deaths', () => server.incidents.length >= 3)
  })

  it('writes its lives into its log', async () => {
    using script = scriptedServer(serve)
    await using server = new ServerProcess(script.command)
    await server.start(never)
    server.kill()
    await until('the second start', async () => (await server.status(never)).restarts === 1)
    await until('its log', () => readFileSync(script.command.logFile, 'utf8').match(/^serving$/gm)?.length === 2)
    const marks = readFileSync(script.command.logFile, 'utf8').match(/^ts=\S+Z component=lab msg=(started|ended)/gm)
    assert.deepEqual(
      marks?.map(mark => mark.split('msg=')[1]),
      ['started', 'ended', 'started'],
    )
  })

  const patience = { unreadyMs: 200, silentMs: 200 }

  it('is restarted with another command, which is no incident, and with less where that says so', async () => {
    using script = scriptedServer(`ls; echo "colour $COLOUR"; : > lost; : > kept; ${serve}`)
    await using server = new ServerProcess(script.command)
    await server.start(never)
    const before = server.pid
    server.change({ ...script.command, environment: { COLOUR: 'red' }, loses: ['lost', 'ready', 'never-there'] })
    assert.equal(server.pid, before)
    await server.restart(never, patience)
    assert.notEqual(server.pid, before)
    assert.equal((await server.status(never)).ready, true)
    const lives = readFileSync(script.command.logFile, 'utf8').split('msg=started').slice(1)
    assert.equal(lives.length, 2)
    assert.match(lives[1] ?? '', /^kept$[\s\S]*^colour red$/m)
    assert.doesNotMatch(lives[1] ?? '', /^lost$/m)
    assert.deepEqual(server.incidents, [])
  })

  it('that is restarted in vain is not waited for when it has ended, or for long when it says that it is not ready', async () => {
    using script = scriptedServer(serve)
    await using server = new ServerProcess(script.command, undefined, { firstPause: 60_000, longestPause: 60_000 })
    await server.start(never)
    const started = performance.now()
    server.change({ ...script.command, program: '/bin/false', isReady: async () => false })
    await server.restart(never, { unreadyMs: 60_000, silentMs: 60_000 })
    server.change({ ...script.command, isReady: async () => false })
    await server.restart(never, { unreadyMs: 200, silentMs: 60_000 })
    server.change({ ...script.command, isReady: () => Promise.reject(new Error('silent')) })
    await server.restart(never, { unreadyMs: 60_000, silentMs: 200 })
    assert.ok(performance.now() - started < 20_000)
    server.change(script.command)
    await server.becomesReady(never)
  })

  it('that stays down is started by whoever waits for it with a command that does not', async () => {
    using script = scriptedServer(serve)
    await using server = new ServerProcess(script.command)
    await server.start(never)
    server.change({ ...script.command, staysDown: true })
    server.kill()
    await until('its end', () => server.pid === undefined)
    await pause(100)
    assert.equal(server.pid, undefined)
    await server.restart(never, patience)
    assert.equal((await server.status(never)).ready, true)
    server.kill()
    await until('its end', () => server.pid === undefined)
    server.change(script.command)
    await server.becomesReady(never)
    assert.equal((await server.status(never)).ready, true)
    assert.deepEqual(server.incidents, [])
  })

  it('that is just ending is waited for until its next life', async () => {
    using script = scriptedServer("trap 'sleep 0.3; exit 0' TERM; : > ready; while :; do sleep 0.05; done")
    await using server = new ServerProcess(script.command)
    await server.start(never)
    const before = server.pid
    server.terminate()
    await server.becomesReady(never)
    assert.notEqual(server.pid, before)
  })

  it('does not come to life again when its restart is overtaken by its end', async () => {
    using script = scriptedServer(serve)
    const server = new ServerProcess(script.command)
    await server.start(never)
    const restart = server.restart(never, patience)
    await server[Symbol.asyncDispose]()
    await restart
    assert.equal(server.pid, undefined)
  })

  it('that does not become ready fails whoever waits for it', async () => {
    using script = scriptedServer(serve)
    await using server = new ServerProcess(script.command, undefined, { startTimeout: 200 })
    await server.start(never)
    server.change({ ...script.command, isReady: async () => false })
    await assert.rejects(server.becomesReady(never), {
      name: 'EnvironmentError',
      message: /scripted was not ready after/,
    })
  })
})
