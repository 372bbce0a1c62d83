import assert from 'node:assert/strict'
import { connect, createServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { freePorts } from '../ports.ts'
import { Gate } from './gate.ts'

async function openGate(engine: (client: Socket, gate: Gate) => void): Promise<{ gate: Gate; port: number }> {
  const [port = 0, nobody = 0] = await freePorts(2)
  const gate = new Gate({ port }, { port: nobody })
  gate.use(
    createServer(client => engine(client, gate)),
    () => false,
  )
  await gate.open()
  return { gate, port }
}

test('a connection that is shutting down as it is reset is closed all the same', async () => {
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  const { gate, port } = await openGate((client, own) => {
    client.once('close', () => resolve())
    client.end()
    own.reset(client.remotePort)
  })
  await text(connect(port, '127.0.0.1')).catch(() => undefined)
  await closed
  await gate.close()
})

test('only the connection that is meant is reset', async () => {
  const { gate, port } = await openGate((client, own) => {
    client.once('data', said => {
      if (said.toString() === 'reset') own.reset(client.remotePort)
      else client.end(said)
    })
  })
  const say = async (what: string) => {
    const socket = connect(port, '127.0.0.1')
    socket.write(what)
    return await text(socket)
  }
  const waiting = connect(port, '127.0.0.1')
  await assert.rejects(say('reset'), { code: 'ECONNRESET' })
  waiting.write('still here')
  assert.equal(await text(waiting), 'still here')
  gate.reset(undefined)
  assert.equal(await say('and I'), 'and I')
  await gate.close()
})
