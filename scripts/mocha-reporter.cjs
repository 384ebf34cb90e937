/**
 * Mocha's own `spec`, which also leaves its counts and what failed in a file for scripts/run-tests.mjs, and ends a run that
 * something keeps alive after its last test (a socket, a child, a timer), saying what it was.
 */
const { writeFileSync } = require('node:fs')
const { reporters, Runner } = require('mocha')

const patienceMs = 30_000
const mostOfAnError = 4000

module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options)
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats
      const broken = this.failures.map((test) => ({
        title: test.fullTitle(),
        file: test.file,
        error: String(test.err?.stack ?? test.err).slice(0, mostOfAnError),
      }))
      const note = (leftOpen) => {
        if (process.env.JABBERFS_TEST_SUMMARY) {
          writeFileSync(
            process.env.JABBERFS_TEST_SUMMARY,
            JSON.stringify({ passes, failures, pending, broken, leftOpen }),
          )
        }
      }
      note()
      setTimeout(() => {
        const open = process
          .getActiveResourcesInfo()
          .filter((kind) => !/^(TTYWrap|PipeWrap|FSReq)/.test(kind))
        note(open.join(', ') || 'unknown')
        process.exit(1)
      }, patienceMs).unref()
    })
  }
}
