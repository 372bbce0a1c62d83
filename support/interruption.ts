import { BroadcastChannel, isMainThread } from 'node:worker_threads'

/** Scenarios run in threads, which get no signals: the main thread passes the end of the run on to them. */
const channelName = 'observability-acceptance.interruption'
const controller = new AbortController()
const channel = new BroadcastChannel(channelName)

if (isMainThread) {
  channel.unref()
} else {
  channel.onmessage = () => controller.abort(new Error('interrupted'))
  channel.unref()
}

/** Ends everything that the run is waiting for, in every thread. */
export const interruption: AbortSignal = controller.signal

/** Called by the main thread, which owns the signals. */
export function interruptRun(): void {
  controller.abort(new Error('interrupted'))
  channel.postMessage('interrupted')
}
