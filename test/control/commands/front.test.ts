// The short form: what its words mean, and that the file it writes is right.
import { expect, it } from 'vitest'
import { parse } from '../../../config/load.ts'
import { frontConfig, readFront } from '../../../control/commands/front.ts'

it.each([
  [['3000'], { name: '', targets: ['3000'] }],
  [['3000', 'localhost:3001'], { name: '', targets: ['3000', 'localhost:3001'] }],
  [['app.example.com', '3000', '3001'], { name: 'app.example.com', targets: ['3000', '3001'] }],
  [['*.example.com', 'http://10.0.0.1:80'], { name: '*.example.com', targets: ['http://10.0.0.1:80'] }],
])('%j', (words, front) => {
  expect(readFront(words)).toEqual(front)
  const text = frontConfig(front, { http: ':80', https: ':443', admin: '127.0.0.1:9900' })
  const outcome = parse(text, '/x/oriel.yaml')
  expect(outcome.ok && outcome.config.routes[0]?.host).toBe(front.name || '*')
})

it.each([
  [['rnu'], 'unknown command "rnu", did you mean "run"?'],
  [['quantum'], 'unknown command "quantum"; `oriel help` lists all'],
  [['--fast', '3000'], 'unknown option --fast; `oriel help` lists all'],
  [['app.example.com', 'backend'], 'backend: which port? write backend:3000 or http://backend'],
])('%j is refused', (words, message) => {
  expect(() => readFront(words)).toThrow(message)
})
