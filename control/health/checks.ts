// Runs the active health checks of a configuration and tells what changed.
import type { ActiveCheck, Config, GroupConfig, Target } from '../../config/schema.ts'
import type { HealthWord } from '../../proxy/messages.ts'
import { advance, type CheckState, FRESH } from './check-state.ts'
import type { probe as Probe } from './probe.ts'

interface Checked {
  route: string
  target: Target
  check: ActiveCheck
  verify: boolean
  proxyProtocol: GroupConfig['proxyProtocol']
  state: CheckState
  timer: NodeJS.Timeout | undefined
}

export class Checks {
  readonly #onWords: (words: HealthWord[]) => void
  readonly #probe: typeof Probe | undefined
  #checked = new Map<string, Checked>()

  /** @param probe tests put their own here */
  constructor(onWords: (words: HealthWord[]) => void, probe?: typeof Probe) {
    this.#onWords = onWords
    this.#probe = probe
  }

  /** Checks what this configuration asks for; what is known of an upstream survives the change. */
  configure(config: Config): void {
    const before = this.#checked
    this.#checked = new Map()
    for (const { name: route, to } of config.routes) {
      if (to.health === null) continue
      for (const target of to.targets) {
        const key = JSON.stringify([route, target.name])
        const state = before.get(key)?.state ?? FRESH
        this.#checked.set(key, {
          route,
          target,
          check: to.health,
          verify: to.verify,
          proxyProtocol: to.proxyProtocol,
          state,
          timer: undefined,
        })
      }
    }
    const freed = [...before].filter(([key, it]) => !this.#checked.has(key) && !it.state.healthy)
    this.#stop(before.values())
    if (freed.length > 0) this.#onWords(freed.map(([, it]) => wordOf({ ...it, state: FRESH })))
    for (const it of this.#checked.values()) this.#schedule(it, Math.random() * it.check.intervalMs)
  }

  /** All upstreams that are out: what a new worker must hear. */
  downWords(): HealthWord[] {
    return [...this.#checked.values()].filter(it => !it.state.healthy).map(wordOf)
  }

  close(): void {
    this.#stop(this.#checked.values())
    this.#checked = new Map()
  }

  #stop(list: Iterable<Checked>): void {
    for (const it of list) {
      clearTimeout(it.timer)
      it.timer = undefined
    }
  }

  #schedule(it: Checked, delayMs: number): void {
    it.timer = setTimeout(() => void this.#run(it), delayMs).unref()
  }

  async #run(it: Checked): Promise<void> {
    const probe = this.#probe ?? (await import('./probe.ts')).probe
    const failure = await probe(it.target, it.check, it.verify, it.proxyProtocol)
    // Stopped meanwhile: its successor has its own state.
    if (it.timer === undefined) return
    const before = it.state.healthy
    it.state = advance(it.state, failure, it.check)
    if (it.state.healthy !== before) this.#onWords([wordOf(it)])
    this.#schedule(it, it.check.intervalMs)
  }
}

function wordOf({ route, target, state, check }: Checked): HealthWord {
  const reason = state.healthy ? '' : `health check ${check.path}: ${state.reason}`
  return { route, upstream: target.name, healthy: state.healthy, reason }
}
