import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { z } from 'zod'
import type { ruleSchema } from '../../faults/rule.ts'
import { exchange, type Outcome } from './exchange.ts'
import { ReplyMemory } from './memory.ts'
import type { Asked, Reply } from './message.ts'
import { RuleBook } from './rule-book.ts'
import { asked, replied, rulesOf } from './testing/messages.ts'

type WrittenRule = Omit<z.input<typeof ruleSchema>, 'at'>

/** Exchanges with a server under these rules, which hold at one port. */
class Served {
  /** What reached the server. */
  readonly reached: Asked[] = []
  readonly #rules: RuleBook
  readonly #memory = new ReplyMemory()
  readonly #answer: (asked: Asked) => Reply | undefined

  constructor(
    rules: readonly WrittenRule[],
    answer: (asked: Asked) => Reply | undefined = ({ body }) => replied(body),
  ) {
    this.#rules = new RuleBook(rulesOf(...rules.map(rule => ({ ...rule, at: 'tempo.http' as const }))))
    this.#answer = answer
  }

  get strikes(): number[] {
    return this.#rules.strikes
  }

  async exchange(request: Asked, signal = new AbortController().signal): Promise<Outcome> {
    const forward = async (changed: Asked) => {
      this.reached.push(changed)
      return this.#answer(changed)
    }
    return await exchange(request, { book: this.#rules, memory: this.#memory, forward }, signal)
  }

  async ask(request: Asked): Promise<Reply> {
    const outcome = await this.exchange(request)
    return outcome.kind === 'reply' ? outcome.reply : assert.fail(outcome.kind)
  }

  async read(request: Asked): Promise<string> {
    const { status, body } = await this.ask(request)
    return `${status} ${body}`
  }
}

describe('what no rule is about', () => {
  it('reaches the server as it is, and so does its answer', async () => {
    const compressed = asked('/x', { headers: { 'content-encoding': 'gzip' }, body: gzipSync('{"a":1}') })
    const served = new Served([
      { when: { path: '^/y' }, do: { reset: true } },
      { do: { request: [{ drop: 'b' }] } },
      { do: { response: [{ drop: 'b' }] } },
    ])
    const reply = await served.ask(compressed)
    assert.deepEqual(served.reached, [compressed])
    assert.deepEqual(reply.body, compressed.body)
    assert.deepEqual(served.strikes, [0, 0, 0])
  })
})

describe('an action', () => {
  it('answers in place of the server', async () => {
    const served = new Served([{ do: { answer: { status: 503, headers: { 'Retry-After': '1' }, body: 'no' } } }])
    assert.deepEqual(await served.ask(asked('/')), replied('no', { status: 503, headers: { 'retry-after': '1' } }))
    assert.deepEqual(served.reached, [])
  })

  it('answers otherwise than the server did', async () => {
    const served = new Served([{ when: { status: 404 }, do: { answer: { body: 'empty' } } }], ({ path }) =>
      replied('its own', { status: path === '/known' ? 200 : 404 }),
    )
    assert.equal(await served.read(asked('/known')), '200 its own')
    assert.equal(await served.read(asked('/unknown')), '200 empty')
    assert.deepEqual(served.strikes, [1])
  })

  it('answers a call of gRPC', async () => {
    const served = new Served([{ do: { answer: { grpcStatus: 14, grpcMessage: 'away' } } }])
    const { status, headers, trailers } = await served.ask(asked('/'))
    assert.deepEqual(
      [status, headers['grpc-status'], headers['grpc-message'], trailers],
      [200, '14', 'away', undefined],
    )
  })

  it('changes what reaches the server, even if it is compressed', async () => {
    const served = new Served([{ do: { request: [{ set: { a: 2 } }] } }])
    await served.ask(asked('/', { body: '{"a":1}' }))
    await served.ask(asked('/', { headers: { 'content-encoding': 'gzip', other: 'x' }, body: gzipSync('{"a":1}') }))
    assert.deepEqual(
      served.reached.map(({ headers, body }) => [headers, body.toString()]),
      [
        [{}, '{"a":2}'],
        [{ other: 'x' }, '{"a":2}'],
      ],
    )
  })

  it('changes what comes back: body, status, headers', async () => {
    const served = new Served([
      { do: { response: [{ replace: 'a', with: 'b' }] } },
      { do: { status: 206 } },
      { do: { headers: { 'X-One': '1' } } },
    ])
    assert.deepEqual(
      await served.ask(asked('/', { body: 'a' })),
      replied('b', { status: 206, headers: { 'x-one': '1' } }),
    )
    assert.deepEqual(served.strikes, [1, 1, 1])
  })

  it('resets, at once or when the server has answered so', async () => {
    const served = new Served(
      [
        { when: { path: '^/now' }, do: { reset: true } },
        { when: { answer: 'bad' }, do: { reset: true } },
      ],
      ({ path }) => replied(path === '/bad' ? 'bad' : 'good'),
    )
    assert.deepEqual(await served.exchange(asked('/now')), { kind: 'reset' })
    assert.equal(served.reached.length, 0)
    assert.deepEqual(await served.exchange(asked('/bad')), { kind: 'reset' })
    assert.equal(await served.read(asked('/other')), '200 good')
    assert.deepEqual(served.strikes, [1, 1])
  })

  it('asks twice, and gives the second answer', async () => {
    const answers = ['first', 'second']
    const served = new Served([{ do: { twice: true } }], () => replied(answers.shift() ?? 'none'))
    assert.equal(await served.read(asked('/', { body: 'x' })), '200 second')
    assert.equal(served.reached.length, 2)
  })

  it('gives the first answer to the same request again', async () => {
    const answers = ['1', '2', '3']
    const served = new Served([{ timing: { skip: 2 }, do: { replay: 'older' } }], () =>
      replied(answers.shift() ?? 'none'),
    )
    const read: string[] = []
    for (const path of ['/a', '/a', '/a', '/b']) read.push(await served.read(asked(path)))
    assert.deepEqual(read, ['200 1', '200 2', '200 1', '200 3'])
    // There was no older answer for /b.
    assert.deepEqual(served.strikes, [1])
  })

  it("gives somebody else's answer", async () => {
    const served = new Served([{ timing: { skip: 1, each: 'path' }, do: { replay: 'other' } }], ({ path }) =>
      replied(path),
    )
    const [one, other] = [asked('/api/traces/0123456789abcdef'), asked('/api/traces/fedcba9876543210')]
    assert.equal(await served.read(one), `200 ${one.path}`)
    assert.equal(await served.read(one), `200 ${one.path}`)
    assert.equal(await served.read(other), `200 ${other.path}`)
    assert.equal(await served.read(one), `200 ${other.path}`)
  })

  it('slows an answer down and cuts it off', async () => {
    const served = new Served([{ do: { throttle: 10 } }, { do: { truncate: 3 } }])
    assert.deepEqual(await served.exchange(asked('/', { body: 'text' })), {
      kind: 'reply',
      reply: replied('text'),
      bytesPerSecond: 10,
      cutAfter: 3,
    })
    // Nothing is left to be cut off.
    assert.deepEqual(await served.exchange(asked('/', { body: 'txt' })), {
      kind: 'reply',
      reply: replied('txt'),
      bytesPerSecond: 10,
    })
    assert.deepEqual(served.strikes, [2, 1])
  })

  it('holds an answer back, until the rules hold no more', async () => {
    const served = new Served([{ do: { delay: '30 ms' } }])
    const started = performance.now()
    await served.ask(asked('/'))
    assert.ok(performance.now() - started >= 29)
    const ended = new AbortController()
    const held = new Served([{ do: { delay: '1 h' } }]).exchange(asked('/'), ended.signal)
    ended.abort()
    await assert.rejects(held, { name: 'AbortError' })
  })
})

describe('several rules', () => {
  it('make their changes in their order, whenever they were decided', async () => {
    const served = new Served([
      { when: { status: 200 }, do: { response: [{ replace: '$', with: ' first' }] } },
      { do: { response: [{ replace: '$', with: ' second' }] } },
    ])
    assert.equal(await served.read(asked('/', { body: '0' })), '200 0 first second')
  })

  it('that end the matter: the first does', async () => {
    const served = new Served([{ do: { answer: { status: 500 } } }, { do: { reset: true } }])
    assert.equal(await served.read(asked('/')), '500 ')
  })

  it('change an answer that is not the server’s', async () => {
    const served = new Served([{ do: { answer: { body: 'made up' } } }, { do: { status: 201 } }])
    assert.equal(await served.read(asked('/')), '201 made up')
  })

  it('decide on what the server said, not on what has been made of it', async () => {
    const served = new Served([{ do: { status: 500 } }, { when: { status: 500 }, do: { reset: true } }])
    assert.equal(await served.read(asked('/', { body: 'x' })), '500 x')
    assert.deepEqual(served.strikes, [1, 0])
  })
})

describe('a server that cannot be asked', () => {
  it('is no answer', async () => {
    const served = new Served([{ do: { status: 200 } }], () => undefined)
    assert.deepEqual(await served.exchange(asked('/')), { kind: 'reset' })
  })
})

describe('a change of the request that waits for the answer', () => {
  it('comes too late, and has not struck', async () => {
    const served = new Served([
      { when: { status: 200 }, do: { request: [{ set: { a: 2 } }] } },
      { when: { status: 200 }, do: { twice: true } },
    ])
    assert.equal(await served.read(asked('/', { body: '{"a":1}' })), '200 {"a":1}')
    assert.deepEqual([served.reached.length, served.strikes], [1, [0, 0]])
  })
})

describe('a compressed answer', () => {
  it('is changed as it would be without', async () => {
    const headers = { 'content-encoding': 'gzip' }
    const served = new Served([{ do: { response: [{ drop: 'a' }] } }], () =>
      replied(gzipSync('{"a":1,"b":2}'), { headers }),
    )
    assert.deepEqual(await served.ask(asked('/')), replied('{"b":2}'))
    const untouched = new Served([{ do: { status: 200 } }], () => replied(gzipSync('x'), { headers }))
    assert.equal(gunzipSync((await untouched.ask(asked('/'))).body).toString(), 'x')
  })
})
