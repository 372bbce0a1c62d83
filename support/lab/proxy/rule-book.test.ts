import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { z } from 'zod'
import type { ruleSchema } from '../../faults/rule.ts'
import { RuleBook } from './rule-book.ts'
import { asked, replied, rulesOf } from './testing/messages.ts'

type WrittenRule = z.input<typeof ruleSchema>

const reset = { reset: true } as const

/** Asks for these paths, one each second, and tells at which of them the rule struck. */
function struckBy(timing: WrittenRule['timing'], paths: readonly string[], when: WrittenRule['when'] = {}): number[] {
  let now = 0
  const book = new RuleBook(rulesOf({ at: 'tempo.http', when, timing, do: reset }), () => now)
  const struck = paths.flatMap((path, index) => {
    now = index * 1_000
    return book.asked(asked(path)).map(() => index)
  })
  assert.deepEqual(book.strikes, [struck.length])
  return struck
}

const five = ['/', '/', '/', '/', '/']

describe('the timing of a rule', () => {
  it('left out, lets it strike whenever its condition holds', () => {
    assert.deepEqual(struckBy({}, ['/a', '/b', '/a'], { path: 'a' }), [0, 2])
  })
  it('skips the first matches', () => assert.deepEqual(struckBy({ skip: 2 }, five), [2, 3, 4]))
  it('ends after so many strikes', () => assert.deepEqual(struckBy({ times: 2 }, five), [0, 1]))
  it('skips, then ends', () => assert.deepEqual(struckBy({ skip: 1, times: 2 }, five), [1, 2]))
  it('begins so long after the first match', () => assert.deepEqual(struckBy({ after: '2 s' }, five), [2, 3, 4]))
  it('lasts so long from the first match', () => assert.deepEqual(struckBy({ for: '2 s' }, five), [0, 1]))
  it('is a window', () => assert.deepEqual(struckBy({ after: '1 s', for: '3 s' }, five), [1, 2]))
  it('counts from the first match, not from when it was set', () => {
    assert.deepEqual(struckBy({ after: '1 s' }, ['/no', '/no', '/a', '/a'], { path: 'a' }), [3])
  })
  it('counts for each path by itself', () => {
    assert.deepEqual(struckBy({ skip: 1, times: 1, each: 'path' }, ['/a', '/b', '/a', '/b', '/a']), [2, 3])
    const asks = ['/q?query=a&time=1', '/q?query=a&time=2', '/q?time=3&query=b', '/q?time=4&query=b']
    assert.deepEqual(struckBy({ times: 1, each: 'path' }, asks), [0, 2])
    assert.deepEqual(struckBy({ after: '2 s', each: 'path' }, ['/a', '/b', '/a', '/b']), [2, 3])
  })
  it('counts only what comes after another request', () => {
    const since = { path: '^/begin' }
    assert.deepEqual(struckBy({ since }, ['/', '/begin', '/', '/begin', '/']), [2, 3, 4])
    assert.deepEqual(struckBy({ since, skip: 1 }, ['/', '/begin', '/', '/']), [3])
    assert.deepEqual(struckBy({ since, after: '2 s' }, ['/begin', '/', '/', '/']), [2, 3])
    assert.deepEqual(struckBy({ since, for: '2 s' }, ['/', '/begin', '/', '/', '/']), [2])
  })
})

describe('the rules that hold', () => {
  it('are about one port each, and decided in their order', () => {
    const book = new RuleBook(
      rulesOf(
        { at: 'tempo.otlp-http', do: reset },
        { at: 'tempo.http', do: reset },
        { at: 'tempo.http', do: { status: 500 } },
      ),
    )
    const strikes = book.asked(asked('/'))
    assert.deepEqual(
      strikes.map(({ rule, place }) => [place, Object.keys(rule.do)[0]]),
      [
        [1, 'reset'],
        [2, 'status'],
      ],
    )
    assert.deepEqual(book.strikes, [0, 1, 1])
  })

  it('that are about the answer are decided with it, and then only', () => {
    const book = new RuleBook(
      rulesOf(
        { at: 'tempo.http', when: { status: 404 }, timing: { skip: 1 }, do: reset },
        { at: 'tempo.http', do: reset },
      ),
    )
    const unknown = replied('', { status: 404 })
    assert.deepEqual(
      book.asked(asked('/')).map(({ place }) => place),
      [1],
    )
    assert.deepEqual(book.answered(asked('/'), replied('')), [])
    assert.deepEqual(book.answered(asked('/'), unknown), [])
    assert.deepEqual(
      book.answered(asked('/'), unknown).map(({ place }) => place),
      [0],
    )
    assert.deepEqual(book.strikes, [1, 1])
  })

  it('wait for a request to another port, or for its answer', () => {
    const book = new RuleBook(
      rulesOf(
        { at: 'tempo.http', timing: { since: { at: 'lab.control', method: 'POST' } }, do: reset },
        { at: 'tempo.http', timing: { since: { path: 'a', status: 404 } }, do: reset },
      ),
    )
    assert.deepEqual(book.ports, new Set(['tempo.http', 'lab.control']))
    const struck = (path: string) => book.asked(asked(path)).map(({ place }) => place)
    assert.deepEqual(struck('/a'), [])
    book.asked(asked('/', { port: 'lab.control' }))
    assert.deepEqual(struck('/a'), [])
    book.asked(asked('/', { port: 'lab.control', method: 'POST' }))
    assert.deepEqual(struck('/a'), [0])
    book.answered(asked('/a'), replied(''))
    assert.deepEqual(struck('/a'), [0])
    book.answered(asked('/a'), replied('', { status: 404 }))
    assert.deepEqual(struck('/a'), [0, 1])
  })

  it('have not struck where their change found no place, and may strike again', () => {
    const book = new RuleBook(rulesOf({ at: 'tempo.http', timing: { times: 1 }, do: { response: [{ drop: 'a' }] } }))
    for (const strike of book.asked(asked('/'))) strike.missed()
    assert.deepEqual(book.strikes, [0])
    assert.equal(book.asked(asked('/')).length, 1)
    assert.equal(book.asked(asked('/')).length, 0)
    assert.deepEqual(book.strikes, [1])
  })

  it('refuse connections as their timing says, and are no rules of requests', () => {
    const book = new RuleBook(
      rulesOf(
        { at: 'tempo.http', timing: { skip: 1, times: 1 }, do: { refuse: true } },
        { at: 'minio.s3', do: { certificate: 'expired' } },
      ),
    )
    assert.deepEqual(book.asked(asked('/')), [])
    assert.deepEqual(
      [1, 2, 3].map(() => book.refuses('tempo.http')),
      [false, true, false],
    )
    // That is a connection that was made, with a certificate that should not be taken.
    assert.equal(book.refuses('minio.s3'), false)
    assert.deepEqual(book.strikes, [1, 1])
  })
})
