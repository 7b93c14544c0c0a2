// A head in several frames: one long unit, into which nothing may come (RFC 9113 sections 4.3, 6.10).
import { GET, MUTE, openBench, testFrameCases } from '../../support/http2/examiner.ts'
import {
  continuation,
  data,
  END_HEADERS,
  END_STREAM,
  frame,
  goaway,
  headers,
  ping,
  priority,
  reset,
  SETTING,
  settings,
  windowUpdate,
} from '../../support/http2/frame.ts'

const bench = openBench()
const PROTOCOL = ['GOAWAY PROTOCOL_ERROR']
const FINE = ['nothing']
const open = headers(1, MUTE, END_HEADERS)
const bytes = (length: number): Buffer => Buffer.alloc(length)
const begun = headers(1, GET, END_STREAM)
const between: readonly [string, Buffer][] = [
  ['DATA', data(1, 'a')],
  ['HEADERS', headers(1, GET)],
  ["another stream's HEADERS", headers(3, GET)],
  ['PRIORITY', priority(1, 0)],
  ["another stream's PRIORITY", priority(3, 0)],
  ['RST_STREAM', reset(1)],
  ['SETTINGS', settings([SETTING.ENABLE_PUSH, 0])],
  ['PING', ping()],
  ['GOAWAY', goaway(0, 0)],
  ['WINDOW_UPDATE', windowUpdate(0, 1)],
  ["another stream's CONTINUATION", continuation(3, GET)],
  ['an unknown type on its stream', frame(0x42, 0, 1)],
]
testFrameCases(bench, [
  ...between.map(([name, it]) => ({
    rule: '6.10',
    what: `${name} inside a head`,
    sends: [begun, it],
    permits: PROTOCOL,
  })),
  {
    rule: '6.10',
    what: 'several CONTINUATIONs',
    sends: [
      headers(1, MUTE.subarray(0, 5), END_STREAM),
      continuation(1, MUTE.subarray(5, 6), 0),
      continuation(1, bytes(0), 0),
      continuation(1, MUTE.subarray(6)),
    ],
    permits: FINE,
  },
  {
    rule: '6.10',
    what: 'DATA after CONTINUATIONs that do not end',
    sends: [begun, continuation(1, bytes(0), 0), data(1, 'a')],
    permits: PROTOCOL,
  },
  {
    rule: '6.10',
    what: 'CONTINUATION on stream 0',
    sends: [begun, continuation(0, bytes(0))],
    permits: PROTOCOL,
  },
  {
    rule: '6.10',
    what: 'CONTINUATION after a whole head',
    sends: [open, continuation(1, bytes(0))],
    permits: PROTOCOL,
  },
  {
    rule: '6.10',
    what: 'CONTINUATION after the last CONTINUATION',
    sends: [headers(1, MUTE, 0), continuation(1, bytes(0)), continuation(1, bytes(0))],
    permits: PROTOCOL,
  },
  {
    rule: '6.10',
    what: 'CONTINUATION after DATA',
    sends: [open, data(1, 'a'), continuation(1, bytes(0))],
    permits: PROTOCOL,
  },
])
