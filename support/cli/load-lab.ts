import type { Figure } from '../bench/figure.ts'
import { measureLoad } from '../bench/load.ts'
import { Mimir, mimirPlace } from '../drivers/mimir.ts'
import { Tempo } from '../drivers/tempo.ts'
import { EnvironmentError } from '../errors.ts'
import { startLab } from '../lab/lab.ts'
import { findProgram } from '../lab/program.ts'
import { loadTarget } from '../target/load.ts'

/** Neither server refuses anything for its rate: the senders are measured, not the limits. */
const unlimited = {
  tempo: {
    'overrides.defaults.ingestion.rate_limit_bytes': 1e9,
    'overrides.defaults.ingestion.burst_size_bytes': 1e9,
    'overrides.defaults.ingestion.max_traces_per_user': 0,
  },
  mimir: { 'limits.ingestion_rate': 1e8, 'limits.ingestion_burst_size': 1e8, 'limits.max_global_series_per_user': 0 },
}

/** Measures the load probe beside other senders, on a lab of its own. */
export async function measureOnLoadLab(folder: string, signal: AbortSignal): Promise<Figure[]> {
  const quiet = { signal, onProgress: () => undefined }
  const [telemetrygen, promtool] = [await findProgram('telemetrygen', quiet), await findProgram('promtool', quiet)]
  await using lab = await startLab({ systems: ['tempo', 'mimir'], ports: 'free', ...quiet })
  const configured = (configuration: Record<string, number>) => ({
    configuration,
    environment: {},
    loses: [],
    staysDown: false,
  })
  const servers = { tempo: configured(unlimited.tempo), mimir: configured(unlimited.mimir) }
  await lab.apply({ rules: [], servers })
  const { systems } = loadTarget(lab.targetFile, { ...process.env, ...lab.environment })
  const { tempo, mimir } = systems
  if (tempo === undefined || mimir === undefined) throw new EnvironmentError('the lab has no Tempo or no Mimir')
  return await measureLoad(
    {
      folder,
      otlpGrpc: tempo.otlpGrpc,
      place: tenant => mimirPlace(mimir, tenant),
      tempo: new Tempo(tempo),
      mimir: new Mimir(mimir),
      telemetrygen: telemetrygen.path,
      promtool: promtool.path,
    },
    signal,
  )
}
