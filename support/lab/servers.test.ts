import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { labFixtures, programVariable, readServerPins } from './servers.ts'

describe('the pinned servers', () => {
  for (const [name, pin] of Object.entries(readServerPins())) {
    it(`${name} is pinned to the version that its go.mod requires`, () => {
      const required = readFileSync(`${labFixtures}modules/${pin.modules ?? name}/go.mod`, 'utf8').match(
        new RegExp(`^\\s*${pin.module} (\\S+)`, 'm'),
      )
      assert.equal(required?.[1], pin.version)
      assert.ok(pin.package.startsWith(pin.module) || pin.package === `lab/${name}`)
    })
  }

  it('can be replaced by a variable of their name', () => {
    assert.equal(programVariable('tempo'), 'LAB_TEMPO')
  })
})
