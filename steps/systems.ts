import { defineParameterType } from '@cucumber/cucumber'
import { type ServerSystemName, serverNames, storingSystemNames } from '../support/system-names.ts'

/** What features call the systems. */
export const titles: Readonly<Record<ServerSystemName, string>> = {
  tempo: 'Tempo',
  mimir: 'Mimir',
  prometheus: 'Prometheus',
}

/** Names by their titles, as features write them. */
export function defineTitledType<Name extends string>(
  name: string,
  names: readonly Name[],
  titled: Readonly<Record<Name, string>>,
) {
  defineParameterType({
    name,
    regexp: new RegExp(names.map(each => titled[each]).join('|')),
    transformer: (title: string): Name => {
      const found = names.find(each => titled[each] === title)
      if (found === undefined) throw new RangeError(`no ${name} is called ${title}`)
      return found
    },
  })
}

defineTitledType('server', serverNames, titles)
/** One that keeps its data in a bucket. */
defineTitledType('system', storingSystemNames, titles)
