/** What the control socket answers: text as it is, everything else as JSON. */
export interface ControlReply {
  readonly status: number
  readonly body: unknown
}
