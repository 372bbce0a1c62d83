/** Imports go one way, so that a driver can be read without the lab and an expectation without any system. */
const onlyFrom = (name, from, forbidden) => ({
  name,
  severity: 'error',
  from: { path: from, pathNot: '\\.test\\.ts$' },
  to: { path: forbidden },
})

export default {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    onlyFrom('steps-know-no-lab', '^steps/', '^support/(lab|cli|report)/'),
    onlyFrom(
      'drivers-speak-only-protocols',
      '^support/drivers/',
      '^(steps|support/(lab|cli|report|requirements|expectations|undo|gherkin)/|support/(world|hooks|run|eventually|judgement)\\.ts)',
    ),
    onlyFrom('drivers-know-a-target-by-its-types', '^support/drivers/', '^support/target/(?!schema\\.ts|target\\.ts)'),
    onlyFrom(
      'expectations-do-no-input-or-output',
      '^support/expectations/',
      '^(steps|support/(lab|cli|report|requirements|undo|gherkin)/|support/(world|hooks|run|eventually)\\.ts|node:|node_modules/(undici|@aws-sdk|@grpc|@opentelemetry))',
    ),
    onlyFrom(
      'the-lab-knows-no-scenario',
      '^support/lab/',
      '^(steps|support/(cli|report|requirements|expectations)/|support/(world|hooks|judgement)\\.ts)',
    ),
    onlyFrom('nothing-below-the-commands-knows-them', '^(steps|support)/(?!cli/)', '^support/cli/'),
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
