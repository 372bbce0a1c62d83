import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Unmet } from '../errors.ts'
import { probeSeries, withExemplars } from '../metrics/probe-series.ts'
import { exactlyTheseExemplars } from './exemplars.ts'

const written = withExemplars(probeSeries({ run: 'run', scenario: 'scenario', series: 2, samples: 2 }))
const found = written.map(({ labels, exemplars = [] }) => ({ labels, exemplars }))
const [first, second] = found
const [oldest, youngest] = first?.exemplars ?? []
const unmet = (answer: typeof found, says: RegExp) =>
  assert.throws(
    () => exactlyTheseExemplars(written)(answer),
    error => error instanceof Unmet && says.test(error.message),
  )

test('exactly the exemplars that were written, whatever their order', () => {
  assert.ok(first && second && oldest && youngest)
  exactlyTheseExemplars(written)(found)
  exactlyTheseExemplars(written)([second, { ...first, exemplars: [youngest, oldest] }])
  unmet([first], /0 of 2 exemplars; missing/)
  unmet([{ ...first, exemplars: [oldest] }, second], /1 of 2 exemplars; missing/)
  unmet(
    [{ ...first, exemplars: [oldest, { ...youngest, value: 17 }] }, second],
    /1 exemplars that were not written: .* 17 @/,
  )
  unmet([{ ...first, exemplars: [oldest, youngest, youngest] }, second], /there more than once/)
  unmet([...found, { labels: { __name__: 'up' }, exemplars: [oldest] }], /exemplars that were not written: up$/)
})

test('where none was written, nothing is proven', () => {
  assert.throws(() => exactlyTheseExemplars(probeSeries({ run: 'run', scenario: 's' }))([]), RangeError)
})
