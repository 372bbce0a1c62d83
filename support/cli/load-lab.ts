import type { Figure } from '../bench/figure.ts'
import { measureLoad } from '../bench/load.ts'
import { Mimir, mimirPlace } from '../drivers/mimir.ts'
import { Tempo } from '../drivers/tempo.ts'
import { EnvironmentError } from '../errors.ts'
import { startLab } from '../lab/lab.ts'
import { findProgram } from '../lab/program.ts'
import { loadTarget } from '../target/load.ts'

/** Measures the load probe beside other senders, on a lab of its own. */
export async function measureOnLoadLab(folder: string, signal: AbortSignal): Promise<Figure[]> {
  const quiet = { signal, onProgress: () => undefined }
  const [telemetrygen, promtool] = [await findProgram('telemetrygen', quiet), await findProgram('promtool', quiet)]
  await using lab = await startLab({ systems: ['tempo', 'mimir'], ports: 'free', ...quiet })
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
