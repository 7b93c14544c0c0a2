// A body that came as text must be the same bytes for whoever asks for them, and watched like any other.
import { expect, test } from 'vitest'
import { Headers } from '../../../proxy/lib/headers.ts'
import { Reply } from '../../../proxy/pipeline/reply.ts'

const BYTES = Buffer.from([0, 0x41, 0x80, 0xff])
const ofText = () => Reply.ofText(200, new Headers(), BYTES.toString('latin1'))

test('text is a body at hand, of as many bytes as it has characters', () => {
  const reply = ofText()
  expect([reply.empty, reply.atHand, reply.length]).toEqual([false, true, 4])
  expect(reply.takeText()).toBe(BYTES.toString('latin1'))
})

test('whoever asks for bytes gets those that came, the same ones each time', () => {
  const reply = ofText()
  const { body } = reply
  expect(body).toEqual(BYTES)
  expect(reply.body).toBe(body)
  expect(reply.takeText()).toBe(null)
  expect([reply.empty, reply.atHand, reply.length]).toEqual([false, true, 4])
})

test('a watched body is not passed on unseen', () => {
  const reply = ofText()
  const seen: unknown[] = []
  reply.tap({ chunk: data => seen.push(Buffer.from(data)), end: complete => seen.push(complete) })
  expect(reply.takeText()).toBe(null)
  expect(reply.take()).toEqual(BYTES)
  expect(seen).toEqual([BYTES, true])
})

test('another body takes its place, and none is none', () => {
  const reply = ofText()
  reply.body = null
  const { empty, atHand, length, body } = reply
  expect([empty, atHand, length, body, reply.takeText()]).toEqual([true, true, 0, null, null])
})
