/**
 * Programs from Debian's packages: installed when we are root, named in one command when we are not.
 *
 * Installing a server would also start it, on its usual ports. Nobody asked for that here, so for the time of
 * the installation Debian is told not to start services (by its own means, policy-rc.d).
 */
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { hasProgram, runQuietly, SetupFailed, say } from './run.mjs'

const compiler = { 'g++': ['g++'], make: ['make'], python3: ['python3'] }
const prosody = { prosody: ['prosody', 'lua-sec', 'lua-event', 'lua-unbound'] }
/** The rules of the house are checked on what git lists. */
const forTests = {
  strace: ['strace'],
  git: ['git'],
  // A stock client that must find its way with us; no program, so its file is looked for.
  '/usr/lib/python3/dist-packages/slixmpp/__init__.py': ['python3-slixmpp'],
  turnserver: ['coturn'],
}
/** What networks of routers are made of, which only root can make: tests that need them say so when they are left out. */
const forNetworks = {
  ip: ['iproute2'],
  nft: ['nftables'],
  // The package of that name alone has no program in it.
  miniupnpd: ['miniupnpd', 'miniupnpd-nftables'],
  turnserver: ['coturn'],
  sysctl: ['procps'],
  nsenter: ['util-linux'],
  // What delays and loses packets in them is a small program in C.
  cc: ['gcc', 'libc6-dev'],
}
/** What the way through such networks is compared with, and the other server whose proxy is tried in them. */
const beyondNetworks = { iperf3: ['iperf3'], ejabberdctl: ['ejabberd'] }
/** Services that Debian would start with the machine from now on, which nobody asked for: only those we installed. */
const services = ['coturn', 'miniupnpd', 'ejabberd', 'iperf3']
/** Stock clients of people, for `npm run test:clients`, which names those that are missing: none of them is a must. */
const stockClients = {
  profanity: ['profanity'],
  tmux: ['tmux'],
  gajim: ['gajim'],
  'xvfb-run': ['xvfb'],
  // What those two need to begin.
  xauth: ['xauth'],
  'dbus-run-session': ['dbus'],
}
/** What the bench compares us with; it names those that are missing, so that none of them is a must. */
const peers = {
  scp: ['openssh-client'],
  sshd: ['openssh-server'],
  rsync: ['rsync'],
  socat: ['socat'],
  openssl: ['openssl'],
  nginx: ['nginx-light'],
  curl: ['curl'],
  wormhole: ['magic-wormhole'],
}
const needs = {
  build: {},
  start: prosody,
  demo: prosody,
  test: { ...prosody, ...forTests },
  // The client in Python makes its certificate with it.
  clients: { ...prosody, ...forTests, openssl: ['openssl'] },
  bench: prosody,
  reach: { ...prosody, ...forNetworks },
}

/** What is used where it is there. */
const wished = { test: forNetworks, clients: stockClients, bench: peers, reach: beyondNetworks }

/** Installs what the purpose needs and is not there. */
export function installPrograms({ purpose, compilerNeeded }) {
  const must = missing({ ...needs[purpose], ...(compilerNeeded ? compiler : {}) })
  const may = missing(wished[purpose] ?? {})
  if (must.length + may.length === 0) return
  const root = process.getuid?.() === 0
  if (root && hasProgram('apt-get')) aptInstall([...must, ...may])
  const left = missing({ ...needs[purpose], ...(compilerNeeded ? compiler : {}) })
  if (left.length > 0) {
    const sudo = root ? '' : 'sudo '
    throw new SetupFailed(
      `some programs are missing; install them and run this again: ${sudo}apt-get install ${left.join(' ')}`,
    )
  }
  const absent = missing(wished[purpose] ?? {})
  if (absent.length > 0)
    say(`not there to try or compare with: ${absent.join(' ')} (sudo apt-get install ${absent.join(' ')})`)
}

function missing(programs) {
  return Object.entries(programs)
    .filter(([program]) => (program.startsWith('/') ? !existsSync(program) : !hasProgram(program)))
    .flatMap(([, packages]) => packages)
}

function aptInstall(packages) {
  say(`installing from Debian (half a minute): ${packages.join(' ')}`)
  const policy = '/usr/sbin/policy-rc.d'
  const ours = !existsSync(policy)
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755, flag: 'wx' })
  try {
    const env = { DEBIAN_FRONTEND: 'noninteractive' }
    const args = ['install', '-y', '-q', '--no-install-recommends', ...packages]
    // A fresh machine has no package lists yet, so that the first failure says nothing.
    const installed =
      runQuietly('apt-get', args, { env, mute: true }) ||
      (runQuietly('apt-get', ['update', '-q'], { env }) && runQuietly('apt-get', args, { env }))
    for (const service of services)
      if (installed && packages.includes(service))
        runQuietly('update-rc.d', [service, 'disable'], { mute: true })
  } finally {
    if (ours) rmSync(policy, { force: true })
  }
}
