import { defineParameterType } from '@cucumber/cucumber'
import { isStoring, type ServerSystemName, type StoringSystemName, serverNames } from '../support/system-names.ts'

/** What features call the systems. */
export const titles: Readonly<Record<ServerSystemName, string>> = {
  tempo: 'Tempo',
  mimir: 'Mimir',
  prometheus: 'Prometheus',
}

/** A system, or with `of` one of those that this accepts, by its title. */
function defineSystemType<Name extends ServerSystemName>(
  name: string,
  of: (system: ServerSystemName) => system is Name,
) {
  const systems = serverNames.filter(of)
  defineParameterType({
    name,
    regexp: new RegExp(systems.map(system => titles[system]).join('|')),
    transformer: (title: string): Name => {
      const found = systems.find(system => titles[system] === title)
      if (found === undefined) throw new RangeError(`no ${name} is called ${title}`)
      return found
    },
  })
}

defineSystemType('server', (system): system is ServerSystemName => serverNames.includes(system))
/** One that keeps its data in a bucket. */
defineSystemType('system', (system): system is StoringSystemName => isStoring(system))
