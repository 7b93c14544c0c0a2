#!/usr/bin/env node
// Starts Oriel on any Node: checks the version in ES5, then hands over to control/oriel.
// biome-ignore-all lint/style/useNodejsImportProtocol: a Node that is too old does not know the prefix
// biome-ignore-all lint/style/useTemplate: ES5
'use strict'
var fs = require('fs')
var path = require('path')
var spawn = require('child_process').spawn
var v8 = require('v8')

var root = path.join(__dirname, '..')
var version = process.versions.node.split('.').map(Number)
var bundled = path.join(root, 'node_modules', '.bin', 'node')

if (version[0] > 22 || (version[0] === 22 && version[1] >= 19)) start()
else if (!process.env.ORIEL_BUNDLED_NODE && fs.existsSync(bundled)) restart()
else {
  console.error(
    'Oriel needs Node 22.19 or newer; this is ' + process.versions.node + '. See https://nodejs.org',
  )
  process.exit(1)
}

/** The same command on the Node that `npm ci` brought. */
function restart() {
  var env = Object.assign({}, process.env, { ORIEL_BUNDLED_NODE: '1' })
  var child = spawn(bundled, [__filename].concat(process.argv.slice(2)), { stdio: 'inherit', env: env })
  // A terminal signals the whole group; from elsewhere the signal comes to this process alone.
  process.on('SIGINT', () => {})
  ;['SIGTERM', 'SIGHUP'].forEach(signal => {
    process.on(signal, () => {
      child.kill(signal)
    })
  })
  child.on('exit', (code, signal) => {
    process.exit(signal ? 1 : code)
  })
}

function start() {
  var main = ['oriel.ts', 'oriel.js'].map(inHere).filter(fs.existsSync)[0]
  cache()
  // The control process makes little garbage: a young generation that does not grow saves some 8 MB.
  v8.setFlagsFromString('--max-semi-space-size=1')
  v8.setFlagsFromString('--semi-space-growth-factor=1')
  // Node 22 announces that it strips types; nobody asked it to.
  process.removeAllListeners('warning')
  process.on('warning', warning => {
    if (warning.name !== 'ExperimentalWarning') console.error(warning.stack || String(warning))
  })
  // require() loads ES modules from 22.12 on; import() would not even parse on a very old Node.
  require(main)
}

function inHere(name) {
  return path.join(__dirname, name)
}

/**
 * Compiled code and stripped types are kept beside the packages, not in a shared temporary directory
 * where another user could put code under our names. Workers and threads find it through the environment.
 */
function cache() {
  var directory = path.join(root, 'node_modules', '.cache', 'compile')
  try {
    fs.mkdirSync(directory, { recursive: true })
    fs.accessSync(directory, fs.constants.W_OK)
    require('module').enableCompileCache(directory)
    process.env.NODE_COMPILE_CACHE = directory
  } catch (_error) {
    // Read-only installation: it starts a little slower.
  }
}
