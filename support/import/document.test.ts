import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sectionSchema } from '../requirements/schema.ts'
import { readYaml } from '../yaml.ts'
import { importDocument } from './document.ts'
import { sectionFile } from './files.ts'

const systems = { s3: 'Object storage', tempo: 'Grafana Tempo', grafana: 'Grafana', kubernetes: 'Kubernetes' }

function read(markdown: string, system?: string) {
  return importDocument(markdown, { prefix: 'doc', title: undefined, system, systems })
}

function requirementsOf(markdown: string, system?: string) {
  return read(markdown, system).sections.flatMap(({ section }) => section.requirements)
}

test('a bullet becomes a requirement under its section, with deadline, criterion and line', () => {
  const [requirement, ...more] = requirementsOf(
    [
      '# Traces',
      '',
      '## TASK-007: Deploy Tempo',
      '',
      '- AC-007-03: WHEN a trace is acknowledged, Tempo SHALL have it',
      '  in `S3` within 10 minutes {confidence: 95%}',
    ].join('\n'),
  )
  assert.deepEqual(more, [])
  assert.deepEqual(requirement, {
    id: 'doc.007.3',
    says: 'When a trace is acknowledged, Tempo shall have it in S3 within 10 minutes.',
    level: 'must',
    systems: ['tempo'],
    kind: 'runtime',
    within: '10 minutes',
    criteria: ['AC-007-03'],
    source: 'line 5',
    later: 'planned',
  })
})

test('who shall is put in where a bullet leaves it out, and the interpretation tells so', () => {
  const says = requirementsOf(
    '## TASK-1: Tempo\n- WHEN a pod is killed, SHALL be ready within 2 mins\n- It SHALL log nothing',
  )
  assert.deepEqual(
    says.map(each => [each.says, each.interpretation, each.within, each.disruptive]),
    [
      [
        'When a pod is killed, the outcome of TASK-1 shall be ready within 2 minutes.',
        'The document does not tell who shall. Read as the outcome of TASK-1.',
        '2 minutes',
        true,
      ],
      [
        'The outcome of TASK-1 shall log nothing.',
        'The document does not tell who shall. Read as the outcome of TASK-1.',
        undefined,
        undefined,
      ],
    ],
  )
})

test('every pattern of EARS is read, conditions that come last are put first, and sentences are parted', () => {
  const says = requirementsOf(
    [
      '- WHILE Tempo starts, it SHALL refuse traces',
      '- IF a trace is unknown, THEN Tempo SHALL answer 404',
      '- WHERE TLS is configured, Tempo SHALL NOT answer without it.',
      '- **Tempo** SHALL answer; see `docs`',
      '- Tempo SHALL flush when it is ended',
      '- Tempo SHALL start. Grafana SHOULD find it.',
    ].join('\n'),
    'tempo',
  ).map(each => `${each.level} ${each.says}`)
  assert.deepEqual(says, [
    'must While Tempo starts, the outcome of the document shall refuse traces.',
    'must If a trace is unknown, Tempo shall answer 404.',
    'must Where TLS is configured, Tempo shall not answer without it.',
    'must Tempo shall answer; see docs.',
    'must When it is ended, Tempo shall flush.',
    'must Tempo shall start.',
    'should Grafana shall find it.',
  ])
})

test('checkboxes, criteria, tables, quotations and inner lists are read', () => {
  const says = requirementsOf(
    [
      '## Story 1.2: Storage of Tempo',
      '- [x] Bucket tempo-traces exists ✅',
      '- [ ] T014 [P] Create a bucket',
      '**Success criteria**:',
      '- ✅ Grafana finds Tempo',
      '',
      '| what | promise |',
      '|---|---|',
      '| S3 | Tempo SHALL have `tempo-traces` |',
      '',
      '> Grafana SHALL answer',
      '',
      '1. WHEN Tempo is ready, it SHALL:',
      '   - accept traces',
      '   - answer queries within 5 s',
    ].join('\n'),
  ).map(each => [each.id, each.says, each.source])
  assert.deepEqual(says, [
    ['doc.1.2.1', 'When Story 1.2 is done, this shall hold: Bucket tempo-traces exists.', 'line 2'],
    ['doc.T014.1', 'When T014 is done, this shall have been carried out: Create a bucket.', 'line 3'],
    ['doc.1.2.2', 'When Story 1.2 is done, this shall hold: Grafana finds Tempo.', 'line 5'],
    ['doc.1.2.3', 'Tempo shall have tempo-traces.', 'line 9'],
    ['doc.1.2.4', 'Grafana shall answer.', 'line 11'],
    ['doc.1.2.5', 'When Tempo is ready, the outcome of Story 1.2 shall accept traces.', 'line 14'],
    ['doc.1.2.6', 'When Tempo is ready, the outcome of Story 1.2 shall answer queries within 5 s.', 'line 15'],
  ])
})

test('what promises something and is not read is listed by line with its reason', () => {
  const { unread } = read(
    [
      '- [ ] TASK-1: Deploy Tempo',
      '## TASK-1: Deploy Tempo',
      '- WHEN a pod starts Tempo SHALL be ready',
      '- Everything SHALL be well',
      '```gherkin',
      'Given Tempo',
      'Then Tempo SHALL answer',
      '```',
      'Sub-tasks:',
      '- [ ] Write a file',
      '## Others',
      '- Everything SHALL be well',
    ].join('\n'),
  )
  assert.deepEqual(
    unread.map(({ line, reason }) => [line, reason]),
    [
      [1, 'is the heading of line 2'],
      [3, 'is no EARS sentence: no comma ends the condition that "When" begins'],
      [7, 'stands in a code block or in HTML'],
      [10, 'is a step ("Sub-tasks:") beside sentences or criteria'],
      [12, 'names no system of systems.yaml, nor does a heading above it; --system NAME'],
    ],
  )
})

test('numbers of the document stay, others take what is free, and a number given twice is a fault', () => {
  const { sections, faults } = read(
    [
      '## TASK-2: Tempo',
      '- Tempo SHALL start',
      '- AC-002-01: Tempo SHALL answer',
      '- DoD-2-02: Tempo SHALL flush',
      '- DoD-2-02: Tempo SHALL stop',
      '## Phase 2: Tempo again',
      '- Tempo SHALL go on',
      '## Phase 2: Tempo once more',
      '- Tempo SHALL end',
    ].join('\n'),
  )
  assert.deepEqual(
    sections.flatMap(({ name, section }) => section.requirements.map(({ id }) => `${name} ${id}`)),
    [
      '2 doc.2.1',
      '2 doc.AC-002.1',
      '2 doc.2.2',
      '2 doc.2.2',
      'phase-2 doc.phase-2.1',
      'phase-2-tempo-once-more doc.phase-2-tempo-once-more.1',
    ],
  )
  assert.deepEqual(faults, [{ line: 5, text: 'DoD-2-02 stands at line 4 already' }])
})

test('the kind follows the words of the sentence, the system who shall', () => {
  const rows = requirementsOf(
    [
      '# Tempo',
      '- The file `apps/tempo/release.yaml` SHALL name Tempo',
      '- WHEN Tempo is applied, its pods SHALL be ready',
      '- The design SHALL be reviewed by the team',
      '- WHEN Grafana is asked, Tempo SHALL answer in less than 3 seconds',
      '- WHEN Tempo writes, Grafana Tempo SHALL use S3',
    ].join('\n'),
  ).map(each => [each.kind, each.systems?.join(), each.within, each.later])
  assert.deepEqual(rows, [
    ['repository', 'tempo', undefined, 'planned'],
    ['cluster', 'kubernetes', undefined, 'planned'],
    ['human', 'tempo', undefined, undefined],
    ['runtime', 'tempo', '3 s', 'planned'],
    ['runtime', 'tempo', undefined, 'planned'],
  ])
})

test('a file of the registry is folded, short in width, and read again as it was', () => {
  const long =
    'Tempo SHALL have every span of every trace that it acknowledged, with all attributes, events and links, '
  const [made] = read(`## TASK-1: Tempo\n- WHEN a trace is acknowledged, ${long}in S3\n`).sections
  assert.ok(made !== undefined)
  const text = sectionFile(made, '../../requirements.schema.json')
  assert.match(text, /^# yaml-language-server: \$schema=\.\.\/\.\.\/requirements\.schema\.json\ndocument: doc\n/)
  assert.match(text, /says: >-\n/)
  assert.deepEqual(
    text.split('\n').filter(line => line.length > 120),
    [],
  )
  const { value, faults } = readYaml(text, sectionSchema)
  assert.deepEqual(faults, [])
  assert.equal(value?.requirements[0]?.says, made.section.requirements[0]?.says)
})
