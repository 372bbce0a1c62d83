/** The ports of the lab that a fault can stand before, and what is spoken there. */
export const ports = {
  'tempo.http': 'HTTP/1.1',
  'tempo.otlp-grpc': 'HTTP/2',
  'tempo.otlp-http': 'HTTP/1.1',
  /** Everything of Mimir: remote write, queries, its own state. */
  'mimir.http': 'HTTP/1.1',
  /** Everything of Prometheus: queries, its own state. What it writes passes `mimir.http`. */
  'prometheus.http': 'HTTP/1.1',
  /** Object storage, for the systems and for the suite alike; `account` tells them apart. */
  'minio.s3': 'HTTP/1.1 over TLS',
  /** The lab's own control socket: what is known of processes, and their logs. */
  'lab.control': 'HTTP/1.1 over a Unix socket',
} as const

export type PortName = keyof typeof ports
