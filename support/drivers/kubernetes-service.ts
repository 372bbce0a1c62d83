import { RequestError, TransientError } from '../errors.ts'
import type { KubernetesClient } from './kubernetes-client.ts'

/** A port of a Service. */
export interface ServicePlace {
  readonly namespace: string
  readonly name: string
  readonly port: number
}

/** A pod behind a Service, and the port of the pod that the Service's port leads to. */
export interface ServiceEndpoint {
  readonly namespace: string
  readonly pod: string
  readonly port: number
}

/**
 * A ready pod of a Service, as its EndpointSlices tell (kubernetes.io, "EndpointSlices").
 * @throws RequestError where there is no such Service or port; TransientError where no pod is ready now
 */
export async function readyEndpoint(
  client: KubernetesClient,
  { namespace, name, port }: ServicePlace,
  signal: AbortSignal,
): Promise<ServiceEndpoint> {
  const service = await client.find(`get Service ${namespace}/${name}`, signal, ({ core }, options) =>
    core.readNamespacedService({ namespace, name }, options),
  )
  if (service.value === undefined) throw new RequestError(`${service.request}: there is no such Service`)
  const ports = service.value.spec?.ports ?? []
  const wanted = ports.find(each => each.port === port)
  if (wanted === undefined) {
    const known = ports.map(each => `${each.port}${each.name === undefined ? '' : ` (${each.name})`}`).join(', ')
    throw new RequestError(`${service.request}: it has no port ${port}, only ${known || 'none'}`)
  }
  const labelSelector = `kubernetes.io/service-name=${name}`
  const slices = await client.ask(`list EndpointSlices of ${namespace}/${name}`, signal, ({ discovery }, options) =>
    discovery.listNamespacedEndpointSlice({ namespace, labelSelector }, options),
  )
  for (const { endpoints = [], ports: own = [] } of slices.value.items) {
    const target = own.find(each => (each.name ?? '') === (wanted.name ?? ''))?.port
    const ready = endpoints.find(
      ({ conditions, targetRef }) => conditions?.ready !== false && targetRef?.kind === 'Pod',
    )
    if (target !== undefined && ready?.targetRef?.name !== undefined)
      return { namespace, pod: ready.targetRef.name, port: target }
  }
  throw new TransientError(`${slices.request}: none of its pods is ready`, { whose: 'environment' })
}
