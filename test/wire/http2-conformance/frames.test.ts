// Frames that are not what they say: without these one client's bytes would be read in two ways (RFC 9113 sections 4, 6).

import { type FrameCase, GET, MUTE, openBench, POST, testFrameCases } from '../../support/http2/examiner.ts'
import {
  continuation,
  data,
  END_HEADERS,
  END_STREAM,
  frame,
  goaway,
  headers,
  PADDED,
  PRIORITY_FLAG,
  padded,
  ping,
  priority,
  priorityOf,
  reset,
  TYPE,
} from '../../support/http2/frame.ts'
import { literal } from '../../support/http2/hpack.ts'

const bench = openBench()
const PROTOCOL = ['GOAWAY PROTOCOL_ERROR']
const SIZE = ['GOAWAY FRAME_SIZE_ERROR']
const FINE = ['nothing']
/** RFC 9113 section 4.2: the connection's, or a stream's own; the RFC lets either be the connection's. */
const STREAM_SIZE = ['RST FRAME_SIZE_ERROR', 'GOAWAY FRAME_SIZE_ERROR']
const open = headers(1, MUTE, END_HEADERS)
const bytes = (length: number): Buffer => Buffer.alloc(length)
const LARGEST = 16_384
/** A frame of which only the head comes: it must not be waited for. */
const headOf = (type: number, stream: number): Buffer =>
  Buffer.concat([Buffer.from([0xff, 0xff, 0xff]), frame(type, 0, stream).subarray(3)])

const formats: FrameCase[] = [
  { rule: '4.1', what: 'a frame of unknown type', sends: [frame(0x42, 0, 0, bytes(8))], permits: FINE },
  {
    rule: '4.1',
    what: 'an unknown type on a stream',
    sends: [open, frame(0xff, 0xff, 1, bytes(8))],
    permits: FINE,
  },
  { rule: '4.1', what: 'an unknown type on an idle stream', sends: [frame(0x42, 0, 7)], permits: FINE },
  { rule: '4.1', what: 'a flag that is not defined', sends: [ping('12345678', 0x16)], permits: FINE },
  {
    rule: '4.1',
    what: 'undefined flags of HEADERS',
    sends: [headers(1, MUTE, 0xd2 | END_HEADERS)],
    permits: FINE,
  },
  {
    rule: '4.1',
    what: 'undefined flags of WINDOW_UPDATE',
    sends: [frame(TYPE.WINDOW_UPDATE, 0xff, 0, Buffer.from([0, 0, 0, 1]))],
    permits: FINE,
  },
  {
    rule: '4.1',
    what: 'a stream number with its reserved bit set',
    sends: [frame(TYPE.HEADERS, END_HEADERS, 0x8000_0001, MUTE)],
    permits: FINE,
  },
  {
    rule: '4.1',
    what: 'PING with the reserved bit set',
    sends: [ping('12345678', 0, 0x8000_0000)],
    permits: FINE,
  },
  { rule: '4.2', what: 'DATA of 2^14 octets', sends: [open, data(1, bytes(LARGEST))], permits: FINE },
  {
    rule: '4.2',
    what: 'DATA over SETTINGS_MAX_FRAME_SIZE',
    sends: [open, data(1, bytes(LARGEST + 1))],
    permits: STREAM_SIZE,
  },
  {
    rule: '4.2',
    what: 'HEADERS over SETTINGS_MAX_FRAME_SIZE',
    sends: [headers(1, Buffer.concat([GET, bytes(LARGEST)]))],
    permits: SIZE,
  },
  {
    rule: '4.2',
    what: 'CONTINUATION over SETTINGS_MAX_FRAME_SIZE',
    sends: [headers(1, GET, 0), continuation(1, literal('never', 'x-a', 'a'.repeat(LARGEST)))],
    permits: SIZE,
  },
  {
    rule: '4.2',
    what: 'SETTINGS over SETTINGS_MAX_FRAME_SIZE',
    sends: [frame(TYPE.SETTINGS, 0, 0, bytes(6 * 2731))],
    permits: SIZE,
  },
  {
    rule: '4.2',
    what: 'an unknown type over SETTINGS_MAX_FRAME_SIZE',
    sends: [frame(0x42, 0, 0, bytes(LARGEST + 1))],
    permits: [...SIZE, 'nothing'],
  },
  {
    rule: '4.2',
    what: 'HEADERS that announce 16 MiB, alone',
    sends: [headOf(TYPE.HEADERS, 1)],
    permits: SIZE,
  },
  {
    rule: '4.2',
    what: 'DATA that announces 16 MiB, alone',
    sends: [open, headOf(TYPE.DATA, 1)],
    permits: STREAM_SIZE,
  },
  {
    rule: '5.5',
    what: 'an unknown type inside a head',
    sends: [headers(1, GET, END_STREAM), frame(0x42, 0, 0), continuation(1, GET)],
    permits: PROTOCOL,
  },
]
testFrameCases(bench, formats)

testFrameCases(bench, [
  { rule: '6.1', what: 'DATA on stream 0', sends: [data(0, 'test')], permits: PROTOCOL },
  {
    rule: '6.1',
    what: 'padding longer than DATA',
    sends: [headers(1, POST, END_HEADERS), data(1, Buffer.from('\x06Test'), PADDED)],
    permits: PROTOCOL,
  },
  {
    rule: '6.1',
    what: 'padding as long as DATA',
    sends: [headers(1, POST, END_HEADERS), data(1, Buffer.from('\x05Test'), PADDED)],
    permits: PROTOCOL,
  },
  {
    rule: '6.1',
    what: 'padded DATA without a length of padding',
    sends: [headers(1, POST, END_HEADERS), data(1, '', PADDED)],
    permits: [...SIZE, ...PROTOCOL],
  },
  {
    rule: '6.1',
    what: 'DATA that is padding alone',
    sends: [open, data(1, padded('', 255), PADDED)],
    permits: FINE,
  },
  {
    rule: '6.1',
    what: 'a length of padding of 0',
    sends: [open, data(1, padded('a', 0), PADDED)],
    permits: FINE,
  },
  { rule: '6.2', what: 'HEADERS on stream 0', sends: [headers(0, GET)], permits: PROTOCOL },
  {
    rule: '6.2',
    what: 'padding longer than HEADERS',
    sends: [headers(1, Buffer.concat([bytes(1).fill(255), GET]), END_HEADERS | END_STREAM | PADDED)],
    permits: PROTOCOL,
  },
  {
    rule: '6.2',
    what: 'padded HEADERS without a length of padding',
    sends: [headers(1, bytes(0), END_HEADERS | PADDED)],
    permits: [...SIZE, ...PROTOCOL],
  },
  {
    rule: '6.2',
    what: 'padding that leaves no room for the priority',
    sends: [headers(1, padded(priorityOf(0).subarray(0, 4), 1), END_HEADERS | PADDED | PRIORITY_FLAG)],
    permits: [...PROTOCOL, ...SIZE],
  },
  {
    rule: '6.2',
    what: 'HEADERS too short for their priority',
    sends: [headers(1, bytes(4), END_HEADERS | PRIORITY_FLAG)],
    permits: [...SIZE, ...PROTOCOL],
  },
  {
    rule: '6.2',
    what: 'padded HEADERS',
    sends: [headers(1, padded(MUTE, 77), END_HEADERS | PADDED)],
    permits: FINE,
  },
  {
    rule: '6.2',
    what: 'HEADERS with priority',
    sends: [headers(1, Buffer.concat([priorityOf(0, 255), MUTE]), END_HEADERS | PRIORITY_FLAG)],
    permits: FINE,
  },
  {
    rule: '6.2',
    what: 'HEADERS with padding and exclusive priority',
    sends: [
      headers(
        1,
        padded(Buffer.concat([priorityOf(0x8000_0000), MUTE]), 3),
        END_HEADERS | PADDED | PRIORITY_FLAG,
      ),
    ],
    permits: FINE,
  },
  { rule: '6.3', what: 'PRIORITY on stream 0', sends: [priority(0, 1)], permits: PROTOCOL },
  {
    rule: '6.3',
    what: 'PRIORITY of 4 octets',
    sends: [open, frame(TYPE.PRIORITY, 0, 1, bytes(4))],
    permits: STREAM_SIZE,
  },
  {
    rule: '6.3',
    what: 'PRIORITY of 6 octets',
    sends: [open, frame(TYPE.PRIORITY, 0, 1, bytes(6))],
    permits: STREAM_SIZE,
  },
  {
    rule: '5.3.2',
    what: 'a stream that depends on itself in PRIORITY',
    sends: [open, priority(1, 1)],
    permits: ['nothing', 'RST PROTOCOL_ERROR', 'GOAWAY PROTOCOL_ERROR'],
  },
  {
    rule: '5.3.2',
    what: 'a stream that depends on itself in HEADERS',
    sends: [headers(1, Buffer.concat([priorityOf(1), MUTE]), END_HEADERS | PRIORITY_FLAG)],
    permits: ['nothing', 'RST PROTOCOL_ERROR', 'GOAWAY PROTOCOL_ERROR'],
  },
  { rule: '6.4', what: 'RST_STREAM on stream 0', sends: [reset(0)], permits: PROTOCOL },
  {
    rule: '6.4',
    what: 'RST_STREAM of 3 octets',
    sends: [open, frame(TYPE.RST_STREAM, 0, 1, bytes(3))],
    permits: SIZE,
  },
  {
    rule: '6.4',
    what: 'RST_STREAM of 5 octets',
    sends: [open, frame(TYPE.RST_STREAM, 0, 1, bytes(5))],
    permits: SIZE,
  },
  {
    rule: '6.6',
    what: 'PUSH_PROMISE of a client',
    sends: [open, frame(TYPE.PUSH_PROMISE, END_HEADERS, 1, Buffer.concat([Buffer.from([0, 0, 0, 2]), GET]))],
    permits: PROTOCOL,
  },
  {
    rule: '6.6',
    what: 'PUSH_PROMISE on stream 0',
    sends: [frame(TYPE.PUSH_PROMISE, END_HEADERS, 0, Buffer.concat([Buffer.from([0, 0, 0, 2]), GET]))],
    permits: PROTOCOL,
  },
  { rule: '6.7', what: 'PING on a stream', sends: [ping('12345678', 0, 1)], permits: PROTOCOL },
  { rule: '6.7', what: 'PING of 6 octets', sends: [ping('123456')], permits: SIZE },
  { rule: '6.7', what: 'PING of 9 octets', sends: [ping('123456789')], permits: SIZE },
  { rule: '6.7', what: 'PING of none', sends: [ping('')], permits: SIZE },
  { rule: '6.8', what: 'GOAWAY on a stream', sends: [goaway(0, 0, 1)], permits: PROTOCOL },
  { rule: '6.8', what: 'GOAWAY of 7 octets', sends: [frame(TYPE.GOAWAY, 0, 0, bytes(7))], permits: SIZE },
  {
    rule: '6.9',
    what: 'WINDOW_UPDATE of 3 octets',
    sends: [frame(TYPE.WINDOW_UPDATE, 0, 0, bytes(3))],
    permits: SIZE,
  },
  {
    rule: '6.9',
    what: 'WINDOW_UPDATE of 5 octets on a stream',
    sends: [open, frame(TYPE.WINDOW_UPDATE, 0, 1, bytes(5))],
    permits: SIZE,
  },
])
