import { Formatter, type IFormatterOptions } from '@cucumber/cucumber'
import type { Envelope } from '@cucumber/messages'
import { withoutSecrets } from './redacted-envelope.ts'

/** Keeps all messages of a run, one a line, without secrets: of those of several runs one report can be made. */
export default class MessagesFormatter extends Formatter {
  static override readonly documentation = "Writes Cucumber's messages without the secrets of the target."

  constructor(options: IFormatterOptions) {
    super(options)
    options.eventBroadcaster.on('envelope', (envelope: Envelope) => {
      this.log(`${JSON.stringify(withoutSecrets(envelope))}\n`)
    })
  }
}
