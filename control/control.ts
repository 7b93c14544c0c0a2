// The control process as a table of contents: configuration, sockets, workers, telemetry, admin, signals.
import { type LoadOutcome, load } from '../config/load.ts'
import type { Config } from '../config/schema.ts'
import { watch } from '../config/watch.ts'
import type { HealthWord, ListenerName } from '../proxy/messages.ts'
import { prepareDataDir } from '../telemetry/store/data-dir.ts'
import type { Admin } from './admin/server.ts'
import { CacheTier, cacheSocketIn } from './cache-tier.ts'
import { certificatesFor } from './certificates.ts'
import { announce, reachable, withdraw } from './discovery.ts'
import { Fault } from './fault.ts'
import { Checks } from './health/checks.ts'
import { lockData } from './lock.ts'
import { createLog, type Log } from './log.ts'
import { Reloader } from './reload.ts'
import { type BoundListener, bindListener } from './sockets.ts'
import type { StatusParts } from './status.ts'
import { type Issue, Supervisor } from './supervisor.ts'
import type { Telemetry } from './telemetry.ts'
import { version } from './version.ts'

/** Certificates are looked at this often; they are renewed a month before they end. */
const RENEW_MS = 12 * 3_600_000
/** Of the grace period, kept for writing the last records. */
const FLUSH_MS = 1000

export interface Control {
  config: Config
  /** Where Oriel is reached from this machine; '' where there is no such listener. */
  addresses: { http: string; https: string; admin: string }
  /** The dashboard, with a one-time token. */
  link: string
  /** Drains and ends everything. */
  stop(): Promise<void>
  /** Ends the workers at once. */
  cut(): void
}

type Sockets = Map<ListenerName, BoundListener>

/** @throws Fault when Oriel cannot start, with a sentence for people */
export async function control(file: string, log: Log = createLog()): Promise<Control> {
  const config = configOf(await load(file))
  await claimData(config.data)
  const sockets = await bindAll(config)
  const { certificates, problems } = await certificatesFor(config)
  for (const { route, reason } of problems) log.error(`certificate ${route}: ${reason}`)

  // Workers first: while they start, the rest is loaded.
  const cacheSocket = config.cache.diskBytes > 0 ? cacheSocketIn(config.data) : ''
  const opened = Promise.withResolvers<Telemetry>()
  const checks: Checks = new Checks(words => tell(words, supervisor, log))
  const supervisor = newSupervisor(
    { generation: 1, config, certificates },
    { listeners: sockets, cacheSocket },
    checks,
    opened.promise,
    log,
  )
  const serving = supervisor.start()
  serving.catch(() => {})
  try {
    const tier = openTier(config, cacheSocket, opened.promise, log)
    const { openTelemetry } = await import('./telemetry.ts')
    const telemetry = openTelemetry(config, () => reloader.config.accessLog, log)
    const reloader = newReloader(file, config, problems, { supervisor, telemetry, checks, log })
    opened.resolve(telemetry)
    return await open({ file, sockets, serving, supervisor, telemetry, tier, reloader, checks, log })
  } catch (error) {
    supervisor.kill()
    throw error
  }
}

interface Parts extends Running {
  file: string
  sockets: Sockets
  /** Every worker serves. */
  serving: Promise<void>
  reloader: Reloader
  /** Null: nothing is kept on disk. */
  tier: CacheTier | null
}

/** What people reach: the admin server, the announcement to commands, the watchers. */
async function open(parts: Parts): Promise<Control> {
  const { file, sockets, serving, supervisor, telemetry, tier, reloader, checks, log } = parts
  const { config } = reloader
  const startedAtMs = Date.now()
  telemetry.ingest.event({ at: startedAtMs, kind: 'start', text: `Oriel ${version} started.`, until: null })
  const state = { ready: false }
  const listeners = [...sockets].map(([name, { address }]) => ({ name, address: reachable(address, name) }))
  const status = { file, startedAtMs, listeners, supervisor, reloader, telemetry, tier }
  const admin = await openAdmin(status, state, log)
  await serving
  state.ready = true
  checks.configure(config)
  const addresses = {
    http: urlOf(sockets, 'http'),
    https: urlOf(sockets, 'https'),
    admin: adminUrl(config, admin),
  }
  await announce(config.data, { admin: addresses.admin, token: admin.cliToken, pid: process.pid })
  const unwatch = await watchAll(file, reloader, supervisor, log)
  const stop = async () => {
    state.ready = false
    unwatch()
    checks.close()
    telemetry.ingest.event({ at: Date.now(), kind: 'stop', text: 'Oriel stops.', until: null })
    const { graceMs } = reloader.config
    await supervisor.drain(Math.max(graceMs - FLUSH_MS, graceMs * 0.8))
    await Promise.all([telemetry.close(FLUSH_MS), admin.close(), tier?.close(FLUSH_MS)])
    await withdraw(config.data)
  }
  return { config, addresses, link: admin.link(), stop, cut: () => supervisor.kill() }
}

function configOf(outcome: LoadOutcome): Config {
  if (!outcome.ok) throw new Fault(outcome.problems.join('\n'))
  return outcome.config
}

async function claimData(data: string): Promise<void> {
  try {
    prepareDataDir(data)
  } catch (error) {
    throw new Fault((error as Error).message)
  }
  await lockData(data)
}

async function bindAll(config: Config): Promise<Sockets> {
  const sockets: Sockets = new Map()
  for (const name of ['http', 'https'] as const) {
    const address = config.listen[name]
    if (address !== null) sockets.set(name, await bindListener(`listen.${name}`, address, config.workers))
  }
  // The admin server binds for itself, later; whether it can is known before anything starts.
  const probe = await bindListener('admin', config.admin, 1)
  for (const handle of probe.handles) handle.close()
  return sockets
}

function newSupervisor(
  first: Issue,
  sockets: { listeners: Sockets; cacheSocket: string },
  checks: Checks,
  telemetry: Promise<Telemetry>,
  log: Log,
) {
  return new Supervisor({
    log,
    first,
    ...sockets,
    frames: telemetry.then(({ frame }) => frame),
    downWords: () => checks.downWords(),
    onLeft: worker => void telemetry.then(({ ingest }) => ingest.workerLeft(worker)),
    onDied(worker, lastSignMs, reason) {
      log.error({ worker }, `worker ${reason}; a new one takes its place`)
      void telemetry.then(({ ingest }) => ingest.workerDied(worker, lastSignMs))
    },
  })
}

/** In service, or off with a reason: never why Oriel does not start. */
function openTier(
  { data, cache }: Config,
  socket: string,
  telemetry: Promise<Telemetry>,
  log: Log,
): CacheTier | null {
  if (socket === '') return null
  const onEvent = (text: string) => {
    log.warn(text)
    const at = Date.now()
    void telemetry.then(({ ingest }) => ingest.event({ at, kind: 'cache', text, until: null }))
  }
  return new CacheTier({ dataDir: data, budgetBytes: cache.diskBytes, onEvent }, socket)
}

interface Running {
  supervisor: Supervisor
  telemetry: Telemetry
  checks: Checks
  log: Log
}

function newReloader(
  file: string,
  config: Config,
  problems: Reloader['certificateProblems'],
  running: Running,
) {
  const { supervisor, telemetry, checks, log } = running
  const parts = {
    file,
    log,
    load: () => load(file),
    certificates: certificatesFor,
    apply: (issue: Issue) => supervisor.apply(issue),
    onApplied: (applied: Config) => checks.configure(applied),
    event: telemetry.ingest.event.bind(telemetry.ingest),
  }
  return new Reloader(parts, config, problems)
}

async function openAdmin(status: StatusParts, state: { ready: boolean }, log: Log): Promise<Admin> {
  const [{ startAdmin }, { adminServices }] = await Promise.all([
    import('./admin/server.ts'),
    import('./admin-services.ts'),
  ])
  const { config } = status.reloader
  const services = adminServices(status, () => state.ready)
  const admin = await startAdmin({ address: config.admin, data: config.data, services, log })
  status.listeners.push({ name: 'admin', address: adminUrl(config, admin) })
  return admin
}

/** File changes, signals and the renewal of certificates. @returns ends it */
async function watchAll(
  file: string,
  reloader: Reloader,
  supervisor: Supervisor,
  log: Log,
): Promise<() => void> {
  const hangup = () => void reloader.reload('SIGHUP')
  process.on('SIGHUP', hangup)
  const renew = () => {
    log.info('SIGUSR2: every worker is replaced by a new one')
    void supervisor.replace(reloader.config.graceMs)
  }
  process.on('SIGUSR2', renew)
  const renewal = setInterval(() => void reloader.renew(), RENEW_MS).unref()
  const watcher = await watch(
    file,
    () => void reloader.reload('the file changed'),
    error => log.error(`the configuration file is no longer watched: ${error.message}`),
  )
  return () => {
    process.off('SIGHUP', hangup)
    process.off('SIGUSR2', renew)
    clearInterval(renewal)
    watcher.close()
  }
}

function tell(words: HealthWord[], supervisor: Supervisor, log: Log): void {
  for (const { upstream, route, healthy, reason } of words) {
    log.info(`${upstream} of ${route} is ${healthy ? 'healthy again' : `unhealthy: ${reason}`}`)
  }
  supervisor.health(words)
}

const adminUrl = (config: Config, { port }: Admin): string => reachable({ ...config.admin, port })

function urlOf(sockets: Sockets, name: ListenerName): string {
  const bound = sockets.get(name)
  return bound === undefined ? '' : reachable(bound.address, name)
}
