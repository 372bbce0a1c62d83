import { fileURLToPath } from 'node:url'
import { UsageError } from '../errors.ts'
import { readFeatures } from '../gherkin/features.ts'
import { faultsOfFeatures } from '../gherkin/lint.ts'
import { loadRegistry } from '../requirements/registry.ts'
import { exitCodes, readArguments, runCommand } from './command.ts'

const help = `Checks that the features are what they should be: one Rule for each requirement, in the registry's words and
with its figures, made of scenarios that can fail.

  npm run lint:features

  --help   this text

Exit codes: 0 they are, 2 they are not; all faults are listed.`

await runCommand(async () => {
  const asked = readArguments({ help: { type: 'boolean', short: 'h', default: false } }, help)
  if (asked.help) {
    process.stdout.write(`${help}\n`)
    return exitCodes.satisfied
  }
  const features = readFeatures(fileURLToPath(new URL('../..', import.meta.url)))
  const faults = faultsOfFeatures(features, loadRegistry())
  if (faults.length > 0) throw new UsageError('The features are not what they should be:', faults)
  process.stdout.write(`${features.length} features, no fault\n`)
  return exitCodes.satisfied
})
