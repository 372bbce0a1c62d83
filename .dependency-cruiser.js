/**
 * Imports go one way, so that a driver can be read without the lab and an expectation without any system. Type-only
 * imports leave nothing behind at run time, and are allowed further than others.
 */
const tests = '\\.test\\.ts$|/testing/|^support/selftest/'
const ownCode = '^(steps|support)/'

/** A folder imports only such values of the project, and only such types. */
const onlyFrom = (name, from, values, types = values) => [
  {
    name,
    severity: 'error',
    from: { path: from, pathNot: tests },
    to: { path: ownCode, pathNot: values, dependencyTypesNot: ['type-only'] },
  },
  {
    name: `${name}-even-by-type`,
    severity: 'error',
    from: { path: from, pathNot: tests },
    to: { path: ownCode, pathNot: `${values}|${types}`, dependencyTypes: ['type-only'] },
  },
]

/** Nobody but `allowed` imports that. */
const onlyBy = (name, allowed, to) => ({
  name,
  severity: 'error',
  from: { path: ownCode, pathNot: `${tests}|${allowed}` },
  to,
})

export default {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'what-is-imported-exists',
      severity: 'error',
      from: {},
      // mdast is nothing but types.
      to: { couldNotResolve: true, pathNot: '^mdast$' },
    },
    ...onlyFrom(
      'drivers-speak-only-protocols',
      '^support/drivers/',
      '^support/(drivers|metrics|traces)/|^support/(duration|errors|secret)\\.ts$',
      '^support/target/(schema|target)\\.ts$',
    ),
    ...onlyFrom(
      'expectations-judge-plain-data',
      '^support/expectations/',
      '^support/(expectations|metrics|traces)/|^support/(duration|errors)\\.ts$',
      '^support/drivers/',
    ),
    {
      name: 'expectations-do-no-input-or-output',
      severity: 'error',
      from: { path: '^support/expectations/', pathNot: tests },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-no-pkg'], dependencyTypesNot: ['type-only'] },
    },
    ...onlyFrom('traces-are-plain-data', '^support/traces/', '^support/traces/|^support/(duration|errors)\\.ts$'),
    ...onlyFrom('metrics-are-plain-data', '^support/metrics/', '^support/metrics/|^support/(duration|errors)\\.ts$'),
    ...onlyFrom(
      'a-load-sends-and-judges-nothing',
      '^support/load/',
      '^support/(load|drivers|metrics|traces)/|^support/(errors|eventually)\\.ts$',
      '^support/target/target\\.ts$',
    ),
    ...onlyFrom(
      'the-lab-knows-no-scenario',
      '^support/lab/',
      '^support/(lab|drivers|faults)/|^support/(duration|errors|secret|yaml|folders|process-identity|system-names|bucket-owners)\\.ts$',
      '^support/target/(schema|target)\\.ts$',
    ),
    ...onlyFrom(
      'faults-are-plain-data',
      // A defect is loaded into a run, and may reach for whatever it spoils.
      '^support/faults/(?!defects/)',
      '^support/faults/(?!defects/)|^support/(duration|errors|yaml)\\.ts$',
      '^support/requirements/registry\\.ts$',
    ),
    ...onlyFrom(
      'proofs-judge-plain-data',
      '^support/proofs/',
      '^support/(proofs|faults(?!/defects)|gherkin|requirements)/|^support/(duration|errors|observation|secret|tags)\\.ts$',
    ),
    ...onlyFrom(
      'steps-know-only-what-a-scenario-needs',
      '^steps/',
      '^(steps|support/(drivers|expectations|load|metrics|traces))/|^support/undo/journal\\.ts$|^support/(?!hooks)[^/]+\\.ts$',
      '^support/target/(schema|target)\\.ts$',
    ),
    ...onlyFrom(
      'traces-of-requirements-are-plain-data',
      '^support/trace/',
      '^support/(trace|gherkin|requirements|proofs)/|^support/(duration|errors|observation|tags)\\.ts$',
    ),
    ...onlyFrom(
      'boards-show-what-was-traced',
      '^support/board/',
      '^support/(board|trace|requirements|proofs|gherkin)/|^support/(duration|errors)\\.ts$',
    ),
    ...onlyFrom(
      'imports-make-requirements-of-text',
      '^support/import/',
      '^support/(import|requirements)/|^support/(duration|errors)\\.ts$',
    ),
    ...onlyFrom(
      'profiles-state-what-a-run-found',
      '^support/profile/',
      '^support/(profile|requirements)/|^support/(errors|secret|yaml)\\.ts$',
      '^support/report/run-file\\.ts$',
    ),
    onlyBy('only-commands-know-the-cluster-lab', '^support/(cluster|cli)/', { path: '^support/cluster/' }),
    onlyBy('only-commands-know-the-lab', '^support/(lab|cluster|cli)/|^support/undo/sweep\\.ts$', {
      path: '^support/lab/',
    }),
    onlyBy('only-commands-sweep', '^support/cli/', { path: '^support/undo/sweep\\.ts$' }),
    onlyBy('only-what-comes-after-a-run-knows-reports', '^support/(report|profile|shards|cli)/', {
      path: '^support/report/',
    }),
    onlyBy('only-labs-and-proofs-know-faults', '^support/(faults|lab|cluster|noise|proofs|cli)/', {
      path: '^support/faults/',
    }),
    onlyBy('only-reports-and-commands-know-proofs', '^support/(proofs|report|trace|board|cli)/', {
      path: '^support/proofs/',
    }),
    onlyBy('only-commands-examine', '^support/(doctor|cli)/', { path: '^support/doctor/' }),
    onlyBy('only-commands-measure', '^support/(bench|cli)/', { path: '^support/bench/' }),
    onlyBy('nothing-below-the-commands-knows-them', '^support/cli/', { path: '^support/cli/' }),
    onlyBy('only-tests-use-what-is-made-for-tests', '^$', { path: '/testing/|^support/selftest/|\\.test\\.ts$' }),
    onlyBy('only-one-place-waits', '^support/(lab|cluster|cli|bench)/|^support/eventually\\.ts$', {
      path: '^timers(/promises)?$',
    }),
    onlyBy('what-runs-needs-no-development-tool', '^$', {
      dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
      dependencyTypesNot: ['type-only'],
    }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.js'],
    },
  },
}
