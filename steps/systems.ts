import { defineParameterType } from '@cucumber/cucumber'
import type { StoringSystemName } from '../support/system-names.ts'

/** What features call the systems. */
export const titles: Readonly<Record<StoringSystemName, string>> = { tempo: 'Tempo', mimir: 'Mimir' }

defineParameterType({
  name: 'system',
  regexp: new RegExp(Object.values(titles).join('|')),
  transformer: (title: string): StoringSystemName => {
    const found = Object.entries(titles).find(([, each]) => each === title)
    if (found === undefined) throw new RangeError(`no system is called ${title}`)
    return found[0] as StoringSystemName
  },
})
