// What `npm start` runs: the demo, or with words after `--` the short form.
export { help } from './help.ts'

export async function run(words: string[]): Promise<number> {
  const command = words.some(word => !word.startsWith('-')) ? import('./front.ts') : import('./demo.ts')
  return (await command).run(words)
}
