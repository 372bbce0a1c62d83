import protobuf from 'protobufjs'

const list = (type: string, id: number) => ({ rule: 'repeated', type, id })
const one = (type: string, id: number) => ({ type, id })

/** Whether a sample's value is a number, or its 64 bits as they are: there are NaNs that mean something. */
type ValueAs = 'double' | 'fixed64'

const exemplarValues = { value: one('double', 2), timestamp: one('int64', 3) }

/** Native histograms are the same in both versions. */
const histograms = {
  Histogram: {
    oneofs: {
      count: { oneof: ['countInt', 'countFloat'] },
      zeroCount: { oneof: ['zeroCountInt', 'zeroCountFloat'] },
    },
    fields: {
      countInt: one('uint64', 1),
      countFloat: one('double', 2),
      sum: one('double', 3),
      schema: one('sint32', 4),
      zeroThreshold: one('double', 5),
      zeroCountInt: one('uint64', 6),
      zeroCountFloat: one('double', 7),
      negativeSpans: list('BucketSpan', 8),
      negativeDeltas: list('sint64', 9),
      negativeCounts: list('double', 10),
      positiveSpans: list('BucketSpan', 11),
      positiveDeltas: list('sint64', 12),
      positiveCounts: list('double', 13),
      resetHint: one('int32', 14),
      timestamp: one('int64', 15),
      customValues: list('double', 16),
    },
  },
  BucketSpan: { fields: { offset: one('sint32', 1), length: one('uint32', 2) } },
}

/** A `prometheus.WriteRequest` (prompb/remote.proto and types.proto of Prometheus); what is not named is not kept. */
export function writeRequestType(valueAs: ValueAs): protobuf.Type {
  return protobuf.Root.fromJSON({
    nested: {
      WriteRequest: { fields: { timeseries: list('TimeSeries', 1), metadata: list('MetricMetadata', 3) } },
      TimeSeries: {
        fields: {
          labels: list('Label', 1),
          samples: list('Sample', 2),
          exemplars: list('Exemplar', 3),
          histograms: list('Histogram', 4),
        },
      },
      Label: { fields: { name: one('string', 1), value: one('string', 2) } },
      Sample: { fields: { value: one(valueAs, 1), timestamp: one('int64', 2) } },
      Exemplar: { fields: { labels: list('Label', 1), ...exemplarValues } },
      MetricMetadata: {
        fields: {
          type: one('int32', 1),
          metricFamilyName: one('string', 2),
          help: one('string', 4),
          unit: one('string', 5),
        },
      },
      ...histograms,
    },
  }).lookupType('WriteRequest')
}

/** An `io.prometheus.write.v2.Request` (prompb/io/prometheus/write/v2/types.proto): all texts are symbols, referred to. */
export function requestType2(valueAs: ValueAs): protobuf.Type {
  return protobuf.Root.fromJSON({
    nested: {
      Request: { fields: { symbols: list('string', 4), timeseries: list('TimeSeries', 5) } },
      TimeSeries: {
        fields: {
          labelsRefs: list('uint32', 1),
          samples: list('Sample', 2),
          histograms: list('Histogram', 3),
          exemplars: list('Exemplar', 4),
          metadata: one('Metadata', 5),
        },
      },
      Sample: { fields: { value: one(valueAs, 1), timestamp: one('int64', 2) } },
      Exemplar: { fields: { labelsRefs: list('uint32', 1), ...exemplarValues } },
      Metadata: { fields: { type: one('int32', 1), helpRef: one('uint32', 3), unitRef: one('uint32', 4) } },
      ...histograms,
    },
  }).lookupType('Request')
}
