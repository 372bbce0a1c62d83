import { connect } from 'node:net'
import type { SystemName, Target } from './target.ts'

const connectMs = 2_000

/** The parts of the target, other than this system, that take no connection now, in words. */
export async function silentOthers(target: Target, system: SystemName | undefined): Promise<string[]> {
  const places = [
    ...(target.s3 === undefined ? [] : [{ name: 'object storage', url: target.s3.endpoint }]),
    ...Object.entries(target.systems).flatMap(([name, other]) => {
      if (name === system || other === undefined) return []
      return [{ name, url: other.http.url }]
    }),
  ]
  const silent = await Promise.all(
    places.map(async place => ((await takesConnection(place.url)) ? [] : [`${place.name} at ${place.url.host}`])),
  )
  return silent.flat()
}

async function takesConnection(url: URL): Promise<boolean> {
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
  const socket = connect({ host: url.hostname, port, timeout: connectMs })
  return await new Promise(resolve => {
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('timeout', () => resolve(false))
  }).then(taken => {
    socket.destroy()
    return taken === true
  })
}
