// Run as a process of its own by kill.test.ts: fills the disk tier through its socket and says what was there.
import { bodyOf, connect, startKeeper, stored } from './stored.ts'

const { keeper, socket } = startKeeper(process.argv[2]!)
const tier = await connect(socket)
for (let n = keeper.health.entries; ; n++) {
  const primary = `http://app.test/${n}`
  tier.keep(stored(primary), bodyOf(primary, 500 + ((n * 7919) % 60_000)))
  if (n % 20 !== 0) continue
  // Written down: a filter learns of keys after their commit.
  while (!tier.mayHave(primary)) await new Promise(resolve => setTimeout(resolve, 5))
  process.stdout.write(`${n}\n`)
}
