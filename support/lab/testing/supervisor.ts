import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { directoryPrefix, recordFile, writeRecord } from '../lab-record.ts'
import { ServerProcess } from '../server-process.ts'

/** Runs a server as a lab does, in a process that a test can kill. The argument is the folder of the records. */
const directory = mkdtempSync(join(tmpdir(), directoryPrefix))
const program = join(directory, 'server')
writeFileSync(program, '#!/bin/sh\nexec sleep 60\n', { mode: 0o755 })
const server: ServerProcess = new ServerProcess(
  {
    name: 'scripted',
    version: '1.0',
    program,
    arguments: [],
    environment: {},
    directory,
    logFile: join(directory, 'server.log'),
    isReady: async () => true,
  },
  () => {
    const servers = server.pid === undefined ? [] : [{ name: 'scripted', program, pid: server.pid }]
    writeRecord(recordFile(directory, process.argv[2]), directory, servers)
  },
)
await server.start(new AbortController().signal)
process.stdout.write(`${JSON.stringify({ directory, pid: server.pid })}\n`)
