import { Agent, request } from 'undici'

/** A readiness check over HTTP: true once the server answers 200. `ca` is the PEM of the authority it is verified with. */
export function httpReadiness(url: string, ca?: string): (signal: AbortSignal) => Promise<boolean> {
  const dispatcher = new Agent(ca === undefined ? {} : { connect: { ca } })
  return async signal => {
    const response = await request(url, { signal, dispatcher })
    await response.body.dump()
    return response.statusCode === 200
  }
}
