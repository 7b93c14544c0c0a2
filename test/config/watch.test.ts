// Watching: every way an editor saves counts once, nothing else counts.
import {
  appendFileSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Watcher, watch } from '../../config/watch.ts'

let file: string
let changes: number
let watcher: Watcher | undefined
const pause = () => new Promise(resolve => setTimeout(resolve, 350))

beforeEach(async () => {
  file = join(mkdtempSync(join(tmpdir(), 'oriel-watch-')), 'oriel.yaml')
  writeFileSync(file, 'a')
  changes = 0
})
afterEach(() => watcher?.close())

const start = async () => {
  watcher = await watch(
    file,
    () => {
      changes++
    },
    error => {
      throw error
    },
  )
}

it('notices a write in several steps once', async () => {
  await start()
  writeFileSync(file, '')
  appendFileSync(file, 'b')
  appendFileSync(file, 'c')
  await pause()
  expect(changes).toBe(1)
})

it('notices a rename onto the file, again and again', async () => {
  await start()
  for (const text of ['b', 'c']) {
    writeFileSync(`${file}.tmp`, text)
    renameSync(`${file}.tmp`, file)
    await pause()
  }
  expect(changes).toBe(2)
})

it('notices delete and write, but not the delete alone', async () => {
  await start()
  rmSync(file)
  await pause()
  expect(changes).toBe(0)
  writeFileSync(file, 'b')
  await pause()
  expect(changes).toBe(1)
})

it('does not take the same text, a touch or a neighbour for a change', async () => {
  await start()
  writeFileSync(file, 'a')
  utimesSync(file, 1, 1)
  writeFileSync(`${file}.bak`, 'b')
  await pause()
  expect(changes).toBe(0)
})

it('notices a swapped directory link as Kubernetes does it', async () => {
  const root = mkdtempSync(join(tmpdir(), 'oriel-watch-'))
  for (const [name, text] of [
    ['..1', 'a'],
    ['..2', 'b'],
  ] as const) {
    writeFileSync(join(root, `${name}.yaml`), text)
  }
  symlinkSync('..1.yaml', join(root, '..data'))
  symlinkSync('..data', join(root, 'oriel.yaml'))
  file = join(root, 'oriel.yaml')
  await start()
  symlinkSync('..2.yaml', join(root, '..data.new'))
  renameSync(join(root, '..data.new'), join(root, '..data'))
  await pause()
  expect(changes).toBe(1)
})
