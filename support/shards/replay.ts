import { EventEmitter } from 'node:events'
import type { IFormatterOptions } from '@cucumber/cucumber'
import { type Envelope, type Hook, HookType } from '@cucumber/messages'
import RequirementAllureReporter from '../report/allure.ts'
import RequirementFormatter from '../report/formatter.ts'
import MessagesFormatter from '../report/messages.ts'

export interface Replay {
  /** What a person reads. */
  print(text: string): void
  /** Takes the messages, line by line. */
  keep(text: string): void
}

/** Has the messages reported as if the run took place now: to the screen, run.json, the ledger, Allure, and as messages. */
export function replay(messages: readonly Envelope[], { print, keep }: Replay): void {
  const eventBroadcaster = new EventEmitter()
  const hooks = messages.flatMap(({ hook }) => hook ?? [])
  const optionsFor = (log: (text: string) => void) => formatterOptions(eventBroadcaster, hooks, log)
  new RequirementFormatter(optionsFor(print))
  new RequirementAllureReporter(optionsFor(() => undefined))
  new MessagesFormatter(optionsFor(keep))
  for (const message of messages) eventBroadcaster.emit('envelope', message)
}

/** What a formatter is given where no Cucumber runs. */
function formatterOptions(
  eventBroadcaster: EventEmitter,
  hooks: readonly Hook[],
  log: (text: string) => void,
): IFormatterOptions {
  const options = {
    eventBroadcaster,
    log,
    stream: process.stdout,
    cwd: process.cwd(),
    parsedArgvOptions: {},
    cleanup: async () => undefined,
    supportCodeLibrary: {
      beforeTestCaseHookDefinitions: hooks.filter(({ type }) => type === HookType.BEFORE_TEST_CASE),
      afterTestCaseHookDefinitions: hooks.filter(({ type }) => type === HookType.AFTER_TEST_CASE),
      beforeTestRunHookDefinitions: [],
      afterTestRunHookDefinitions: [],
    },
  }
  return options as unknown as IFormatterOptions
}
