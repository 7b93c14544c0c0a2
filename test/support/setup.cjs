// Makes a fresh clone ready before `npm start` and `npm test`. Runs on any Node, before anything is installed.
// biome-ignore-all lint/style/useNodejsImportProtocol: require() of node: needs Node 14.18.
'use strict'
// Node 12 syntax only: the Node that starts this can be older than the one that the project brings along.
const childProcess = require('child_process')
const crypto = require('crypto')
const fs = require('fs')
const os = require('os')
const path = require('path')

const root = path.resolve(__dirname, '..', '..')
const modules = path.join(root, 'node_modules')
const lockFile = path.join(root, 'package-lock.json')
const installStamp = path.join(modules, '.oriel-stamp')
const dashboardStamp = path.join(modules, '.oriel-dashboard')
const warmStamp = path.join(modules, '.oriel-warm')
const windows = process.platform === 'win32'
const quiet = process.argv.includes('--quiet')
const oldestNode = [22, 19]

/**
 * Programs that the tests drive: the names to look for (as `find-program.ts` does), and the Debian package that brings
 * one. `file`: that one file of it is enough, and the package as such would start a server at each boot.
 */
const tools = [
  { names: ['chromium', 'chromium-browser', 'google-chrome'], env: 'CHROMIUM', debian: 'chromium' },
  { names: ['promtool'], env: 'PROMTOOL', debian: 'prometheus', file: './usr/bin/promtool' },
  { names: ['curl'], env: 'CURL', debian: 'curl' },
]

const say = line => process.stdout.write(`${line}\n`)

function fail(line, detail) {
  process.stderr.write(`${detail ? `${detail.trim()}\n` : ''}${line}\n`)
  process.exit(1)
}

function readOr(file, otherwise) {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch (_error) {
    return otherwise
  }
}

/** Runs a program without showing its output, unless it fails; then what it said is the explanation. */
function run(label, command, args, env) {
  say(`${label}…`)
  const startedMs = Date.now()
  const result = childProcess.spawnSync(command, args, {
    cwd: root,
    env: Object.assign({}, process.env, env),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    shell: windows && command === 'npm',
  })
  if (result.error) fail(`${label}: ${result.error.message}`)
  if (result.status !== 0) fail(`${label}: failed.`, `${result.stdout}${result.stderr}`)
  if (!quiet) say(`  done in ${((Date.now() - startedMs) / 1000).toFixed(1)} s`)
}

/** True when what npm noted in node_modules is what the lock file asks for, as after a manual `npm install`. */
function installMatches(lockText) {
  const noted = readOr(path.join(modules, '.package-lock.json'), '')
  if (noted === '') return false
  const wanted = JSON.parse(lockText).packages
  const present = JSON.parse(noted).packages
  return Object.keys(wanted).every(name => {
    const { version, optional, devOptional, peer } = wanted[name]
    if (name === '') return true
    if (present[name] === undefined) return Boolean(optional || devOptional || peer)
    return present[name].version === version
  })
}

function install() {
  const lockText = readOr(lockFile, '')
  const stamp = crypto.createHash('sha256').update(lockText).digest('hex')
  if (readOr(installStamp, '') === stamp) return
  if (!installMatches(lockText)) {
    const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
    const npm = process.env.npm_execpath
    if (npm && /\.c?js$/.test(npm)) run('installing dependencies', process.execPath, [npm].concat(args))
    else run('installing dependencies', 'npm', args)
  }
  fs.writeFileSync(installStamp, stamp)
}

/** The Node that came with the dependencies, else the one that runs this. */
function findNode() {
  const bundled = path.join(modules, '.bin', 'node')
  if (fs.existsSync(bundled)) return bundled
  const have = process.versions.node.split('.').map(Number)
  const tooOld = have[0] < oldestNode[0] || (have[0] === oldestNode[0] && have[1] < oldestNode[1])
  if (tooOld) fail(`Oriel needs Node ${oldestNode.join('.')} or newer; this is ${process.versions.node}.`)
  return process.execPath
}

function onPath(name) {
  // npm puts the first of these on the path; who starts this without npm has it, too.
  const folders = [path.join(modules, '.bin')].concat((process.env.PATH || '').split(path.delimiter))
  return folders.some(folder => fs.existsSync(path.join(folder, windows ? `${name}.exe` : name)))
}

function installTools() {
  const missing = tools.filter(tool => !process.env[tool.env] && !tool.names.some(onPath))
  if (missing.length === 0) return
  const packages = missing.filter(tool => !tool.file).map(tool => tool.debian)
  const mayInstall = typeof process.getuid === 'function' && process.getuid() === 0
  if (!onPath('apt-get') || (packages.length > 0 && !mayInstall)) {
    const wanted = missing.map(tool => `${tool.names[0]} (or set ${tool.env} to its path)`)
    const help = packages.length > 0 ? ` On Debian: sudo apt-get install ${packages.join(' ')}` : ''
    fail(`The tests need ${wanted.join(', ')}.${help}`)
  }
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  if (mayInstall) run('refreshing the package lists', 'apt-get', ['update', '-qq'], env)
  const args = ['install', '-y', '-qq', '--no-install-recommends'].concat(packages)
  if (packages.length > 0) run(`installing ${packages.join(' and ')}`, 'apt-get', args, env)
  for (const tool of missing.filter(tool => tool.file)) unpack(tool)
}

/** One program out of a package that is not installed, to where npm puts the programs of its own. */
function unpack(tool) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'oriel-tool-'))
  // It removes what it made also where it fails.
  const script =
    'trap \'rm -rf "$1"\' EXIT; cd "$1" && apt-get download -qq "$2" && dpkg-deb --fsys-tarfile "$2"_*.deb | tar -xOf - "$3" > program && ' +
    'chmod 755 program && cp program "$4"'
  const target = path.join(modules, '.bin', tool.names[0])
  run(`fetching ${tool.names[0]}`, 'sh', ['-c', script, 'sh', folder, tool.debian, tool.file, target])
}

/** Every source file below a folder, in a stable order. */
function filesIn(folder) {
  const found = []
  for (const name of fs.readdirSync(folder).sort()) {
    if (name === 'dist' || name === 'node_modules' || name[0] === '.') continue
    const file = path.join(folder, name)
    if (fs.statSync(file).isDirectory()) found.push(...filesIn(file))
    else found.push(file)
  }
  return found
}

function stampOf(files) {
  const hash = crypto.createHash('sha256')
  for (const file of files) {
    hash.update(path.relative(root, file)).update('\0').update(readOr(file, '')).update('\0')
  }
  return hash.digest('hex')
}

function buildDashboard(node) {
  const dashboard = path.join(root, 'dashboard')
  const contract = path.join(root, 'control', 'admin', 'contract.ts')
  const stamp = stampOf(filesIn(dashboard).concat(contract, lockFile))
  const built = fs.existsSync(path.join(dashboard, 'dist', 'index.html'))
  if (built && readOr(dashboardStamp, '') === stamp) return
  const vite = path.join(modules, 'vite', 'bin', 'vite.js')
  run('building the dashboard', node, [vite, 'build', 'dashboard', '--logLevel', 'warn'])
  fs.writeFileSync(dashboardStamp, stamp)
}

/**
 * With a cold compile cache each process of the first start loads the type stripper: slower, and some 30 MB more.
 * Only a comfort, so it says nothing, and a start works without it.
 */
function warm(node) {
  const sources = ['config', 'control', 'deploy', 'proxy', 'telemetry'].map(name =>
    filesIn(path.join(root, name)),
  )
  const stamp = `${node} ${stampOf([lockFile].concat(...sources))}`
  const cached = fs.existsSync(path.join(modules, '.cache', 'compile'))
  if (cached && readOr(warmStamp, '') === stamp) return
  const args = [path.join(root, 'control', 'bin.cjs'), 'warm']
  const { status } = childProcess.spawnSync(node, args, { cwd: root, stdio: 'ignore', timeout: 20000 })
  if (status === 0) fs.writeFileSync(warmStamp, stamp)
}

install()
if (process.argv.includes('--browser')) installTools()
const node = findNode()
buildDashboard(node)
try {
  warm(node)
} catch (_error) {
  // The first start is a little slower.
}
