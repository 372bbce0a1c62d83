import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { suiteContents } from './suite-image.ts'

const nightly = resolve(import.meta.dirname, '../../fixtures/nightly')

test('the Dockerfile copies what the lab puts into its image of the suite', () => {
  const copied = readFileSync(`${nightly}/Dockerfile`, 'utf8')
    .split('\n')
    .filter(line => line.startsWith('COPY ') && !line.includes('--from='))
    .flatMap(line => line.split(' ').slice(1, -1))
  assert.deepEqual(
    copied.filter(name => !['package-lock.json', '.npmrc'].includes(name)),
    [...suiteContents],
  )
})

test('Dockerfile and packages have the same Node', () => {
  const { dependencies } = JSON.parse(readFileSync(resolve(nightly, '../../package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  assert.match(readFileSync(`${nightly}/Dockerfile`, 'utf8'), new RegExp(`^FROM node:${dependencies.node}-`, 'm'))
})
